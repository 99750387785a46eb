"""Which pass of which loop a step belongs to: what `cotrace.model.passes` counts from the flow of lines, with the code.

A checker knows more than the lines, so the passes of a loop on one line are exact here: whether the last turn of a
``for`` was one is told by what it gave the target, and whether a ``while`` had any by what came of it.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from cotrace.grounding.code import LoopPlace
from cotrace.grounding.index import Index
from cotrace.model import passes as model
from cotrace.model.trace import EventKind, Frame


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

    def pass_at(self, step: int) -> int:
        """Return the number of the pass that a step belongs to, from 1; 0 where there is none."""
        return bisect_right(self.starts, step)


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
    passes, counted = Passes(), model.Passes(index.trace)
    for frame in index.trace.frames:
        if counted.of_frame(frame.id):
            _take(index, passes, frame, counted.of_frame(frame.id))
    return passes


def _take(index: Index, passes: Passes, frame: Frame, counted: list[model.LoopRun]) -> None:
    """Take over the runs of loops in one frame, and tell for each of its steps which of them it is in."""
    places = {place.first: place for place in index.codes[frame.source].loops}
    runs: dict[int, Run] = {}
    steps = index.trace.frame_steps(frame.id)
    for run in counted:
        place = places[run.loop.header_line]
        outer = () if run.outer is None else _with(runs[run.outer.begin], run.begin)
        runs[run.begin] = Run(frame.id, place, run.begin, outer, _starts(index, place, run), run.end)
        # The steps of the runs inside it come after, and overwrite what is told of them here.
        for step in steps[bisect_left(steps, run.begin) : bisect_right(steps, run.end)]:
            passes.at[step] = _with(runs[run.begin], step)
    passes.runs += runs.values()


def _with(run: Run, step: int) -> tuple[tuple[Run, int], ...]:
    """Return the runs around a step of `run`, and `run`, with the pass each is in."""
    around = [(outer, outer.pass_at(step)) for outer, _ in run.outer]
    return (*around, (run, run.pass_at(step)))


def _starts(index: Index, place: LoopPlace, run: model.LoopRun) -> list[int]:
    """Return the step at which each pass began; of a loop on one line, with the last one if and only if it was one."""
    if not run.loop.is_joined:
        return list(run.starts)
    steps = index.trace.frame_steps(index.steps[run.begin].frame)
    inside = steps[bisect_left(steps, run.begin) : bisect_right(steps, run.end)]
    last = max(step for step in inside if _is_look(index, run, step))
    if run.loop.kind == "for":
        return [*run.starts, last] if _binds(index, place, last) else list(run.starts)
    return [] if run.starts == [last] and _is_idle(index, last) else list(run.starts)


def _is_look(index: Index, run: model.LoopRun, step: int) -> bool:
    return index.steps[step].event is EventKind.LINE and index.steps[step].line == run.loop.header_line


def _binds(index: Index, place: LoopPlace, step: int) -> bool:
    """Tell whether a step gave the loop's target a value."""
    assert not isinstance(place.node, ast.While)
    names = {node.id for node in ast.walk(place.node.target) if isinstance(node, ast.Name)}
    return any(getattr(effect.delta, "name", None) in names for effect in index.effects.get(step, ()))


def _is_idle(index: Index, step: int) -> bool:
    """Tell whether nothing came of a line but a look: no change, no text, no call."""
    is_last = step + 1 >= len(index.steps)
    calls = not is_last and index.steps[step + 1].frame != index.steps[step].frame
    return not (index.effects.get(step) or index.steps[step].output or calls)
