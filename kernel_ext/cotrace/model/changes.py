"""When a variable changed: each step whose line gave it a value, or changed anything that it could reach.

The variable's objects are those that its value reached before the changes of a step; so a list that two variables
share changes for both, through whichever it was changed. All deltas are folded once; what the variable reaches is
looked for again only where a reference came or went.
"""

from __future__ import annotations

from collections.abc import Iterator

from cotrace.model.replay import State, parts, reachable
from cotrace.model.state import (
    Appear,
    Become,
    Bind,
    Delta,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import Trace


def change_steps(trace: Trace, frame: int, name: str) -> list[int]:
    """Return the steps that changed a variable of a frame, in their order, each once.

    These are the causes of the changes; of what nobody caused (it was so when it came into view), the step at which it
    was seen, which may be ``len(steps)``. A variable is there as long as its frame is.
    """
    return sorted(set(_Watch(trace, frame, name).causes()))


class _Watch:
    """Follows one variable through the fold of all deltas."""

    def __init__(self, trace: Trace, frame: int, name: str) -> None:
        self.trace = trace
        self.frame = trace.frames[frame]
        self.name = name
        self.state = State()
        self.reached: set[int] = set()
        self.is_stale = False
        """True if what the variable reaches has to be looked for again."""

        self.referring: set[int] = set()
        """The objects that hold a reference, or did once."""

    def causes(self) -> Iterator[int]:
        for seen, deltas in self.seen_together():
            self.look_again()
            for delta in deltas:
                self.note_reference(delta)
                if self.is_about(delta):
                    yield delta.cause if delta.cause >= 0 else seen
                    self.is_stale = self.is_stale or self.may_reach_otherwise(delta)
            self.state.fold(deltas)

    def seen_together(self) -> Iterator[tuple[int, tuple[Delta, ...]]]:
        """Yield the deltas of each step up to the frame's last one, with that step."""
        steps, end = self.trace.steps, self.frame.end
        for step in steps if end < 0 else steps[: end + 1]:
            if step.delta:
                yield step.index, step.delta
        if end < 0:
            yield len(steps), self.trace.final

    def is_about(self, delta: Delta) -> bool:
        if isinstance(delta, (Bind, Unbind)):
            return delta.frame == self.frame.id and delta.name == self.name
        if isinstance(delta, Appear):
            return False  # whatever refers to it changed
        return (delta.object.id if isinstance(delta, Become) else delta.id) in self.reached

    def may_reach_otherwise(self, delta: Delta) -> bool:
        """Tell whether a change may have changed what is reached: a reference came, or one may be gone."""
        if isinstance(delta, (Bind, Unbind)):
            return True
        number = delta.object.id if isinstance(delta, Become) else getattr(delta, "id", -1)
        return number in self.referring

    def note_reference(self, delta: Delta) -> None:
        """Remember an object that comes to hold a reference."""
        if isinstance(delta, (Appear, Become)):
            number, held = delta.object.id, parts(delta.object)
        elif isinstance(delta, Splice):
            number, held = delta.id, list(delta.inserted)
        elif isinstance(delta, (SetElement, SetAttribute)):
            number, held = delta.id, [delta.value]
        elif isinstance(delta, SetEntry):
            number, held = delta.id, [delta.key, delta.value]
        else:
            return
        if any(isinstance(value, Ref) for value in held):
            self.referring.add(number)

    def look_again(self) -> None:
        """Find what the variable reaches, if that may be other than it was."""
        if self.is_stale:
            value = self.state.frames.get(self.frame.id, {}).get(self.name)
            self.reached = set(reachable(self.state.heap, {}, [] if value is None else [value]))
            self.is_stale = False
