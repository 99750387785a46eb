"""A `Dataset`: Records in one JSONL file that many processes may append to, read and change at the same time.

- An append is acknowledged when the row is on the disk. A kill, a full disk or a power cut at any moment
  loses no acknowledged row; at worst a torn line is at the end, which the next append moves to
  ``NAME.jsonl.torn``.
- A change (update, remove, undo, migrate) writes the whole file anew beside it and puts it in place in one
  instant.
- Both hold the same lock. Readers need none: they see the rows that were there when they began.

Beside ``NAME.jsonl`` there are ``NAME.traces/`` with the recordings by content, ``NAME.jsonl.torn`` if there
ever was a torn line, and hidden notes: the lock, and which records are mine.

The file is made to be passed on and holds what its curator chose to show, so a new one has the permissions that the
umask leaves, as any file a person makes; later ones are kept, and its backup and torn lines have the same. A recording
holds everything the program ran with, and whoever passes it on decides so: a new one is readable by its user only.
"""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cotrace import files
from cotrace.dataset import own, rows
from cotrace.dataset.composed import Composed
from cotrace.errors import (
    DatasetError,
    DuplicateError,
    NewerVersionError,
    RecordError,
    RevisionConflictError,
    StorageError,
    UnknownRecordError,
)
from cotrace.model.record import SCHEMA, Record

if TYPE_CHECKING:
    from cotrace.dataset.validate import Finding

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DatasetWarning(UserWarning):
    """Something about a dataset file that the user should know and that stops nothing."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did."""

    id: str
    path: Path
    trace: Path | None = None
    """Where the recording is kept."""
    torn: Path | None = None
    """Where a torn last line, left by a killed writer, was moved to."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: a record, or what is wrong with it."""

    path: Path
    number: int
    content: bytes
    record: Record | None = None
    problem: str = ""
    """With the file and the line in front."""


