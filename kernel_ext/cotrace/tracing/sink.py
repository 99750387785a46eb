"""Where the values of the expression ledger go: probes in the code, one sink behind them.

A `Probe` is a constant in instrumented code. The code hands it a value (``probe[value:]``) and gets the same value
back; the probe passes it on to its sink's recorder, if one is set. Code outlives recordings: a function that was
made while its maker was instrumented keeps its probes, so without a recorder a probe does nothing.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from cotrace.tracing.private import BUILTINS

__builtins__ = BUILTINS

T = TypeVar("T")


class Recorder(Protocol):
    """Takes the values of the ledger. It must not fail.

    A probe can't drop what a recorder raises: it could be the program's own, from a signal handler of the program
    that happened to run just then.
    """

    def __call__(self, source: int, key: int, value: object, /) -> object:
        """Take the value that span `key` of source number `source` has; what it returns is not used."""


class _Sink:
    """What `Sink` is where nothing was compiled."""

    __slots__ = ("__weakref__", "core", "missed", "recorder")

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.core: object = None
        self.missed = 0


class _Probe:
    """What `Probe` is where nothing was compiled."""

    __slots__ = ("key", "sink", "source")

    def __init__(self, sink: Sink, source: int, key: int) -> None:
        self.sink = sink
        self.source = source
        self.key = key

    def __getitem__(self, handed: slice[T, None, None]) -> T:
        value = handed.start
        recorder = self.sink.recorder
        if recorder is not None:
            try:
                recorder(self.source, self.key, value)
            except RecursionError:
                self.sink.missed += 1  # the program's stack is nearly full: it will be told when it is
        return value


if TYPE_CHECKING:
    SinkBase: TypeAlias = _Sink
    ProbeBase: TypeAlias = _Probe
else:
    try:
        from cotrace.tracing._core import Probe as ProbeBase
        from cotrace.tracing._core import Sink as SinkBase
    except ImportError:
        SinkBase, ProbeBase = _Sink, _Probe


class Sink(SinkBase):
    """Hands the values that probes see to one recorder, which can be set and cleared at any time.

    `recorder` takes them, or nobody where it is None; `core`, where there is one, is a compiled recorder that takes
    them instead. `missed` counts those that were not recorded because the program's stack had no room left for the
    recorder.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        _forget_in_children(self)

    def probe(self, source: int, key: int) -> Probe:
        """Return the probe for span `key` of source number `source`."""
        return Probe(self, source, key)


class Probe(ProbeBase):
    """One place in instrumented code, as a constant that hands on the values it is given."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, tuple[int, int]]:
        # Tools such as cloudpickle copy a function by its constants. The copy runs elsewhere, unrecorded.
        return _unrecorded_probe, (self.source, self.key)

    def __repr__(self) -> str:
        return f"<probe {self.source}:{self.key}>"


def _unrecorded_probe(source: int, key: int) -> Probe:
    return Probe(Sink(), source, key)


def _forget_in_children(sink: Sink) -> None:
    """See to it that a forked child, which goes on with a copy of the program, records nothing."""
    if not hasattr(os, "register_at_fork"):
        return
    reference = weakref.ref(sink)

    def forget() -> None:
        if (own := reference()) is not None:
            own.recorder = own.core = None

    os.register_at_fork(after_in_child=forget)
