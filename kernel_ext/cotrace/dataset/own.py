"""Which records I appended: a note beside the dataset, so that undo takes back mine and nobody else's.

Each line has a session (one process) and the id of a record. A session that has appended undoes its own
records, newest first; a process that has appended nothing, such as a new command line, undoes those of its
user on this machine. The note is a convenience: losing it loses no record. The caller holds the dataset's
lock.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import re
import secrets
from collections.abc import Collection
from pathlib import Path

from cotrace import files
from cotrace.errors import StorageError

_TOKEN = secrets.token_hex(4)
_KEPT = 1000


def session() -> str:
    """Return this process's name in notes; a forked child has its own."""
    return f"{os.getpid()}-{_TOKEN}"


def note_of(dataset: Path) -> Path:
    """Return the path of this user's note for a dataset."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "user"  # a container's user id without a name
    who = re.sub(r"[^\w.-]", "_", f"{user}@{platform.node()}")
    return dataset.with_name(f".{dataset.name}.{who}.mine")


def remember(dataset: Path, ids: Collection[str]) -> bool:
    """Note that this session appended records; return whether the note could be written."""
    try:
        with note_of(dataset).open("a", encoding="utf-8", newline="\n") as opened:
            opened.writelines(f"{session()} {record_id}\n" for record_id in ids)
            long = opened.tell() > _KEPT * 128
        if long:
            _rewrite(dataset, _entries(dataset)[-_KEPT:])
    except (OSError, StorageError):
        return False
    return True


def candidates(dataset: Path) -> list[str]:
    """Return the ids that undo may take back, newest first."""
    entries = _entries(dataset)
    mine = [record_id for name, record_id in entries if name == session()]
    return (mine or [record_id for _, record_id in entries])[::-1]


def forget(dataset: Path, ids: Collection[str]) -> None:
    """Strike ids from the note; one that stays is passed over by the next undo."""
    with contextlib.suppress(OSError, StorageError):
        _rewrite(dataset, [entry for entry in _entries(dataset) if entry[1] not in ids])


def _entries(dataset: Path) -> list[tuple[str, str]]:
    try:
        lines = note_of(dataset).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    pairs = (line.split() for line in lines)
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


def _rewrite(dataset: Path, entries: list[tuple[str, str]]) -> None:
    text = "".join(f"{name} {record_id}\n" for name, record_id in entries)
    files.replace(note_of(dataset), [text.encode()], exclusive=True)
