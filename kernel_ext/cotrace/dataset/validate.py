"""What is wrong with a dataset file, line by line, and what to do about each thing.

An *error* keeps a line from being used or makes the dataset lie: damaged text, a missing field, an id that is there
twice, an approved record that does not give its answer. A *warning* is a thing that somebody should look at. Nothing
is changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cotrace import files
from cotrace.dataset import rows
from cotrace.dataset.rerun import RerunResult, rerun
from cotrace.dataset.secrets import secrets_in
from cotrace.dataset.store import Dataset, Line
from cotrace.errors import RecordError
from cotrace.model.record import Question, Record

Severity = Literal["error", "warning"]
Run = Callable[[Record], RerunResult]
Say = Callable[[Severity, str, str], "Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    file: Path
    line: int
    """From 1; 0: the file as a whole."""
    id: str
    """The record's id, if the line has one."""
    severity: Severity
    message: str
    what_to_do: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return f"{where}: {self.severity}: {self.message}: {self.what_to_do}"


def validate(dataset: Dataset, *, run: bool = False, seconds: float = 10.0) -> list[Finding]:
    """Return what is wrong with a dataset, in the order of its lines; an empty list if nothing is.

    With `run`, every approved record runs again in a process of its own, for at most `seconds` each, and must give
    its answer. That runs the code in the file with your rights.
    """
    seen = _Seen()
    lines = list(dataset.lines()) if run else dataset.lines()
    findings = [finding for line in lines for finding in _of_line(dataset, line, seen)]
    if run:
        findings += _of_runs(list(lines), lambda record: rerun(record, seconds))
    return sorted(
        [*findings, *_of_file(dataset, seen)], key=lambda finding: (finding.line == 0, finding.line)
    )


@dataclass
class _Seen:
    """What earlier lines had."""

    ids: dict[str, int] = field(default_factory=dict)
    examples: dict[tuple[str, str, Question], int] = field(default_factory=dict)
    recordings: set[str] = field(default_factory=set)


def _of_line(dataset: Dataset, line: Line, seen: _Seen) -> Iterator[Finding]:
    def finding(severity: Severity, message: str, what_to_do: str) -> Finding:
        return Finding(line.path, line.number, rows.id_of(line.content), severity, message, what_to_do)

    if name := rows.id_of(line.content):
        if name in seen.ids:
            yield finding("error", f"line {seen.ids[name]} has the same id", "give one of them another id")
        seen.ids.setdefault(name, line.number)
    if line.record is None:
        problem = line.problem.removeprefix(f"{line.path}:{line.number}: ")
        yield finding("error", problem, "repair the line in an editor, or take it out")
        return
    yield from _of_row(line, finding)
    yield from _of_record(line.record, finding)
    yield from _of_trace(dataset, line.record, finding, seen)
    example = (line.record.code, line.record.call, line.record.question)
    if example in seen.examples:
        message = f"line {seen.examples[example]} asks the same question about the same code"
        yield finding("warning", message, "keep the better one")
    seen.examples.setdefault(example, line.number)


def _of_row(line: Line, finding: Say) -> Iterator[Finding]:
    row = rows.parse(line.content)
    if row.get("crc") != rows.checksum(row):
        yield finding(
            "warning",
            "edited outside cotrace: the checksum is not that of the row",
            "look at the row; any update of it through cotrace makes a new checksum",
        )
    if extra := rows.extra_fields(row):
        yield finding(
            "warning",
            f"has fields that are not a record's: {', '.join(extra)}",
            "give every row the same ones, or take them out: readers want one schema",
        )
    if rows.is_old(line.content):
        yield finding("warning", f"is of the older schema {row['schema']}", "migrate the dataset")


def _of_record(record: Record, finding: Say) -> Iterator[Finding]:
    text = max((message.reasoning_content for message in record.messages), key=len, default="")
    spans = [(span.start, span.end) for span in record.anchors]
    spans += [(span.start, span.end) for span in record.provenance.edited_spans]
    if any(not 0 <= start < end <= len(text) for start, end in spans):
        yield finding(
            "warning",
            f"has anchors or edits outside the reasoning, which has {len(text)} characters",
            "check the record again, or set them anew",
        )
    for place in secrets_in(record, os.environ):
        yield finding("warning", f"holds a secret in {place}", "take it out before you share the file")
    if record.review.status == "approved":
        yield from _of_approved(record, finding)


def _of_approved(record: Record, finding: Say) -> Iterator[Finding]:
    roles = [message.role for message in record.messages]
    if roles[-2:] != ["user", "assistant"]:
        yield finding(
            "error",
            f"is approved, but its messages are {', '.join(roles) or 'none'}: expected a user's, then an assistant's",
            "add what is missing, or make it a draft",
        )
    if not record.answer:
        yield finding("error", "is approved, but has no answer", "give it one, or make it a draft")
    if record.grounding.counts.contradicted:
        yield finding(
            "warning",
            f"is approved, but its trace contradicts {record.grounding.counts.contradicted} of its claims",
            "correct them, or make it a draft",
        )


def _of_trace(dataset: Dataset, record: Record, finding: Say, seen: _Seen) -> Iterator[Finding]:
    name = record.trace.sha256
    try:
        path = dataset.trace_path(record)
    except RecordError as error:
        yield finding("error", str(error), "correct or clear the hash")
        return
    seen.recordings.add(name)
    # Without a folder, recordings were never kept (or the file was sent on alone): one finding for the file says so.
    if name and path is None and dataset.traces.is_dir():
        yield finding(
            "warning",
            f"its recording {dataset.traces.name}/{name[:12]}... is missing",
            "put it back if it is to be checked again; the record itself is whole",
        )


def _of_file(dataset: Dataset, seen: _Seen) -> Iterator[Finding]:
    def finding(message: str, what_to_do: str) -> Finding:
        return Finding(dataset.path, 0, "", "warning", message, what_to_do)

    if not dataset.path.exists():
        yield finding("there is no such file", "correct the path, or append a record to make it")
        return
    if torn := files.torn_tail(dataset.path, rows.is_row):
        companion = files.torn_companion(dataset.path).name
        yield finding(
            f"ends with {len(torn)} bytes of a torn line", f"the next append moves them to {companion}"
        )
    if not dataset.traces.is_dir():
        if named := len(seen.recordings - {""}):
            yield finding(
                f"its {named} recordings are not in {dataset.traces.name}, for there is no such folder",
                "put it beside the file if records are to be checked again",
            )
        return
    unused = sum(1 for path in dataset.traces.glob("*.cotrace") if path.stem not in seen.recordings)
    if unused:
        yield finding(
            f"{dataset.traces.name} has {unused} recordings that no record names",
            "delete them if no other copy of the dataset uses them",
        )


def _of_runs(lines: list[Line], run: Run) -> list[Finding]:
    approved = [
        (line, line.record) for line in lines if line.record and line.record.review.status == "approved"
    ]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(run, [record for _, record in approved]))
    return [
        Finding(
            line.path,
            line.number,
            record.id,
            "error",
            f"run again, it does not give its answer: {result.message}",
            "correct the code, input or answer, or make it a draft",
        )
        for (line, record), result in zip(approved, results, strict=True)
        if not result.agrees
    ]
