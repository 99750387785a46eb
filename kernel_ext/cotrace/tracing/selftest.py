"""Whether an engine can be trusted on a Python that it was not tested on: it records what the reference engine records.

A few small programs, chosen for what they make an engine do, are recorded by both. That happens in a child process: a
compiled engine that finds the interpreter other than it was made for may end its process.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.model.trace import LiveOutcome, Outcome, Trace
from cotrace.tracing.reference import ReferenceEngine
from cotrace.tracing.scope import Scope
from cotrace.tracing.secrets import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotrace.tracing.engine import Engine

SECONDS = 60
"""How long the self-test may take; it needs less than one."""

ROOT = str(Path(__file__).parents[2])
CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from cotrace.tracing.selftest import main; main(sys.argv[2])"

PROGRAMS = {
    "loops": """
total, seen = 0, []
for number in range(4):
    if number % 2:
        continue
    seen.append(number)
    total += number
while total > 1: total -= 1
squares = [n * n for n in seen if n]
""",
    "objects": """
class Node:
    kind = "node"
    def __init__(self, value, next=None):
        self.value = value
        self.next = next
ring = Node([1.5, "a"])
ring.next = alias = ring
alias.value[0] = {"key": (None, b"b", 10**30)}
alias.value[0]["key"] = {3, 4}
del ring.value[0]["key"], alias
ring.value[:] = range(3)
""",
    "calls": """
def power(base, exponent):
    return 1 if exponent == 0 else base * power(base, exponent - 1)
def counter():
    count = 0
    def step(by=1):
        nonlocal count
        count += by
        return count
    return step
step = counter()
step(power(2, 3))
match [step(), 1]:
    case [first, *rest]:
        first += len(rest)
""",
    "generators and exceptions": """
def pairs(limit):
    try:
        for number in range(limit):
            got = yield number
    finally:
        limit = -1
made = pairs(3)
next(made)
made.send("x")
try:
    made.throw(KeyError("lost"))
except KeyError as error:
    caught = repr(error)
async def waits(): return 3
async def main():
    return [await waits() async for _ in pulses()]
async def pulses():
    yield 1
    yield 2
try:
    main().send(None)
except StopIteration as stop:
    result = stop.value
""",
}


def fault_in_child(engine: str) -> str:
    """Return in words what is wrong with an engine, named as in ``module:Class``; "" where nothing is."""
    command = [sys.executable, "-I", "-c", CHILD, ROOT, engine]
    try:
        ended = subprocess.run(  # noqa: S603 - the interpreter that runs us
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it can't be run, {error}"
    if ended.returncode < 0:
        return f"it was ended by {signal.Signals(-ended.returncode).name}"
    if ended.returncode or not ended.stdout.startswith("fault:"):
        return f"it failed, {(ended.stderr.strip().splitlines() or ['without a word'])[-1]}"
    return ended.stdout.removeprefix("fault:").strip()


def main(engine: str) -> None:
    """Look for faults of an engine, in the process that `fault_in_child` started."""
    module, _, name = engine.partition(":")
    sys.stdout.write(f"fault:{fault_of(getattr(import_module(module), name))}\n")


def fault_of(engine: Callable[..., Engine]) -> str:
    """Return in words where an engine records something else than the reference engine does; "" where nowhere."""
    for name, text in PROGRAMS.items():
        expected, found = recorded(ReferenceEngine, text), recorded(engine, text)
        for index, (right, step) in enumerate(zip(expected.steps, found.steps, strict=False)):
            if right != step:
                return f"it records step {index} of {name} in another way than the reference engine"
        if encode(expected) != encode(found):
            return f"it records {name} in another way than the reference engine"
    return ""


def recorded(engine: Callable[..., Engine], text: str) -> Trace:
    """Return how an engine records a program; the trace does not say which engine it was."""
    name = "<self-test>"
    recorder = engine(Scope([name]), Limits(), Redactor({}))
    code = compile(text, name, "exec", dont_inherit=True)
    recorder.add_source(name, text, ())
    recorder.start()
    try:
        exec(code, {"__name__": "selftest"})  # noqa: S102 - one of our own programs
    finally:
        recorder.stop()
    trace = recorder.recording.finish(Outcome("returned", None), recorder.final, LiveOutcome())
    return replace(trace, engine="")
