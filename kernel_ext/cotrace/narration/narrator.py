"""The narrator that needs no model: a trace becomes reasoning, the same for the same trace, style and seed.

Ledger to facts (`reading`), facts to the shape of the run (`tree`), that to what is told (`plan`), and that to
sentences (`words`). The last sentence is the answer.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate

from cotrace.errors import UsageError
from cotrace.model.reasoning import Reasoning, Sentence, Style
from cotrace.model.state import Atom, Ref, Value
from cotrace.model.trace import EventKind, Trace
from cotrace.narration.facts import Fact
from cotrace.narration.history import View
from cotrace.narration.plan import DETAILS, LENGTH, Detail, Saying, plan
from cotrace.narration.reading import Reading
from cotrace.narration.scene import listed
from cotrace.narration.tree import grow
from cotrace.narration.values import shown, whole
from cotrace.narration.words import Writer

ROOM = {"brief": 60, "normal": 80, "full": 200}
"""How many characters a value may take in each style; the answer is always whole."""


PARAGRAPH = 3
"""A paragraph has at least this many sentences."""

UNFINISHED = frozenset({"stopped", "interrupted", "killed", "recording"})
"""How a run ends that has no answer."""


def narrate(trace: Trace, style: Style = "normal", seed: int = 0) -> Reasoning:
    """Tell in words how a run went: exact values, causes before effects, the answer last.

    Pure and deterministic. `style` is ``brief``, ``normal`` or ``full``; `seed` varies the wording, never the
    facts. Raises UsageError for another style.
    """
    if style not in DETAILS:
        message = f"the style {style!r} is not known: expected brief, normal or full"
        raise UsageError(message)
    reading = Reading(trace, ROOM[style])
    tree = grow(reading)
    answer = _answer(trace, reading)
    sentences: tuple[Sentence, ...] = ()
    for detail in DETAILS[style]:
        sayings = [*_in_paragraphs(plan(tree, detail, reading.scene)), *_stopped(trace)]
        sayings.append(Saying([answer], opens=bool(sayings)))
        sentences = tuple(_led_through(Writer(seed).sentences(sayings), _silent(reading, detail), trace))
        if sum(len(sentence.text) + 1 for sentence in sentences) <= LENGTH[style]:
            break
    return Reasoning(sentences, style=style, seed=seed)


def _in_paragraphs(sayings: list[Saying]) -> list[Saying]:
    """Begin a paragraph at a loop of the outermost function, unless the one before would be very short."""
    length = 0
    for saying in sayings:
        saying.opens = saying.opens and length >= PARAGRAPH
        length = 1 if saying.opens else length + 1
    return sayings


def _silent(reading: Reading, detail: Detail) -> list[int]:
    """Return the steps of lines of which this narration has nothing to say, such as ``try:``."""
    return [step for step, kinds in reading.lines if kinds <= detail.kinds]


def _led_through(sentences: list[Sentence], silent: list[int], trace: Trace) -> list[Sentence]:
    """Anchor lines of which there is nothing to say to the sentence before them, or to that of the call they make.

    So an anchor leads a reader through every line that ran; no sentence claims anything about these.
    """
    told = {step for sentence in sentences for step in sentence.anchor}
    ends = list(accumulate((s.anchor[-1] if s.anchor else -1 for s in sentences), max))
    more: dict[int, list[int]] = {}
    for step in sorted(set(silent) - told):
        calls = step + 1 < len(trace.steps) and trace.steps[step + 1].event is EventKind.START
        following = min(bisect_right(ends, step), len(sentences) - 1)
        inside = calls or sentences[following].anchor[0] < step
        more.setdefault(following if inside else max(following - 1, 0), []).append(step)
    return [
        replace(sentence, anchor=tuple(sorted({*sentence.anchor, *more.get(number, ())})))
        for number, sentence in enumerate(sentences)
    ]


def _stopped(trace: Trace) -> list[Saying]:
    """Say that more happened than is known, where the run went on and its answer is there."""
    if not trace.truncated or trace.outcome.kind in UNFINISHED or _is_lost(trace):
        return []
    return [Saying([Fact("stopped", {}, _last_steps(trace), len(trace.steps), -1)])]


def _last_steps(trace: Trace) -> tuple[int, ...]:
    return (len(trace.steps) - 1,) if trace.steps else ()


def _answer(trace: Trace, reading: Reading) -> Fact:
    view = reading.history.view(len(trace.steps))
    phrase, slots = _answer_slots(trace, view)
    return Fact(phrase, slots, _answer_steps(trace), len(trace.steps), -1, "answer")


def _answer_steps(trace: Trace) -> tuple[int, ...]:
    """The answer points at the step that ended the outermost frame."""
    for index in range(len(trace.steps) - 1, -1, -1):
        step = trace.steps[index]
        if step.depth == 0 and step.event in (EventKind.RETURN, EventKind.UNWIND):
            return (index,)
    return _last_steps(trace)


def _answer_slots(trace: Trace, view: View) -> tuple[str, dict[str, str]]:
    outcome = trace.outcome
    if outcome.kind in UNFINISHED or _is_lost(trace):
        return "stopped", {}
    if outcome.exception:
        kind = outcome.exception.rpartition(".")[2]
        if outcome.message:
            return "answer-raised", {"type": kind, "message": repr(outcome.message)}
        return "answer-raised-bare", {"type": kind}
    nothing = outcome.value is None or (outcome.value == Atom("NoneType", "None") and not _is_call(trace))
    if nothing and trace.stdout:
        return "answer-output", {"text": repr(trace.stdout)}
    if nothing or outcome.value is None:
        return "answer-nothing", {}
    return _answer_value(outcome.value, view)


def _is_lost(trace: Trace) -> bool:
    """Tell whether the run went on after the recording, and ended without a value that anyone kept."""
    kept = trace.outcome.value not in (None, Atom("NoneType", "None"))
    return bool(trace.truncated) and not kept and not trace.outcome.exception


def _is_call(trace: Trace) -> bool:
    return any(frame.kind not in ("globals", "module") and frame.parent < 0 for frame in trace.frames)


def _answer_value(value: Value, view: View) -> tuple[str, dict[str, str]]:
    text = whole(value, view)
    if isinstance(value, Ref) and view[value.id].kind == "instance" and view[value.id].attributes:
        parts = [f"{name} is {shown(part, view, 200)}" for name, part in view[value.id].attributes]
        return "answer-object", {"value": text, "bindings": listed(parts)}
    return "answer", {"value": text}
