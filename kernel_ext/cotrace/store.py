"""The trace store: what the last runs left, so that a notebook's run can be seen in the editor.

Every run leaves its trace as one file in the user's state folder, readable by the user only. `TraceStore.latest` finds
it again by the file it ran, or by the code itself: by the hash of a cell, a file's text or a function, which does not
change when code moves or is laid out anew (`cotrace.model.fingerprint`). The oldest traces go when there are too many,
those first of which a newer one of the same code is there.

An index tells what is in the files; writers hold its lock, readers need none, since it is replaced in one instant.
Where it is lost or damaged, it is made again from the files themselves.

Nothing here stops what the user was doing: where a trace can't be kept, `save` returns a note that says why.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from cotrace import files
from cotrace.errors import (
    CotraceError,
    FileFormatError,
    NewerVersionError,
    SettingsError,
    StorageError,
    TraceError,
)
from cotrace.model.codec import decode, encode
from cotrace.model.fingerprint import function_hashes, text_hash
from cotrace.model.trace import Note, Trace
from cotrace.settings import Settings, state_folder

VERSION = 1
"""The version of the index."""

PATIENCE = 5.0
"""How many seconds `save` waits for another process that writes."""

_SUFFIX = ".cotrace"


def load(path: str | Path) -> Trace:
    """Return the trace that a ``.cotrace`` file holds. Raises TraceError, which says what is wrong with the file."""
    path = Path(path).expanduser()
    try:
        return decode(path.read_bytes())
    except FileNotFoundError as error:
        raise TraceError(
            f"{path}: expected a .cotrace file, found nothing: check the path, or record one with cotrace trace -o"
        ) from error
    except OSError as error:
        found = "a folder" if path.is_dir() else error.strerror or error
        raise TraceError(f"{path}: expected a .cotrace file that can be read, found: {found}") from error
    except (FileFormatError, NewerVersionError) as error:
        raise type(error)(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """What the index says of one stored trace."""

    name: str
    """Its file's name in the store's folder."""

    files: tuple[str, ...]
    """The absolute paths of the files that ran, and of the notebook if a cell did."""

    hashes: tuple[str, ...]
    """The hashes of the texts and functions that ran."""

    call: str
    """What ran, as the trace has it."""

    steps: int
    bytes: int
    """The size of its file."""

    saved: float
    """When, in seconds since 1970."""


class Saved(NamedTuple):
    """What became of a trace: its file, or a note why there is none. Neither where the store is turned off."""

    path: Path | None = None
    note: Note | None = None


class Cleared(NamedTuple):
    """What `clear` took away."""

    traces: int
    bytes: int


class TraceStore:
    """The traces of the last runs, in one folder that any number of processes may use at once."""

    def __init__(self, settings: Settings | None = None, *, folder: Path | None = None) -> None:
        """Use `folder`, or the user's own. `settings` say whether traces are kept, and how many."""
        self._settings = settings or Settings()
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the traces are; it need not be there. Raises SettingsError where the user has no home folder."""
        return self._folder or state_folder() / "traces"

    def path(self, stored: StoredTrace) -> Path:
        """Return the file of a stored trace, for `load`; it may be gone by now."""
        return self.folder / stored.name

    # --- writing ------------------------------------------------------------------------------------------------

    def save(self, trace: Trace, *, file: str | Path | None = None) -> Saved:
        """Keep a trace. `file` is the notebook or file that it belongs to, beside those that its sources name.

        Never raises: where it can't be kept, a note says why.
        """
        if not self._settings.store:
            return Saved()
        try:
            return self._save(trace, file)
        except CotraceError as error:
            return Saved(
                note=Note("the trace store", f"the trace was not kept there: {error}", "or set store = false")
            )
        except Exception as error:  # noqa: BLE001 - the user's run is over and went well: nothing here may spoil it
            reason = f"the trace was not kept there: {type(error).__name__}: {error}"
            return Saved(
                note=Note("the trace store", reason, "this is a fault of cotrace's: please report it")
            )

    def _save(self, trace: Trace, file: str | Path | None) -> Saved:
        content = encode(trace)
        if len(content) > self._settings.store_bytes:
            return Saved(
                note=Note(
                    "the trace store",
                    f"the trace was not kept there: it takes {len(content):,} bytes",
                    f"set store_bytes, which is {self._settings.store_bytes:,}, to more",
                )
            )
        self._make_folder()
        with files.locked(self._index_file, patience=PATIENCE):
            rows = list(self._known())
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}{_SUFFIX}"
            rows.append(_described(trace, name, len(content), _paths(trace, file)))
            kept = self._within_bounds(rows)
            try:
                files.write(self.folder / name, content, mode=files.PRIVATE)
                self._write_index(kept)
            except BaseException:
                self._remove([name])
                raise
            self._remove([row.name for row in rows if row not in kept])
        return Saved(self.folder / name)

    def clear(self) -> Cleared:
        """Delete all traces; return how many they were and how many bytes they took. Raises StorageError."""
        if not self.folder.is_dir():
            return Cleared(0, 0)
        with files.locked(self._index_file, patience=PATIENCE):
            sizes = {path.name: path.stat().st_size for path in self._trace_files()}
            self._write_index([])
            self._remove(sizes)
        return Cleared(len(sizes), sum(sizes.values()))

    def _make_folder(self) -> None:
        try:
            self.folder.parent.mkdir(
                mode=0o700, parents=True, exist_ok=True
            )  # the state folder, ours as well
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.folder.chmod(0o700)  # also where it was there already, or is made with a wider umask
        except OSError as error:
            raise StorageError(f"{self.folder}: can't make the folder ({error.strerror or error})") from error

    def _within_bounds(self, rows: list[StoredTrace]) -> list[StoredTrace]:
        """Return the rows to keep; the last one always is."""
        kept = list(rows)
        while (
            len(kept) > self._settings.store_traces
            or sum(row.bytes for row in kept) > self._settings.store_bytes
        ):
            newest = {(row.files, row.hashes): row.name for row in kept}
            superseded = (row for row in kept if newest[row.files, row.hashes] != row.name)
            kept.remove(next(superseded, kept[0]))
        return kept

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            # Another program may have it open (on Windows) or have deleted it. It is out of the index; the next
            # writer takes it in again and removes it in its turn.
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    # --- reading ------------------------------------------------------------------------------------------------

    def entries(self) -> list[StoredTrace]:
        """Return what is stored, oldest first; nothing where the store can't be read."""
        try:
            return list(self._known())
        except (OSError, SettingsError):
            return []

    def latest(self, *, ast_hash: str | None = None, file: str | Path | None = None) -> StoredTrace | None:
        """Return the newest trace in which that code ran (as `fingerprint` hashes it), or that file, or both."""
        path = None if file is None else _absolute(file)
        for stored in reversed(self.entries()):
            if (ast_hash is None or ast_hash in stored.hashes) and (path is None or path in stored.files):
                return stored
        return None

    # --- the index ----------------------------------------------------------------------------------------------

    @property
    def _index_file(self) -> Path:
        return self.folder / "index.json"

    def _write_index(self, rows: list[StoredTrace]) -> None:
        content = json.dumps({"version": VERSION, "traces": [asdict(row) for row in rows]}, indent=1)
        files.write(self._index_file, content.encode("ascii"), mode=files.PRIVATE)

    def _known(self) -> Iterator[StoredTrace]:
        """Yield a row for every trace that is there, oldest first, whatever the index knows of it."""
        rows = {row.name: row for row in self._read_index()}
        for path in self._trace_files():
            if path.name in rows:
                yield rows[path.name]
            else:
                # An index that was lost, or a writer that was killed. What can't be read (a newer cotrace's, a
                # file of somebody else's) is left alone.
                with contextlib.suppress(TraceError, OSError):
                    yield _described(load(path), path.name, path.stat().st_size, saved=path.stat().st_mtime)

    def _trace_files(self) -> list[Path]:
        """Return the files of the traces; their names begin with the time, so they are in order."""
        return sorted(path for path in self.folder.glob(f"*{_SUFFIX}") if not path.name.startswith("."))

    def _read_index(self) -> list[StoredTrace]:
        try:
            index = json.loads(self._index_file.read_bytes())
            if index["version"] != VERSION:
                return []
            return [_row(row) for row in index["traces"]]
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return []


