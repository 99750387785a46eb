"""Which steps of a long trace are shown: first visits, last visits, and every line at least once.

A reader of a long loop wants its first passes, its last, and each line that is reached only now and then,
wherever that happens. So each line is shown the first few times that it runs and the last time, with the
largest "few" that keeps within the number of rows; what lies between is a `Gap` that says what it leaves out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cotrace.model.trace import EventKind, Step, Trace

FEW = 5
"""A line's first visits that are shown at most: after these a reader knows what it does."""

Group = tuple[int, ...]
"""Steps told in one row: a line and how it ended the frame, if it did so at once."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows that are left out."""

    steps: int
    lines: tuple[tuple[int, int], ...]
    """Each line of the gap with how often it ran, most often first."""

    written: int
    """How many times something was written to stdout or stderr."""

    def __str__(self) -> str:
        """Return what is left out, as a phrase."""
        ran = ", ".join(f"line {line} ×{count:,}" for line, count in self.lines[:4])
        more = f" and {len(self.lines) - 4} more lines" if len(self.lines) > 4 else ""
        written = f"; output ×{self.written:,}" if self.written else ""
        return f"{self.steps:,} steps: {ran}{more}{written}" if ran else f"{self.steps:,} steps{written}"


def groups(trace: Trace) -> list[Group]:
    """Return the steps in rows: an ending goes with the line before it if nothing came between."""
    return [*map(tuple, _stretches(_begins(trace.steps), len(trace.steps)))]


def _begins(steps: Sequence[Step]) -> list[int]:
    """Return the steps at which groups begin; each goes on to where the next begins."""
    begins: list[int] = []
    before: Step | None = None
    for index, step in enumerate(steps):
        follows = step.event in _ENDINGS and before is not None and before.frame == step.frame
        if not (follows and before is not None and before.event in _BEGUN):
            begins.append(index)
        before = step
    return begins


def _stretches(begins: list[int], end: int) -> Iterator[range]:
    return map(range, begins, [*begins[1:], end])


# Tuples, since a member of an enum is hashed by Python code, and these are asked about every step.
_ENDINGS = (EventKind.RETURN, EventKind.YIELD, EventKind.RAISE, EventKind.UNWIND)
_BEGUN = (EventKind.LINE, EventKind.RAISE)


def fold(trace: Trace, rows: int | None) -> list[Group | Gap]:
    """Return the rows to show, at most about `rows` (None: all), with gaps for the others."""
    steps = trace.steps[:]
    begins = _begins(steps)
    if rows is None or len(begins) <= rows:
        return [*map(tuple, _stretches(begins, len(steps)))]
    visits: defaultdict[object, list[int]] = defaultdict(list)
    sources = [frame.source for frame in trace.frames]
    for place, begin in enumerate(begins):
        step = steps[begin]
        visits[(sources[step.frame], step.line, id(step.event))].append(place)
    shown = _shown(list(visits.values()), rows)
    if shown is None:
        shown = {*range(rows * 2 // 3), *range(len(begins) - rows // 3, len(begins))}
    return _with_gaps(steps, [*begins, len(steps)], sorted(shown))


def _shown(visits: list[list[int]], rows: int) -> set[int] | None:
    """Return the places of each line's first visits and its last, or None if even one of each is too many."""
    few = 0
    while few < FEW and sum(min(len(places), few + 2) for places in visits) <= rows:
        few += 1
    if few == 0:
        return None
    return {place for places in visits for place in (*places[:few], places[-1])}


def _with_gaps(steps: Sequence[Step], bounds: list[int], shown: list[int]) -> list[Group | Gap]:
    """Return the groups at the places `shown`, with gaps between them; group k is from bounds[k] to bounds[k + 1]."""
    told: list[Group | Gap] = []
    after = 0  # the place behind the last group that was told
    for place in shown:
        told += _gap(steps, bounds[after : place + 1])
        told.append(tuple(range(bounds[place], bounds[place + 1])))
        after = place + 1
    return told + _gap(steps, bounds[after:])


def _gap(steps: Sequence[Step], bounds: list[int]) -> list[Group | Gap]:
    """Return what stands for the groups between these bounds."""
    if len(bounds) <= 2:  # a gap would take the row of a single group as well
        return [*map(tuple, _stretches(bounds[:-1], bounds[-1]))]
    left_out = steps[bounds[0] : bounds[-1]]
    lines = Counter([step.line for step in left_out if step.event is EventKind.LINE])
    written = sum([len(step.output) for step in left_out if step.output])
    return [Gap(len(left_out), tuple(lines.most_common()), written)]
