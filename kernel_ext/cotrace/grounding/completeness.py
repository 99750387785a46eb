"""Whether an account with anchors follows the run without leaps: the order of its sentences, and what is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cotrace.grounding.document import Document
from cotrace.grounding.reasons import in_words
from cotrace.model.grounding import Claim, Coverage, Evidence, Judged, Verdict
from cotrace.model.trace import EventKind

WHOLE = ("normal", "full")
"""The styles in which the offline narrator speaks of every line that ran."""

ANNOUNCING = ("over", "series", "stretch", "same", "return", "call", "yield")
"""The kinds of claim that speak for a loop's beginning: its own, and summaries of what it stands in."""


def misordered(document: Document) -> Iterator[Judged]:
    """Yield each sentence that speaks of what was over before the sentence before it came to its end."""
    before: tuple[int, ...] = ()
    for number, sentence in enumerate(document.reasoning.sentences):
        anchor = document.anchor(number)
        if not anchor:
            continue
        if before and anchor[-1] < before[-1] and not _returns_to(document, anchor[-1], before[-1]):
            claim = document.claim("order", number, 0, len(sentence.text))
            reason = (
                f"misplaced: the sentence speaks of {in_words(anchor)}, "
                f"which was over when {in_words(before)} of the sentence before it came"
            )
            yield Judged(claim, Verdict.CONTRADICTED, reason, Evidence(anchor[:1]))
        before = anchor


def _returns_to(document: Document, step: int, later: int) -> bool:
    """Tell whether a line goes on after a call that it made: the call's end is told before what came of it."""
    following = document.index.trace.next_in_frame(later)
    ends = [later] if following is None else [later, following]
    ended = any(document.index.steps[s].event in _ENDS for s in ends)
    return ended and later <= document.index.over(step)


_ENDS = (EventKind.RETURN, EventKind.UNWIND, EventKind.YIELD)


def missing(document: Document, judged: list[Judged], coverage: Coverage) -> Iterator[Judged]:
    """Yield each stretch of the run that no sentence tells, of an account that promises to tell every step."""
    promised = document.reasoning.generator == "offline" and document.reasoning.style in WHOLE
    if not promised or not document.told:
        return
    texts = {change.step: change.text for change in coverage.untold} | _unannounced(document, judged)
    steps = sorted(step for step in {*texts, *coverage.skipped} if step < document.index.end)
    while steps:
        stretch = [steps.pop(0)]
        while steps and not any(s in document.told for s in range(stretch[-1] + 1, steps[0])):
            stretch.append(steps.pop(0))
        line = document.index.trace.line_text(stretch[0]).strip()
        what = next((texts[s] for s in stretch if s in texts), line)
        reason = f"no sentence tells of {in_words(stretch)} of the recording: {what[:80]}"
        yield Judged(_nowhere(document, stretch[0]), Verdict.CONTRADICTED, reason, Evidence(tuple(stretch)))


def _nowhere(document: Document, step: int) -> Claim:
    """Return the empty place in the text where a sentence about a step is missing."""
    sentences = document.reasoning.sentences
    before = [n for n, sentence in enumerate(sentences) if sentence.anchor and sentence.anchor[0] < step]
    number = before[-1] if before else 0
    at = document.spans[number][1] if before else 0
    return Claim("gap", "", at, at, number)


def _inside_calls(document: Document, anchor: tuple[int, ...]) -> set[int]:
    """Return the steps of an anchor that are inside calls which it has from their beginning: they are summed up."""
    begun = set(anchor)
    index = document.index
    return {step for step in anchor if index.frame(index.steps[step].frame).start in begun}


def _unannounced(document: Document, judged: list[Judged]) -> dict[int, str]:
    """Return the loops and calls that begin without a word, where nobody but the narrator wrote about them."""
    announced = {s for j in judged if j.claim.kind in ANNOUNCING for s in document.anchor(j.claim.sentence)}
    for each in judged:
        if each.claim.kind == "repeat":
            announced |= _inside_calls(document, document.anchor(each.claim.sentence))
    ours = [n for n, s in enumerate(document.reasoning.sentences) if s.origin == "offline"]
    told = {step for number in ours for step in document.anchor(number)}
    found: dict[int, str] = {}
    for run in document.passes.runs:
        if isinstance(run.loop.node, ast.For) and run.passes and run.begin in told - announced:
            found[run.begin] = f"the loop over {ast.unparse(run.loop.node.iter)}"
    for frame in document.index.trace.frames:
        named = frame.name.rpartition(".")[2].isidentifier()
        begun = frame.start < len(document.index.trace.steps)  # else recording ended just as it was called
        if begun and frame.kind == "function" and named and frame.start not in document.told:
            found[frame.start] = f"the call of {frame.name}"
    return found
