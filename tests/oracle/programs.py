"""Run one program three times (alone, traced, traced under the oracle's eyes) and judge what the tracer did."""

import contextlib
import functools
import io
import linecache
import re
import sys
import types
from dataclasses import dataclass, field

from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer
from oracle.compare import Comparison
from oracle.events import MonitoringEar, Scope, SettraceEar
from oracle.observer import Observer

MODULE = "program"
ADDRESS = re.compile("at 0x[0-9a-f]+")
"""As reprs tell it: it differs from run to run."""


@dataclass
class Shown:
    """What a run showed to the outside."""

    output: str
    errors: str
    result: str
    exception: str


@dataclass
class Run:
    """One traced run."""

    trace: object
    shown: Shown
    observer: Observer | None = None
    found: list = field(default_factory=list)


def run_alone(source, call="", filename="<program>"):
    """Run a program without tracing and return what it showed."""
    namespace = namespace_of(source, filename)
    code = compile(with_call(source, call), filename, "exec", dont_inherit=True)
    with captured() as (output, errors):
        try:
            error = exec(code, namespace)
        except BaseException as raised:  # noqa: BLE001 - what a program ends with is compared
            error = raised
    return shown_of(output, errors, namespace, error)


def run_traced(  # noqa: PLR0913 - each has a default that suits most programs
    source,
    call="",
    *,
    limits=None,
    observed=False,
    holds=True,
    filename="<program>",
    most=100_000,
    patience=600.0,
    ledger=True,
    engine="reference",
):
    """Run a program under the tracer, and with `observed` under the oracle too.

    The oracle judges the reference engine; that the native one records the same is tests/equality's to say.
    """
    source = with_call(source, call)
    namespace = namespace_of(source, filename)
    tracer = Tracer(limits=limits or Limits(), files=[filename], call=call or "program", engine=engine)
    compiled = tracer.compile if ledger else functools.partial(compile, mode="exec", dont_inherit=True)
    code = compiled(source, filename)
    observer = None
    if observed:
        recording = tracer._engine.recording
        observer = Observer(
            tracer.limits,
            holds=holds,
            most=most,
            patience=patience,
            is_over=lambda: bool(recording.truncated),
        )
    with captured() as (output, errors), _watching(tracer, observer, filename):
        trace = tracer.run(functools.partial(exec, code, namespace))
    if observer is not None:
        observer.finish()
    shown = shown_of(output, errors, namespace, trace.exception)
    return Run(trace, shown, observer)


def judge(source, call="", **options):
    """Return the trace of a program.

    Raises AssertionError where tracing changed what it shows, or where the trace is not what the oracle saw.
    """
    alone = run_alone(source, call)
    plain = run_traced(source, call, **options)
    watched = run_traced(source, call, observed=True, **options)
    assert plain.shown == alone, f"traced: {plain.shown}\nalone: {alone}"
    Comparison(watched.trace, watched.observer).run()
    assert encode(plain.trace) == encode(watched.trace), "two traces of one program differ"
    return watched.trace


def with_call(source, call):
    """Return the program with a last line that keeps what `call` gives."""
    return f"{source}\n\nanswer = {call}\n" if call else source


def namespace_of(source, filename):
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = sys.modules[MODULE] = types.ModuleType(MODULE)
    return module.__dict__


@contextlib.contextmanager
def captured():
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        yield output, errors


@contextlib.contextmanager
def _watching(tracer, observer, filename):
    if observer is None:
        yield
        return
    scope = Scope([filename])
    if hasattr(sys, "monitoring"):
        observer.ear = ear = MonitoringEar(scope, observer)
        ear.open()
        try:
            yield
        finally:
            ear.close()
    else:
        observer.ear = ear = SettraceEar(scope, observer)
        source = tracer._engine._source
        source._global, source._local = ear.in_front_of(source._global, source._local)
        yield


def shown_of(output, errors, namespace, error):
    exception = "" if error is None else f"{type(error).__name__}: {error}"
    result = repr(namespace["answer"]) if "answer" in namespace else ""
    return Shown(
        *(ADDRESS.sub("at 0x", text) for text in (output.getvalue(), errors.getvalue(), result, exception))
    )
