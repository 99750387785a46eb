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
_recorders: list[Recorder] = []


def listen(recorder: Recorder) -> None:
    """Hand `recorder` every value that a probe sees, until `unlisten`."""
    _recorders.append(recorder)
    _connect()


def unlisten(recorder: Recorder) -> None:
    """End that; may be called twice."""
    if recorder in _recorders:
        _recorders.remove(recorder)
        _connect()


def _connect() -> None:
    if len(_recorders) > 1:
        SINK.recorder = _to_all
    else:
        SINK.recorder = _recorders[0] if _recorders else None


def _to_all(text: int, key: int, value: object, /) -> None:
    for recorder in _recorders:
        recorder(text, key, value)
