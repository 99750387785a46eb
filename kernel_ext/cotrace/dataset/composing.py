"""Make a record of a recording and its reasoning: question, code, input, answer, and how it was checked."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cotrace.dataset.composed import Composed
from cotrace.dataset.rerun import rerun
from cotrace.dataset.selfcontained import Program, outermost, program_of
from cotrace.errors import UsageError
from cotrace.formats.values import exact
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
    from cotrace.model.trace import Frame, Trace

CHARACTERS_A_TOKEN = 4
"""The estimate of `Record.tokens`: no tokenizer is asked here."""

HOLE = "??"


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
    program = program_of(trace)
    call, text, missing = _call_and_answer(trace, answer)
    if kind == "input":
        call, text, more = _turned_round(trace, call, text)
        missing += more
    reasoning = reasoning or Reasoning(())
    grounding = check(reasoning, trace)
    record = Record(
        question=Question(kind, question or _question(kind, call, program)),
        answer=text,
        code=program.code,
        call=call,
        input=tuple(InputValue(name, value) for name, value in sorted(program.input.items())),
        trace=TraceReference(content_hash(trace), len(trace.steps), trace.engine, trace.python),
        anchors=_anchors(reasoning),
        grounding=_summary(grounding),
        provenance=_provenance(reasoning),
        review=Review(status, note, _now() if status != "draft" else ""),
        tags=tuple(tags),
    )
    record = _with_messages(record, reasoning)
    shortcomings = [*program.missing, *missing, *_refuted(grounding)]
    if status == "approved" and not shortcomings:
        result = rerun(record, seconds)
        if not result.agrees:
            shortcomings.append(f"run again in a fresh process it does not give its answer: {result.message}")
    if shortcomings and status == "approved":
        record = replace(record, review=Review("draft", note))
    return Composed(record, encode(trace), tuple(shortcomings))


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


# --- call and answer ------------------------------------------------------------------------------------------------


def _call_and_answer(trace: Trace, name: str) -> tuple[str, str, list[str]]:
    """Return the call to evaluate, the answer, and what is missing."""
    main = outermost(trace)
    if trace.outcome.kind not in ("returned", "raised", "exited"):
        return "", "", [f"the run did not come to its end: {trace.outcome.message or trace.outcome.kind}"]
    if trace.outcome.kind != "returned":
        kind = trace.outcome.exception.rpartition(".")[2]
        message = trace.outcome.message
        return _call(trace, main)[0], f"{kind}: {message}" if message else kind, _call(trace, main)[1]
    if name:
        return _named_answer(trace, main, name)
    if _is_whole_text(main):
        return "", *_shown_answer(trace)
    call, missing = _call(trace, main)
    end = trace.snapshot(len(trace.steps))
    text = exact(trace.outcome.value, end.heap) if trace.outcome.value is not None else "None"
    if text is None:
        return call, "", [*missing, "the answer is no plain value, so that it can't be written down exactly"]
    return call, text, missing


def _is_whole_text(main: Frame | None) -> bool:
    return main is None or main.kind in ("module", "block") or main.name == "<module>"


def _shown_answer(trace: Trace) -> tuple[str, list[str]]:
    """What a cell or script shows: its displayed value, else what it prints."""
    value = trace.outcome.value
    if value is not None:
        text = exact(value, trace.snapshot(len(trace.steps)).heap)
        if text is not None and text != "None":
            return text, []
        if text is None:
            return "", ["the displayed value is no plain value, so that it can't be written down exactly"]
    if any(out.cut for step in trace.steps for out in step.output):
        return "", ["what was printed was cut"]
    printed = trace.stdout.rstrip("\n")
    return printed, [] if printed else [
        "nothing was displayed or printed: name the variable that holds the answer"
    ]


def _named_answer(trace: Trace, main: Frame | None, name: str) -> tuple[str, str, list[str]]:
    end = trace.snapshot(len(trace.steps))
    frames = [main.globals, main.id] if main is not None else []
    value = next((end.frames[f][name] for f in frames if f in end.frames and name in end.frames[f]), None)
    text = exact(value, end.heap) if value is not None else None
    if text is None:
        return name, "", [f"{name} has no plain value at the end"]
    return name, text, []


def _call(trace: Trace, main: Frame | None) -> tuple[str, list[str]]:
    """Return the call as an expression; what was recorded of it, else built from the arguments at entry."""
    if _is_whole_text(main) or main is None:
        return "", []
    if "…" not in trace.call and _is_call(trace.call) and "<" not in trace.call.partition("(")[0]:
        return trace.call, []
    if "<" in main.name:
        return "", [f"{main.name} is made by another function, so that it can't be called by itself"]
    start = trace.snapshot(main.start)
    given = start.frames.get(main.id, {})
    parts = {name: exact(value, start.heap) for name, value in given.items()}
    opaque = [name for name, text in parts.items() if text is None]
    if opaque:
        return "", [
            f"the argument {', '.join(opaque)} is no plain value, so that the call can't be written down"
        ]
    return f"{main.name}({', '.join(f'{name}={text}' for name, text in parts.items())})", []


def _is_call(text: str) -> bool:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return isinstance(tree.body, ast.Call)


def _turned_round(trace: Trace, call: str, answer: str) -> tuple[str, str, list[str]]:
    """Return the question "which input gives this": a condition with a hole, and what fills it."""
    found = re.match(r"([\w.]+)\((.*)\)\Z", call.strip(), re.DOTALL)
    if found is None or trace.outcome.kind != "returned" or not found[2]:
        return call, answer, ["only a call with arguments that returned can be asked for its input"]
    return f"{found[1]}({HOLE}) == {answer}", found[2], []


# --- the conversation -----------------------------------------------------------------------------------------------


def _question(kind: QuestionKind, call: str, program: Program) -> str:
    given = "".join(f"{name} = {value}\n" for name, value in sorted(program.input.items()))
    code = f"```python\n{given}{program.code.strip()}\n```"
    if kind == "input":
        return f"For which arguments in place of `{HOLE}` is `{call}` true?\n\n{code}"
    if call:
        return f"What is the value of `{call}`?\n\n{code}"
    return f"What does this code show when it is run?\n\n{code}"


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
