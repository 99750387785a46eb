"""Swap a function's code for its twin with probes, for as long as someone records.

A function whose ``__code__`` is replaced stays the same object: callers, closures, methods and wrappers that hold it
need not be told. Calls that begin from then on run the twin; frames and generators that are already running keep the
code they began with. Each function is either swapped or has a reason, a `LedgerSkip`.

Two recordings may want the same function at the same time. So swaps are counted, and the last one to let go puts the
function's own code back, unless the program has meanwhile given it another.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, TracebackType
from typing import Self

from cotrace.tracing.functions import functions_behind, why_no_function
from cotrace.tracing.instrument import NotInstrumented
from cotrace.tracing.skips import LedgerSkip
from cotrace.tracing.twins import CodeTable, Instrumentation


@dataclass
class _Swap:
    """A function that runs its twin; kept alive, so that its id stays its own."""

    function: FunctionType
    own: CodeType
    twin: CodeType
    holders: int = 0


_swaps: dict[int, _Swap] = {}
_swaps_lock = threading.RLock()
"""Reentrant: the interpreter may run a finalizer, and it a traced function, while the lock is held."""


class FunctionSwapper:
    """Swaps functions for one recording, and puts all of them back when it is closed.

    `own_tools` are the `sys.monitoring` tools of the recording itself. A function that another tool watches is left
    alone: the tool knows its code object, and would not know the twin.
    """

    def __init__(self, instrumentation: Instrumentation, own_tools: Collection[int] = ()) -> None:
        self._instrumentation = instrumentation
        self._own_tools = own_tools
        self._held: dict[int, _Swap] = {}
        self._reasons: CodeTable[LedgerSkip] = CodeTable()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ensure(self, function: object) -> LedgerSkip | None:
        """Have `function` run its twin from its next call on; return the reason if that can't be.

        Calling this again for the same function costs little.
        """
        if type(function) is not FunctionType:
            return why_no_function(function)
        if id(function) in self._held:
            return None
        code = function.__code__
        reason = self._watched(code) or self._swap(function, code)
        if reason is not None:
            self._reasons.set(code, reason)
        return reason

    def ensure_all(self, functions: Iterable[FunctionType]) -> None:
        """Do so for each of `functions`; `reason` tells what could not be swapped."""
        for function in functions:
            self.ensure(function)

    def reason(self, code: CodeType) -> LedgerSkip | None:
        """Return why `code`, which is about to run, leaves no ledger; None if it has probes."""
        if self._instrumentation.has_probes(code):
            return None
        if (known := self._reasons.get(code)) is not None:
            return known
        if any(swap.own is code for swap in list(self._held.values())):
            return LedgerSkip.RUNNING
        return LedgerSkip.MADE_BEFORE if "<locals>" in code.co_qualname else LedgerSkip.NOT_REACHED

    def close(self) -> None:
        """Put every function's own code back that no other recording needs swapped."""
        with _swaps_lock:
            while self._held:
                _, swap = self._held.popitem()
                swap.holders -= 1
                if not swap.holders:
                    del _swaps[id(swap.function)]
                    if swap.function.__code__ is swap.twin:
                        swap.function.__code__ = swap.own  # pyright: ignore[reportAttributeAccessIssue]

    def _swap(self, function: FunctionType, code: CodeType) -> LedgerSkip | None:
        with _swaps_lock:
            swap = _swaps.get(id(function))
            if swap is None or function.__code__ is not swap.twin:
                if self._instrumentation.has_probes(code):
                    return None  # made by a function that is swapped, or from a text compiled with probes
                twin = self._instrumentation.twin(code, function.__globals__)
                if isinstance(twin, NotInstrumented):
                    return twin.reason
                if twin.co_freevars != code.co_freevars:
                    return LedgerSkip.FREE_VARIABLES
                swap = _swaps[id(function)] = _Swap(function, code, twin)
                function.__code__ = twin
            swap.holders += 1
            self._held[id(function)] = swap
        return None

    def _watched(self, code: CodeType) -> LedgerSkip | None:
        """Return a reason if another tool has asked for events of this very code object."""
        if sys.version_info < (3, 12):
            return None
        for tool in set(range(6)).difference(self._own_tools):
            if sys.monitoring.get_tool(tool) and sys.monitoring.get_local_events(tool, code):
                return LedgerSkip.OTHER_TOOL
        return None


@contextmanager
def instrumented_function(
    target: object, instrumentation: Instrumentation
) -> Iterator[dict[str, LedgerSkip]]:
    """Swap the functions behind the callable `target` while the block runs.

    Yields the functions that could not be swapped, by qualified name, each with the reason.
    """
    with FunctionSwapper(instrumentation) as swapper:
        functions = functions_behind(target)
        skipped = {} if functions else {_name_of(target): why_no_function(target)}
        for function in functions:
            if (reason := swapper.ensure(function)) is not None:
                skipped[function.__qualname__] = reason
        yield skipped


def _name_of(target: object) -> str:
    """Return a name for `target` without asking it: only the interpreter's own types are."""
    name = getattr(target, "__qualname__", "") if type(target).__module__ == "builtins" else ""
    return name if type(name) is str and name else type(target).__qualname__
