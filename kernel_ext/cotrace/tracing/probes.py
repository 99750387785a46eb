"""The probes of this process: one instrumentation, one sink, and whoever records at the moment.

Code with probes is kept for the life of the process, so that tracing a function a second time costs no compilation.
Several recordings may run at once (one traced function traces another); each gets every value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotrace.tracing.private import BUILTINS
from cotrace.tracing.sink import Sink
from cotrace.tracing.twins import Instrumentation

if TYPE_CHECKING:
    from cotrace.tracing.sink import Recorder

__builtins__ = BUILTINS

SINK = Sink()
INSTRUMENTATION = Instrumentation(SINK.probe)
_recorders: list[tuple[Recorder, object]] = []


def listen(recorder: Recorder, core: object = None) -> None:
    """Hand `recorder` every value that a probe sees, until `unlisten`.

    `core` is a compiled one that takes them itself, as long as nobody else listens.
    """
    _recorders.append((recorder, core))
    _connect()


def unlisten(recorder: Recorder) -> None:
    """End that; may be called twice."""
    for found in [pair for pair in _recorders if pair[0] == recorder]:
        _recorders.remove(found)
        _connect()


def _connect() -> None:
    alone = len(_recorders) == 1
    SINK.core = _recorders[0][1] if alone else None
    SINK.recorder = _recorders[0][0] if alone else _to_all if _recorders else None


def _to_all(text: int, key: int, value: object, /) -> None:
    for recorder, _ in _recorders:
        recorder(text, key, value)
