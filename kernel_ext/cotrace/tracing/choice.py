"""Which engine records, and why: the one place that chooses it and makes it.

The native engine is held equal to the reference engine and is much faster: ``engine = "auto"`` takes it wherever it
can run. Where it can't, the reference engine records, and `choose` says why and what to do about it;
``engine = "native"`` makes that an error.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

from cotrace.errors import TraceError, UsageError
from cotrace.model.trace import EngineName
from cotrace.tracing.monitoring import MONITORING, PREFERRED_IDS
from cotrace.tracing.reference import ReferenceEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotrace.tracing.engine import Engine

HERE = Path(__file__).parent
NATIVE = "cotrace.tracing.native"
CORE = "cotrace.tracing._core"
VERSION = ".".join(map(str, sys.version_info[:3]))

TESTED = ((3, 12), (3, 13))
"""The versions of Python that the native engine was tested on; on others it must pass its self-test."""


class Choice(NamedTuple):
    """The engine that a recording uses here."""

    engine: EngineName
    """Never "auto"."""

    why: str
    advice: str = ""
    """What to do to get the faster one, where that isn't the one chosen."""


class _CannotError(Exception):
    """The native engine can't run here: why, and what to do."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.why, self.advice = why, advice


def choose(wanted: EngineName = "auto") -> Choice:
    """Return the engine that a recording would use here, and why. Raises UsageError for a name that is none."""
    if wanted not in get_args(EngineName):
        raise UsageError(f"expected engine to be one of {', '.join(get_args(EngineName))}, found {wanted!r}")
    if wanted == "reference":
        return Choice("reference", "the setting `engine` asks for it")
    try:
        _check_built()
        _check_free()
        return Choice("native", _check_tested())
    except _CannotError as reason:
        return Choice("reference", f"the native engine can't run here: {reason.why}", reason.advice)


def make_engine(wanted: EngineName = "auto") -> Callable[..., Engine]:
    """Return what makes the engine that `choose` would take; both engines take the same arguments.

    Raises TraceError where the native engine is wanted and can't run.
    """
    chosen = choose(wanted)
    if chosen.engine == "native":
        made: Callable[..., Engine] = import_module(NATIVE).NativeEngine
        return made
    if wanted == "native":
        raise TraceError(
            f'expected to record with engine = "native", found that {chosen.why}: {chosen.advice}, '
            'or set engine = "auto"'
        )
    return ReferenceEngine


def _check_built() -> None:
    """Raise _CannotError where there is no native engine for this Python."""
    if MONITORING is None:
        raise _CannotError(
            f"Python {VERSION} has no sys.monitoring, which came with 3.12", "use Python 3.12 or later"
        )
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise _CannotError(f"Python {VERSION} runs without its global lock", "use a Python that has it")
    if NATIVE in sys.modules:  # else a recording would search the folders for it each time
        return
    if find_spec(CORE) is None:
        raise _CannotError(f"its core is {core_fact()}", "install cotrace again where there is a C compiler")
    try:
        import_module(NATIVE)
    except ImportError as error:
        raise _CannotError(f"its core can't be loaded, {error}", "install cotrace again") from error


def core_fact() -> str:
    """Return whether the core is compiled for this Python, and why not: the build left that written in a file."""
    if find_spec(CORE) is not None:
        return f"compiled for Python {VERSION.rpartition('.')[0]}"
    own = HERE / f"_core.{sys.implementation.cache_tag}.absent"
    for note in (own, *sorted(HERE.glob("_core.*.absent"))):
        if note.is_file():
            return f"not compiled: {note.read_text(encoding='utf-8').strip()}"
    return f"not compiled for Python {VERSION} on {platform.system()}"


def _check_free() -> None:
    """Raise _CannotError where other tools hold every id of sys.monitoring."""
    holders = {number: MONITORING.get_tool(number) for number in sorted(PREFERRED_IDS)}
    if all(holders.values()):
        who = ", ".join(f"{name} has {number}" for number, name in holders.items())
        raise _CannotError(f"every tool id of sys.monitoring is taken ({who})", "stop one of these tools")


def _check_tested() -> str:
    """Return why the native engine is trusted on this Python; raise _CannotError where it is not."""
    if sys.version_info[:2] in TESTED:
        return f"its core is compiled, and it was tested on Python {VERSION.rpartition('.')[0]}"
    fault = _own_fault()
    if fault:
        raise _CannotError(
            f"it was not tested on Python {VERSION}, and its self-test there says: {fault}",
            f"use Python {' or '.join('.'.join(map(str, tested)) for tested in TESTED)}",
        )
    return f"its core is compiled, and it passed its self-test on Python {VERSION}"


@functools.cache
def _own_fault() -> str:
    """Run the self-test, once in a process: it starts another one."""
    from cotrace.tracing.selftest import fault_in_child  # most never need it

    return fault_in_child(f"{NATIVE}:NativeEngine")


if MONITORING is not None:  # now, rather than while the first recording waits; `choose` tells what went wrong
    with contextlib.suppress(ImportError):
        import_module(NATIVE)
