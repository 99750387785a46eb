"""Which pass of which loop a step belongs to, counted from the flow of lines alone.

The lines of one frame are walked in order. Reaching a loop's header opens the loop, each entry into its body from the
header begins a pass, and a line outside closes it. A loop written on one line repeats its line at each turn; there the
bindings of its target tell a turn from the look that ends it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from cotrace.grounding.code import LoopPlace
from cotrace.grounding.index import Index
from cotrace.model.trace import EventKind


@dataclass
class Run:
    """One run of a loop, from its header's first look to its end."""

    frame: int
    loop: LoopPlace
    begin: int
    """The step at which the header was first reached."""

    outer: tuple[tuple[Run, int], ...]
    """The runs around it with the pass each was in, outermost first; those of callers are not counted."""

    starts: list[int] = field(default_factory=list)
    """The step at which each pass began: the header's look that let it in."""

    end: int = -1
    """The last step of the frame that belongs to the loop."""

    @property
    def passes(self) -> int:
        """How many passes it made."""
        return len(self.starts)

    @property
    def path(self) -> tuple[int, ...]:
        """The passes of the loops around it."""
        return tuple(number for _, number in self.outer)


@dataclass
class Passes:
    """The loops of every frame of a trace."""

    runs: list[Run] = field(default_factory=list)
    at: dict[int, tuple[tuple[Run, int], ...]] = field(default_factory=dict)
    """For each step in a loop: the runs around it and the pass each is in, outermost first. A header's look counts
    to the pass that it begins, and to the last one if it ends the loop."""

    def path(self, step: int) -> tuple[int, ...]:
        """Return the pass numbers around a step, outermost first."""
        return tuple(number for _, number in self.at.get(step, ()))


def count_passes(index: Index) -> Passes:
    """Return the passes of every loop in every frame."""
    passes = Passes()
    for frame in index.trace.frames:
        if frame.kind == "globals" or frame.source < 0:
            continue
        loops = index.codes[frame.source].loops
        if loops:
            _Walk(index, passes, frame.id, loops).walk()
    for step, runs in passes.at.items():
        # A header that takes several steps to begin (a comprehension in it) belongs to the first pass, if there is one.
        passes.at[step] = tuple((run, number or min(run.passes, 1)) for run, number in runs)
    return passes


class _Walk:
    """Follows one frame's lines."""

    def __init__(self, index: Index, passes: Passes, frame: int, loops: list[LoopPlace]) -> None:
        self.index = index
        self.passes = passes
        self.frame = frame
        self.by_line: dict[int, list[LoopPlace]] = {}
        for loop in loops:
            self.by_line.setdefault(loop.first, []).append(loop)
        self.open: list[Run] = []
        self.looked: dict[int, bool] = {}
        """For each open run: True if the last line of the frame was its header."""

    def walk(self) -> None:
        """Go through the frame's steps."""
        steps = self.index.trace.frame_steps(self.frame)
        for place, step in enumerate(steps):
            recorded = self.index.steps[step]
            if recorded.event is EventKind.LINE:
                following = next(
                    (s for s in steps[place + 1 :] if self.index.steps[s].event is EventKind.LINE), None
                )
                self.line(
                    step, recorded.line, None if following is None else self.index.steps[following].line
                )
            self.passes.at[step] = tuple((run, run.passes) for run in self.open)
            for run in self.open:
                run.end = step

    def line(self, step: int, line: int, following: int | None) -> None:
        """Take in one line step."""
        while self.open and not self.inside(self.open[-1], line):
            self.open.pop()
        for loop in self.by_line.get(line, ()):
            run = next((r for r in self.open if r.loop is loop), None)
            if run is None:
                run = Run(self.frame, loop, step, tuple((r, r.passes) for r in self.open))
                self.open.append(run)
                self.passes.runs.append(run)
            else:
                del self.open[self.open.index(run) + 1 :]
            if self.enters(loop, step, following):
                run.starts.append(step)

    def inside(self, run: Run, line: int) -> bool:
        return line == run.loop.first or run.loop.first <= line <= run.loop.last

    def enters(self, loop: LoopPlace, step: int, following: int | None) -> bool:
        """Tell whether the header's look at a step let a pass in."""
        if isinstance(loop.node, ast.While) and isinstance(loop.node.test, ast.Constant):
            return bool(loop.node.test.value)
        if loop.body > loop.first:
            return following is not None and loop.body <= following <= loop.last
        return following == loop.first or self.bound(loop, step)

    def bound(self, loop: LoopPlace, step: int) -> bool:
        """Tell whether a step gave the loop's target a value."""
        names = (
            {n.id for n in ast.walk(loop.node.target) if isinstance(n, ast.Name)}
            if isinstance(loop.node, ast.For)
            else set()
        )
        return any(
            getattr(effect.delta, "name", None) in names for effect in self.index.effects.get(step, ())
        )
