"""The parent's side of a traced program: start it, watch over it, and read what it left.

The program runs in a child of the same interpreter and environment, with this process's own stdin, stdout and stderr,
so it sees what it would see without cotrace. It writes its recording to a file as it goes (`cotrace.tracing.program`).
The parent counts the steps there, stops what runs over its time, and ends whatever the program started when that
happens. However the child died, the recording up to there is read and told how it ended.

Stopping goes in three stages: the tracer in the child stops the program at its next event; if it does not get there
because it sleeps or waits, a signal wakes it; if that does not help either, everything is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from cotrace.errors import FileFormatError, TraceError
from cotrace.model.codec import decode
from cotrace.model.decoder import KILLED
from cotrace.model.trace import Note, Outcome, Trace
from cotrace.processes import KILL, Tree
from cotrace.tracing.program import STOP_SIGNAL, Program, Request
from cotrace.tracing.scrub import scrubbed
from cotrace.tracing.secrets import Redactor

WAKE = 0.5
"""Seconds over the limit after which a program that has not stopped is woken by a signal."""

GRACE = 2.0
"""Seconds over the limit after which everything is killed: time for `finally` bodies to run."""

STARTUP = 60.0
"""Seconds that the interpreter may take until recording begins (with a slow `sitecustomize`, a cold disk)."""

TWICE = 1.0
"""Two Ctrl-C within this many seconds kill the program; one is the program's own to handle."""

BOOT = """\
import sys
if not sys.flags.safe_path: del sys.path[0]
from importlib.util import module_from_spec, spec_from_file_location
_folder, _request = sys.argv[1:]
_spec = spec_from_file_location("cotrace", _folder + "/__init__.py", submodule_search_locations=[_folder])
_package = sys.modules["cotrace"] = module_from_spec(_spec)
_spec.loader.exec_module(_package)
from cotrace.tracing.program import main
main(_request)
"""
"""What the child runs first: this very cotrace is imported from its folder, wherever the interpreter's own packages
are, and before the current folder can hide a module of the standard library."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running program is."""

    steps: int
    seconds: float


Watcher = Callable[[Progress], None]


def run(
    program: Program,
    *,
    interpreter: str = sys.executable,
    watcher: Watcher | None = None,
    stdout: int | None = None,
) -> Trace:
    """Run a program in a child and return its trace, however it ended.

    `watcher` is called about four times a second; `stdout` is a file descriptor to use instead of this process's own.
    Raises TraceError where nothing could be recorded; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="cotrace-") as folder:  # made with mode 0700
        child = _Child(program, Path(folder), interpreter)
        ended = child.watch(watcher, stdout)
        return child.trace(ended)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the child ended."""

    status: int
    """As `Popen.returncode`: negative for a signal."""

    killed_for: str = ""
    """Why the parent killed it; empty if it did not."""

    survivors: tuple[int, ...] = ()
    """Processes that could not be killed."""


