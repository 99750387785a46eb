"""Events from `sys.monitoring` (Python 3.12 and later), for engines written in Python.

The set of events is constant, since streams of LINE differ between sets: line, start, return, yield, resume, jump and
stop-iteration as local events of the code in scope; raise, unwind and throw exist only globally, and start and
resume are global as well so that code in scope is discovered. No callback ever returns DISABLE. What a handler raises
(the stop of a run, a signal handler's exception) is raised in the program, where its own handlers find it.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final, Protocol

from cotrace.errors import TracingBusyError
from cotrace.tracing.postponed import NOP, Postponed, operation_at
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, FrameType

__builtins__ = BUILTINS

MONITORING: Final[Any] = getattr(sys, "monitoring", None)
"""`sys.monitoring`; None on Python 3.11."""

PREFERRED_IDS = (3, 4, 2, 1, 5, 0)
"""0, 1 and 2 are meant for debuggers, coverage and profilers; 5 for optimizers."""


class Handlers(Protocol):
    """What an engine does at each event. The frame is the one in which the event happened."""

    def wants(self, code: CodeType, frame: FrameType) -> bool:
        """Return True if `code` is in scope."""

    def knows(self, frame: FrameType) -> bool:
        """Return True if `frame` began before and has not ended."""

    def on_start(self, frame: FrameType, code: CodeType) -> None:
        """A frame begins."""

    def on_resume(self, frame: FrameType, code: CodeType) -> None:
        """A suspended frame goes on."""

    def on_line(self, frame: FrameType, code: CodeType, line: int) -> None:
        """A line is about to run."""

    def on_jump(self, frame: FrameType, code: CodeType, line: int, *, same_line: bool) -> None:
        """A backward jump to `line` is made."""

    def on_leave(self, frame: FrameType, code: CodeType, value: object, *, is_yield: bool) -> None:
        """The frame returns or yields."""

    def on_wake(self) -> None:
        """An instruction is about to run that is no event by itself: `wake` was called."""

    def on_raise(self, frame: FrameType, code: CodeType, error: BaseException) -> None:
        """An exception passes in the frame."""

    def on_unwind(self, frame: FrameType, code: CodeType, error: BaseException | None) -> None:
        """The frame ends with an exception: the last one that passed in it where `error` is None."""


class Tool:
    """A tool id of `sys.monitoring` that is ours, with our events, until it is closed."""

    def __init__(self, callbacks: Mapping[int, object]) -> None:
        """Take the next free id. Raises TracingBusyError where there is none."""
        self._callbacks = callbacks
        self._number = free_tool_id()
        self._codes: dict[int, CodeType] = {}
        MONITORING.use_tool_id(self._number, "cotrace")
        for event, callback in callbacks.items():
            MONITORING.register_callback(self._number, event, callback)

    def switch_on(self) -> None:
        """Have the events come that are not asked for code by code."""
        events = MONITORING.events
        wanted = events.PY_START | events.PY_RESUME | events.PY_THROW | events.RAISE | events.PY_UNWIND
        MONITORING.set_events(self._number, wanted)

    def watch(self, code: CodeType) -> None:
        """Have the events of code in scope come; may be called twice, and when all is over."""
        if id(code) in self._codes or self._number < 0:
            return
        events = MONITORING.events
        wanted = (
            events.LINE | events.PY_START | events.PY_RETURN | events.PY_YIELD | events.PY_RESUME | events.JUMP
            | events.STOP_ITERATION
        )  # fmt: skip
        self._codes[id(code)] = code
        MONITORING.set_local_events(self._number, code, wanted)

    def watches(self, code: CodeType) -> bool:
        """Tell whether the events of `code` come."""
        return id(code) in self._codes

    def close(self) -> None:
        """Switch all events off and give the id back; may be called twice."""
        if self._number < 0:
            return
        number, self._number = self._number, -1
        MONITORING.set_events(number, 0)
        for code in self._codes.values():
            MONITORING.set_local_events(number, code, 0)
        for event in self._callbacks:
            MONITORING.register_callback(number, event, None)
        MONITORING.free_tool_id(number)


class Postponements:
    """Exceptions that are raised a little later than they came up."""

    def __init__(self) -> None:
        self._sent: list[tuple[int, Postponed]] = []

    def postpone(self, frame: FrameType, error: BaseException) -> bool:
        """Have an exception raised a little later; return False if there is no tool id left to do it with."""
        try:
            tool = free_tool_id()
        except TracingBusyError:
            return False
        postponed = Postponed(frame, error)
        self._sent.append((threading.get_ident(), postponed))
        postponed.send(tool)
        return True

    def cancel(self) -> None:
        """Take back what never came up in this thread; in another one it is about to."""
        here = threading.get_ident()
        for thread, postponed in self._sent:
            if thread == here:
                postponed.cancel()
        self._sent = [kept for kept in self._sent if kept[0] != here]


class MonitoringSource:
    """Feeds handlers from `sys.monitoring` while it is on."""

    name = "sys.monitoring"

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._tool: Tool | None = None
        self.was_lost = False
        """Nothing takes its events away: each tool has its own."""

        self._lines: dict[int, dict[int, int | None]] = {}
        self._postponements = Postponements()

    def start(self, block: FrameType | None) -> None:
        """Switch the events on. Raises TracingBusyError where no tool id is free."""
        self._tool = Tool(self._callbacks())
        if block is not None:
            self._tool.watch(block.f_code)
        self._tool.switch_on()

    def stop(self) -> None:
        """Switch the events off and give the tool id back."""
        self._postponements.cancel()
        if self._tool is not None:
            self._tool.close()

    def wake(self) -> None:
        """Have an event come soon: here every turn of a loop is one."""

    def _callbacks(self) -> dict[int, object]:
        events = MONITORING.events
        return {
            events.PY_START: self._start,
            events.PY_RESUME: self._resume,
            events.PY_THROW: self._throw,
            events.LINE: self._line,
            events.JUMP: self._jump,
            events.PY_RETURN: self._return,
            events.PY_YIELD: self._yield,
            events.RAISE: self._raise,
            events.STOP_ITERATION: self._raise,
            events.PY_UNWIND: self._unwind,
        }

    # Each callback is called by the interpreter straight from the frame concerned, so that is one frame up.

    def _start(self, code: CodeType, _offset: int) -> None:
        frame = sys._getframe(1)
        if self._handlers.wants(code, frame):
            self._watch(code)
            self._handlers.on_start(frame, code)

    def _resume(self, code: CodeType, _offset: int) -> None:
        frame = sys._getframe(1)
        if self._handlers.wants(code, frame):
            self._watch(code)
            self._handlers.on_resume(frame, code)

    def _throw(self, code: CodeType, _offset: int, _error: BaseException) -> None:
        frame = sys._getframe(1)
        if self._handlers.wants(code, frame):
            self._watch(code)
            self._handlers.on_resume(frame, code)

    def _line(self, code: CodeType, line: int) -> None:
        frame = sys._getframe(1)
        try:
            self._handlers.on_line(frame, code, line)
        except BaseException as error:
            if operation_at(frame) != NOP or not self._postponements.postpone(frame, error):
                raise

    def _jump(self, code: CodeType, source: int, destination: int) -> None:
        try:
            if destination <= source:
                lines = self._lines.get(id(code)) or self._lines_of(code)
                line = lines.get(destination)
                if line is not None:
                    same = lines.get(source) == line
                    self._handlers.on_jump(sys._getframe(1), code, line, same_line=same)
        except BaseException as error:
            if not self._postponements.postpone(sys._getframe(1), error):
                raise

    def _return(self, code: CodeType, _offset: int, value: object) -> None:
        self._handlers.on_leave(sys._getframe(1), code, value, is_yield=False)

    def _yield(self, code: CodeType, _offset: int, value: object) -> None:
        self._handlers.on_leave(sys._getframe(1), code, value, is_yield=True)

    def _raise(self, code: CodeType, _offset: int, error: BaseException) -> None:
        if self._watches(code):
            self._handlers.on_raise(sys._getframe(1), code, error)

    def _unwind(self, code: CodeType, _offset: int, error: BaseException) -> None:
        if self._watches(code):
            self._handlers.on_unwind(sys._getframe(1), code, error)

    def _watch(self, code: CodeType) -> None:
        if self._tool is not None:
            self._tool.watch(code)

    def _watches(self, code: CodeType) -> bool:
        return self._tool is not None and self._tool.watches(code)

    def _lines_of(self, code: CodeType) -> dict[int, int | None]:
        found = {offset: line for first, last, line in code.co_lines() for offset in range(first, last, 2)}
        self._lines[id(code)] = found
        return found


def free_tool_id() -> int:
    """Return a tool id that nobody uses. Raises TracingBusyError, naming who has them all."""
    holders = {number: MONITORING.get_tool(number) for number in PREFERRED_IDS}
    for number in PREFERRED_IDS:
        if holders[number] is None:
            return number
    raise TracingBusyError(
        f"expected a free sys.monitoring tool id, found all taken, by {', '.join(map(str, holders.values()))}"
    )
