"""``cotrace dataset``: records of checked reasoning in a JSONL file: add, list, show, edit, validate, undo.

Whatever is written is shown before: what is missing, which claims the recording contradicts, which records are about
the same example already.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cotrace.cli import render, traces
from cotrace.cli.editing import Edited, edited_in_editor
from cotrace.cli.parser import sentence
from cotrace.cli.reasoning import as_written, read_text
from cotrace.cli.terminal import Terminal
from cotrace.dataset import Dataset, DatasetWarning, rerun
from cotrace.dataset.composing import compose, reasoning_of, revised
from cotrace.errors import UsageError
from cotrace.grounding import check
from cotrace.model.reasoning import Reasoning
from cotrace.model.record import Anchor, GroundingSummary, Record, Review
from cotrace.settings import STYLES, Settings, load
from cotrace.store import load as load_trace


@dataclass(frozen=True, slots=True)
class Action:
    """One word after ``cotrace dataset``."""

    name: str
    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Terminal], int]


def arguments(_name: str, parser: argparse.ArgumentParser) -> None:
    """Declare the actions and what each takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    parser.set_defaults(run=_actions_told)
    for action in ACTIONS:
        described = actions.add_parser(action.name, help=action.summary, description=sentence(action.summary))
        described.add_argument(
            "--dataset", type=Path, metavar="FILE", help="the JSONL file (default: the setting)"
        )
        described.add_argument("--json", action="store_true", help="print it as JSON")
        action.declare(described)
        described.set_defaults(run=_with_warnings(action.run), parser=described)


def _actions_told(options: argparse.Namespace, _terminal: Terminal) -> int:
    """Print the actions, for who named none."""
    options.parser.print_help()
    return 2


def _with_warnings(
    run: Callable[[argparse.Namespace, Terminal], int],
) -> Callable[[argparse.Namespace, Terminal], int]:
    """Tell a dataset's warnings as notes."""

    def told(options: argparse.Namespace, terminal: Terminal) -> int:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DatasetWarning)
            code = run(options, terminal)
        for warning in caught:
            terminal.warn(str(warning.message))
        return code

    return told


def _dataset(options: argparse.Namespace, style: str | None = None) -> tuple[Dataset, Settings]:
    settings = load({"dataset": options.dataset, "style": style})
    return Dataset(settings.dataset), settings


# --- add ----------------------------------------------------------------------------------------------------------


def _declare_add(parser: argparse.ArgumentParser) -> None:
    traces.add_argument(parser)
    parser.add_argument(
        "--reasoning", metavar="FILE", help="the reasoning, or - for stdin (default: told offline)"
    )
    parser.add_argument("--style", choices=STYLES, help="how much the offline reasoning tells")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another wording of the same facts")
    parser.add_argument(
        "--kind", choices=("output", "input", "task"), help="what is asked for (default: output)"
    )
    parser.add_argument(
        "--question", metavar="TEXT", help="the question, in your words; alone, it makes a task"
    )
    parser.add_argument("--answer", metavar="NAME", help="the variable whose last value is the answer")
    parser.add_argument(
        "--approve", action="store_true", help="mark it approved: refused while something is missing"
    )
    parser.add_argument(
        "--no-trace", action="store_true", help="do not keep the recording beside the dataset"
    )
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="a tag; may be given again")
    parser.add_argument(
        "--again", action="store_true", help="add it though the same example is there already"
    )


def add(options: argparse.Namespace, terminal: Terminal) -> int:
    """Make a record of a recording and append it; 1 if it is there already, or can't be approved."""
    dataset, settings = _dataset(options, style=options.style)
    trace = traces.opened(options.trace, settings).trace
    told = traces.told(trace, settings, options.seed)
    if options.reasoning is not None:
        told = as_written(read_text(options.reasoning), told)
    composed = compose(
        trace,
        told,
        kind=options.kind or ("task" if options.question else "output"),
        question=options.question or "",
        answer=options.answer or "",
        status="approved" if options.approve else "draft",
        tags=tuple(options.tag),
    )
    if not options.json:
        terminal.show(render.record(composed.record))
    for problem in composed.shortcomings:
        terminal.warn(problem)
    if options.approve and composed.shortcomings:
        terminal.error("it can't be approved as it is: add it without --approve to keep it as a draft")
        return 1
    twins = dataset.duplicates_of(composed.record)
    if twins and not options.again:
        names = ", ".join(twin.id for twin in twins[:3])
        terminal.error(
            f"{dataset.path} has a record of this example already ({names}): add another with --again, or edit that one"
        )
        return 1
    appended = dataset.append(composed.record, None if options.no_trace else composed.trace_bytes)
    if options.json:
        terminal.json(
            {
                "id": appended.id,
                "dataset": str(appended.path),
                "trace": appended.trace and str(appended.trace),
                "status": composed.record.review.status,
                "shortcomings": list(composed.shortcomings),
            }
        )
    else:
        terminal.say(f"added as {composed.record.review.status} to {appended.path}: {appended.id}")
    return 0