def _row(raw: dict[str, Any]) -> StoredTrace:
    """Return a row of the index; raise where it is none."""
    if set(raw) != {field.name for field in fields(StoredTrace)}:
        raise ValueError
    row = StoredTrace(**{**raw, "files": tuple(raw["files"]), "hashes": tuple(raw["hashes"])})
    texts = (row.name, row.call, *row.files, *row.hashes)
    if not all(type(text) is str for text in texts) or type(row.bytes) is not int:
        raise TypeError
    return row


def _described(
    trace: Trace, name: str, size: int, paths: tuple[str, ...] | None = None, saved: float | None = None
) -> StoredTrace:
    return StoredTrace(
        name=name,
        files=_paths(trace) if paths is None else paths,
        hashes=_hashes(trace),
        call=trace.call,
        steps=len(trace.steps),
        bytes=size,
        saved=time.time() if saved is None else saved,
    )


def _hashes(trace: Trace) -> tuple[str, ...]:
    """Return the hashes of the texts of a trace and of the functions that ran in them."""
    found: dict[str, None] = {}
    for number, source in enumerate(trace.sources):
        if not source.text:
            continue
        found[text_hash(source.text)] = None
        functions = function_hashes(source.text)
        for frame in trace.frames:
            called = (
                functions.get((frame.name.rpartition(".")[2], frame.line)) if frame.source == number else None
            )
            if called is not None:
                found[called] = None
    return tuple(found)


def _paths(trace: Trace, file: str | Path | None = None) -> tuple[str, ...]:
    """Return the absolute paths of the sources that are files, `file` first."""
    # Not `Path.is_file`, which raises on some names that are no file's.
    named = [source.name for source in trace.sources if os.path.isfile(source.name)]  # noqa: PTH113
    return tuple(dict.fromkeys(map(_absolute, [*([] if file is None else [file]), *named])))


def _absolute(path: str | Path) -> str:
    return os.path.normcase(os.path.realpath(Path(path).expanduser()))
