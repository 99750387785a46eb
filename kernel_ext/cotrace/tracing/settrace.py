"""Events from `sys.settrace`: on Python 3.11, and where no `sys.monitoring` tool id is free.

Within one Python version both sources give the same steps; a test holds them to it. What differs between the two is
translated here: a "return" event may mean return, yield or unwind, which the last instruction tells; a backward jump
shows as a line event at an offset that one leads to. A loop of one instruction
(``while True: pass``) has no events at all on Python 3.11; one that is to be stopped is woken.
"""

from __future__ import annotations

import opcode
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from cotrace.errors import TracingBusyError
from cotrace.tracing.postponed import NOP, operation_at
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from cotrace.tracing.monitoring import Handlers

__builtins__ = BUILTINS

CODES = opcode.opmap
RESUME = CODES["RESUME"]
RETURNS = {CODES[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in CODES}
YIELDS = {CODES[name] for name in ("YIELD_VALUE", "RETURN_GENERATOR", "SEND") if name in CODES}
EXTENDED_ARG = CODES["EXTENDED_ARG"]
JUMPS_BACK = {
    number for name, number in CODES.items() if "JUMP_BACKWARD" in name and "NO_INTERRUPT" not in name
}
"""Without the jumps inside an `await`, which are no events."""

HAS_CACHE = sys.version_info >= (3, 13)
"""Whether an empty instruction lies between such a jump and what it counts from."""


class Bytecode(NamedTuple):
    """What is asked of a code object at its events."""

    code: CodeType
    """Held, so that its id stays its own."""

    text: bytes
    targets: frozenset[int]
    """Where its backward jumps lead to."""


class SettraceSource:
    """Feeds handlers from `sys.settrace` while it is on, in this thread and in threads started meanwhile."""

    name = "sys.settrace"

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._thread = 0
        self._is_on = False
        self._postponed: Callable[..., Any] | None = None
        self.was_lost = False
        """True if the trace function was taken away meanwhile: by the program, or by a stack too full to call it."""

        self._known: dict[int, Bytecode] = {}
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
        if self._postponed is not None and sys.gettrace() is self._postponed:
            sys.settrace(None)
        if not self._is_on:
            return
        self._is_on = False
        self.was_lost = self._thread == threading.get_ident() and sys.gettrace() != self._global
        if sys.gettrace() == self._global:
            sys.settrace(None)
        threading.settrace(None)
        self._raised.clear()
        self._offsets.clear()

    def wake(self) -> None:
        """Have an event come at the next instruction of every traced frame that runs; from any thread.

        From Python 3.12 on every turn of a loop has one.
        """
        if sys.version_info >= (3, 12):
            return
        for innermost in sys._current_frames().values():  # noqa: SLF001 - the only way to another thread
            frame: FrameType | None = innermost
            while frame is not None and frame.f_trace != self._local:
                frame = frame.f_back
            if frame is not None:
                frame.f_trace_opcodes = True

    def _global(self, frame: FrameType, event: str, _argument: object) -> Any:
        if not self._is_on or event != "call" or not self._handlers.wants(frame.f_code, frame):
            return None
        try:
            self._begin(frame)
        except BaseException as error:  # noqa: BLE001 - it is raised a little later
            return self._postpone(frame, error)
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
        code, offset = self._bytecode(frame.f_code).text, frame.f_lasti
        return 0 <= offset < len(code) - 1 and code[offset] == RESUME and code[offset + 1] & 3 != 0

    def _local(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not self._is_on:
            return None
        is_jump = event == "line" and self._is_jump(frame)
        try:
            self._handle(frame, event, argument, is_jump=is_jump)
        except BaseException as error:
            if event == "return" and self._is_yield(frame) and frame.f_back is not None:
                self._postpone(frame.f_back, error)
            elif event == "call" or is_jump or (event == "line" and operation_at(frame) == NOP):
                return self._postpone(frame, error)
            else:
                raise
        return self._local

    def _handle(self, frame: FrameType, event: str, argument: Any, *, is_jump: bool) -> None:
        handlers, code = self._handlers, frame.f_code
        if event == "line":
            if is_jump:
                handlers.on_jump(frame, code, frame.f_lineno, same_line=False)
            handlers.on_line(frame, code, frame.f_lineno)
        elif event == "call":
            self._begin(frame)
        elif event == "exception":
            self._raised[id(frame)] = frame.f_lasti
            handlers.on_raise(frame, code, argument[1])
        elif event == "return":
            self._leave(frame, code, argument)
        elif event == "opcode" and operation_at(frame) != NOP:
            frame.f_trace_opcodes = False
            handlers.on_wake()

    def _postpone(self, frame: FrameType, error: BaseException) -> Any:
        """Have an exception raised at the next instruction that will do (see `postponed`), in `frame` if it goes on.

        From a frame that begins, goes on or yields, what a trace function raises leaves without any `finally`.
        """

        def trace(at: FrameType, event: str, _argument: object) -> Any:
            at.f_trace_opcodes = event == "call" or at.f_trace_opcodes
            if event == "opcode" and operation_at(at) != NOP:
                at.f_trace_opcodes = False
                raise error  # with which the interpreter takes the trace function away
            return trace

        frame.f_trace_opcodes = True
        frame.f_trace = self._postponed = trace
        sys.settrace(trace)
        return trace

    def _is_jump(self, frame: FrameType) -> bool:
        """Tell whether a line event is one that a backward jump made: maybe to the middle of its line."""
        offset, before = frame.f_lasti, self._offsets.get(id(frame), -1)
        self._offsets[id(frame)] = offset
        bytecode = self._bytecode(frame.f_code)
        # Python 3.13 is still at the jump when it tells of it.
        return (
            offset <= before
            or offset in bytecode.targets
            or (HAS_CACHE and bytecode.text[offset] in JUMPS_BACK)
        )

    def _leave(self, frame: FrameType, code: CodeType, argument: object) -> None:
        if frame.f_lasti >= 0 and self._bytecode(code).text[frame.f_lasti] in RETURNS:
            self._end(frame)
            self._handlers.on_leave(frame, code, argument, is_yield=False)
        elif self._is_yield(frame):
            self._handlers.on_leave(frame, code, argument, is_yield=True)
        else:
            self._end(frame)
            self._handlers.on_unwind(frame, code, None)

    def _is_yield(self, frame: FrameType) -> bool:
        """Tell whether a frame that is left is to go on later."""
        bytecode, offset = self._bytecode(frame.f_code).text, frame.f_lasti
        operation = bytecode[offset] if offset >= 0 else -1
        before = bytecode[offset - 2] if offset >= 2 else -1
        stands_at_yield = operation in YIELDS or (operation == RESUME and before in YIELDS)
        return stands_at_yield and self._raised.get(id(frame)) != offset

    def _end(self, frame: FrameType) -> None:
        self._raised.pop(id(frame), None)
        self._offsets.pop(id(frame), None)

    def _bytecode(self, code: CodeType) -> Bytecode:
        found = self._known.get(id(code))
        if found is None:
            targets = frozenset(targets_of_backward_jumps(code.co_code))
            found = self._known[id(code)] = Bytecode(code, code.co_code, targets)
        return found


def targets_of_backward_jumps(bytecode: bytes) -> Iterator[int]:
    """Yield the offset that each backward jump leads to."""
    extended = 0
    for offset in range(0, len(bytecode), 2):
        argument = extended | bytecode[offset + 1]
        extended = argument << 8 if bytecode[offset] == EXTENDED_ARG else 0
        if bytecode[offset] in JUMPS_BACK:
            yield offset + (4 if HAS_CACHE else 2) - 2 * argument


def describe(function: object) -> str:
    """Say whose a trace function is, without asking it."""
    kind = type(function)
    name = getattr(function, "__qualname__", None) or kind.__qualname__
    module = getattr(function, "__module__", None) or kind.__module__
    return f"{module}.{name}"
