"""Run a record again, from its code and input alone, and see whether it still gives its answer.

The code runs in a fresh interpreter of its own: isolated from the user's settings and packages path (``-I``), with
an empty folder as working folder and home, hardly any environment, and limits on time, memory and file size; the
processes it started end with it, unless they began a session of their own. That keeps an accident small. It is no
sandbox: the code has your rights, so run records of people you trust.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cotrace.dataset.answers import Agreement, compare_output, compare_values
from cotrace.errors import UsageError
from cotrace.model.record import Record

Outcome = Literal["value", "output", "exception", "none"]

_CHILD = Path(__file__).with_name("rerun_child.py")
_MEMORY = 4 << 30
_FILE_SIZE = 64 << 20
_READ = 8 << 20
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_STDIN = "sys.stdin"
_HOLE = "??"


@dataclass(frozen=True, slots=True)
class RerunResult:
    """What a record's code gave this time."""

    agreement: Agreement
    """How the answer and what was found agree."""
    expected: str
    found: str = ""
    outcome: Outcome = "none"
    """Whether `found` is a value, what was printed, or the exception that ended the run."""
    problem: str = ""
    """Why the run can't be compared: it took too long, or the code, call or input is not usable."""
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether the record gives its answer."""
        return self.agreement != "different"

    @property
    def message(self) -> str:
        """What happened, in a sentence."""
        if self.problem:
            return self.problem
        how = {"exact": "", "equal": " (the same value)", "close": " (but for rounding)"}
        if self.agreement != "different":
            return f"gives its answer {_short(self.expected)}{how[self.agreement]}"
        found = (
            f"the {self.outcome} {_short(self.found)}"
            if self.outcome != "none"
            else "neither a value nor output"
        )
        return f"expected {_short(self.expected)}, found {found}"


@dataclass(frozen=True, slots=True)
class _Run:
    """What the child process left behind."""

    report: dict[str, str]
    stdout: str
    problem: str
    seconds: float


def rerun(record: Record, seconds: float = 10.0, python: str | None = None) -> RerunResult:
    """Run the record in a fresh process of `python` (by default this interpreter) and compare with its answer.

    Never raises for what the record's code does; how `code`, `input`, `call` and `answer` are used for each kind of
    question is told in `cotrace.model.record`.
    """
    if seconds <= 0:
        raise UsageError(f"expected a time limit above 0 seconds, found {seconds}")
    call, inputs = record.call, [(value.name, value.value) for value in record.input]
    if record.question.kind == "input":
        if _HOLE in call:
            call = call.replace(_HOLE, record.answer, 1)
        elif (assigned := _assignments(record.answer)) is not None:
            inputs = [pair for pair in inputs if pair[0] == _STDIN] + assigned
        else:
            found = _short(record.answer)
            problem = f"expected assignments (x = 3) as the answer, or {_HOLE} in the call, found {found}"
            return RerunResult("different", record.answer, problem=problem)
    return _judged(record, _run(record.code, call, inputs, seconds, python or sys.executable))


# ---- the comparison ----


def _judged(record: Record, run: _Run) -> RerunResult:
    if run.problem:
        return RerunResult("different", record.answer, problem=run.problem, seconds=run.seconds)
    if record.question.kind == "input":
        outcome, found = _outcomes(run)[0]
        agreement = compare_values("True", found) if outcome == "value" else "different"
        return RerunResult(agreement, "True", found, outcome, seconds=run.seconds)
    outcomes = _outcomes(run)
    for outcome, found in outcomes:
        agreement = _agreement(record, outcome, found, run)
        if agreement != "different":
            return RerunResult(agreement, record.answer, found, outcome, seconds=run.seconds)
    outcome, found = outcomes[0]
    return RerunResult("different", record.answer, found, outcome, seconds=run.seconds)


def _agreement(record: Record, outcome: Outcome, found: str, run: _Run) -> Agreement:
    if outcome != "value":
        return compare_output(record.answer, found)
    if record.question.kind == "task" and record.answer == run.report.get("text"):
        return "equal"
    return compare_values(record.answer, found)


def _outcomes(run: _Run) -> list[tuple[Outcome, str]]:
    """Return what the answer may be, the likeliest first."""
    outcomes: list[tuple[Outcome, str]] = []
    if "exception" in run.report:
        outcomes.append(("exception", run.report["exception"]))
    if "value" in run.report:
        outcomes.append(("value", run.report["value"]))
    if run.stdout:
        outcomes.append(("output", run.stdout))
    return outcomes or [("none", "")]


def _assignments(answer: str) -> list[tuple[str, str]] | None:
    """Return the names and values of an answer such as ``x = 3``, or None if it is no such text."""
    try:
        statements = ast.parse(answer).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = []
    for statement in statements:
        if not isinstance(statement, ast.Assign) or not all(
            isinstance(name, ast.Name) for name in statement.targets
        ):
            return None
        found += [(ast.unparse(name), ast.unparse(statement.value)) for name in statement.targets]
    return found or None


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} ... {text[-60:]} ({len(text):,} characters)"


# ---- the process ----


def _run(code: str, call: str, inputs: list[tuple[str, str]], seconds: float, python: str) -> _Run:
    limits = {"CPU": int(seconds) + 2, "AS": _MEMORY, "FSIZE": _FILE_SIZE, "CORE": 0}
    request = {
        "code": code,
        "call": call,
        "limits": limits,
        "input": [pair for pair in inputs if pair[0] != _STDIN],
    }
    with tempfile.TemporaryDirectory(prefix="cotrace-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "work").mkdir()
        (folder / "request").write_text(json.dumps(request), "utf-8")
        (folder / "stdin").write_bytes(_stdin_of(inputs).encode("utf-8", "replace"))
        began = time.monotonic()
        status = _in_child(folder, seconds, python)
        took = time.monotonic() - began
        return _collected(folder, status, seconds, took)


def _stdin_of(inputs: list[tuple[str, str]]) -> str:
    for name, text in inputs:
        if name == _STDIN:
            with contextlib.suppress(ValueError, SyntaxError):
                return str(ast.literal_eval(text))
    return ""


def _in_child(folder: Path, seconds: float, python: str) -> int | None:
    """Run the child to its end; return its exit status, or None if the time was up."""
    command = [python, "-I", "-X", "utf8", str(_CHILD), str(folder / "request"), str(folder / "report")]
    with (folder / "stdin").open("rb") as stdin, (folder / "stdout").open("wb") as stdout:
        process = subprocess.Popen(  # noqa: S603 - our own script in the interpreter that the caller chose
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            cwd=folder / "work",
            env=_environment(folder / "work"),
            start_new_session=sys.platform != "win32",
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"HOME": str(home), "TMPDIR": str(home), "TEMP": str(home), "LANG": "C.UTF-8"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, if it runs, and with it what it started and left behind."""
    if process.poll() is None:
        process.kill()
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _collected(folder: Path, status: int | None, seconds: float, took: float) -> _Run:
    with (folder / "stdout").open("rb") as opened:
        stdout = opened.read(_READ).decode("utf-8", "replace").replace("\r\n", "\n")
    if status is None:
        return _Run({}, stdout, f"stopped after {seconds:g} s: raise the time limit if it needs more", took)
    try:
        report = json.loads((folder / "report").read_text("utf-8"))
    except (OSError, ValueError):
        return _Run({}, stdout, f"the process ended without an answer (exit status {status})", took)
    return _Run(report, stdout, report.pop("problem", ""), took)
