"""Record a text as a program, with whichever engine and from whichever source of events."""

import contextlib
import functools
import io
import sys
from dataclasses import dataclass

from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer
from equality.engines import HAS_NATIVE, NATIVE, REFERENCE

HAS_MONITORING = hasattr(sys, "monitoring")
SOURCES = [*[NATIVE] * HAS_NATIVE, *["sys.monitoring"] * HAS_MONITORING, "sys.settrace"]
"""What records, in a word that the name of the engine has in it."""

ENDLESS = {"steps": 10**9, "bytes": 10**12}
"""Limits for what is to be stopped by something else."""

_wanted = "auto"


@dataclass
class Recorded:
    """A program's trace and what it printed."""

    trace: object
    printed: str

    def lines(self, name=None):
        """Return (event, line) of the steps, or of those in frames called `name`."""
        trace = self.trace
        chosen = [s for s in trace.steps if name in (None, trace.frames[s.frame].name)]
        return [(step.event.value, step.line) for step in chosen]


def tracer_for(*, stream=None, **limits):
    """Return a tracer of the engine that `events_from` chose."""
    return Tracer(files=["<program>"], limits=Limits(**limits), engine=_wanted, stream=stream)


def record(source, *, ledger=True, tracer=None, namespace=None, **limits):
    """Record a program with these limits."""
    tracer = tracer or tracer_for(**limits)
    compiled = tracer.compile if ledger else functools.partial(compile, mode="exec", dont_inherit=True)
    code = compiled(source, "<program>")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        trace = tracer.run(functools.partial(exec, code, {"__name__": "program", **(namespace or {})}))
    return Recorded(trace, printed.getvalue())


@contextlib.contextmanager
def events_from(source):
    """Have `record` use one of `SOURCES`: all tool ids are taken while it is not to be `sys.monitoring`."""
    global _wanted
    _wanted = source if source == NATIVE else REFERENCE
    taken = range(6) if HAS_MONITORING and source == "sys.settrace" else ()
    for number in taken:
        sys.monitoring.use_tool_id(number, "another tool")
    try:
        yield
    finally:
        _wanted = "auto"
        for number in taken:
            sys.monitoring.free_tool_id(number)


def hooks_left():
    """Return the hooks of ours that are still there."""
    tools = [number for number in range(6) if HAS_MONITORING and sys.monitoring.get_tool(number) == "cotrace"]
    return [hook for hook in (sys.gettrace(), *tools) if hook is not None]
