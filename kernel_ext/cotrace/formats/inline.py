"""NExT's format (Ni et al., arXiv 2404.14662): the source with what each line did as a comment behind it.

::

    def total(n):                # (0) n=2
        sum = 0                  # (1) sum=0
        for i in range(n):       # (2) i=0; (4) i=1; (6)
            sum += i             # (3) sum=0; (5) sum=1
        return sum               # (7) __return__=1

A number in brackets counts the lines in the order in which they ran. Only changes are told. Of a line that
ran more than three times the first two visits and the last are there, with ``...`` between them. Several
calls of a function share its text.
"""

from __future__ import annotations

from collections import defaultdict

from cotrace.formats.escape import visible
from cotrace.formats.folding import Group, groups
from cotrace.formats.telling import Row, ending, tell, warnings
from cotrace.formats.values import Budget
from cotrace.model.trace import EventKind, Trace

SHORT = Budget(characters=60, depth=4)
WIDTH = 60
"""Comments begin at this column at the latest, but for lines that reach farther."""

VISITS = 3
"""A line's visits that are told, with the last one among them."""

Visits = dict[int, list[tuple[int, Group]]]
"""For each line, its visits: the number in the order of the run, and the steps."""


def to_next(trace: Trace) -> str:
    """Return the source of what ran with comments that tell each line's effects."""
    visits = _visits(trace)
    kept = {source: {line: _few(runs) for line, runs in lines.items()} for source, lines in visits.items()}
    runs = [run for lines in kept.values() for few in lines.values() for run in few]
    rows = tell(trace, {index for _, group in runs for index in group}, budget=SHORT)
    parts = [_annotated(trace, source, visits[source], kept[source], rows) for source in sorted(visits)]
    told = [f"# {ending(trace)}", *(f"# {sentence}" for sentence in warnings(trace))]
    return "\n\n".join([*parts, "\n".join(told)]) + "\n"


def _visits(trace: Trace) -> dict[int, Visits]:
    """Return the visits of each line of each source that ran."""
    found: defaultdict[int, Visits] = defaultdict(lambda: defaultdict(list))
    for number, group in enumerate(groups(trace)):
        step = trace.steps[group[0]]
        source = trace.frames[step.frame].source
        if source >= 0:
            found[source][step.line].append((number, group))
    return found


def _few(runs: list[tuple[int, Group]]) -> list[tuple[int, Group]]:
    return runs if len(runs) <= VISITS else [*runs[: VISITS - 1], runs[-1]]


def _annotated(trace: Trace, source: int, visits: Visits, kept: Visits, rows: dict[int, Row]) -> str:
    text = [visible(line, keep="\t") for line in trace.sources[source].lines]
    extents = _extents(trace, source)
    numbers = [number for first, last in extents for number in range(first, min(last, len(text)) + 1)]
    width = min(max((len(text[number - 1]) for number in numbers), default=0), WIDTH)
    lines = [f"# {visible(trace.sources[source].name)}"]
    for before, number in zip([0, *numbers], numbers, strict=False):
        if before and number > before + 1:
            lines.append("# ...")
        told = _comment(kept.get(number, []), len(visits.get(number, [])), trace, rows)
        lines.append(f"{text[number - 1]:{width}}  # {told}" if told else text[number - 1])
    return "\n".join(line.rstrip() for line in lines)


def _extents(trace: Trace, source: int) -> list[tuple[int, int]]:
    """Return the ranges of lines to print: all of a text that ran from its top, else the functions that ran."""
    ran = [frame for frame in trace.frames if frame.source == source]
    if any(frame.kind == "module" for frame in ran):
        return [(1, len("\n".join(trace.sources[source].lines).rstrip().split("\n")))]
    lasts: dict[int, int] = {}
    for step in trace.steps:
        frame = trace.frames[step.frame]
        if frame.source == source:
            lasts[frame.line] = max(lasts.get(frame.line, 0), step.line)
    merged: list[tuple[int, int]] = []
    for first, last in sorted(lasts.items()):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged


def _comment(runs: list[tuple[int, Group]], count: int, trace: Trace, rows: dict[int, Row]) -> str:
    told = [f"({number}) {_effects(trace, group, rows)}".rstrip() for number, group in runs]
    if count > len(runs):
        told.insert(len(told) - 1, "...")
    return "; ".join(told)


def _effects(trace: Trace, group: Group, rows: dict[int, Row]) -> str:
    effects: list[str] = []
    for index in group:
        row = rows[index]
        effects += [f"{change.target}={change.value}" for change in row.changes if change.value]
        effects += [f"del {change.target}" for change in row.changes if not change.value]
        effects += _ended(trace, row)
    return "; ".join(effects)


def _ended(trace: Trace, row: Row) -> list[str]:
    names = {EventKind.RETURN: "__return__", EventKind.YIELD: "__yield__", EventKind.RAISE: "__exception__"}
    kind = trace.frames[row.step.frame].kind
    if row.step.event not in names or kind in ("module", "class", "block"):
        return []
    return [f"{names[row.step.event]}={row.value}"]
