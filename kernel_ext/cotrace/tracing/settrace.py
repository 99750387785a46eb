"""Events from `sys.settrace`: on Python 3.11, and where no `sys.monitoring` tool id is free.

Within one Python version both sources give the same steps; a test holds them to it. What differs between the two is
translated here: a "return" event may mean return, yield or unwind, which the last instruction tells; a backward jump
shows as a line event at an offset that is not greater than that of the last one.
"""

from __future__ import annotations

import opcode
import sys
import threading
from typing import TYPE_CHECKING, Any

from cotrace.errors import TracingBusyError
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from cotrace.tracing.monitoring import Handlers

__builtins__ = BUILTINS

CODES = opcode.opmap
RESUME = CODES["RESUME"]
RETURNS = {CODES[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in CODES}
YIELDS = {CODES[name] for name in ("YIELD_VALUE", "RETURN_GENERATOR", "SEND") if name in CODES}


class SettraceSource:
    """Feeds handlers from `sys.settrace` while it is on, in this thread and in threads started meanwhile."""

    name = "sys.settrace"

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._thread = 0
        self._is_on = False
        self.was_lost = False
        """True if the trace function was taken away meanwhile: by the program, or by a stack too full to call it."""

        self._bytecode: dict[int, bytes] = {}
        # By the id of the frame: held itself, a suspended frame would keep its generator's variables alive.
        self._raised: dict[int, int] = {}
        self._offsets: dict[int, int] = {}

    def start(self, block: FrameType | None) -> None:
        """Switch the events on. Raises TracingBusyError where another trace function is set."""
        holder = sys.gettrace()
        if holder is not None:
            raise TracingBusyError(
                f"expected no trace function, found {describe(holder)} (a debugger or coverage measurement?): "
                "end it, or use Python 3.12 or later, where both can run together"
            )
        self._is_on = True
        self._thread = threading.get_ident()
        if block is not None:
            block.f_trace = self._local
        threading.settrace(self._global)
        sys.settrace(self._global)

    def stop(self) -> None:
        """Switch the events off."""
        if not self._is_on:
            return
        self._is_on = False
        self.was_lost = self._thread == threading.get_ident() and sys.gettrace() != self._global
        if sys.gettrace() == self._global:
            sys.settrace(None)
        threading.settrace(None)
        self._raised.clear()
        self._offsets.clear()

    def _global(self, frame: FrameType, event: str, _argument: object) -> Any:
        if not self._is_on or event != "call" or not self._handlers.wants(frame.f_code, frame):
            return None
        self._begin(frame)
        return self._local

    def _begin(self, frame: FrameType) -> None:
        self._raised.pop(id(frame), None)
        if self._handlers.knows(frame) or self._is_resumed(frame):
            self._handlers.on_resume(frame, frame.f_code)
        else:
            self._offsets.pop(id(frame), None)
            self._handlers.on_start(frame, frame.f_code)

    def _is_resumed(self, frame: FrameType) -> bool:
        """A generator that began before we did: it stands at a RESUME that is not its first."""
        code, offset = self._code(frame.f_code), frame.f_lasti
        return 0 <= offset < len(code) - 1 and code[offset] == RESUME and code[offset + 1] & 3 != 0

    def _local(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not self._is_on:
            return None
        handlers, code = self._handlers, frame.f_code
        if event == "line":
            self._line(frame, code)
        elif event == "call":
            self._begin(frame)
        elif event == "exception":
            self._raised[id(frame)] = frame.f_lasti
            handlers.on_raise(frame, code, argument[1])
        elif event == "return":
            self._leave(frame, code, argument)
        return self._local

    def _line(self, frame: FrameType, code: CodeType) -> None:
        offset = frame.f_lasti
        if offset <= self._offsets.get(id(frame), -1):
            self._handlers.on_jump(frame, code, frame.f_lineno, same_line=False)
        self._offsets[id(frame)] = offset
        self._handlers.on_line(frame, code, frame.f_lineno)

    def _leave(self, frame: FrameType, code: CodeType, argument: object) -> None:
        bytecode, offset = self._code(code), frame.f_lasti
        operation = bytecode[offset] if offset >= 0 else -1
        before = bytecode[offset - 2] if offset >= 2 else -1
        is_yield = operation in YIELDS or (operation == RESUME and before in YIELDS)
        if operation in RETURNS:
            self._end(frame)
            self._handlers.on_leave(frame, code, argument, is_yield=False)
        elif is_yield and self._raised.get(id(frame)) != offset:
            self._handlers.on_leave(frame, code, argument, is_yield=True)
        else:
            self._end(frame)
            self._handlers.on_unwind(frame, code, None)

    def _end(self, frame: FrameType) -> None:
        self._raised.pop(id(frame), None)
        self._offsets.pop(id(frame), None)

    def _code(self, code: CodeType) -> bytes:
        found = self._bytecode.get(id(code))
        if found is None:
            found = self._bytecode[id(code)] = code.co_code
        return found


def describe(function: object) -> str:
    """Say whose a trace function is, without asking it."""
    kind = type(function)
    name = getattr(function, "__qualname__", None) or kind.__qualname__
    module = getattr(function, "__module__", None) or kind.__module__
    return f"{module}.{name}"
