"""The checker: every sentence of a text gets verdicts, deterministically, offline, and whatever the text.

A sentence that says which steps it speaks of is read closed-world first: does it consist of the offline narrator's
phrases, and does each hold at those steps (`closed`)? What fits no phrase, and every sentence without steps, is read
as free text (`placing`). Then the account is looked at as a whole: the order of its sentences and what is missing
(`completeness`), and the state changes that no sentence tells (`coverage`).
"""

from __future__ import annotations

from collections.abc import Iterator

from cotrace.grounding.closed import ClosedReader
from cotrace.grounding.completeness import misordered, missing
from cotrace.grounding.coverage import coverage_of
from cotrace.grounding.document import Document
from cotrace.grounding.placing import FreeReader
from cotrace.model.grounding import Grounding, Judged, Verdict
from cotrace.model.reasoning import Reasoning
from cotrace.model.trace import Trace

CHECKER = "cotrace 1"
"""Name and version of what checks; a change of verdicts on the same text changes it."""


def check(reasoning: Reasoning | str, trace: Trace) -> Grounding:
    """Return a verdict for every claim that a reasoning, or a plain text, makes about a recorded run.

    A plain text has no anchors: its claims may hold anywhere in the run, in the order told. Nothing is run, nothing is
    asked of anyone else, and no text makes it fail: what can't be read is `uncheckable`, with the reason.
    """
    if isinstance(reasoning, str):
        reasoning = Reasoning.of(reasoning)
    document = Document(reasoning, trace)
    judged = list(_judged(document))
    judged += misordered(document)
    coverage = coverage_of(document.index, reasoning, judged)
    judged += missing(document, judged, coverage)
    judged.sort(key=lambda each: (each.claim.start, each.claim.end))
    return Grounding(reasoning.text, tuple(judged), coverage, CHECKER, bool(document.told))


def _judged(document: Document) -> Iterator[Judged]:
    free = FreeReader(document)
    for number in range(len(document.reasoning.sentences)):
        try:
            yield from list(_sentence(document, free, number))
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError) as error:
            # A text can hold anything, and values of traced programs too: what no rule foresaw is no reason to
            # lose the verdicts on the other sentences.
            text = document.reasoning.sentences[number].text
            claim = document.claim("sentence", number, 0, len(text))
            yield Judged(claim, Verdict.UNCHECKABLE, f"reading it failed: {type(error).__name__}: {error}")
    yield from free.fit()


def _sentence(document: Document, free: FreeReader, number: int) -> Iterator[Judged]:
    window = document.window(number)
    if window is None:
        yield from free.read_loose(number)
        return
    closed = ClosedReader(document, number, window)
    yield from closed.read()
    for start, end in closed.rest:
        yield from free.read(number, start, end, window)