def now() -> str:
    """Return the time as records have it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


# --- list and show --------------------------------------------------------------------------------------------------


def _declare_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", choices=("draft", "approved", "rejected"), help="only those")
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="only those with this tag")


def list_(options: argparse.Namespace, terminal: Terminal) -> int:
    """List the records, oldest first."""
    dataset = _existing(options)
    found = [
        record
        for record in dataset
        if options.status in (None, record.review.status) and set(options.tag) <= set(record.tags)
    ]
    if options.json:
        terminal.json([_fields(record) for record in found])
    elif found:
        terminal.show(render.records(found))
    else:
        terminal.say(f"{dataset.path} has no such records")
    return 0


def _existing(options: argparse.Namespace) -> Dataset:
    dataset, _ = _dataset(options)
    if not dataset.path.exists():
        raise UsageError(
            f"{dataset.path}: expected a dataset, found nothing there: add a record to make it, "
            "or name another with --dataset"
        )
    return dataset


def _fields(record: Record) -> dict[str, Any]:
    from cotrace.dataset import rows

    row: dict[str, Any] = dict(rows.parse(rows.encode(record)))
    return row


def _declare_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help="the record's id, or how it begins (default: the last record)")


def show(options: argparse.Namespace, terminal: Terminal) -> int:
    """Show one record as its reader will have it."""
    record = one(_existing(options), options.id)
    if options.json:
        terminal.json(_fields(record))
    else:
        terminal.show(render.record(record))
    return 0


def one(dataset: Dataset, name: str | None) -> Record:
    """Return the record whose id begins so, or the last one. Raises UsageError unless there is exactly one."""
    found = [record for record in dataset if record.id.startswith(name or "")]
    if name is None and found:
        return found[-1]
    if len(found) != 1:
        what = "none" if not found else f"{len(found)}: {', '.join(record.id for record in found[:3])} ..."
        raise UsageError(
            f"{dataset.path}: expected one record whose id begins with {name or ''!r}, found {what}: "
            "cotrace dataset list shows the ids"
        )
    return found[0]


# --- edit -----------------------------------------------------------------------------------------------------------


def _declare_edit(parser: argparse.ArgumentParser) -> None:
    _declare_one(parser)
    decision = parser.add_mutually_exclusive_group()
    decision.add_argument(
        "--approve", dest="status", action="store_const", const="approved", help="mark it approved"
    )
    decision.add_argument(
        "--reject", dest="status", action="store_const", const="rejected", help="mark it rejected"
    )
    decision.add_argument(
        "--draft", dest="status", action="store_const", const="draft", help="mark it a draft again"
    )
    parser.add_argument("--note", metavar="TEXT", help="why: kept with the decision")
    parser.add_argument("--tag", action="append", metavar="TAG", help="add a tag; may be given again")
    parser.add_argument("--untag", action="append", default=[], metavar="TAG", help="take a tag away")
    parser.add_argument("--reasoning", metavar="FILE", help="take the reasoning from a file, or - for stdin")


def edit(options: argparse.Namespace, terminal: Terminal) -> int:
    """Change a record: its text in $EDITOR, or what the options say; 1 if the recording contradicts the new text."""
    dataset = _existing(options)
    record = one(dataset, options.id)
    changed, code = _text_edited(options, dataset, record, terminal)
    tags = dict.fromkeys([*changed.tags, *(options.tag or ())])
    changed = replace(changed, tags=tuple(tag for tag in tags if tag not in options.untag))
    if options.status is not None or options.note is not None:
        status, note = options.status or changed.review.status, options.note
        changed = replace(
            changed, review=Review(status, changed.review.note if note is None else note, now())
        )
    if changed.review.status == "approved" and (problem := _against_approval(changed)):
        if options.status == "approved":
            terminal.error(f"it can't be approved: {problem}; nothing was changed")
            return 1
        terminal.warn(f"it is a draft again: {problem}")
        changed = replace(changed, review=Review("draft", changed.review.note, now()))
    if changed == record:
        terminal.say("nothing was changed")
        return 0
    written = dataset.update(changed)
    if options.json:
        terminal.json(_fields(written))
    else:
        terminal.say(f"written: {written.id}, revision {written.rev}, {written.review.status}")
    return code


def _against_approval(record: Record) -> str:
    """Return why a record must not be approved, or ""; runs its code."""
    if record.grounding.counts.contradicted:
        return f"the recording contradicts {record.grounding.counts.contradicted} of its claims"
    again = rerun(record)
    return (
        "" if again.agrees else f"run again in a fresh process it does not give its answer: {again.message}"
    )


def _text_edited(
    options: argparse.Namespace, dataset: Dataset, record: Record, terminal: Terminal
) -> tuple[Record, int]:
    """Return the record with its new text, checked against its recording, and the exit code that follows."""
    old = Edited(record.question.text, reasoning_of(record).text)
    if options.reasoning is not None:
        new = Edited(old.question, read_text(options.reasoning).strip())
    elif any((options.status, options.note, options.tag, options.untag)):
        return record, 0
    else:
        new = edited_in_editor(old, record.id)
    if new == old:
        return record, 0
    record = with_question(record, new.question)
    if new.reasoning == old.reasoning:
        return record, 0
    told = reasoning_of(record).edited(new.reasoning)
    path = dataset.trace_path(record)
    if path is None:
        terminal.warn("its recording was not kept, so the new text can't be checked")
        return unchecked(record, told), 0
    record = revised(record, told, load_trace(path))
    counts = record.grounding.counts
    if counts.contradicted and not options.json:
        terminal.show(render.grounding(check(told, load_trace(path))))
    return record, 1 if counts.contradicted else 0


def unchecked(record: Record, told: Reasoning) -> Record:
    """Return the record with another reasoning whose check has yet to be made."""
    messages = tuple(
        replace(message, reasoning_content=told.text) if message.role == "assistant" else message
        for message in record.messages
    )
    anchors = tuple(
        Anchor(start, end, sentence.anchor, sentence.origin)
        for sentence, (start, end) in zip(told.sentences, told.spans(), strict=True)
    )
    return replace(record, messages=messages, anchors=anchors, grounding=GroundingSummary())


def with_question(record: Record, text: str) -> Record:
    """Return the record with another question, also in the message that asks it."""
    messages = tuple(
        replace(message, content=text) if message.role == "user" else message for message in record.messages
    )
    return replace(record, question=replace(record.question, text=text), messages=messages)


# --- validate and undo ----------------------------------------------------------------------------------------------


def _declare_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", dest="rerun", action="store_true", help="run approved records again: runs their code"
    )
    parser.add_argument("--seconds", type=float, default=10.0, metavar="N", help="how long each may run")


def validate(options: argparse.Namespace, terminal: Terminal) -> int:
    """Say what is wrong with the file, line by line; 1 if there is an error."""
    dataset = _existing(options)
    findings = dataset.validate(run=options.rerun, seconds=options.seconds)
    if options.json:
        terminal.json(
            [
                {
                    "file": str(finding.file),
                    "line": finding.line,
                    "id": finding.id,
                    "severity": finding.severity,
                    "message": finding.message,
                    "what_to_do": finding.what_to_do,
                }
                for finding in findings
            ]
        )
    else:
        _tell_findings((str(finding) for finding in findings), dataset, terminal)
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def _tell_findings(findings: Iterable[str], dataset: Dataset, terminal: Terminal) -> None:
    told = list(findings)
    for finding in told:
        terminal.text(finding)
    many = f"{len(dataset):,} record{'' if len(dataset) == 1 else 's'}"
    terminal.say(f"{dataset.path}: {many}, {len(told)} finding{'' if len(told) == 1 else 's'}")


def _declare_nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def undo(options: argparse.Namespace, terminal: Terminal) -> int:
    """Take back the last record that you appended."""
    record = _existing(options).undo()
    if options.json:
        terminal.json(_fields(record))
    else:
        terminal.say(f"taken back: {record.id} ({record.call or 'cell'})")
    return 0


ACTIONS = (
    Action("add", "make a record of a recording and its reasoning, and append it", _declare_add, add),
    Action("list", "list the records", _declare_list, list_),
    Action("show", "show one record", _declare_one, show),
    Action(
        "edit",
        "edit a record's text in $EDITOR and check it again, or set its review and tags",
        _declare_edit,
        edit,
    ),
    Action("validate", "say what is wrong with the file", _declare_validate, validate),
    Action("undo", "take back the last record that you appended", _declare_nothing, undo),
)
