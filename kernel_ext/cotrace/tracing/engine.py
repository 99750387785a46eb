"""What an engine is: the part that watches the interpreter and turns its events into a recording.

The rest of `cotrace.tracing` is the same for every engine: scope, limits, the ledger's rewriting, output and secrets.
The table in `cotrace.model.trace` says what an engine must record; tests hold every engine to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

    from cotrace.model.source import Span
    from cotrace.model.state import Delta, Value
    from cotrace.tracing.recording import Recording


class StopTracedCode(BaseException):
    """Raised in the traced code to end it; no program should catch it."""


class Engine(Protocol):
    """Watches one run."""

    name: str
    """What `cotrace info` and the trace call it."""

    recording: Recording
    """Where the steps go; complete after `stop`."""

    on_end: Callable[[], None]
    """Called when the recording ends, which may be long before the program does."""

    core: object
    """A compiled recorder that takes what probes see by itself; None: there is none."""

    text_of: Callable[[CodeType, dict[str, object]], int | None]
    """Asked for the source index of code that begins to run (with its globals); None: the engine finds the text."""

    on_module_end: Callable[[dict[str, object]], None]
    """Called with the namespace of a module whose code has run to its end."""

    final: Sequence[Delta]
    """After `stop`: the changes seen after the last step."""

    result: Value | None
    """After `stop`: what the run ended with, as it was captured."""

    stop_reason: str
    """Why the traced code was stopped; "" if it was not."""

    def start(self, block: FrameType | None = None) -> None:
        """Begin to record. `block` is a frame already running whose next lines are to be recorded as well.

        Raises TracingBusyError where something else holds the interpreter's hooks.
        """

    def stop(self, result: object = None, exception: BaseException | None = None) -> None:
        """End the recording and leave nothing behind in the interpreter. May be called twice.

        `result` and `exception` are what the run ended with; they are captured with the final state.
        """

    def abandon(self) -> None:
        """Forget the recording, in a forked child: record and write no more, and wait for no lock."""

    def expression(self, source: int, span: int, value: object, frame: FrameType | None) -> None:
        """Take one value for the expression ledger. `frame` or one of its callers is the traced code's."""

    def output(self, stream: str, text: str) -> None:
        """Take what the traced code writes."""

    def add_source(self, name: str, text: str, spans: Sequence[Span]) -> int:
        """Add an instrumented source and return its index; frames of code with that file name belong to it."""

    def connect_text(self, number: int, source: int) -> None:
        """Say that the text which probes know by `number` is the source of this index."""

    def request_stop(self, reason: str) -> None:
        """Ask from another thread that the traced code be stopped at its next event."""
