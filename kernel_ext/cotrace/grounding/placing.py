"""Free text: its statements are placed in the run and judged.

With the steps of an anchor a statement must hold at them. Without, all statements of the text are fitted to the order of
the run together (see `cotrace.grounding.align`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from cotrace.grounding.align import align
from cotrace.grounding.document import Document, in_words
from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.extract import Statement, is_literal, statements
from cotrace.grounding.free import Located, Locator, Site, Verbatim
from cotrace.grounding.predicates import Candidate, has_value, is_compared
from cotrace.grounding.values import shown
from cotrace.grounding.window import Finding, SlotError, Window, root_of
from cotrace.model.grounding import Evidence, Judged, Verdict


class FreeReader:
    """Reads the free text of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.locator = Locator(document.index, document.passes)
        self.loose: list[tuple[int, Located]] = []
        """Statements of sentences without steps, to be fitted to the order of the run."""

    def read(self, number: int, start: int, end: int, window: Window | None) -> Iterator[Judged]:
        """Yield verdicts for a stretch of a sentence; statements to be fitted come later, from `fit`."""
        text = self.document.reasoning.sentences[number].text[start:end]
        found = statements(text, self.document.words)
        if not found:
            claim = self.document.claim("sentence", number, start, end)
            yield Judged(claim, Verdict.UNCHECKABLE, "no statement about the run could be read in it")
        for statement in found:
            located = self.locator.locate(_shifted(statement, start))
            if window is not None:
                yield self.anchored(number, located, window)
            elif located.holds is not None or not located.known:
                yield self.decided(number, located)
            else:
                self.loose.append((number, located))

    # --- with steps -----------------------------------------------------------------------------------------------

    def anchored(self, number: int, located: Located, window: Window) -> Judged:
        """Judge a statement of a sentence that says which steps it speaks of."""
        finding = self.at_steps(located.statement, window) if located.holds is not False else None
        if finding is not None and finding.holds is not None:
            return self.from_finding(number, located, finding, window)
        if located.holds is not None or not located.known:
            return self.decided(number, located)
        touching = [site for site in located.sites if _touches(site, window)]
        if touching:
            step = next(s for s in window.steps if touching[0].begin <= s <= touching[0].end)
            return self.supported(number, located, step)
        here = [(site, value) for site, value in located.others if _touches(site, window)]
        return self.contradicted(number, located, here, f"not at {in_words(window.steps)}")

    def at_steps(self, statement: Statement, window: Window) -> Finding | None:
        """Look at the steps themselves: what they gave a place, what they compared."""
        if statement.kind == "comparison":
            return is_compared(window, [side[0] for side in statement.sides[1:]])
        place = statement.sides[0][0] if statement.kind == "value" and statement.sides else None
        if not isinstance(place, (ast.Name, ast.Attribute, ast.Subscript)) or not root_of(place):
            return None
        try:
            value = evaluate(
                next(side[0] for side in reversed(statement.sides[1:]) if _stands_alone(side[0]))
            )
        except (UnknownError, StopIteration):
            return None
        try:
            return has_value(window, place, Candidate(value), changes=statement.changes)
        except SlotError:
            return None

    def from_finding(self, number: int, located: Located, finding: Finding, window: Window) -> Judged:
        """Return the verdict that a look at the steps means."""
        if finding.holds:
            return self.supported(number, located, finding.steps[0] if finding.steps else window.steps[0])
        elsewhere = [site for site in located.sites if not _touches(site, window)]
        if elsewhere:
            return self.contradicted(
                number, replace(located, sites=elsewhere), [], f"not at {in_words(window.steps)}"
            )
        judged = Judged(
            self.claim_of(number, located),
            Verdict.CONTRADICTED,
            f"expected what the text says; found {finding.found}",
            Evidence(finding.steps),
        )
        if not finding.right or located.fix_span is None:
            return judged
        begin = self.document.spans[number][0]
        return replace(
            judged, fix=finding.right, fix_span=(begin + located.fix_span[0], begin + located.fix_span[1])
        )

    # --- without steps ----------------------------------------------------------------------------------------------

    def fit(self) -> Iterator[Judged]:
        """Place the statements that came without steps, and yield their verdicts."""
        places = align([located.sites for _, located in self.loose])
        cursor = 0
        for (number, located), place in zip(self.loose, places, strict=True):
            if place is not None:
                cursor = place
                yield self.supported(number, located, place)
                continue
            near = sorted(located.others, key=lambda other: _distance(other[0], cursor))
            yield self.contradicted(number, located, near, "which does not fit the order of the text")

    # --- verdicts -----------------------------------------------------------------------------------------------------

    def decided(self, number: int, located: Located) -> Judged:
        """Judge what needs no place in the run."""
        claim = self.claim_of(number, located)
        if located.holds is None:
            return Judged(claim, Verdict.UNSUPPORTED, f"not known: {located.reason}")
        if located.holds:
            return Judged(claim, Verdict.SUPPORTED, located.reason or "it is so")
        reason = f"expected what the text says; found that {located.reason}"
        judged = Judged(claim, Verdict.CONTRADICTED, reason)
        return self.with_fix(judged, number, located, located.others[0][1] if located.others else None)

    def supported(self, number: int, located: Located, step: int) -> Judged:
        """Return that a statement holds at a step."""
        return Judged(
            self.claim_of(number, located), Verdict.SUPPORTED, f"it is so at step {step}", Evidence((step,))
        )

    def contradicted(
        self, number: int, located: Located, near: list[tuple[Site, object]], but: str
    ) -> Judged:
        """Return that a statement holds elsewhere only, or nowhere."""
        claim = self.claim_of(number, located)
        if located.sites:
            step = located.sites[0].begin
            judged = Judged(
                claim, Verdict.CONTRADICTED, f"misplaced: this is so at step {step}, {but}", Evidence((step,))
            )
        else:
            steps = tuple(site.begin for site, _ in near[:3])
            judged = Judged(claim, Verdict.CONTRADICTED, _never(located, near), Evidence(steps))
        return self.with_fix(judged, number, located, near[0][1]) if near else judged

    def claim_of(self, number: int, located: Located):  # type: ignore[no-untyped-def]
        """Return the claim that a statement makes."""
        statement = located.statement
        return self.document.claim(statement.kind, number, statement.start, statement.end)

    def with_fix(self, judged: Judged, number: int, located: Located, right: object) -> Judged:
        """Add the text that would be right, where the statement has a place for it."""
        if located.fix_span is None or not located.others:
            return judged
        begin = self.document.spans[number][0]
        text = right.text if isinstance(right, Verbatim) else shown(right)
        return replace(judged, fix=text, fix_span=(begin + located.fix_span[0], begin + located.fix_span[1]))


def _shifted(statement: Statement, by: int) -> Statement:
    sides = tuple((tree, start + by, end + by) for tree, start, end in statement.sides)
    return replace(statement, start=statement.start + by, end=statement.end + by, sides=sides)


def _stands_alone(tree: ast.expr) -> bool:
    return is_literal(tree) or not any(isinstance(n, ast.Name) for n in ast.walk(tree))


def _touches(site: Site, window: Window) -> bool:
    return any(site.begin <= step <= site.end for step in window.steps)


def _never(located: Located, near: list[tuple[Site, object]]) -> str:
    values = list(dict.fromkeys(shown(value, 60) for _, value in near))[:3]
    if not values:
        return f"expected what the text says; {located.reason or 'found nothing like it in the run'}"
    return f"expected what the text says; found {', '.join(values)}"


def _distance(site: Site, step: int) -> int:
    return 0 if site.begin <= step <= site.end else min(abs(site.begin - step), abs(site.end - step))
