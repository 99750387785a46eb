"""The table: one row a line that ran, with its source and what it did, for people to read.

::

    total(1): 7 steps, returned 0

    step  line  source                  what it did
       0     1  def total(n):           total begins with n = 1
       1     2      sum = 0             sum = 0
       2     3      for i in range(n):  i = 0
       3     4          sum += i        sum = 0
       4     3      for i in range(n):
       5     5      return sum          returns 0

`rows_of` gives the same rows to whoever draws them in another way: HTML, a terminal with colours.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cotrace.formats.escape import visible
from cotrace.formats.folding import Gap, Group, fold
from cotrace.formats.telling import Row, ending, tell, warnings, worth_telling
from cotrace.formats.values import NARROW, Heap, show
from cotrace.model.state import Atom
from cotrace.model.trace import EventKind, Frame, Output, Trace

ROWS = 200
"""How many rows a table has before it is folded."""

COMPUTED = 5
"""How many sub-expressions are told in a row; those left out are counted."""


class Phrase(NamedTuple):
    """One thing that a line did."""

    kind: Literal["computed", "changed", "wrote", "ended"]
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. Its texts hold no character that acts; they are not escaped for markup."""

    step: int
    line: int
    depth: int
    source: str
    phrases: tuple[Phrase, ...]
    """What happened, in order."""


def title(trace: Trace, heap: Heap | None = None) -> str:
    """Return the trace in one line: ``total(1): 7 steps, returned 0``; `heap` as for `ending`."""
    steps = f"{len(trace.steps):,} step{'' if len(trace.steps) == 1 else 's'}"
    return f"{visible(trace.call) or 'trace'}: {steps}, {ending(trace, heap)}"


def rows_of(trace: Trace, rows: int | None = ROWS) -> list[Line | Gap]:
    """Return the table's rows, at most about `rows` of them (None: all)."""
    return _rows_and_heap(trace, rows)[0]


def _rows_and_heap(trace: Trace, rows: int | None) -> tuple[list[Line | Gap], Heap]:
    """Return the table's rows, and the objects as they were at the end."""
    plan = fold(trace, rows)
    told = tell(trace, {index for group in plan if not isinstance(group, Gap) for index in group})
    lines = [part if isinstance(part, Gap) else _line(trace, part, told) for part in plan]
    return [
        line for line in lines if isinstance(line, Gap) or line.phrases or _is_line(trace, line)
    ], told.heap


def _is_line(trace: Trace, line: Line) -> bool:
    """Tell whether a row is worth having though nothing happened: a line ran, not only a text's begin or end."""
    return trace.steps[line.step].event is EventKind.LINE


def to_table(trace: Trace, rows: int | None = ROWS) -> str:
    """Return the trace as a text table with at most about `rows` rows; what is folded away is counted."""
    return table_of(trace, *_rows_and_heap(trace, rows))


def table_of(trace: Trace, lines: list[Line | Gap], heap: Heap | None = None) -> str:
    """Return these rows of a trace as a text table; `heap` as for `ending`."""
    width = max([len("source"), *(len(_source_cell(line)) for line in lines if isinstance(line, Line))])
    parts = [title(trace, heap)]
    if lines:
        parts += ["", f"step  line  {'source':{width}}  what it did"]
    for line in lines:
        parts += [f"   …        ({line})"] if isinstance(line, Gap) else _printed(line, width)
    told = [f"! {sentence}" for sentence in warnings(trace)]
    return "\n".join(part.rstrip() for part in (*parts, *([""] if told else []), *told)) + "\n"


# --- one row --------------------------------------------------------------------------------------------


def _line(trace: Trace, group: Group, told: dict[int, Row]) -> Line:
    step = trace.steps[group[0]]
    ends = {told[index].value for index in group}
    phrases = [phrase for index in group for phrase in _phrases(trace, told[index], ends)]
    source = visible(trace.line_text(step.index).expandtabs(4)).rstrip()
    return Line(step.index, step.line, step.depth, source, tuple(phrases))


