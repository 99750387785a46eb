"""The reference engine: at every event a full look at everything in view, and the difference to the look before.

Simple enough to be right by inspection, and slow. It runs on every Python; where the native engine can't be had it
is what records. Events come from `cotrace.tracing.monitoring` or `cotrace.tracing.settrace`; the rules that make them
steps are in `cotrace.model.trace` and here in one place each: `_line_repeats`, `_step`, `_cause`.
"""

from __future__ import annotations

import contextlib
import platform
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cotrace.errors import TracingBusyError
from cotrace.model.state import NO_CAUSE, Delta, Value
from cotrace.model.trace import EventKind, FrameKind, Note
from cotrace.tracing.capture import Capture
from cotrace.tracing.codefacts import CodeFacts, facts_of, new_keywords
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.exceptions import is_ours
from cotrace.tracing.monitoring import MONITORING, MonitoringSource
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.recording import Recording
from cotrace.tracing.scope import OWN_FOLDER, Scope
from cotrace.tracing.settrace import SettraceSource
from cotrace.tracing.texts import DISTURBING, MAKING, MAKING_ALONE, Texts
from cotrace.tracing.variables import FrameRecord, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

    from cotrace.model.limits import Limits
    from cotrace.model.source import Span
    from cotrace.tracing.secrets import Redactor

__builtins__ = BUILTINS

HEADROOM = 300
LOST = "recording ended early: the trace function was replaced, or the stack had no room to call it"
"""How much deeper the stack may grow while we look, so that the program's own recursion limit stays its own."""

LIVING_GENERATOR_REFERENCES = 5
"""`sys.getrefcount` of a suspended frame in `is_dead`: ours, and one of the living generator."""


def depth_of(frame: FrameType | None) -> int:
    """Return how many frames are on the stack, `frame` included."""
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def is_dead(frame: FrameType) -> bool:
    """Tell whether a suspended frame's generator was closed or dropped; `frame` is held by a record and a table."""
    if sys.version_info >= (3, 13):
        try:
            frame.clear()  # refused, without effect, as long as the frame is suspended
        except RuntimeError:
            return False
        return True
    return sys.getrefcount(frame) < LIVING_GENERATOR_REFERENCES


@dataclass
class ThreadState:
    """The frames in view that one thread is running, outermost first."""

    number: int
    stack: list[FrameRecord] = field(default_factory=list)


