"""Tell whether what was read from outside is still as it was: files and the environment.

Each recording begins with the settings that hold and with the secrets of the environment. To read them anew takes
longer than many a traced call; to see that nothing has changed takes microseconds.
"""

from __future__ import annotations

import os
import time
from typing import Any, NamedTuple

SETTLED_NS = 2_000_000_000
"""The coarsest clock of a file system: of two changes within one of its ticks, the time shows only the first."""


class FileMark(NamedTuple):
    """What a file looked like from outside, without its being read."""

    changed: int
    size: int
    inode: int


def file_mark(path: str | os.PathLike[str]) -> FileMark | None:
    """Return the mark of a file, None where there is none: as long as it is the same, so is the file."""
    if not os.access(
        path, os.F_OK
    ):  # for the usual case: to be told by an exception takes three times as long
        return None
    try:
        found = os.stat(path)  # noqa: PTH116 - asked at every recording: Path takes as long again
    except OSError:
        return None
    return FileMark(found.st_mtime_ns, found.st_size, found.st_ino)


def is_settled(made: FileMark | None) -> bool:
    """Tell whether a later change of the file is sure to show in its mark: not if it was written just now."""
    return made is None or not -SETTLED_NS < time.time_ns() - made.changed < SETTLED_NS


def environment_mark() -> dict[Any, Any]:
    """Return the mark of this process's environment: equal to an earlier one if no variable was changed since.

    It is a copy of what `os.environ` keeps inside; to read the variables from that would decode each, which takes
    fifty times as long.
    """
    return dict(getattr(os.environ, "_data", os.environ))
