"""Trace a call, a block or every call of a function: the Python API."""

from __future__ import annotations

import functools
import inspect
import sys
from itertools import zip_longest
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from cotrace import settings
from cotrace.errors import TraceError
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.functions import functions_behind, why_no_function
from cotrace.tracing.readers import ATOM_IDS
from cotrace.tracing.secrets import Redactor
from cotrace.tracing.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from cotrace.model.limits import Limits
    from cotrace.model.trace import Trace

P = ParamSpec("P")
R = TypeVar("R")

CONTAINER_TEXTS: dict[type, str] = {
    list: "[{}]",
    tuple: "({})",
    set: "set([{}])",
    frozenset: "frozenset([{}])",
    dict: "{{{}}}",
}
LONG_INT = 10**100

CALL_TEXT = 200
"""A call's text is not made longer than this."""


def trace(function: Callable[..., object], /, *args: object, **kwargs: object) -> Trace:
    """Call ``function(*args, **kwargs)`` once, record how it really ran, and return the Trace.

    The call behaves as without recording. An exception that leaves it is not raised here but kept:
    `Trace.exception`. Limits, modules to include and names to redact are those of the settings. Raises
    TracingBusyError where another tool holds the interpreter's hooks, SettingsError for a wrong setting.
    """
    return traced_call(function, args, kwargs)


def traced_call(
    function: Callable[..., object],
    args: tuple[object, ...] = (),
    kwargs: dict[str, object] | None = None,
    *,
    limits: Limits | None = None,
    include: Iterable[str] = (),
    call: str = "",
) -> Trace:
    """Do what `trace` does, within `limits` and with the modules `include` traced as well."""
    if not callable(function):
        raise TraceError(
            f"expected something to call, found {type(function).__name__}: write trace(f, 3), not trace(f(3))"
        )
    kwargs = kwargs or {}
    chosen = settings.current()
    tracer = Tracer(
        limits=limits or chosen.limits(),
        files=own_files(function, args),
        include=(*include, *chosen.include),
        redact_names=chosen.redact_names,
        engine=chosen.engine,
        ledger=chosen.ledger,
        call=call or call_text(function, args, kwargs),
    )
    behind = functions_behind(function)
    tracer.instrument(behind)
    if not behind:
        tracer.note(call_text(function, args, kwargs).partition("(")[0], why_no_function(function).value)
    return tracer.run(functools.partial(function, *args, **kwargs))


class tracing:  # noqa: N801 - used like a function
    """Record a block: ``with cotrace.tracing() as t: ...``; afterwards `t` has everything a Trace has.

    An exception leaves the block as without it, and so does what `limits.seconds` stops, without an exception.
    """

    def __init__(self, *, limits: Limits | None = None, include: Iterable[str] = ()) -> None:
        chosen = settings.current()
        self._tracer = Tracer(
            limits=limits or chosen.limits(),
            include=(*include, *chosen.include),
            redact_names=chosen.redact_names,
            engine=chosen.engine,
            ledger=chosen.ledger,
            call="block",
        )
        self._trace: Trace | None = None

    def __enter__(self) -> Self:
        frame = sys._getframe(1)
        self._tracer.instrument_namespace(frame.f_globals)
        self._tracer.start(frame)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> bool:
        self._trace = self._tracer.stop(exception=error)
        return isinstance(error, StopTracedCode)

    @property
    def trace(self) -> Trace:
        """The recording. Raises TraceError while the block still runs."""
        if self._trace is None:
            raise TraceError("the block is still running: its trace is there after it")
        return self._trace

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trace, name)


def traced(function: Callable[P, R]) -> Callable[P, R]:
    """Record every call of a function; ``function.trace`` is the latest call's Trace.

    The function behaves as before: it returns and raises what it did. Coroutine functions are recorded until they
    end. A call made while another one is recorded belongs to that one.
    """
    if inspect.iscoroutinefunction(function):
        return _traced_coroutine(function)
    running = [False]

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if running[0]:
            return function(*args, **kwargs)
        running[0] = True
        try:
            wrapper.trace = recorded = traced_call(function, args, kwargs)  # type: ignore[attr-defined]
        finally:
            running[0] = False
        if recorded.exception is not None:
            raise recorded.exception.with_traceback(_without_ours(recorded.exception.__traceback__))
        return recorded.result  # type: ignore[return-value]

    return wrapper


def _traced_coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        chosen = settings.current()
        tracer = Tracer(
            limits=chosen.limits(),
            files=own_files(function, args),
            include=chosen.include,
            redact_names=chosen.redact_names,
            engine=chosen.engine,
            ledger=chosen.ledger,
            call=call_text(function, args, kwargs),
        )
        tracer.instrument(functions_behind(function))
        tracer.start()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            wrapper.trace = tracer.stop(exception=error)  # type: ignore[attr-defined]
            raise
        wrapper.trace = tracer.stop(result)  # type: ignore[attr-defined]
        return result

    return wrapper


def _without_ours(trail: TracebackType | None) -> TracebackType | None:
    """Leave out the frames of ours at the top of a traceback."""
    while trail is not None and trail.tb_frame.f_code.co_filename in (
        __file__,
        sys.modules[Tracer.__module__].__file__,
    ):
        trail = trail.tb_next
    return trail


def own_files(function: object, args: tuple[object, ...]) -> list[str]:
    """Return the file of the function asked for, which is in scope wherever it lies.

    Not where it is handed a function or coroutine of the user's, as in ``trace(asyncio.run, main())``: then that one
    is meant.
    """
    code = getattr(inspect.unwrap(function) if inspect.isfunction(function) else function, "__code__", None)
    if code is None or any(inspect.isfunction(arg) or inspect.iscoroutine(arg) for arg in args):
        return []
    return [code.co_filename]


def call_text(function: object, args: tuple[object, ...], kwargs: dict[str, object]) -> str:
    """Write a call as the user would, running none of their code."""
    name = getattr(function, "__qualname__", None)
    names = _parameters(function)[: len(args)]
    parts = [_argument_text(name, arg) for name, arg in zip_longest(names, args, fillvalue="")]
    parts += [f"{key}={_argument_text(key, value)}" for key, value in kwargs.items()]
    text = f"{name if isinstance(name, str) else type(function).__qualname__}({', '.join(parts)})"
    return text if len(text) <= CALL_TEXT else text[: CALL_TEXT - 1] + "…"


def _parameters(function: object) -> tuple[str, ...]:
    """Return the names of what is given by position, where that can be seen without asking anybody."""
    if type(function) is MethodType:
        return _parameters(function.__func__)[1:]
    if type(function) is not FunctionType:
        return ()
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _argument_text(name: str, value: object) -> str:
    return Redactor().by_name(name, value) or _plain_text(value)


def _plain_text(value: Any, depth: int = 4) -> str:
    if id(type(value)) in ATOM_IDS:
        return "…" if type(value) is int and abs(value) >= LONG_INT else repr(value)
    form = CONTAINER_TEXTS.get(type(value))
    if form is None or not depth or len(value) > CALL_TEXT:
        return "…"
    if type(value) is dict:
        pairs = (f"{_plain_text(k, depth - 1)}: {_plain_text(held, depth - 1)}" for k, held in value.items())
        return form.format(", ".join(pairs))
    inside = ", ".join(_plain_text(part, depth - 1) for part in value)
    return form.format(inside + "," if type(value) is tuple and len(value) == 1 else inside)
