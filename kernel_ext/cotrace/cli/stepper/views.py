"""The parts of the stepper's picture, each as lines of text: takes values, returns rich `Text`, prints nothing.

A line may be longer than its place: whoever draws it cuts it. Everything of the traced program goes through `visible`
or `show`, and into `Text`, where it is neither markup nor a control sequence. What colour tells is also told by a sign:
``▶`` the current line, ``●`` what changed, ``»`` what is chosen.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

from cotrace.cli.stepper.recording import COLOURED, Hits, Recording
from cotrace.cli.stepper.session import HELP, Session
from cotrace.formats.escape import visible
from cotrace.formats.table import short_name
from cotrace.formats.telling import ending, worth_telling
from cotrace.formats.values import Budget, Heap, show
from cotrace.model.state import Ref, Value
from cotrace.model.trace import EventKind, Frame

BARS = " ▁▂▃▄▅▆▇█"
LEAST = 12
"""Characters that a value has at least, however narrow its place: the place cuts it."""

INLINE = 3
"""Values that stand behind a line."""

_THEME = ANSISyntaxTheme(
    {
        ("Comment",): Style(dim=True),
        ("Keyword",): Style(color="blue"),
        ("Operator", "Word"): Style(color="blue"),
        ("Literal", "String"): Style(color="green"),
        ("Literal", "Number"): Style(color="cyan"),
        ("Name", "Function"): Style(bold=True),
        ("Name", "Class"): Style(bold=True),
        ("Name", "Builtin"): Style(color="cyan"),
    }
)
"""Colours that any terminal's own palette has, so that they can be read on dark and on light."""


# --- above and below ----------------------------------------------------------------------------------------------


def heading(session: Session) -> tuple[Text, Text]:
    """Return what ran, and where in it this is."""
    recording = session.recording
    playing = "playing  " if session.is_playing else ""
    place = f"{playing}step {session.position:,} of {recording.end:,}"
    return Text(visible(recording.trace.call) or "trace", "bold"), Text(place, "bold")


