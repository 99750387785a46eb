"""The tracers that `make bench` compares: each runs a workload its own way and says what it spent.

What each records is in its `records`, and is printed below the figures: they are not asked for the same, since no
other tool records what ours does; each is given the same program, unchanged, and told to show every variable.
"""

import ast
import builtins
import gc
import io
import operator
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType

import birdseye.bird
import pysnooper
import snoop
from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer
from viztracer import VizTracer
from viztracer.code_monkey import CodeMonkey

LIMITS = Limits(steps=10_000_000, bytes=10_000_000_000)
MONITORING = getattr(sys, "monitoring", None)


@dataclass(frozen=True)
class Spent:
    """What one run took, in nanoseconds of the thread's CPU; what it left in memory, where that is known."""

    ns: int
    bytes: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Way:
    """One way to run a program; `is_slow`: it gets the workload's smaller size."""

    name: str
    run: Callable[[Path, tuple[object, ...]], Spent]
    records: str
    is_slow: bool = False


def timed(action):
    """Return the CPU time of this thread that a call took, and its result.

    What earlier runs left behind is collected before, so that no way pays for another.
    """
    gc.collect()
    began = time.thread_time_ns()
    result = action()
    return time.thread_time_ns() - began, result


def loaded(path, code=None):
    """Return the namespace of a program, made anew."""
    namespace = {"__name__": "program", "__file__": str(path)}
    exec(code or compile(path.read_text(), path, "exec"), namespace)
    return namespace


def codes_in(code):
    """Yield every code object of a module but its own."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from codes_in(constant)


def untraced(path, arguments):
    """Run the program alone."""
    run = loaded(path)["run"]
    return Spent(timed(lambda: run(*arguments))[0])


# --- floors: what the interpreter itself takes for handing out lines --------------------------------------------------


def watched(path, arguments, callback):
    """Run with a callback for every line of the program, switched on for its code alone."""
    code = compile(path.read_text(), path, "exec")
    run = loaded(path, code)["run"]
    tool, line = MONITORING.PROFILER_ID, MONITORING.events.LINE
    MONITORING.use_tool_id(tool, "bench")
    MONITORING.register_callback(tool, line, callback)
    try:
        for each in codes_in(code):
            MONITORING.set_local_events(tool, each, line)
        return Spent(timed(lambda: run(*arguments))[0])
    finally:
        for each in codes_in(code):
            MONITORING.set_local_events(tool, each, 0)
        MONITORING.register_callback(tool, line, None)
        MONITORING.free_tool_id(tool)


def with_c_callback(path, arguments):
    """Have each line answered in C by what compares two pointers."""
    return watched(path, arguments, operator.is_)


def with_python_callback(path, arguments):
    """Have each line answered by an empty function."""

    def nothing(code, line):
        pass

    return watched(path, arguments, nothing)


def lines_of(path, arguments):
    """Count the lines that a run executes."""
    lines = []
    watched(path, arguments, lambda _code, _line: lines.append(None))
    return len(lines)


# --- ours -------------------------------------------------------------------------------------------------------------


def log_of(engine):
    """Return how many bytes an engine's log has; 0 for an engine that writes none."""
    core = getattr(engine, "core", None)
    return 0 if core is None else len(core.log(0))


def ours(engine, *, ledger=False, to_text=False):
    """Return a way to record with one of our engines."""

    def record(path, arguments):
        tracer = Tracer(limits=LIMITS, files=[str(path)], engine=engine)
        if not ledger:
            # Else code that is met without probes has its module's functions given some.
            tracer._engine.text_of = lambda _code, _namespace: None
        run = loaded(path, tracer.compile(path.read_text(), str(path)) if ledger else None)["run"]

        def work():
            trace = tracer.run(partial(run, *arguments))  # a function of ours would be recorded as well
            if to_text:
                trace.to_text()
            return trace

        ns, trace = timed(work)
        return Spent(ns, log_of(tracer._engine), len(trace.steps))

    return record


# --- others -----------------------------------------------------------------------------------------------------------


def decorated(namespace, decorator):
    """Decorate every function of a program, and the methods of its classes."""
    for name, value in list(namespace.items()):
        if type(value) is FunctionType and value.__module__ == "program":
            namespace[name] = decorator(value)
        elif isinstance(value, type) and value.__module__ == "program":
            for inner, held in list(vars(value).items()):
                if type(held) is FunctionType:
                    setattr(value, inner, decorator(held))
    return namespace["run"]


def by_snoop(path, arguments):
    """Let snoop write its text, into memory."""
    run = decorated(loaded(path), snoop.Config(out=io.StringIO()).snoop())
    return Spent(timed(lambda: run(*arguments))[0])


def by_pysnooper(path, arguments):
    """Let PySnooper write its text, into memory."""
    run = decorated(loaded(path), pysnooper.snoop(io.StringIO()))
    return Spent(timed(lambda: run(*arguments))[0])


def by_birdseye(path, arguments):
    """Let birdseye write its pages into a database in memory."""
    eye = birdseye.bird.BirdsEye("sqlite:///:memory:")
    run = decorated(loaded(path), eye)
    return Spent(timed(lambda: run(*arguments))[0])


def by_viztracer(path, arguments):
    """Let viztracer log every variable that is assigned, and read its events out."""
    monkey = CodeMonkey(str(path))
    monkey.add_instrument("log_var", {"varnames": [".*"]})
    tracer = VizTracer(verbose=0)
    builtins.__viz_tracer__ = tracer
    run = loaded(path, monkey.compile(ast.parse(path.read_text()), str(path), "exec"))["run"]

    def work():
        tracer.start()
        try:
            run(*arguments)
        finally:
            tracer.stop()
        tracer.parse()

    try:
        return Spent(timed(work)[0])
    finally:
        del builtins.__viz_tracer__


FLOORS = (
    Way(
        "C callback",
        with_c_callback,
        "nothing: the interpreter calls a C function that does nothing at each line",
    ),
    Way(
        "Python callback",
        with_python_callback,
        "nothing: the interpreter calls an empty function at each line",
    ),
)
NATIVE = (
    Way("native, lines", ours("native"), "each line, and every change of state through whichever alias"),
    Way("native, all", ours("native", ledger=True), "as before, and the value of every sub-expression"),
    Way(
        "native, to text",
        ours("native", ledger=True, to_text=True),
        "as before, and the text of the whole recording",
    ),
)
REFERENCE = (
    Way(
        "reference, lines",
        ours("reference"),
        "what native, lines does, by a full look at each event",
        is_slow=True,
    ),
    Way(
        "reference, to text",
        ours("reference", ledger=True, to_text=True),
        "what native, to text does",
        is_slow=True,
    ),
)
OTHERS = (
    Way("snoop", by_snoop, "each line, and variables whose repr changed, as text in memory", is_slow=True),
    Way("PySnooper", by_pysnooper, "each line, and variables whose repr changed, as text in memory", is_slow=True),
    Way("birdseye", by_birdseye, "the value of each expression, in loops a sample of turns, in a database in memory",
        is_slow=True),
    Way("viztracer", by_viztracer, "each call, and the repr of each variable at its assignment (log_var), as events",
        is_slow=True),
)  # fmt: skip
