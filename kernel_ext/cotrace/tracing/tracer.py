"""Start and stop a recording: the one place that puts engine, scope, limits, ledger, output and secrets together."""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING

from cotrace.model.limits import Limits
from cotrace.model.trace import EngineName, LiveOutcome, Note, Outcome, OutcomeKind, Trace
from cotrace.tracing.choice import make_engine
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.exceptions import message_of, type_name
from cotrace.tracing.functions import functions_in
from cotrace.tracing.instrument import NotInstrumented
from cotrace.tracing.monitoring import MONITORING
from cotrace.tracing.output import OutputTap
from cotrace.tracing.probes import INSTRUMENTATION, listen, unlisten
from cotrace.tracing.scope import Scope
from cotrace.tracing.scrub import scrubbed
from cotrace.tracing.secrets import Redactor
from cotrace.tracing.swap import FunctionSwapper
from cotrace.tracing.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType, FrameType, FunctionType

    from cotrace.model.source import Span
    from cotrace.tracing.engine import Engine


ABSENT = object()
"""Stands for "no result": None is one."""


class Tracer:
    """Records from `start` to `stop`. One tracer makes one trace."""

    def __init__(  # noqa: PLR0913 - each by its name, and each with a default
        self,
        *,
        limits: Limits | None = None,
        files: Iterable[str] = (),
        include: Iterable[str] = (),
        function: str = "",
        redact_names: Iterable[str] = (),
        engine: EngineName = "auto",
        ledger: bool = True,
        call: str = "",
        stream: int | None = None,
        hears: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare a recording.

        `files` and `include` (modules) are traced beside the user's own code; `function` limits the recording to
        calls of the function of that name. `redact_names` are further patterns for names whose values are secret.
        `engine` is what records; TraceError is raised where it is "native" and that can't run here.
        Without `ledger` only lines are recorded: no function is swapped for one with probes, and no probe is heard.
        `call` says what runs, for the reader. `stream` is a file descriptor that each part is written to at once.
        `hears` is asked at each write to stdout or stderr whether the program wrote: others may share its streams.
        """
        self.limits = limits or Limits()
        self._ledger = ledger
        self._redactor = Redactor.of_process(redact_names)
        self._scope = Scope(files, include, function)
        self._engine = make_engine(engine)(
            self._scope, self.limits, self._redactor, call=self._redactor.text(call), stream=stream
        )
        self._own_tools: list[int] = _own_tools()
        self._swapper = FunctionSwapper(INSTRUMENTATION, self._own_tools)
        self._instrumented: dict[int, dict[str, object]] = {}
        self._source_numbers: dict[int, int] = {}
        self._listener = self._from_probe
        self._engine.on_end = self._detach
        self._engine.text_of = self._text_of
        self._engine.on_module_end = self.instrument_namespace
        self._hears = hears
        self._tap = OutputTap(self._written)
        self._watchdog: Watchdog | None = None
        self._trace: Trace | None = None
        self.took_back = False
        """True if secrets had been recorded and were taken out of the trace; the stream still holds them."""

    @property
    def secrets(self) -> Redactor:
        """What is known to be secret, and what was found out on the way."""
        return self._redactor

    @property
    def engine(self) -> str:
        """The name of the engine that records, and where its events come from."""
        return self._engine.name

    def start(self, block: FrameType | None = None) -> None:
        """Begin to record; `block` is a frame already running whose next lines are to be recorded as well.

        Raises TracingBusyError where something else holds the interpreter's hooks.
        """
        for name in self._tap.open():
            self.note(
                name, "what is written to it can't be recorded", "use a stream that lets `write` be shadowed"
            )
        if self._ledger:
            listen(self._listener, self._engine.core)
        try:
            self._engine.start(block)
        except BaseException:
            self._tap.close()
            self._detach()
            self._swapper.close()
            raise
        if self.limits.seconds is not None:
            self._watchdog = Watchdog(self.limits.seconds, self._engine.request_stop)
            self._watchdog.start()
        self._own_tools[:] = _own_tools()
        _recording.add(self._engine)

    def stop(
        self, result: object = ABSENT, exception: BaseException | None = None, *, live: bool = True
    ) -> Trace:
        """End the recording and return the trace; a second call returns the same one.

        `result` or `exception` is what the run ended with. `live` keeps the very objects in the trace as well.
        """
        if self._trace is not None:
            return self._trace
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._engine.stop(None if result is ABSENT else result, exception)
        self._tap.close()
        self._swapper.close()
        kept = LiveOutcome(None if result is ABSENT else result, exception) if live else LiveOutcome()
        outcome = self._outcome(result, exception)
        trace = self._engine.recording.finish(outcome, self._engine.final, kept)
        self._trace = scrubbed(trace, self._redactor)
        self.took_back = self._trace is not trace
        return self._trace

    def add_source(self, name: str, text: str, spans: Sequence[Span]) -> int:
        """Register an instrumented text before it runs; return the index that `record` knows it by."""
        self._scope.add_file(name)
        return self._engine.add_source(name, text, spans)

    def compile(self, source: str, filename: str, mode: str = "exec", flags: int = 0) -> CodeType:
        """Compile a program's text with probes for the expression ledger; without them where that can't be.

        Raises SyntaxError as `compile` does.
        """
        self._scope.add_file(filename)
        made = INSTRUMENTATION.compile(source, filename, mode, flags)
        if not isinstance(made, NotInstrumented):
            return made
        code: CodeType = compile(source, filename, mode, flags, dont_inherit=True)
        self.note(filename, f"only lines are recorded: {made.reason.value}", made.detail)
        return code

    def instrument(self, functions: Iterable[FunctionType]) -> None:
        """Have functions, and those of their modules and of modules they use, run with probes while we record.

        Does nothing without a ledger.
        """
        if not self._ledger:
            return
        for found in functions:
            if not self._scope.reason_against(found.__code__, found.__globals__):
                self._swapper.ensure(found)
                self.instrument_namespace(found.__globals__)

    def instrument_namespace(self, namespace: dict[str, object]) -> None:
        """Have the functions in a namespace, and in the modules it names, run with probes while we record.

        Does nothing without a ledger. The engine asks for this as well, whenever it meets a module.
        """
        if not self._ledger:
            return
        for found in [namespace, *self._scope.user_modules(namespace)]:
            if id(found) not in self._instrumented:
                self._instrumented[id(found)] = found
                for function in functions_in(found):
                    if not self._scope.reason_against(function.__code__, found):
                        self._swapper.ensure(function)

    def record(self, source: int, span: int, value: object) -> None:
        """Take the value of one sub-expression of a source that was registered with `add_source`."""
        self._engine.expression(source, span, value, sys._getframe(1))

    def _written(self, stream: str, text: str) -> None:
        if self._hears():
            self._engine.output(stream, text)

    def note(self, subject: str, reason: str, advice: str = "") -> None:
        """Keep a note in the trace of what is not traced, or only by line, and why."""
        self._engine.recording.note(Note(subject, reason, advice))

    def request_stop(self, reason: str) -> None:
        """Have the traced code stopped at its next event; from any thread."""
        self._engine.request_stop(reason)

    def run(self, function: Callable[[], object]) -> Trace:
        """Record one call of `function`, whatever it ends with."""
        self.start()
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - how it ended is what we record
            return self.stop(exception=error)
        return self.stop(result)

    def _detach(self) -> None:
        """Make the probes idle: the program may run on for long."""
        unlisten(self._listener)

    def _from_probe(self, text: int, key: int, value: object, /) -> None:
        """Take a value from a probe; texts are numbered for the process, sources for the recording."""
        source = self._source_numbers.get(text)
        if source is not None:
            self._engine.expression(source, key, value, sys._getframe(1))

    def _text_of(self, code: CodeType, namespace: dict[str, object]) -> int | None:
        """Return the index of the source of `code` if it has probes that are heard; else note why it has none."""
        if not self._ledger:
            return None
        number = INSTRUMENTATION.number_of(code)
        if number is None:
            self._note_lines_only(code, namespace)
            return None
        index = self._source_numbers.get(number)
        if index is None:
            text = INSTRUMENTATION.texts[number]
            index = self._source_numbers[number] = self._engine.add_source(
                text.filename, text.text, text.spans
            )
            self._engine.connect_text(number, index)
        return index

    def _note_lines_only(self, code: CodeType, namespace: dict[str, object]) -> None:
        reason = self._swapper.reason(code)
        if reason is not None and code.co_name != "<module>":
            self.note(code.co_qualname, f"only its lines are recorded. {reason.value}")
            if id(namespace) not in self._instrumented:
                self.instrument_namespace(namespace)

    def _outcome(self, result: object, exception: BaseException | None) -> Outcome:
        engine = self._engine
        if engine.stop_reason or isinstance(exception, StopTracedCode):
            # The engine knows no reason where its recording had ended before the program was stopped.
            after = (
                ""
                if self.limits.seconds is None
                else f" after {self.limits.seconds:g} seconds (limits.seconds)"
            )
            return Outcome("stopped", None, "", engine.stop_reason or f"stopped{after}")
        if exception is None:
            return Outcome("returned", engine.result if result is not ABSENT else None)
        kind: OutcomeKind = "raised"
        if isinstance(exception, KeyboardInterrupt):
            kind = "interrupted"
        elif isinstance(exception, SystemExit):
            kind = "exited"
        message = self._redactor.text(message_of(exception))
        return Outcome(kind, engine.result, type_name(exception), message)


def _own_tools() -> list[int]:
    """Return the ids of `sys.monitoring` that recordings of ours hold."""
    return [i for i in range(6) if MONITORING is not None and MONITORING.get_tool(i) == "cotrace"]


_recording: weakref.WeakSet[Engine] = weakref.WeakSet()


def _abandon_in_children() -> None:
    """A forked child goes on with a copy of the program; it records nothing."""
    for engine in list(_recording):
        engine.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_in_children)
