"""Which steps of a long trace are shown: first visits, last visits, and every line at least once.

A reader of a long loop wants its first passes, its last, and each line that is reached only now and then,
wherever that happens. So each line is shown the first few times that it runs and the last time, with the
largest "few" that keeps within the number of rows; what lies between is a `Gap` that says what it leaves out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
    made: list[Group] = []
    before: Step | None = None
    for step in trace.steps:
        follows = step.event in _ENDINGS and before is not None and before.frame == step.frame
        if follows and before is not None and before.event in _BEGUN:
            made[-1] = (*made[-1], step.index)
        else:
            made.append((step.index,))
        before = step
    return made


# Tuples, since a member of an enum is hashed by Python code, and these are asked about every step.
_ENDINGS = (EventKind.RETURN, EventKind.YIELD, EventKind.RAISE, EventKind.UNWIND)
_BEGUN = (EventKind.LINE, EventKind.RAISE)


def fold(trace: Trace, rows: int | None) -> list[Group | Gap]:
    """Return the rows to show, at most about `rows` (None: all), with gaps for the others."""
    everything = groups(trace)
    if rows is None or len(everything) <= rows:
        return list(everything)
    visits: defaultdict[object, list[int]] = defaultdict(list)
    sources = [frame.source for frame in trace.frames]
    for place, group in enumerate(everything):
        step = trace.steps[group[0]]
        visits[(sources[step.frame], step.line, id(step.event))].append(place)
    shown = _shown(list(visits.values()), rows)
    if shown is None:
        shown = {*range(rows * 2 // 3), *range(len(everything) - rows // 3, len(everything))}
    return _with_gaps(trace, everything, shown)


def _shown(visits: list[list[int]], rows: int) -> set[int] | None:
    """Return the places of each line's first visits and its last, or None if even one of each is too many."""
    few = 0
    while few < FEW and sum(min(len(places), few + 2) for places in visits) <= rows:
        few += 1
    if few == 0:
        return None
    return {place for places in visits for place in (*places[:few], places[-1])}


def _with_gaps(trace: Trace, everything: list[Group], shown: set[int]) -> list[Group | Gap]:
    told: list[Group | Gap] = []
    left_out: list[Group] = []
    for place, steps in enumerate(everything):
        if place not in shown:
            left_out.append(steps)
            continue
        told += _gap(trace, left_out)
        left_out = []
        told.append(steps)
    return told + _gap(trace, left_out)


def _gap(trace: Trace, left_out: list[Group]) -> list[Group | Gap]:
    if len(left_out) <= 1:
        return list(left_out)  # a gap would take the row as well
    steps = [trace.steps[index] for group in left_out for index in group]
    lines = Counter(step.line for step in steps if step.event is EventKind.LINE)
    return [Gap(len(steps), tuple(lines.most_common()), sum(len(step.output) for step in steps))]
