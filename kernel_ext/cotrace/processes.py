"""A process and everything it started: found, and ended to the last one.

A program under trace may start others, and those may start more, fork twice, begin a session of their own. Killing a
process group misses them. So while a `Tree` is open, this process asks Linux to hand it every orphan of its own
descendants (it becomes a *subreaper*), and `Tree.kill` walks from parent to child until nothing is left. Where there
is no ``/proc``, the same walk reads the list that ``ps`` prints, and a process that left the tree on purpose is missed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

PR_SET_CHILD_SUBREAPER = 36
PR_GET_CHILD_SUBREAPER = 37

PATIENCE = 3.0
"""Seconds that `Tree.kill` goes on while new processes keep appearing, as they do in a fork bomb."""


class Tree:
    """One started process and the processes below it.

    One may be open in a process at a time, and its owner starts no others meanwhile: who an orphan belonged to can't
    be told.
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self._was_subreaper: bool | None = None
        self._root = 0

    def __enter__(self) -> Self:
        self._before = {pid for pid, parent, _ in _processes() if parent == os.getpid()}
        self._was_subreaper = _be_subreaper(wanted=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bury()
        if self._was_subreaper is False:
            _be_subreaper(wanted=False)

    def start(self, command: Sequence[str], *, stdout: int | None = None) -> subprocess.Popen[bytes]:
        """Start the process that the tree grows from; who calls this waits for it."""
        process = subprocess.Popen(command, stdout=stdout)  # noqa: S603 - the caller's own choice of program
        self._root = process.pid
        return process

    def members(self) -> list[int]:
        """Return the processes that run now, parents before their children."""
        below: dict[int, list[int]] = {}
        for pid, parent, is_zombie in _processes():
            if not is_zombie:
                below.setdefault(parent, []).append(pid)
        waiting = [pid for pid in below.get(os.getpid(), ()) if pid not in self._before]
        found: list[int] = []
        while waiting:
            pid = waiting.pop(0)
            found.append(pid)
            waiting += below.get(pid, ())
        return found

    def kill(self) -> list[int]:
        """End every member at once, and return those that could not be ended: another user's, say."""
        end = time.monotonic() + PATIENCE
        while (left := self.members()) and time.monotonic() < end:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, KILL)
            time.sleep(0.01)
        return left

    def _bury(self) -> None:
        """Take the status of every orphan that has ended, so that none stays as a zombie."""
        for pid, parent, is_zombie in _processes():
            if is_zombie and parent == os.getpid() and pid != self._root and pid not in self._before:
                with contextlib.suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)


KILL = signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM


def _processes() -> list[tuple[int, int, bool]]:
    """Return every process with its parent, and whether it has ended and only waits for its parent to notice."""
    return _from_proc() if Path("/proc/self/stat").exists() else _from_ps()


def _from_proc() -> list[tuple[int, int, bool]]:
    rows = []
    for name in (entry.name for entry in Path("/proc").iterdir()):
        if name.isdigit():
            with contextlib.suppress(OSError):  # it may end between the listing and the reading
                line = Path("/proc", name, "stat").read_text(errors="replace")
                # The command's name is in parentheses and may itself hold any character, parentheses too.
                state, parent = line.rpartition(")")[2].split()[:2]
                rows.append((int(name), int(parent), state in "ZX"))
    return rows


def _from_ps() -> list[tuple[int, int, bool]]:
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed words
    except OSError:  # no `ps` (Windows): only the started process itself can be ended
        return []
    rows = [line.split() for line in listing.splitlines()]
    return [(int(row[0]), int(row[1]), row[2].startswith("Z")) for row in rows if len(row) == 3]


def _be_subreaper(*, wanted: bool) -> bool | None:
    """Become a subreaper or stop being one; return what this process was, or None where that does not exist."""
    if sys.platform != "linux":
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    was = ctypes.c_int()
    if prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(was), 0, 0, 0) != 0:
        return None
    prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
    return bool(was.value)
