"""Make a record of a recording and its reasoning: question, code, input, answer, and how it was checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotrace.dataset.asking import asked, question_of, turned_round
from cotrace.dataset.calling import call_of
from cotrace.dataset.composed import Composed
from cotrace.dataset.rerun import rerun
from cotrace.dataset.selfcontained import program_of
from cotrace.errors import UsageError
from cotrace.grounding import check
from cotrace.model.codec import content_hash, encode
from cotrace.model.reasoning import Reasoning
from cotrace.model.record import (
    Anchor,
    GroundingSummary,
    InputValue,
    Message,
    Provenance,
    Question,
    QuestionKind,
    Record,
    Review,
    ReviewStatus,
    TextSpan,
    TraceReference,
    VerdictCounts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotrace.model.grounding import Grounding
    from cotrace.model.trace import Trace

CHARACTERS_A_TOKEN = 4
"""The estimate of `Record.tokens`: no tokenizer is asked here."""


def compose(  # noqa: PLR0913 - what a curator can say of a record
    trace: Trace,
    reasoning: Reasoning | None = None,
    *,
    kind: QuestionKind = "output",
    question: str = "",
    answer: str = "",
    status: ReviewStatus = "draft",
    note: str = "",
    tags: Iterable[str] = (),
    seconds: float = 10.0,
) -> Composed:
    """Return the record of a recording, with what keeps it a draft.

    `question` is the curator's own wording; for a task it is needed. `answer` names the variable that holds the
    answer of a cell or script. With `status` approved the record is run again in a fresh process, for up to
    `seconds`: what does not give its answer stays a draft. The reasoning is checked here.
    """
    if kind == "task" and not question:
        raise UsageError("expected the task's own words as the question, found none: give a question")
    call = call_of(trace)
    program = program_of(trace, call)
    found = asked(trace, call, answer)
    if found.statement:
        program.main += f"\n{found.statement}\n"
    if kind == "input":
        found = turned_round(trace, found, program)
    reasoning = reasoning or Reasoning(())
    grounding = check(reasoning, trace)
    record = Record(
        question=Question(kind, question or question_of(kind, found, program)),
        answer=found.answer,
        code=program.code,
        call=found.call,
        input=tuple(InputValue(name, value) for name, value in sorted(program.input.items())),
        trace=TraceReference(content_hash(trace), len(trace.steps), trace.engine, trace.python),
        anchors=_anchors(reasoning),
        grounding=_summary(grounding),
        provenance=_provenance(reasoning),
        review=Review(status, note, _now() if status != "draft" else ""),
        tags=tuple(tags),
    )
    record = _with_messages(record, reasoning)
    shortcomings = [*program.missing, *found.missing, *_refuted(grounding)]
    if status == "approved" and not shortcomings:
        result = rerun(record, seconds)
        if result.agreement not in ("exact", "equal"):  # at once on the same Python, rounding is no excuse
            shortcomings.append(f"run again in a fresh process it does not give its answer: {result.message}")
    if shortcomings and status == "approved":
        record = replace(record, review=Review("draft", note))
    return Composed(record, encode(trace), tuple(dict.fromkeys(shortcomings)))


def revised(record: Record, reasoning: Reasoning, trace: Trace) -> Record:
    """Return a record with another reasoning, checked anew; the rest is as it was."""
    grounding = check(reasoning, trace)
    changed = replace(
        record, anchors=_anchors(reasoning), grounding=_summary(grounding), provenance=_provenance(reasoning)
    )
    return _with_messages(changed, reasoning)


def reasoning_of(record: Record) -> Reasoning:
    """Return a record's reasoning as sentences with their anchors."""
    text = next((m.reasoning_content for m in record.messages if m.role == "assistant"), "")
    plain = Reasoning.of(text)
    by_span = {(anchor.start, anchor.end): anchor for anchor in record.anchors}
    sentences = []
    for sentence, span in zip(plain.sentences, plain.spans(), strict=True):
        anchor = by_span.get(span)
        if anchor is not None:
            origin = anchor.origin if anchor.origin in ("offline", "model") else "person"
            sentence = replace(sentence, anchor=anchor.steps, origin=origin)  # type: ignore[arg-type]  # noqa: PLW2901
        sentences.append(sentence)
    return replace(plain, sentences=tuple(sentences), generator=record.provenance.generator or "person")


# --- the parts of a record --------------------------------------------------------------------------------------------


def _with_messages(record: Record, reasoning: Reasoning) -> Record:
    messages = (
        Message("user", record.question.text),
        Message("assistant", record.answer, reasoning.text),
    )
    size = sum(len(m.content) + len(m.reasoning_content) for m in messages)
    return replace(record, messages=messages, tokens=-(-size // CHARACTERS_A_TOKEN))


def _anchors(reasoning: Reasoning) -> tuple[Anchor, ...]:
    return tuple(
        Anchor(start, end, sentence.anchor, sentence.origin)
        for sentence, (start, end) in zip(reasoning.sentences, reasoning.spans(), strict=True)
    )


def _summary(grounding: Grounding) -> GroundingSummary:
    return GroundingSummary(
        grounding.checker, VerdictCounts(**grounding.counts), round(grounding.coverage.share, 4)
    )


def _provenance(reasoning: Reasoning) -> Provenance:
    is_models = reasoning.generator not in ("offline", "person")
    edited = tuple(
        TextSpan(start, end)
        for sentence, (start, end) in zip(reasoning.sentences, reasoning.spans(), strict=True)
        if sentence.origin == "person" and reasoning.generator != "person"
    )
    model = reasoning.generator if is_models else ""
    return Provenance(
        "model" if is_models else reasoning.generator, model, reasoning.seed, reasoning.prompt, edited
    )


def _refuted(grounding: Grounding) -> list[str]:
    count = len(grounding.refuted)
    return [f"the recording contradicts {count} of its claims"] if count else []


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