class Dataset:
    """The records of one JSONL file; the file is made by the first append.

    `patience` is how many seconds to wait for another writer before BusyFileError.
    """

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 30.0) -> None:
        self.path = files.resolved(path)
        self._patience = patience
        self._told_of_network = False

    def __repr__(self) -> str:
        return f"Dataset({str(self.path)!r})"

    # ---- reading ----

    def lines(self) -> Iterator[Line]:
        """Yield every line that is not blank, with its record or its problem."""
        for number, content in enumerate(files.read_lines(self.path, rows.is_row), start=1):
            if content.strip():
                yield self._line(number, content)

    def _line(self, number: int, content: bytes) -> Line:
        try:
            return Line(self.path, number, content, rows.decode(content))
        except (RecordError, NewerVersionError) as error:
            return Line(self.path, number, content, problem=f"{self.path}:{number}: {error}")

    def __iter__(self) -> Iterator[Record]:
        """Yield the records, oldest first; a line that has none gives a DatasetWarning and is passed over."""
        for line in self.lines():
            if line.record is not None:
                yield line.record
            else:
                warnings.warn(line.problem, DatasetWarning, stacklevel=2)

    def __len__(self) -> int:
        """Return how many lines are not blank."""
        return sum(1 for line in files.read_lines(self.path, rows.is_row) if line.strip())

    def __contains__(self, record_id: object) -> bool:
        return any(rows.id_of(line) == record_id for line in files.read_lines(self.path, rows.is_row))

    def __getitem__(self, record_id: str) -> Record:
        """Return the record with an id; raises UnknownRecordError, or RecordError if its line is damaged."""
        return self._find(record_id, files.read_lines(self.path, rows.is_row))

    def _find(self, record_id: str, lines: Iterable[bytes]) -> Record:
        for number, content in enumerate(lines, start=1):
            if rows.id_of(content) == record_id:
                line = self._line(number, content)
                if line.record is None:
                    raise RecordError(line.problem)
                return line.record
        raise self._unknown([record_id])

    def duplicates_of(self, record: Record) -> tuple[Record, ...]:
        """Return the other records with the same code, call and question."""
        return tuple(
            other
            for line in self.lines()
            if (other := line.record) is not None and other.id != record.id and _same_example(other, record)
        )

    # ---- adding ----

    def append(self, record: Record | Composed, trace_bytes: bytes | None = None) -> Appended:
        """Add a record and, first, its recording; on return both are on the disk.

        What `compose` returns is taken whole, with its recording.

        The record gets an id unless it has one. The recording is kept under the hash in
        ``record.trace.sha256``. On an error the file is as it was. Raises RecordError, DuplicateError (the id
        is taken) or StorageError.
        """
        if isinstance(record, Composed):
            trace_bytes = trace_bytes or record.trace_bytes
            record = record.record
        traces = {} if trace_bytes is None else {record.trace.sha256: trace_bytes}
        return self.append_many([record], traces)[0]

    def append_many(
        self,
        records: Iterable[Record],
        traces: Mapping[str, bytes] | None = None,
        *,
        skip_present: bool = False,
    ) -> list[Appended]:
        """Add records, all or none, and wait for the disk once; see `append`.

        `traces` has recordings by their hash. With `skip_present`, records whose id is in the file already
        are left out, so that a run that was broken off can be repeated.
        """
        given = list(records)
        new = {
            name: replace(record, id=name, rev=1, schema=SCHEMA)
            for name, record in self._named(given).items()
        }
        encoded = {name: rows.encode(record) for name, record in new.items()}
        for name in traces or {}:
            self._trace_file(name)
        with self._writing():
            if any(record.id for record in given):
                self._leave_out_present(encoded, skip_present=skip_present)
            kept = {name: self._keep_trace(name, trace) for name, trace in (traces or {}).items()}
            content = b"".join(encoded.values())
            torn = files.append_lines(self.path, content, rows.is_row) if content else 0
            self._remember(encoded)
        companion = files.torn_companion(self.path) if torn else None
        return [Appended(name, self.path, kept.get(new[name].trace.sha256), companion) for name in encoded]

    def _named(self, records: list[Record]) -> dict[str, Record]:
        named = {record.id or rows.new_id(): record for record in records}
        if len(named) < len(records):
            raise DuplicateError(
                f"{self.path}: expected each id once, found one twice among the records to append"
            )
        return named

    def _leave_out_present(self, encoded: dict[str, bytes], *, skip_present: bool) -> None:
        present = self._ids().intersection(encoded)
        if present and not skip_present:
            raise DuplicateError(
                f"{self.path}: expected new ids, found {', '.join(sorted(present)[:3])} there already: "
                "use update for a record that is in the dataset, or clear its id to add it again"
            )
        for name in present:
            del encoded[name]

    def _remember(self, ids: Collection[str]) -> None:
        if not own.remember(self.path, ids):
            warnings.warn(
                f"{self.path}: the records are in, but {own.note_of(self.path).name} can't be written: "
                "undo will not know them; remove takes them out by id",
                DatasetWarning,
                stacklevel=3,
            )

    def _keep_trace(self, name: str, trace: bytes) -> Path:
        path = self._trace_file(name)
        if not path.exists():
            files.make_folder(path.parent)
            files.replace(path, [trace], exclusive=True, mode=files.PRIVATE)
        return path

    # ---- changing ----

    def update(self, record: Record) -> Record:
        """Put a changed record in the place of the one with its id, and return it as written.

        Raises RevisionConflictError if somebody changed it since `record` was read.
        """
        return self.update_many([record])[0]

    def update_many(self, records: Iterable[Record]) -> list[Record]:
        """Change records, all or none; see `update`."""
        changed = {record.id: record for record in records}
        written: dict[str, Record] = {}

        def edit(line: bytes) -> bytes:
            record = changed.get(rows.id_of(line))
            if record is None:
                return line
            self._refuse_conflict(record, line)
            new = replace(record, rev=record.rev + 1, schema=SCHEMA)
            edited = rows.encode(new, rows.extra_fields(rows.parse(line)))
            written[new.id] = rows.decode(edited)
            return edited

        with self._writing():
            self._refuse_unless_one_each(changed)
            if changed:
                self._rewrite(edit)
        return [written[name] for name in changed]

    def remove(self, record_id: str) -> Record:
        """Take a record out and return it; its recording stays, for other records may use it."""
        with self._writing():
            record = self._find(record_id, self._raw())
            self._take_out(record_id)
            own.forget(self.path, {record_id})
        return record

    def undo(self) -> Record:
        """Take back the last record that I appended, wherever in the file it is, and return it.

        Mine is what this process appended; if it has appended nothing, what this user did on this machine.
        Raises UnknownRecordError if there is nothing to take back.
        """
        with self._writing():
            present = self._ids()
            mine = own.candidates(self.path)
            last = next((name for name in mine if name in present), None)
            if last is None:
                raise UnknownRecordError(
                    f"{self.path}: expected a record that you appended, found none: "
                    "remove takes out any record by its id"
                )
            record = self._find(last, self._raw())
            self._take_out(last)
            own.forget(self.path, {last, *(name for name in mine if name not in present)})
        return record

    def migrate(self) -> Path | None:
        """Write rows of older schemas in the newest one; return the backup of the old file, if there is one.

        A row that can't be read stays as it is.
        """
        with self._writing():
            if not any(map(rows.is_old, self._raw())):
                return None
            backup = self.path.with_name(f"{self.path.name}.{rows.new_id()}.bak")
            files.replace(backup, self._raw(), mode=files.mode_of(self.path))
            self._rewrite(rows.migrated)
        return backup

    # ---- checking ----

    def validate(self, *, run: bool = False, seconds: float = 10.0) -> list[Finding]:
        """Return what is wrong with the file, line by line; see `cotrace.dataset.validate`."""
        # The checks are a module of their own, which reads datasets and so imports this one.
        from cotrace.dataset import validate

        return validate.validate(self, run=run, seconds=seconds)

    # ---- recordings ----

    @property
    def traces(self) -> Path:
        """The folder of the recordings."""
        return self.path.with_name(self.path.name.removesuffix(".jsonl") + ".traces")

    def trace_path(self, record: Record) -> Path | None:
        """Return where the record's recording is, or None if it was not kept."""
        path = self._trace_file(record.trace.sha256) if record.trace.sha256 else None
        return path if path is not None and path.exists() else None

    def _trace_file(self, name: str) -> Path:
        # The name comes from a row that anyone may have written: it must not lead out of the folder.
        if not _SHA256.fullmatch(name):
            raise RecordError(f"trace.sha256: expected 64 hexadecimal digits, found {name!r}")
        return self.traces / f"{name}.cotrace"

    # ---- what the rest is made of ----

    def _raw(self) -> Iterator[bytes]:
        """Yield the lines; the caller holds the lock."""
        return files.read_lines(self.path, rows.is_row, exclusive=True)

    def _ids(self) -> set[str]:
        return {rows.id_of(line) for line in self._raw()}

    def _rewrite(self, edit: Callable[[bytes], bytes]) -> None:
        """Put `edit` of every line in place of the file; the caller holds the lock."""
        files.mend(self.path, rows.is_row)
        files.replace(self.path, map(edit, self._raw()), exclusive=True)

    def _take_out(self, record_id: str) -> None:
        self._rewrite(lambda line: b"" if rows.id_of(line) == record_id else line)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self.path.is_dir():
            raise StorageError(
                f"{self.path}: expected the path of a JSONL file, found a folder: name a file in it"
            )
        self._tell_of_network()
        with files.locked(self.path, patience=self._patience):
            yield

    def _tell_of_network(self) -> None:
        if not self._told_of_network:
            self._told_of_network = True
            if kind := files.network_kind(self.path):
                warnings.warn(
                    f"{self.path} is on a network file system ({kind}), whose locks and flushes "
                    "not every server keeps: append from one machine only, or keep it on a local disk",
                    DatasetWarning,
                    stacklevel=4,
                )

    def _refuse_conflict(self, record: Record, line: bytes) -> None:
        found = rows.decode(line).rev
        if found != record.rev:
            raise RevisionConflictError(
                f"{self.path}: expected revision {record.rev} of record {record.id}, found {found}: "
                "somebody changed it since you read it; read it again and repeat your change"
            )

    def _refuse_unless_one_each(self, wanted: Collection[str]) -> None:
        found = Counter(name for line in self._raw() if (name := rows.id_of(line)) in wanted)
        if missing := sorted(set(wanted) - set(found)):
            raise self._unknown(missing)
        if twice := sorted(name for name, times in found.items() if times > 1):
            raise DuplicateError(
                f"{self.path}: expected one record with the id {twice[0]}, found {found[twice[0]]}: "
                "give one of them another id in an editor, or take it out"
            )

    def _unknown(self, missing: list[str]) -> DatasetError:
        shown = ", ".join(repr(name) for name in missing[:3])
        return UnknownRecordError(
            f"{self.path}: expected a record with the id {shown}, found none: it may have been removed"
        )


def _same_example(one: Record, other: Record) -> bool:
    return (one.code, one.call, one.question) == (other.code, other.call, other.question)