def _phrases(trace: Trace, row: Row, ends: set[str]) -> list[Phrase]:
    frame = trace.frames[row.step.frame]
    computed = worth_telling(trace, row, ends)
    phrases = [Phrase("computed", str(part)) for part in computed[:COMPUTED]]
    if len(computed) > COMPUTED:
        phrases.append(Phrase("computed", f"… {len(computed) - COMPUTED} more values"))
    phrases += _changes(row, frame)
    phrases += _written(row.step.output)
    ended = _ended(row, frame)
    return [*phrases, Phrase("ended", ended)] if ended else phrases


_TEXTS = {"module", "block", "globals"}
"""Kinds of frame that nobody calls: they run because they are there."""


def _changes(row: Row, frame: Frame) -> list[Phrase]:
    changes = [str(change) for change in row.changes]
    if row.step.event is EventKind.START and frame.kind not in _TEXTS:
        parameters = [str(change) for change in row.changes if not change.remark.endswith("before")]
        before = [text for text in changes if text not in parameters]
        begins = " with ".join(
            [f"{short_name(frame)} begins", *([", ".join(parameters)] if parameters else [])]
        )
        changes = [*before, begins]
    return [Phrase("changed", text) for text in changes]


def _written(outputs: tuple[Output, ...]) -> list[Phrase]:
    phrases: list[Phrase] = []
    for stream, verb in (("stdout", "prints"), ("stderr", "writes to stderr")):
        text = "".join(out.text for out in outputs if out.stream == stream)
        if text:
            shown = show(Atom("str", repr(text.removesuffix("\n"))), {}, NARROW)
            phrases.append(Phrase("wrote", f"{verb} {shown}"))
    return phrases


def _ended(row: Row, frame: Frame) -> str:
    event = row.step.event
    awaits = frame.kind in {*_TEXTS, "coroutine"}
    if event is EventKind.RETURN:
        return "" if frame.kind in {*_TEXTS, "class"} or not row.value else f"returns {row.value}"
    if event is EventKind.YIELD:
        return "waits" if awaits else f"yields {row.value}"
    if event is EventKind.RESUME:
        return "goes on"
    if event is EventKind.RAISE:
        is_signal = awaits and row.value.startswith(
            "StopIteration("
        )  # how what was awaited says that it is done
        return "" if is_signal else f"raises {row.value}"
    return f"{short_name(frame)} ends by the exception" if event is EventKind.UNWIND else ""


def short_name(frame: Frame) -> str:
    """Return a frame's name as one says it: ``helper`` for ``f.<locals>.helper``."""
    return visible(frame.name).rsplit("<locals>.", 1)[-1]


# --- layout ---------------------------------------------------------------------------------------------

SOURCE_WIDTH = 56
PHRASES_WIDTH = 72


def bars(depth: int) -> str:
    """Return the mark that sets off the source of a call from its caller's."""
    return "│ " * depth if depth <= 8 else f"({depth})│ "


def _source_cell(line: Line) -> str:
    text = bars(line.depth) + line.source
    return text if len(text) <= SOURCE_WIDTH else text[: SOURCE_WIDTH - 1] + "…"


def _printed(line: Line, width: int) -> list[str]:
    told = _wrapped(line.phrases) or [""]
    first = f"{line.step:>4}  {line.line:>4}  {_source_cell(line):{width}}  {told[0]}"
    return [first, *(f"{'':{width + 14}}{more}" for more in told[1:])]


def _wrapped(phrases: tuple[Phrase, ...]) -> list[str]:
    """Return the phrases in lines, broken between phrases where that is possible."""
    lines: list[str] = []
    for phrase in phrases:
        if lines and len(lines[-1]) + len(phrase.text) + 2 <= PHRASES_WIDTH:
            lines[-1] += f"; {phrase.text}"
        else:
            lines += textwrap.wrap(phrase.text, PHRASES_WIDTH + 40, break_on_hyphens=False)
    return lines