class _Child:
    def __init__(self, program: Program, folder: Path, interpreter: str) -> None:
        self.program = program
        self.recording = folder / "recording.cotrace"
        self.refusal = folder / "refusal.txt"
        self.secrets = folder / "secrets.jsonl"
        self.request = folder / "request.json"
        self.interpreter = interpreter
        self._steps = _StepCount(self.recording)

    # --- the run ------------------------------------------------------------------------------------------------

    def watch(self, watcher: Watcher | None, stdout: int | None) -> _Ended:
        Request(self.program, str(self.recording), str(self.refusal), str(self.secrets)).write(self.request)
        with _Interrupts() as interrupts, Tree() as tree:
            process = self._started(tree, stdout)
            try:
                why = self._wait(process, interrupts, watcher)
            except BaseException:
                tree.kill()
                raise
            if not why:
                return _Ended(process.wait())
            survivors = tree.kill()
            process.kill()  # where there is no list of processes, this one at least
            status = -KILL if process.pid in survivors else process.wait()
            return _Ended(status, why, tuple(survivors))

    def _started(self, tree: Tree, stdout: int | None) -> subprocess.Popen[bytes]:
        command = [self.interpreter, "-c", BOOT, str(Path(__file__).parent), str(self.request)]
        try:
            return tree.start(command, stdout=stdout)
        except OSError as error:
            message = (
                f"expected a Python to run {self.program.file} with, but {self.interpreter}: {error.strerror}"
            )
            raise TraceError(f"{message}: name another interpreter") from error

    def _wait(
        self, process: subprocess.Popen[bytes], interrupts: _Interrupts, watcher: Watcher | None
    ) -> str:
        """Wait for the child; return why it has to be killed, or "" if it ended by itself."""
        began = time.monotonic()
        recording_began: float | None = None
        woken = False
        pause = 0.005
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(pause)
                return ""
            pause = min(pause * 2, 0.1)
            now = time.monotonic()
            if recording_began is None and self.recording.exists():
                recording_began = now
            interrupts.hand_on(process)
            if interrupts.twice:
                return "interrupted twice"
            over = self._over_time(now, began, recording_began)
            if over > WAKE and not woken and STOP_SIGNAL is not None:
                process.send_signal(STOP_SIGNAL)
                woken = True
            if over > GRACE:
                return "over its time"
            if watcher is not None and recording_began is not None:
                watcher(Progress(self._steps.count(), now - recording_began))

    def _over_time(self, now: float, began: float, recording_began: float | None) -> float:
        """Return how many seconds ago the child should have ended; negative if it may go on."""
        if recording_began is None:
            return now - began - STARTUP
        seconds = self.program.limits.seconds
        return -1.0 if seconds is None else now - recording_began - seconds

    # --- what it left -------------------------------------------------------------------------------------------

    def trace(self, ended: _Ended) -> Trace:
        """Read the recording, and complete it with how the child ended."""
        if self.refusal.exists():
            raise TraceError(self.refusal.read_text(encoding="utf-8"))
        try:
            recorded = decode(self.recording.read_bytes())
        except (FileNotFoundError, FileFormatError) as error:
            raise TraceError(
                f"nothing of {self.program.file} was recorded: expected {self.interpreter} to run it, but it "
                f"{told(ended.status)} before the recording began; see what it printed above"
            ) from error
        if recorded.outcome == KILLED:
            recorded = self._without_secrets(self._completed(recorded, ended))
        elif ended.status < 0:
            note = Note("the process", f"it {told(ended.status)} after the recording had ended")
            recorded = replace(recorded, notes=(*recorded.notes, note))
        return recorded

    def _without_secrets(self, recorded: Trace) -> Trace:
        """Do what the child does at its end, for a child that did not get there."""
        redactor = Redactor.of_process()
        if self.secrets.exists():
            for line in self.secrets.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # torn when the child died
                    redactor.learn(*json.loads(line))
        return scrubbed(recorded, redactor)

    def _completed(self, recorded: Trace, ended: _Ended) -> Trace:
        notes = recorded.notes
        if ended.survivors:
            names = ", ".join(map(str, ended.survivors))
            notes = (
                *notes,
                Note("processes it started", f"still running, for they can't be killed: {names}"),
            )
        if ended.killed_for == "over its time":
            limit = f"stopped after {self.program.limits.seconds:g} s"
            outcome = Outcome("stopped", message=f"{limit}, and killed since it did not stop by itself")
            return replace(recorded, outcome=outcome, truncated=recorded.truncated or limit, notes=notes)
        if ended.killed_for or ended.status == -signal.SIGINT:
            outcome = Outcome("interrupted", message="it was interrupted and killed")
            return replace(
                recorded, outcome=outcome, truncated=recorded.truncated or "interrupted", notes=notes
            )
        truncated = "the process died" if ended.status < 0 else ""
        outcome = Outcome("killed" if ended.status < 0 else "exited", message=f"it {told(ended.status)}")
        return replace(recorded, outcome=outcome, truncated=recorded.truncated or truncated, notes=notes)


def told(status: int) -> str:
    """Return how a process ended, in words: "exited with 3", "died of SIGSEGV (signal 11)"."""
    if status >= 0:
        return f"exited with {status}"
    try:
        return f"died of {signal.Signals(-status).name} (signal {-status})"
    except ValueError:
        return f"died of signal {-status}"


class _StepCount:
    """Counts the steps in a recording that grows, reading each byte once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._lines = 0

    def count(self) -> int:
        with contextlib.suppress(OSError), self._path.open("rb") as opened:
            opened.seek(self._offset)
            while block := opened.read(1 << 20):
                self._offset += len(block)
                self._lines += sum(block.count(b'\n["' + event) for event in STEP_LINES)
        return self._lines


STEP_LINES = (b'start"', b'line"', b'yield"', b'resume"', b'raise"', b'return"', b'unwind"')


class _Interrupts:
    """Leaves Ctrl-C to the program, and makes SIGTERM an exception, so that the program is not left behind."""

    def __init__(self) -> None:
        self._pressed: list[float] = []
        self._handed_on = 0
        self._before: dict[int, _Handler] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # elsewhere no signal can be handled
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._note)
            self._before[signal.SIGTERM] = signal.signal(signal.SIGTERM, self._leave)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._pressed.append(time.monotonic())

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    def hand_on(self, process: subprocess.Popen[bytes]) -> None:
        """Send the program the interrupts it has not had: a terminal sends them to both of us, `kill` only to one."""
        if len(self._pressed) > self._handed_on:
            self._handed_on = len(self._pressed)
            if not _at_terminal():
                process.send_signal(signal.SIGINT)

    @property
    def twice(self) -> bool:
        """True after two interrupts in short order."""
        return len(self._pressed) > 1 and self._pressed[-1] - self._pressed[-2] < TWICE


_Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None


def _at_terminal() -> bool:
    """Tell whether Ctrl-C in a terminal reaches the child as well: they share the terminal's foreground group."""
    try:
        with Path(os.ctermid()).open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except (OSError, AttributeError):
        return sys.platform == "win32"
