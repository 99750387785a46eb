"""How values look in a terminal: takes values, returns rich renderables, prints nothing.

Text of the traced program goes in as rich `Text` (its square brackets are no markup) and through `visible` (its control
characters do not act). Verdicts and changes are told by words and symbols; colour only repeats them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cotrace.formats.escape import visible
from cotrace.formats.folding import Gap
from cotrace.formats.table import SOURCE_WIDTH, Line, Phrase, rows_of, title
from cotrace.formats.telling import tell, warnings
from cotrace.formats.values import LINE, show
from cotrace.model.grounding import Verdict
from cotrace.model.source import Source
from cotrace.model.state import Value
from cotrace.model.trace import Frame, Trace

if TYPE_CHECKING:
    from cotrace.model.grounding import Grounding, Judged
    from cotrace.model.reasoning import Reasoning
    from cotrace.model.record import Record
    from cotrace.model.state import Snapshot

VERDICT_STYLES = {
    Verdict.SUPPORTED: "green",
    Verdict.CONTRADICTED: "bold red",
    Verdict.UNSUPPORTED: "yellow",
    Verdict.UNCHECKABLE: "dim",
}

NUMBERS = 14
"""Columns that the numbers of steps and lines take, with what parts the columns."""

DID_WIDTH = 40
"""Columns that what a line did has before its source may have more than half."""

AROUND = 3
"""How many source lines are shown before and after the current one."""


def plain(words: str, style: str = "", *, keep: str = "") -> Text:
    """Return text of anyone's that does nothing but show; the characters in `keep` may act."""
    return Text(visible(words, keep=keep), style)


# --- a trace ----------------------------------------------------------------------------------------------------


def timeline(trace: Trace, rows: int | None) -> RenderableType:
    """Return every line that ran with what it did, in about `rows` rows (None: all), and what is missing."""
    return Group(headline(trace), _Timeline(rows_of(trace, rows)), *missing(trace))


@dataclass(frozen=True, slots=True)
class _Timeline:
    """The table of steps, in as many columns as the terminal has."""

    rows: Sequence[Line | Gap]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        table.add_column("step", justify="right", style="dim", no_wrap=True)
        table.add_column("line", justify="right", style="dim", no_wrap=True)
        table.add_column(
            "source", no_wrap=True, overflow="ellipsis", max_width=_source_width(options.max_width)
        )
        table.add_column("what it did", overflow="fold")
        for row in self.rows:
            if isinstance(row, Gap):
                table.add_row("…", "", Text(f"({row})", "dim"), "")
            else:
                table.add_row(str(row.step), str(row.line), _source(row), _phrases(row.phrases))
        yield table


