"""Closed-world reading: parts of a sentence that are the narrator's phrases, each judged at the steps of the sentence.

The phrases of one sentence follow the run: what is told after something happened there or later. A phrase that does not
hold is tried on the whole run too, so that a fact told of the wrong step is called misplaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cotrace.grounding.document import Document
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates import judge
from cotrace.grounding.reasons import borne_out, in_words, misplaced, otherwise, unknown
from cotrace.grounding.templates import Part, Slot, clauses_of, parts_of
from cotrace.grounding.window import Finding, SlotError, Window
from cotrace.model.grounding import Evidence, Judged, Verdict

Reading = tuple[Finding, Phrase, dict[str, Slot]]


class ClosedReader:
    """Reads one sentence; what is no phrase is left to someone else."""

    def __init__(self, document: Document, number: int, window: Window) -> None:
        self.document = document
        self.number = number
        self.window = window
        self.cursor = window.steps[0]
        """The step that the sentence has come to."""

        self.rest: list[tuple[int, int]] = []
        """The stretches of the sentence that are no phrase."""

    def read(self) -> Iterator[Judged]:
        """Yield a verdict for each phrase."""
        text = self.document.reasoning.sentences[self.number].text
        for part in parts_of(text):
            judged = self.part(part)
            if judged is not None:
                yield judged
                continue
            clauses = clauses_of(text, part)
            for clause in clauses:
                judged = self.part(clause)
                if judged is not None:
                    yield judged
                else:
                    self.rest.append((clause.start, clause.end))
            if not clauses:
                self.rest.append((part.start, part.end))

    def part(self, part: Part) -> Judged | None:
        """Judge a part; None if it is no phrase."""
        window = self.window.since(self.cursor)
        best: Reading | None = None
        for phrase, slots in part.readings:
            try:
                finding = judge(window, phrase, slots)
            except SlotError:
                continue
            if best is None or _rank(finding) > _rank(best[0]):
                best = (finding, phrase, slots)
            if finding.holds:
                break
        if best is None:
            return None
        if best[0].holds:
            self.advance(*best)
        return self.judged(part, window, *best)

    def advance(self, finding: Finding, phrase: Phrase, slots: dict[str, Slot]) -> None:
        """Remember how far the sentence has come, and which variable it has given a new value."""
        self.cursor = max([self.cursor, *(s for s in finding.steps if s in self.window)])
        if phrase.claim == "set" and "place" in slots:
            self.window.told[re.split(r"[.\[]", slots["place"].text)[0]] = self.cursor

    def judged(
        self, part: Part, window: Window, finding: Finding, phrase: Phrase, slots: dict[str, Slot]
    ) -> Judged:
        """Return the verdict that a finding means."""
        claim = self.document.claim(phrase.claim, self.number, part.start, part.end)
        evidence = Evidence(finding.steps, (finding.found,) if finding.found else ())
        if finding.holds:
            return Judged(claim, Verdict.SUPPORTED, borne_out(finding.steps), evidence)
        if finding.holds is None:
            return Judged(claim, Verdict.UNSUPPORTED, unknown(finding.found), evidence)
        elsewhere = self.elsewhere(window, phrase, slots)
        if elsewhere is not None:
            reason = misplaced(elsewhere, f"and the sentence speaks of {in_words(window.steps)}")
            return Judged(claim, Verdict.CONTRADICTED, reason, Evidence((elsewhere,)))
        reason = otherwise(claim.text, finding.found, finding.steps, value=bool(finding.right))
        judged = Judged(claim, Verdict.CONTRADICTED, reason, evidence)
        slot = slots.get(finding.slot)
        if slot is None or not finding.right:
            return judged
        begin = self.document.spans[self.number][0]
        return replace(judged, fix=finding.right, fix_span=(begin + slot.start, begin + slot.end))

    def elsewhere(self, window: Window, phrase: Phrase, slots: dict[str, Slot]) -> int | None:
        """Return a step at which a phrase that does not hold here does hold."""
        if phrase.claim in ("answer", "stop", "pass"):
            return None
        finding = judge(self.document.everywhere, phrase, slots)
        if not finding.holds:
            return None
        return next((s for s in finding.steps if s not in window), None)


def _rank(finding: Finding) -> int:
    """Order readings: what holds, what is wrong and known better, what can't be told, what is wrong."""
    if finding.holds is False:
        return 2 if finding.right else 0
    return 3 if finding.holds else 1
