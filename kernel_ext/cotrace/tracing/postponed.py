"""Raise an exception in a running frame at a place where the frame's handlers are found.

What a callback raises passes in the frame that it was called for, but not at every place do the `finally` and `except`
around it count. After a backward jump CPython looks for handlers beside the loop, and a NOP, which is what is left of
a `try:` line, belongs to no block. So an exception that comes up there is kept until the next instruction that is
neither, which is still the same line's. CPython itself has the fault: an interrupt of the untraced program may well
skip a `finally` there.
"""

from __future__ import annotations

import opcode
import sys
from typing import TYPE_CHECKING, Any, Final

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from types import CodeType, FrameType

__builtins__ = BUILTINS

MONITORING: Final[Any] = getattr(sys, "monitoring", None)
NOP = opcode.opmap["NOP"]


def operation_at(frame: FrameType) -> int:
    """Return the operation that a frame is at; -1 before its first."""
    return frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else -1


class Postponed:
    """An exception on its way into a frame, by a tool id of its own: whoever raised it may have switched off."""

    def __init__(self, frame: FrameType, error: BaseException) -> None:
        self._frame: FrameType | None = frame
        self._code = frame.f_code
        self._bytecode = frame.f_code.co_code
        self._error = error
        self._tool = -1

    def send(self, tool: int) -> None:
        """Raise the exception at the frame's next instruction that will do; `tool` is a free `sys.monitoring` id."""
        self._tool = tool
        event = MONITORING.events.INSTRUCTION
        MONITORING.use_tool_id(tool, "cotrace")
        MONITORING.register_callback(tool, event, self._instruction)
        MONITORING.set_local_events(tool, self._code, event)

    def cancel(self) -> None:
        """Undo `send`; may be called twice, and after the exception was raised."""
        if self._frame is None:
            return
        self._frame = None
        MONITORING.set_local_events(self._tool, self._code, 0)
        MONITORING.register_callback(self._tool, MONITORING.events.INSTRUCTION, None)
        MONITORING.free_tool_id(self._tool)

    def _instruction(self, _code: CodeType, offset: int) -> None:
        if sys._getframe(1) is self._frame and self._bytecode[offset] != NOP:
            self.cancel()
            raise self._error