def _source_width(width: int) -> int:
    """Return how wide source may be: half of what there is, more where enough is left for what it did.

    rich would give all to the source, which is not wrapped, before it gives any to the words beside it.
    """
    both = width - NUMBERS
    return max(1, min(SOURCE_WIDTH, max(both // 2, both - DID_WIDTH)))


def headline(trace: Trace) -> Text:
    """Return what ran, in how many steps, and how it ended."""
    return Text(title(trace), "bold")


def missing(trace: Trace) -> list[Text]:
    """Return a line for each thing that the trace does not have."""
    return [Text.assemble(("! ", "bold yellow"), sentence) for sentence in warnings(trace)]


def _source(row: Line) -> Text:
    # Guides as deep as the calls; what lies deeper than the eye can follow is numbered.
    guides = "│ " * row.depth if row.depth <= 8 else f"({row.depth})│ "
    return Text.assemble((guides, "dim"), Text(row.source))


def _phrases(phrases: Sequence[Phrase]) -> Text:
    styles = {"computed": "", "changed": "cyan", "wrote": "green", "ended": "magenta"}
    return Text("; ").join(Text(phrase.text, styles[phrase.kind]) for phrase in phrases)


# --- one step ---------------------------------------------------------------------------------------------------


def state(trace: Trace, step: int) -> RenderableType:
    """Return one step: the source around its line, what the line did, and the state just before it ran."""
    snapshot = trace.snapshot(step)
    parts: list[RenderableType] = [_where(trace, step), Text()]
    if step < len(trace.steps):
        frame = trace.frames[trace.steps[step].frame]
        if frame.source >= 0:
            parts += [_listing(trace.sources[frame.source], trace.steps[step].line), Text()]
        parts += [_done(trace, step), Text()]
    parts += [Text("before it ran" if step < len(trace.steps) else "at the end", "bold")]
    return Group(*parts, *(_variables(snapshot, frame) for frame in _shown_frames(trace, snapshot)))


def _where(trace: Trace, step: int) -> Text:
    count = len(trace.steps)
    if step == count:
        return Text(f"after the last of {count:,} steps", "bold")
    recorded = trace.steps[step]
    name = visible(trace.frames[recorded.frame].name)
    return Text(
        f"step {step} of 0 to {count - 1}: {recorded.event.value} in {name}, line {recorded.line}", "bold"
    )


def _listing(source: Source, line: int) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    for number in range(max(1, line - AROUND), min(len(source.lines), line + AROUND) + 1):
        here = number == line
        text = Text(visible(source.line(number).expandtabs(4)), "bold" if here else "dim")
        rows.add_row("▶" if here else "", Text(str(number), "dim"), text)
    return rows


def _done(trace: Trace, step: int) -> RenderableType:
    row = tell(trace, {step}, part=LINE)[step]
    rows = Table.grid(padding=(0, 1))
    for computed in row.computed:
        rows.add_row("computes", Text(str(computed)))
    for change in row.changes:
        rows.add_row("changes", Text(str(change), "cyan"))
    for output in row.step.output:
        rows.add_row("writes", Text(visible(output.text.removesuffix("\n"), keep="\n"), "green"))
    if row.value:
        rows.add_row(f"{row.step.event.value}s", Text(row.value, "green"))
    return rows if rows.row_count else Text("It changed nothing that can be seen.", "dim")


def _shown_frames(trace: Trace, snapshot: Snapshot) -> list[Frame]:
    """Return the running frames, innermost first, then the namespaces of their modules."""
    running = [trace.frames[number] for number in reversed(snapshot.stack)]
    owners = dict.fromkeys(trace.frames[frame.globals] for frame in running)
    if not running:
        owners = dict.fromkeys(trace.frames[number] for number in snapshot.frames)
    return [*(frame for frame in running if frame not in owners), *owners]


def _variables(snapshot: Snapshot, frame: Frame) -> RenderableType:
    variables = snapshot.frames.get(frame.id, {})
    kind = "globals of" if frame.kind == "globals" else "in"
    heading = Text.assemble((f"{kind} ", "dim"), visible(frame.name))
    if not variables:
        return Padding(Text.assemble(heading, ("  no variables", "dim")), (0, 0, 0, 1))
    rows = Table.grid(padding=(0, 1))
    for name, value in variables.items():
        rows.add_row(
            Text(visible(name), "bold"),
            "=",
            _value(value, snapshot),
            Text(_aliases(name, value, variables), "dim"),
        )
    return Padding(Group(heading, Padding(rows, (0, 0, 0, 2))), (0, 0, 0, 1))


def _value(value: Value, snapshot: Snapshot) -> Text:
    return Text(show(value, snapshot.heap, numbers=True))


def _aliases(name: str, value: Value, variables: object) -> str:
    from cotrace.model.state import Ref

    if not isinstance(value, Ref) or not isinstance(variables, dict):
        return ""
    others = [other for other, held in variables.items() if held == value and other != name]
    return f"the same object as {', '.join(map(visible, others))}" if others else ""


# --- words ------------------------------------------------------------------------------------------------------


def reasoning(told: Reasoning, checked: Grounding | None = None) -> RenderableType:
    """Return the sentences; with a check, each with the symbol of the worst verdict on its claims."""
    rows = Table.grid(padding=(0, 1))
    for index, sentence in enumerate(told.sentences):
        if sentence.opens:
            rows.add_row("", "")
        mark = Text() if checked is None else mark_of(checked.of_sentence(index))
        rows.add_row(mark, plain(sentence.text, keep="\n"))
    return rows


def mark_of(claims: Iterable[Judged]) -> Text:
    """Return the symbol and word of the verdict that a reader must know of: the worst one."""
    order = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED, Verdict.UNCHECKABLE, Verdict.SUPPORTED)
    found = {judged.verdict for judged in claims}
    verdict = next((verdict for verdict in order if verdict in found), None)
    if verdict is None:
        return Text("  no claim", "dim")
    return Text(f"{verdict.symbol} {verdict.value}", VERDICT_STYLES[verdict])


def grounding(checked: Grounding, *, everything: bool = False) -> RenderableType:
    """Return the claims that are not supported, or all, each with its verdict and reason; and the counts."""
    shown = [judged for judged in checked.claims if everything or judged.verdict is not Verdict.SUPPORTED]
    parts: list[RenderableType] = []
    for judged in shown:
        mark = Text(f"{judged.verdict.symbol} {judged.verdict.value}: ", VERDICT_STYLES[judged.verdict])
        parts.append(Text.assemble(mark, plain(judged.claim.text, "bold")))
        parts.append(Padding(plain(judged.reason), (0, 0, 0, 4)))
        if judged.fix is not None and judged.fix_span is not None:
            wrong = checked.text[slice(*judged.fix_span)]
            parts.append(Padding(plain(f"write {judged.fix!r} for {wrong!r}"), (0, 0, 0, 4)))
    return Group(*parts, counts(checked))


def counts(checked: Grounding) -> Text:
    """Return how many claims have each verdict, and how much of what changed is told."""
    words = [
        Text(f"{verdict.symbol} {checked.counts[verdict.value]} {verdict.value}", VERDICT_STYLES[verdict])
        for verdict in Verdict
    ]
    coverage = f"{checked.coverage.told} of {checked.coverage.total} changes told"
    return Text("  ").join([*words, Text(coverage)])


# --- a dataset --------------------------------------------------------------------------------------------------


def records(found: Iterable[Record]) -> RenderableType:
    """Return a table with a row a record."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("id", "review", "kind", "call", "answer", "claims", "tags"):
        table.add_column(heading, overflow="fold" if heading == "id" else "ellipsis", no_wrap=heading != "id")
    for record in found:
        table.add_row(
            plain(record.id),
            plain(record.review.status),
            plain(record.question.kind),
            plain(record.call or "(cell)"),
            plain(record.answer),
            _claims(record),
            plain(", ".join(record.tags)),
        )
    return table


def record(shown: Record) -> RenderableType:
    """Return one record as its reader will have it: the question, the reasoning, the answer; then how it was made."""
    made = shown.provenance
    fields = [
        ("id", shown.id),
        ("review", f"{shown.review.status}{f': {shown.review.note}' if shown.review.note else ''}"),
        ("call", shown.call),
        ("input", "\n".join(f"{value.name} = {value.value}" for value in shown.input)),
        (
            "trace",
            f"{shown.trace.sha256[:12]} ({shown.trace.steps:,} steps)" if shown.trace.sha256 else "not kept",
        ),
        ("written by", f"{made.generator} {made.model}".strip()),
        ("tags", ", ".join(shown.tags)),
    ]
    parts: list[RenderableType] = [facts((name, value) for name, value in fields if value)]
    for message in shown.messages:
        parts += [Text(), Text(message.role, "bold")]
        if message.reasoning_content:
            parts.append(Padding(plain(message.reasoning_content, "italic", keep="\n\t"), (0, 0, 1, 2)))
        parts.append(Padding(plain(message.content, keep="\n\t"), (0, 0, 0, 2)))
    return Group(*parts, Text(), Text.assemble("checked: ", _claims(shown)))


def _claims(shown: Record) -> Text:
    if not shown.grounding.checker:
        return Text("not checked", "dim")
    counts = shown.grounding.counts
    words = [
        Text(f"{verdict.symbol}{getattr(counts, verdict.value)}", VERDICT_STYLES[verdict])
        for verdict in Verdict
        if getattr(counts, verdict.value)
    ]
    return Text(" ").join(words) if words else Text("no claims", "dim")


# --- facts ------------------------------------------------------------------------------------------------------


def facts(pairs: Iterable[tuple[str, str]]) -> RenderableType:
    """Return names and what they are, in two columns."""
    rows = Table.grid(padding=(0, 2))
    for name, value in pairs:
        rows.add_row(plain(name, "bold"), plain(value, keep="\n"))
    return rows


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    """Return rows of plain text under headings."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*map(plain, row))
    return made
