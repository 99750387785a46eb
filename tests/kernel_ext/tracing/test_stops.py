"""What ends a program from within our callbacks (the time limit, an interrupt) runs the program's own handlers."""

import os
import signal
import textwrap
import threading

import pytest
from cotrace.tracing.recording import Recording
from kernel_ext.tracing.running import (
    ENDLESS,
    HAS_MONITORING,
    SOURCES,
    events_from,
    hooks_left,
    record,
    tracer_for,
)

LOOPS = {
    "while on one line": "while True: pass",
    "while of one instruction": "while True:\n    pass",
    "while with a body": "while True:\n    n += 1",
    "countdown on one line": "while n: n -= 1",
    "for on one line": "for i in itertools.count(): pass",
    "for with a body": "for i in itertools.count():\n    n += i",
    "call on one line": "while True: helper()",
    "comprehension": "n = [i for i in itertools.count() if i < 0]",
    "generator": "for i in endless(): pass",
    "exceptions": "while True:\n    try:\n        fails()\n    except ValueError:\n        pass",
}
BLOCKS = {
    "finally": "try:\n{loop}\nfinally:\n    print('cleaned')",
    "except": "try:\n{loop}\nexcept BaseException:\n    print('cleaned')\n    raise",
    "with": "with Cleans():\n{loop}",
}
PROGRAM = """\
import itertools

class Cleans:
    def __enter__(self):
        return self
    def __exit__(self, *raised):
        print("cleaned")

def helper():
    return 1

def fails():
    raise ValueError

def endless():
    while True: yield 1

def f():
    n = 10 ** 9
{block}

f()
"""
NEEDS_EVENTS = {"while on one line", "while of one instruction"}
"""Loops that have no events at all under Python 3.11's trace function."""


def program(loop, block="finally"):
    """Return a program that is in `loop`, in `block`, for ever."""
    text = BLOCKS[block].format(loop=textwrap.indent(LOOPS[loop], "    "))
    return PROGRAM.format(block=textwrap.indent(text, "    "))


@pytest.fixture(params=SOURCES)
def source(request):
    """Each source of events in turn."""
    with events_from(request.param):
        yield request.param


@pytest.fixture
def at_step(monkeypatch):
    """Have something done as soon as so many steps are recorded: still within our callback.

    Needs a tracer that writes to a stream: else the native engine keeps its steps to itself until the end.
    """

    def set_up(count, action):
        def watched(name):
            add = getattr(Recording, name)

            def counting(self, *parts):
                before = len(self.steps)
                done = add(self, *parts)
                if before < count <= len(self.steps):
                    action()
                return done

            monkeypatch.setattr(Recording, name, counting)

        monkeypatch.undo()
        watched("add_step")
        watched("add_decoded")

    return set_up


@pytest.fixture
def streaming():
    """Return a function that makes tracers which write all parts to a stream."""
    stream = os.open(os.devnull, os.O_WRONLY)
    yield lambda: tracer_for(stream=stream, seconds=20, **ENDLESS)
    os.close(stream)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_time_limit_runs_the_finally_around_a_loop(loop, source):
    run = record(program(loop), seconds=0.15, **ENDLESS)

    assert run.printed == "cleaned\n"
    assert run.trace.outcome.kind == "stopped"
    assert "limits.seconds" in run.trace.truncated
    assert source in run.trace.engine
    assert not hooks_left()


@pytest.mark.parametrize("block", ["except", "with"])
@pytest.mark.parametrize("loop", ["while on one line", "for on one line", "while with a body"])
def test_a_time_limit_passes_through_other_blocks_around_a_loop(loop, block, source):
    run = record(program(loop, block), seconds=0.15, **ENDLESS)

    assert run.printed == "cleaned\n"
    assert run.trace.outcome.kind == "stopped"
    assert not hooks_left()


def test_a_time_limit_runs_the_finally_of_each_caller():
    text = "def f(n):\n    try:\n        f(n - 1) if n else 0\n        while True: pass\n    finally: print(n)\nf(2)\n"
    run = record(text, seconds=0.15, **ENDLESS)

    assert run.printed == "0\n1\n2\n"


@pytest.mark.parametrize("loop", [name for name in LOOPS if HAS_MONITORING or name not in NEEDS_EVENTS])
def test_a_stop_at_any_step_of_a_block_runs_its_finally(loop, source, at_step, streaming):
    """Whatever the step is: a line, a turn, a call, a return, a yield, a resume, a raise."""
    text = program(loop)

    def stopped_at(count):
        tracer = streaming()
        at_step(count, lambda: tracer.request_stop("enough"))
        return record(text, tracer=tracer)

    begins = stopped_at(50).lines().index(("line", text.splitlines().index("    try:") + 2)) + 1
    for count in range(begins, 50, 3):
        run = stopped_at(count)

        assert (run.printed, run.trace.outcome.kind) == ("cleaned\n", "stopped"), run.lines()[-1]
        assert len(run.trace.steps) == count


@pytest.mark.parametrize("loop", [name for name in LOOPS if HAS_MONITORING or name not in NEEDS_EVENTS])
def test_an_interrupt_in_a_loop_keeps_what_was_recorded_and_runs_the_finally(
    loop, source, at_step, streaming
):
    at_step(40, lambda: signal.raise_signal(signal.SIGINT))
    run = record(program(loop), tracer=streaming())

    assert run.printed == "cleaned\n"
    assert run.trace.outcome.kind == "interrupted"
    assert len(run.trace.steps) >= 40
    assert not hooks_left()


@pytest.mark.skipif(
    not HAS_MONITORING, reason="Python 3.11 takes a trace function that raised away, and a note says so"
)
@pytest.mark.parametrize("engine", [name for name in SOURCES if name != "sys.settrace"])
def test_a_program_that_handles_an_interrupt_is_recorded_on(engine):
    """It comes where CPython finds the handler: in a loop, some versions miss it, recorded or not."""
    text = "import time\ntry:\n    time.sleep(20)\nexcept KeyboardInterrupt:\n    end = 1\nlast = end\n"
    main = threading.main_thread().ident
    threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with events_from(engine):
        run = record(text, seconds=20, **ENDLESS)

    assert run.trace.outcome.kind == "returned"
    assert run.lines()[-4:] == [("line", 4), ("line", 5), ("line", 6), ("return", 6)]
    assert not hooks_left()


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs alarms")
def test_what_a_handler_of_the_programs_own_signals_raises_reaches_the_program(source):
    caught = "except TimeoutError as error:\n    print(error)\n"
    text = program("for on one line").replace(
        "f()\n", f"try:\n    signal.setitimer(signal.ITIMER_REAL, 0.1)\n    f()\n{caught}"
    ).replace(
        "import itertools\n",
        "import itertools, signal\ndef ring(number, frame):\n    raise TimeoutError('rang')\n"
        "signal.signal(signal.SIGALRM, ring)\n",
    )  # fmt: skip
    before = signal.getsignal(signal.SIGALRM)
    try:
        run = record(text, seconds=20, **ENDLESS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert run.printed.endswith("rang\n")
    assert run.trace.outcome.kind == "returned"


def test_a_stop_asked_for_by_another_thread_comes_in_a_loop_without_events():
    """On Python 3.11 ``while True: pass`` has none; the watchdog's exception would miss the finally there."""
    tracer = tracer_for(seconds=20, **ENDLESS)
    threading.Timer(0.1, tracer.request_stop, ["asked"]).start()
    run = record(program("while on one line"), tracer=tracer)

    assert run.printed == "cleaned\n"
    assert run.trace.outcome.message == "asked"
