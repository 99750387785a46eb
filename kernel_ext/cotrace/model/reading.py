"""Going through a trace stretch by stretch, without all of its steps at once.

The steps of a million-step recording that was not read yet take half a gigabyte, and most of the time of reading them
goes into asking for that memory. Who needs each step once reads a stretch, and lets go of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from cotrace.model.state import Delta
    from cotrace.model.trace import Entry, Frame, Step, Trace


class Reading(Protocol):
    """One way through a trace, from its first step to its last."""

    at: int
    """The step that comes next."""

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames that began so far, at least; those that ended so far have their end."""

    def read(self, count: int) -> tuple[Sequence[Step], Sequence[Entry]]:
        """Return the next steps, fewer at the end, and the entries that were evaluated before the step after them."""

    @property
    def final(self) -> Sequence[Delta]:
        """The changes seen after the last step, once that was read."""


@runtime_checkable
class Readable(Protocol):
    """A sequence of steps that can be read stretch by stretch."""

    def reading(self) -> Reading | None:
        """Return a new reading; None where all steps are in memory anyway."""


def reading_of(trace: Trace) -> Reading | None:
    """Return a reading of a trace from its begin; None where all its steps are in memory anyway."""
    return trace.steps.reading() if isinstance(trace.steps, Readable) else None