class ReferenceEngine:
    """Records by full snapshots; see `cotrace.tracing.engine.Engine` for what each method does for its caller."""

    def __init__(
        self, scope: Scope, limits: Limits, redactor: Redactor, *, call: str = "", stream: int | None = None
    ) -> None:
        """Prepare to record code in `scope`; `stream` is a file descriptor to write each step to."""
        self._source, self.name = self._choose_source()
        self.recording = Recording(limits, call, self.name, platform.python_version(), stream)
        self.final: Sequence[Delta] = []
        self.result: Value | None = None
        self.stop_reason = ""
        self.core: object = None
        self.on_end: Callable[[], None] = lambda: None
        """Called when the recording ends, which may be long before the program does."""

        self.text_of: Callable[[CodeType, dict[str, object]], int | None] = lambda _code, _namespace: None
        self.on_module_end: Callable[[dict[str, object]], None] = lambda _namespace: None
        self._scope = scope
        self._limits = limits
        self._capture = Capture(limits, redactor)
        self._redactor = redactor
        self._lock = threading.RLock()
        self._is_recording = False
        self._is_over = False
        self._records: dict[FrameType, FrameRecord] = {}
        self._namespaces: dict[int, Namespace] = {}
        self._threads: list[ThreadState] = []
        self._own = threading.local()  # by ident, a new thread would pass for one that has ended
        self._facts: dict[int, tuple[CodeType, CodeFacts]] = {}
        self._texts = Texts(self.recording, redactor, self._masked)
        self._untold: list[Delta] = []
        """The changes found by the look that is going on, or by one that was broken off."""

        self._in_flight: dict[FrameRecord, BaseException] = {}
        self._writes_locals = False  # some code in view may bind variables of any frame
        self._disturbed_at = -1
        self._owed_limit = 0
        self._stop_wanted = ""
        self._deadline = float("inf")

    def _choose_source(self) -> tuple[MonitoringSource | SettraceSource, str]:
        if MONITORING is not None:
            return MonitoringSource(self), f"reference on {MonitoringSource.name}"
        return SettraceSource(self), f"reference on {SettraceSource.name}"

    # --- the engine's door -----------------------------------------------------------------------------------

    def start(self, block: FrameType | None = None) -> None:
        """Begin to record."""
        self._is_recording = True
        if self._limits.seconds is not None:
            self._deadline = time.monotonic() + self._limits.seconds
        if block is not None:
            self._add_block(block)
        try:
            self._source.start(block)
        except TracingBusyError:
            if not isinstance(self._source, MonitoringSource):
                raise
            self._source = SettraceSource(self)
            self.recording.engine = self.name = f"reference on {self._source.name}"
            self._source.start(block)

    def stop(self, result: object = None, exception: BaseException | None = None) -> None:
        """End the recording: switch events off, then take one last look at what is in view."""
        self._source.stop()
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            if self._owed_limit:
                self._restore_limit()
            ended_with = result if exception is None else exception
            if self._is_recording:
                self._end(ended_with)
            else:
                self._look_at_outcome(ended_with)

    def _end(self, ended_with: object = None) -> None:
        """Take the last look; what the run ended with, where it has ended, is part of it."""
        self._source.stop()
        self._is_recording = False
        if self._source.was_lost:
            self.recording.note(Note("recording", LOST, "Python 3.12 and later have no such limit"))
            self.recording.truncated = self.recording.truncated or LOST
        try:
            self.final, self.result = self._look(self._last_cause(), value=ended_with)
        except Exception as error:  # noqa: BLE001 - as in _safely
            self.recording.note_mistake(error)
        self._forget()

    def _look_at_outcome(self, ended_with: object) -> None:
        """Capture what a run ended with whose recording had ended before: all its objects are new ones."""
        told: list[Delta] = []
        try:
            self._capture.begin()
            self.result = self._capture.root(ended_with)
            self._capture.finish(self._last_cause(), told)
        except Exception as error:  # noqa: BLE001 - as in _safely
            self.recording.note_mistake(error)
        self.final = [*self.final, *told]
        self._capture.forget()

    def abandon(self) -> None:
        """Forget the recording, in a forked child."""
        self._lock = threading.RLock()  # another thread of the parent may have held it
        self._is_recording = False
        self._stop_wanted = ""
        self.recording.detach()
        self._source.stop()
        self._forget()

    def request_stop(self, reason: str) -> None:
        """Have the traced code stopped at its next event."""
        self._stop_wanted = reason
        self._source.wake()

    def expression(self, source: int, span: int, value: object, frame: FrameType | None) -> None:
        """Take one value for the expression ledger. `frame` or one of its callers is the traced code's."""
        if not self._is_recording:
            return
        while (
            frame is not None
            and frame not in self._records
            and frame.f_code.co_filename.startswith(OWN_FOLDER)
        ):
            frame = frame.f_back
        record = self._records.get(frame) if frame is not None else None
        if record is not None and record.source == source and record.last_step >= 0:
            self._safely(self._add_entry, record, source, span, value)

    def output(self, stream: str, text: str) -> None:
        """Take what the traced code writes."""
        with self._lock:
            if self._is_recording and self.recording.steps:
                state = self._known_thread()
                step = state.stack[-1].last_step if state is not None and state.stack else -1
                self.recording.add_output(max(step, 0), stream, self._redactor.text(text))

    def connect_text(self, number: int, source: int) -> None:
        """Nothing is to be connected: the tracer brings what probes see."""

    def add_source(self, name: str, text: str, spans: Sequence[Span]) -> int:
        """Add an instrumented source; frames of code with that file name belong to it."""
        with self._lock:
            return self._texts.add(name, text, spans)

    # --- events ------------------------------------------------------------------------------------------------

    def wants(self, code: CodeType, frame: FrameType) -> bool:
        """Return True if `code` is in scope."""
        if not self._is_recording or self._scope.reason_against(code, frame.f_globals, frame.f_back):
            return False
        if not self._scope.function:
            return True
        state = self._known_thread()
        return bool(state is not None and state.stack) or self._scope.is_root(code)

    def knows(self, frame: FrameType) -> bool:
        """Return True if `frame` is in view."""
        return frame in self._records

    # Each handler has the signature of the door; some need no code object.
    # ruff: noqa: ARG002

    def on_start(self, frame: FrameType, code: CodeType) -> None:
        """A frame begins."""
        if self._owed_limit:
            self._restore_limit()
            if self._owed_limit and depth_of(frame) > self._owed_limit:
                raise RecursionError("maximum recursion depth exceeded")  # as it would without us
        self._safely(self._start, frame, code)

    def on_resume(self, frame: FrameType, code: CodeType) -> None:
        """A suspended frame goes on; one that was never seen begins."""
        self._safely(self._resume, frame, code)

    def on_line(self, frame: FrameType, code: CodeType, line: int) -> None:
        """A line is about to run."""
        record = self._records.get(frame)
        if record is not None and not self._line_repeats(record, line):
            self._safely(self._line, record, line)

    def on_jump(self, frame: FrameType, code: CodeType, line: int, *, same_line: bool) -> None:
        """A backward jump: to its own line it is a new turn of a loop on one line."""
        record = self._records.get(frame)
        if record is None:
            return
        record.jumped = True
        if same_line and record.last_line == line:
            self._safely(self._line, record, line)

    def on_leave(self, frame: FrameType, code: CodeType, value: object, *, is_yield: bool) -> None:
        """The frame returns or yields."""
        record = self._records.get(frame)
        if record is not None:
            self._safely(self._leave, record, EventKind.YIELD if is_yield else EventKind.RETURN, value)

    def on_wake(self) -> None:
        """An instruction is about to run, after a stop was asked for."""
        if self._stop_wanted:
            self._stop_program()

    def on_raise(self, frame: FrameType, code: CodeType, error: BaseException) -> None:
        """An exception passes in the frame."""
        if isinstance(error, StopTracedCode):  # someone else's: the watchdog's, a signal's
            with self._lock:
                self._take_stop()
            return
        record = self._records.get(frame)
        if record is not None:
            self._safely(self._raise, record, error)

    def on_unwind(self, frame: FrameType, code: CodeType, error: BaseException | None) -> None:
        """The frame ends with an exception."""
        record = self._records.get(frame)
        if record is not None:
            self._safely(self._leave, record, EventKind.UNWIND, error)

    def _safely(self, action: Callable[..., None], *arguments: object) -> None:
        """Run one event's work so that neither a deep stack nor a mistake of ours reaches the program."""
        with self._lock:
            if not self._is_recording:
                return
            if self._owed_limit:
                self._restore_limit()
            try:
                action(*arguments)
            except RecursionError:
                self._with_headroom(action, arguments)
            except (StopTracedCode, KeyboardInterrupt):
                self._capture.resync()
                raise
            except Exception as error:
                if not is_ours(error):  # a signal handler of the program's raised it while we looked
                    self._capture.resync()
                    raise
                self._give_up(error)
        if self._stop_wanted:
            self._stop_program()

    def _with_headroom(self, action: Callable[..., None], arguments: tuple[object, ...]) -> None:
        limit = self._owed_limit or sys.getrecursionlimit()
        sys.setrecursionlimit(limit + HEADROOM)
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001 - as above
            self._give_up(error)
        finally:
            self._owed_limit = limit
            self._restore_limit()

    def _restore_limit(self) -> None:
        """Give the program its recursion limit back; refused while the stack is deeper, so it is tried again."""
        with contextlib.suppress(RecursionError):
            sys.setrecursionlimit(self._owed_limit)
            self._owed_limit = 0

    def _give_up(self, error: Exception) -> None:
        self.recording.note_mistake(error)
        self._end()

    def _stop_program(self) -> None:
        """Raise once in the program."""
        if self._take_stop():
            raise StopTracedCode(self.stop_reason)

    def _take_stop(self) -> bool:
        """Record no more from here on, so that the program's `finally` bodies run freely; once."""
        reason, self._stop_wanted = self._stop_wanted, ""
        if not (reason and self._is_recording):
            return False
        self.stop_reason = reason
        self.recording.truncated = self.recording.truncated or reason
        self._end()
        return True

    def _end_recording(self, reason: str) -> None:
        self.recording.truncated = reason
        self._end()

    # --- steps -------------------------------------------------------------------------------------------------

    # Each of these may be done twice: where the stack is full the first time, `_safely` tries again with more room.

    def _start(self, frame: FrameType, code: CodeType) -> None:
        state = self._thread()
        record = self._records.get(frame) or self._add_record(frame, code, state)
        if record.last_step < 0:
            self._put_on_top(record, state)
            keywords = new_keywords(code)
            if keywords:
                self._capture.meet_new(frame.f_locals.get(keywords))
            record.last_step = self._step(EventKind.START, record, state, self._cause(state))

    def _resume(self, frame: FrameType, code: CodeType) -> None:
        record = self._records.get(frame)
        if record is None:
            self._start(frame, code)
            return
        state = self._thread()
        record.suspended = False
        record.thread = state.number
        self._put_callers_back(frame, state)
        self._put_on_top(record, state)
        self._step(EventKind.RESUME, record, state, self._cause(state))

    def _put_callers_back(self, frame: FrameType, state: ThreadState) -> None:
        """Generators between `frame` and the top of the stack run again, without an event, when they delegate to it."""
        between: list[FrameRecord] = []
        caller = frame.f_back
        while caller is not None:
            record = self._records.get(caller)
            if record is not None:
                if record in state.stack:
                    break
                between.append(record)
            caller = caller.f_back
        for record in reversed(between):
            record.suspended = False
            state.stack.append(record)

    def _put_on_top(self, record: FrameRecord, state: ThreadState) -> None:
        if not state.stack or state.stack[-1] is not record:
            state.stack.append(record)

    def _line(self, record: FrameRecord, line: int) -> None:
        state = self._running(record)
        cause = record.last_step
        record.line_before, record.last_line = record.last_line, line
        record.jumped, record.has_line = False, True
        record.last_step = self._step(EventKind.LINE, record, state, cause)
        if record in self._in_flight and not record.is_handling:
            record.is_handling = True
        else:
            self._in_flight.pop(record, None)

    def _raise(self, record: FrameRecord, error: BaseException) -> None:
        state = self._running(record)
        self._in_flight[record], record.is_handling = error, False
        self._step(EventKind.RAISE, record, state, record.last_step, error)

    def _leave(self, record: FrameRecord, event: EventKind, value: object) -> None:
        state = self._running(record)
        if value is None and event is EventKind.UNWIND:
            value = self._in_flight.get(record)
        step = self._step(event, record, state, record.last_step, value)
        state.stack.pop()
        if event is EventKind.YIELD:
            record.suspended = True
            return
        self._remove(record, step)
        if event is EventKind.RETURN and record.facts.kind == "module":
            self.on_module_end(record.namespace.dict)

    def _line_repeats(self, record: FrameRecord, line: int) -> bool:
        """A LINE on the frame's last line with no backward jump since is not a step of its own."""
        return record.has_line and line == record.last_line and not record.jumped

    def _cause(self, state: ThreadState) -> int:
        """The step whose line ran before the frame on top began or went on: its caller's."""
        return state.stack[-2].last_step if len(state.stack) > 1 else NO_CAUSE

    def _last_cause(self) -> int:
        state = self._known_thread()
        if state is not None and state.stack:
            return state.stack[-1].last_step
        return len(self.recording.steps) - 1

    def _step(
        self, event: EventKind, record: FrameRecord, state: ThreadState, cause: int, value: object = None
    ) -> int:
        """Look at everything in view and add a step; return its index."""
        recording = self.recording
        if recording.full:
            self._end_recording(recording.full)
            return -1
        if time.monotonic() > self._deadline:
            self._stop_wanted = f"stopped after {self._limits.seconds:g} seconds (limits.seconds)"
        runner = (
            state.stack[-2]
            if event in (EventKind.START, EventKind.RESUME) and len(state.stack) > 1
            else record
        )
        ran = record.line_before if event is EventKind.LINE else runner.last_line
        self._capture.stores = ran in runner.facts.storing_lines
        has_value = event not in (EventKind.START, EventKind.LINE, EventKind.RESUME)
        delta, captured = self._look(cause, ran=state.stack[-2:], value=value, has_value=has_value)
        line = record.last_line if event is not EventKind.START else record.code.co_firstlineno
        return recording.add_step(event, record.number, line, len(state.stack) - 1, delta, captured)

    def _look(
        self,
        cause: int,
        *,
        ran: list[FrameRecord] | None = None,
        value: object = None,
        has_value: bool = True,
    ) -> tuple[list[Delta], Value | None]:
        """Return everything that changed since the last look, and what `value` is captured as.

        `ran` are the frames that may have run since then; None: all of them.
        """
        self._close_dead_generators()  # first: on Python 3.13 what such a frame says of its variables is garbage
        capture, deltas = self._capture, self._untold
        capture.begin()
        for namespace in self._namespaces.values():
            namespace.look(capture, cause, deltas)
        state = self._known_thread()
        for record in self._records.values():
            if state is not None and record.thread != state.number:
                record.look(capture, record.last_step, deltas)  # it ran on meanwhile, by its own line
            elif ran is None or record in ran or len(self._threads) > 1 or self._writes_locals:
                record.look(capture, cause, deltas)
            else:
                record.stay(capture, cause, deltas)
        captured = capture.root(value) if has_value else None
        for error in self._in_flight.values():
            capture.root(error)  # no frame holds it before the handler's variable does: it keeps its number
        capture.finish(cause, deltas)
        self._untold = []
        return deltas, captured

    def _add_entry(self, record: FrameRecord, source: int, span: int, value: object) -> None:
        at, kind = len(self.recording.steps), self.recording.sources[source].spans[span].kind
        name = self._texts.telling[source].get(span, "")
        is_new = kind in MAKING or (kind in MAKING_ALONE and at == record.entry_at)
        record.entry_at = at
        captured, objects = self._capture.observe(
            value, at, name, quiet=self._disturbed_at != at, is_new=is_new
        )
        if kind in DISTURBING or (kind == "Subscript" and self._capture.may_miss):
            self._disturbed_at = at
        self.recording.add_entry(record.last_step, source, span, captured, objects)

    # --- frames in view ----------------------------------------------------------------------------------------

    def _thread(self) -> ThreadState:
        state = self._known_thread()
        if state is None:
            state = self._own.state = ThreadState(len(self._threads))
            self._threads.append(state)
        return state

    def _known_thread(self) -> ThreadState | None:
        state: ThreadState | None = getattr(self._own, "state", None)
        return state

    def _running(self, record: FrameRecord) -> ThreadState:
        """Return the thread's state, with `record` on top: frames above it ended without an event."""
        state = self._thread()
        if record in state.stack:
            while state.stack[-1] is not record:
                self._remove(state.stack.pop(), len(self.recording.steps) - 1)
        else:
            state.stack.append(record)
        return state

    def _add_block(self, frame: FrameType) -> None:
        """A frame that is already running: its next lines are steps, but it has no START."""
        state = self._thread()
        record = self._add_record(frame, frame.f_code, state, kind="block")
        state.stack.append(record)

    def _add_record(
        self, frame: FrameType, code: CodeType, state: ThreadState, kind: FrameKind | None = None
    ) -> FrameRecord:
        facts = self._facts_of(code)
        namespace = self._namespace(frame.f_globals)
        namespace.use(facts)
        self._writes_locals = self._writes_locals or facts.writes_locals
        parent = state.stack[-1].number if state.stack else -1
        source = self._texts.index_of(code, lambda: self.text_of(code, frame.f_globals))
        number = self.recording.add_frame(
            kind or facts.kind,
            code.co_qualname,
            source,
            code.co_firstlineno,
            parent,
            namespace.number,
            state.number,
        )
        record = self._records[frame] = FrameRecord(frame, code, facts, number, namespace)
        record.in_trace_function = isinstance(self._source, SettraceSource)
        record.source, record.thread, record.last_line = source, state.number, code.co_firstlineno
        return record

    def _remove(self, record: FrameRecord, step: int) -> None:
        self._in_flight.pop(record, None)
        if self._records.pop(record.frame, None) is not None:
            self.recording.end_frame(record.number, step)

    def _close_dead_generators(self) -> None:
        """End the frames of generators that were closed or dropped while they were suspended: there is no event."""
        for record in [r for r in self._records.values() if r.suspended and is_dead(r.frame)]:
            self._remove(record, len(self.recording.steps) - 1)

    def _namespace(self, names: dict[str, object]) -> Namespace:
        found = self._namespaces.get(id(names))
        if found is None:
            module = names.get("__name__")
            number = self.recording.add_frame(
                "globals", module if type(module) is str else "", -1, 0, -1, -1, 0
            )
            found = self._namespaces[id(names)] = Namespace(names, number)
        return found

    def _facts_of(self, code: CodeType) -> CodeFacts:
        known = self._facts.get(id(code))
        if known is None:
            known = self._facts[id(code)] = (code, facts_of(code))
        return known[1]

    def _masked(self, text: str) -> str:
        self._redactor.learn_from(text)
        return self._redactor.masked(text)

    def _forget(self) -> None:
        self.on_end()
        self._records.clear()
        self._in_flight.clear()
        self._namespaces.clear()
        self._threads.clear()
        self._own = threading.local()
        self._capture.forget()