def strip(session: Session, width: int) -> Text:
    """Return the depth of the whole run as bars, with the position in it as ``◆``."""
    recording, columns = session.recording, max(width, 1)
    depths = recording.depths(columns)
    deepest = max([*depths, 1])
    bars = [BARS[1 + depth * (len(BARS) - 2) // deepest] for depth in depths]
    here = min(session.position * columns // max(recording.end, 1), columns - 1)
    return Text.assemble(
        ("".join(bars[:here]), "blue"), ("◆", "bold reverse"), ("".join(bars[here + 1 :]), "blue dim")
    )


def place(session: Session) -> Text:
    """Return what happens at the position, in words, and in which passes of which loops."""
    recording, position = session.recording, session.position
    if position == recording.end:
        return Text(f"the end: {ending(recording.trace, recording.snapshot(position).heap)}", "bold magenta")
    words = [_happens(recording, position)]
    step = recording.trace.steps[position]
    words += [
        f"{run.loop.kind} in line {run.loop.header_line}: pass {current:,} of {len(run.starts):,}"
        for run, current in recording.loops(position)
    ]
    if step.depth:
        words.append(f"depth {step.depth}")
    thread = recording.trace.frames[step.frame].thread
    if thread:
        words.append(f"thread {thread}")
    return Text(" · ").join([Text(words[0], "bold"), *map(Text, words[1:])])


def _happens(recording: Recording, position: int) -> str:
    step = recording.trace.steps[position]
    frame = recording.trace.frames[step.frame]
    name = short_name(frame)
    if step.event is EventKind.LINE:
        return f"line {step.line} of {name}"
    value = recording.row(position, Budget(60, 3)).value
    return {
        EventKind.START: f"{name} begins",
        EventKind.YIELD: f"{name} yields {value}",
        EventKind.RESUME: f"{name} goes on",
        EventKind.RAISE: f"{value} passes through {name}",
        EventKind.RETURN: f"{name} returns {value}",
        EventKind.UNWIND: f"{name} ends by {value or 'the exception'}",
    }[step.event]


def status(session: Session) -> Text:
    """Return the prompt, what the last key had to say, or the main keys."""
    if session.mode in ("search", "go"):
        asked = "search: " if session.mode == "search" else "go to step: "
        return Text.assemble((asked, "bold"), visible(session.typed), ("█", "blink"))
    if session.mode == "choose":
        return Text("choose a variable: ↑ ↓, then Enter; Esc leaves it", "bold")
    if session.mode == "help":
        return Text("↓ ↑ scroll, any other key goes back", "bold")
    if session.message:
        return Text(session.message, "yellow")
    return Text("? help   → next   ← previous   ↓ over   ↑ back over   o out   / search   q quit", "dim")


def help_sheet(session: Session, height: int) -> list[Text]:
    """Return the keys and what they do, as much as fits."""
    session.scrolled = max(min(session.scrolled, len(HELP) - height), 0)
    width = max(len(keys) for keys, _ in HELP)
    shown = HELP[session.scrolled : session.scrolled + height]
    return [Text.assemble((f"{keys:{width}}", "bold"), "  ", meaning) for keys, meaning in shown]


# --- code ---------------------------------------------------------------------------------------------------------


def code(session: Session, width: int, height: int) -> list[Text]:
    """Return the lines around the current one, with how often each ran and the values that it gave."""
    recording, position = session.recording, session.position
    frame = recording.frame(position)
    if frame is None or frame.source < 0 or not recording.trace.sources[frame.source].text:
        return [Text("the recording has no source of this", "dim")]
    texts = recording.texts(frame.source)
    line = recording.line(position)
    first = min(max((line or frame.line) - height // 2, 1), max(len(texts) - height + 1, 1))
    numbers = range(first, min(first + height, len(texts) + 1))
    counts = [_counted(recording.hits(frame.source, number, position), width) for number in numbers]
    room = max(map(len, counts), default=0)
    known = _values_in_reach(recording, position, frame)
    return [
        Text.assemble(
            ("▶ " if number == line else "  ", "bold yellow"),
            (f"{number:>{len(str(len(texts)))}}  ", "bold" if number == line else "dim"),
            (f"{count:>{room}}  ", "dim"),
            _code_line(session, frame.source, number),
            (_inline(session, frame, number, known), "cyan"),
        )
        for number, count in zip(numbers, counts, strict=True)
    ]


def _counted(hits: Hits, width: int) -> str:
    if not hits.total:
        return ""
    return f"{hits.so_far:,}/{hits.total:,}" if width >= 60 else f"{hits.so_far:,}"


def _code_line(session: Session, source: int, number: int) -> Text:
    shown = _coloured(session.recording, source)[number - 1].copy()
    if number == session.recording.line(session.position):
        shown.stylize("bold")
    if session.search is not None:
        flags = re.IGNORECASE if session.search.ignores_case else 0
        shown.highlight_regex(re.compile(re.escape(session.search.query), flags), "reverse")
    return shown


def _inline(session: Session, frame: Frame, number: int, known: dict[str, Value]) -> str:
    """Return the values of the names that a line stores; of the current line, of all it speaks of."""
    recording, position = session.recording, session.position
    if not recording.hits(frame.source, number, position).so_far and number != frame.line:
        return ""
    stored, spoken = recording.names(frame, number)
    wanted = spoken if number == recording.line(position) else stored
    names = [name for name in dict.fromkeys(wanted) if name in known]
    names = sorted(names, key=lambda name: isinstance(known[name], Ref))[:INLINE]  # the short ones first
    heap = recording.snapshot(position).heap
    told = [f"{visible(name)} = {show(known[name], heap, Budget(28, 2))}" for name in names]
    return "   " + ", ".join(told) if told else ""


def _values_in_reach(recording: Recording, position: int, frame: Frame) -> dict[str, Value]:
    """Return the variables that the running frame's lines may speak of, its own before its module's."""
    snapshot = recording.snapshot(position)
    shown = dict(recording.variables(position))
    owner = recording.trace.frames[frame.globals]
    return {**shown.get(owner, {}), **snapshot.frames.get(frame.id, {})}


@lru_cache(maxsize=16)
def _coloured(recording: Recording, source: int) -> list[Text]:
    texts = recording.texts(source)
    joined = "\n".join(texts)
    if len(joined) > COLOURED:
        return [Text(text) for text in texts]
    syntax = Syntax("", "python", theme=_THEME)
    lines = syntax.highlight(joined).split("\n", allow_blank=True)
    return [*lines, *(Text() for _ in range(len(texts) - len(lines)))]


# --- what the line does -------------------------------------------------------------------------------------------


def effects(session: Session, width: int) -> list[Text]:
    """Return what this line computes, changes, writes and ends with."""
    recording, position = session.recording, session.position
    if position == recording.end:
        told = ending(recording.trace, recording.snapshot(position).heap)
        return [Text(told, "magenta"), *(Text(f"! {words}", "yellow") for words in recording.warnings)]
    row = recording.row(position, Budget(max(width - 12, LEAST), 4))
    lines = [Text(str(part)) for part in worth_telling(recording.trace, row)]
    lines += [Text.assemble(("● ", "cyan"), (str(change), "cyan")) for change in row.changes]
    for out in row.step.output:
        stream = "prints" if out.stream == "stdout" else "writes to stderr"
        lines.append(Text(f"{stream} {visible(out.text.removesuffix(chr(10)))}", "green"))
    if row.value:
        lines.append(Text(f"{row.step.event.value}s {row.value}", "magenta"))
    return lines or [Text("changes nothing that can be seen", "dim")]


# --- state --------------------------------------------------------------------------------------------------------


def variables(session: Session, width: int, height: int) -> list[Text]:
    """Return the stack, innermost frame first, with the variables of each and what changed, as much as fits."""
    listed = _listed(session)
    names = [place for place, (_, name) in enumerate(listed) if name is not None]
    marked = names[session.cursor] if session.mode == "choose" and session.cursor < len(names) else -1
    if marked >= 0:
        session.scrolled = max(min(session.scrolled, marked), marked - height + 2)
    session.scrolled = max(min(session.scrolled, len(listed) - height), 0)
    places = range(session.scrolled, min(session.scrolled + height, len(listed)))
    shown = [_listed_line(session, *listed[place], width) for place in places]
    if marked in places:
        shown[marked - session.scrolled].stylize("reverse")
    left = len(listed) - session.scrolled - len(shown)
    if left > 0 and height > 3:
        shown[-1] = Text(f"… {left + 1} more lines: PgDn", "dim")
    return shown


def _listed(session: Session) -> list[tuple[Frame, str | None]]:
    """Return what the lines speak of: a frame, or a variable of it by its name."""
    listed: list[tuple[Frame, str | None]] = []
    for frame, held in session.recording.variables(session.position):
        listed += [(frame, None), *((frame, name) for name in held)]
    return listed


def _listed_line(session: Session, frame: Frame, name: str | None, width: int) -> Text:
    snapshot = session.recording.snapshot(session.position)
    held = snapshot.frames.get(frame.id, {})
    if name is None:
        return _frame_line(frame, empty=not held)
    return _variable_line(session, frame, name, show_in(held[name], snapshot.heap, width - len(name)))


def show_in(value: Value, heap: Heap, width: int) -> str:
    """Return a value in about so many columns, objects that are there twice by number."""
    room = max(width - 10, LEAST)
    told = show(value, heap, Budget(room, 4), numbers=True)
    if cell_len(told) > width > LEAST:  # characters that take two columns each
        told = show(value, heap, Budget(max(room * room // cell_len(told), LEAST), 4), numbers=True)
    return told


def _frame_line(frame: Frame, *, empty: bool) -> Text:
    kind = "globals of " if frame.kind == "globals" else ""
    return Text.assemble(
        (kind, "dim"), (short_name(frame), "bold"), ("  no variables" if empty else "", "dim")
    )


def _variable_line(session: Session, frame: Frame, name: str, value: str) -> Text:
    recording, position = session.recording, session.position
    is_chosen = session.chosen == (frame.id, name)
    changed = recording.changed(position, frame.id, name, recording.snapshot(position))
    return Text.assemble(
        ("»" if is_chosen else " ", "bold yellow"),
        ("● " if changed else "  ", "cyan"),
        (visible(name), "bold"),
        " = ",
        (value, "cyan" if changed else ""),
    )


def output(session: Session, height: int) -> list[Text]:
    """Return the last lines that were written before this position."""
    return [Text(line, "green") for line in session.recording.written(session.position, height)]
