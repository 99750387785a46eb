"""The moves of a reader through a recording: from one position to another.

A *position* is 0 to n, where n is the number of steps: at i step i is about to run, at n all is over. The moves are
those of a debugger, but both ways, and each is a plain look along the numbers of the steps (thread, frame, depth,
line), so a front end in another language makes the same ones. None of them leaves 0 to n.

A step back over a call need not end where a step over began: `Walk` remembers the way forward, so that there it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cotrace.model.trace import EventKind, Trace


def over(trace: Trace, position: int) -> int:
    """Return where the frame at `position` goes on, or its caller where it ends: calls run through; else the end.

    That is the next step of the same thread that is of the same frame or lies less deep; or outermost, since the
    statements of a cell are frames of their own, one after the other.
    """
    return _next(trace, position, same_frame=True)


def out(trace: Trace, position: int) -> int:
    """Return where the caller of the frame at `position` goes on, or what runs after it; the end where nothing does."""
    return _next(trace, position, same_frame=False)


def back(trace: Trace, position: int) -> int:
    """Return where the frame at `position` was before, or its caller where it begins: calls run back through; else 0.

    That is the last step before of the same thread that is of the same frame or lies less deep, or outermost. From
    the end, where no frame runs, it is the last step.
    """
    return _previous(trace, position, same_frame=True)


def out_back(trace: Trace, position: int) -> int:
    """Return the step that called the frame at `position`, or what ran before it, or 0; from the end, the last step."""
    return _previous(trace, position, same_frame=False)


def run_to(trace: Trace, source: int, line: int, position: int, *, forward: bool = True) -> int | None:
    """Return the next step after `position`, or the last before it, at which that line is about to run, if any."""
    steps, frames = trace.steps, trace.frames
    ahead = range(position + 1, len(steps)) if forward else range(position - 1, -1, -1)
    for index in ahead:
        step = steps[index]
        if step.line == line and step.event is EventKind.LINE and frames[step.frame].source == source:
            return index
    return None


def _next(trace: Trace, position: int, *, same_frame: bool) -> int:
    last = len(trace.steps)
    if position >= last:
        return last
    return _first_met(trace, position, range(position + 1, last), same_frame=same_frame, otherwise=last)


def _previous(trace: Trace, position: int, *, same_frame: bool) -> int:
    if position >= len(trace.steps):
        return max(len(trace.steps) - 1, 0)
    return _first_met(trace, position, range(position - 1, -1, -1), same_frame=same_frame, otherwise=0)


def _first_met(trace: Trace, position: int, ahead: Iterable[int], *, same_frame: bool, otherwise: int) -> int:
    """Return the first step ahead of this one's thread that is less deep, or of its frame if that counts.

    Of an outermost frame, the first step of another outermost one.
    """
    steps, frames = trace.steps, trace.frames
    here = steps[position]
    for index in ahead:
        step = steps[index]
        is_own = step.frame == here.frame
        is_there = same_frame if is_own else step.depth < here.depth or step.depth == 0
        if (is_there or step.depth < here.depth) and frames[step.frame].thread == frames[here.frame].thread:
            return index
    return otherwise


@dataclass
class Walk:
    """A reader's position, and the way that led there as far as one step back at a time can retrace it."""

    trace: Trace
    position: int = 0
    came_from: list[int] = field(default_factory=list)
    """The positions before the latest moves forward, which stepping back takes up again; any other move ends it."""

    def forward(self, move: Callable[[Trace, int], int]) -> None:
        """Make a move that `back` can take back: `over`, `out`, or into (`following`)."""
        there = move(self.trace, self.position)
        if there != self.position:
            self.came_from.append(self.position)
            self.position = there

    def back(self) -> None:
        """Go back to where the last move forward began; where none is remembered, step back over."""
        self.position = self.came_from.pop() if self.came_from else back(self.trace, self.position)

    def go(self, position: int) -> None:
        """Go to a position, and forget the way; what lies outside means the nearest end."""
        self.came_from.clear()
        self.position = min(max(position, 0), len(self.trace.steps))


def following(trace: Trace, position: int) -> int:
    """Return the next position, into a call where one begins; the end stays the end."""
    return min(position + 1, len(trace.steps))
