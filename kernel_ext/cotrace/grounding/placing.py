"""Free text: its statements are placed in the run and judged.

With the steps of an anchor a statement must hold at them. Without, all statements of the text are fitted to the order
of the run together (see `cotrace.grounding.align`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from cotrace.grounding.align import align
from cotrace.grounding.document import Document
from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.extract import Statement, is_literal, statements
from cotrace.grounding.joint import Loose, in_passes, together
from cotrace.grounding.locate import Located, Locator, Verbatim
from cotrace.grounding.mentions import Mentions
from cotrace.grounding.predicates import Candidate, has_value, is_compared, is_worked_out, judge
from cotrace.grounding.reasons import borne_out, in_words, misplaced, otherwise, unknown, worked_out
from cotrace.grounding.sites import Site
from cotrace.grounding.templates import Part, clauses_of, parts_of
from cotrace.grounding.values import shown
from cotrace.grounding.window import Finding, SlotError, Window, root_of
from cotrace.model.grounding import Claim, Evidence, Judged, Verdict

NEAR = 60
"""Of text without steps, a phrase is looked for within this many steps of the one before, then everywhere."""

GENERIC = frozenset({"holds", "work", "takes", "sum", "sum-of", "max", "max-of", "min", "min-of", "length"})
GENERIC_CLAIMS = frozenset({"set", "read", "answer", "pass", "passes", "same", "series", "stretch"})
"""Phrases that anybody's text may fit by chance: what they say is left to free reading, which is less strict."""


class FreeReader:
    """Reads the free text of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.locator = Locator(document.index, document.passes)
        self.mentions = Mentions(document.index)
        self.loose: list[Loose] = []
        self.cursor = 0
        """The step that the phrases of text without steps have come to."""

    def read(self, number: int, start: int, end: int, window: Window) -> Iterator[Judged]:
        """Yield verdicts for a stretch of a sentence that says which steps it speaks of."""
        found = self.statements(number, start, end)
        if not found:
            yield self.unreadable(number, start, end)
        for statement in found:
            yield self.anchored(number, self.locator.locate(statement), window)

    def statements(self, number: int, start: int, end: int) -> list[Statement]:
        """Return what a stretch of a sentence states."""
        text = self.document.reasoning.sentences[number].text[start:end]
        return [_shifted(statement, start) for statement in statements(text, self.document.words)]

    def unreadable(self, number: int, start: int, end: int) -> Judged:
        """Return that nothing could be read in a stretch of a sentence."""
        claim = self.document.claim("sentence", number, start, end)
        return Judged(claim, Verdict.UNCHECKABLE, "no statement about the run could be read in it")

    # --- text without steps -----------------------------------------------------------------------------------------

    def read_loose(self, number: int) -> Iterator[Judged]:
        """Yield what can be judged of a sentence without steps; the rest is fitted to the run by `fit`."""
        text = self.document.reasoning.sentences[number].text
        found = self.statements(number, 0, len(text))
        settled = list(self.phrases(number, text))
        yield from settled
        stated = [self.document.claim("", number, s.start, s.end) for s in found]
        slips = list(self.slips(number, [*settled, *(Judged(c, Verdict.UNCHECKABLE, "") for c in stated)]))
        yield from slips
        begin = self.document.spans[number][0]
        for statement in found:
            inside = [j for j in settled if j.claim.start <= begin + statement.start < j.claim.end]
            if any(j.verdict is Verdict.CONTRADICTED for j in inside):
                continue
            located = self.locator.locate(statement)
            other = self.near_miss(located)
            if other is not None:
                yield self.from_finding(number, located, other, self.document.everywhere)
            elif located.holds is None and located.known:
                self.loose.append(Loose(number, located, silent=bool(inside)))
            elif located.holds is False or not inside:
                yield self.decided(number, located)
        if not found and not settled and not slips:
            yield self.unreadable(number, 0, len(text))

    def near_miss(self, located: Located) -> Finding | None:
        """Return that the run makes the comparison or operation that is told with another value in one place."""
        if located.holds is False:
            return None
        statement, everywhere = located.statement, self.document.everywhere
        findings: list[Finding | None] = []
        if statement.kind == "comparison":
            findings.append(
                is_compared(everywhere, statement.name, [side[0] for side in statement.sides[1:]])
            )
        elif statement.kind in ("value", "call"):
            findings += [is_worked_out(everywhere, side[0]) for side in statement.sides]
        return next((f for f in findings if f is not None and f.holds is False), None)

    def slips(self, number: int, settled: list[Judged]) -> Iterator[Judged]:
        """Yield the values of a sentence that are nearly values of the run, where no claim covers them."""
        text = self.document.reasoning.sentences[number].text
        begin = self.document.spans[number][0]
        for start, end, meant in self.mentions.slips(text):
            if not any(j.claim.start <= begin + start < j.claim.end for j in settled):
                claim = self.document.claim("mention", number, start, end)
                reason = otherwise(
                    text[start:end], f"{shown(meant, 120)}, which differs in one place", value=True
                )
                yield Judged(
                    claim,
                    Verdict.CONTRADICTED,
                    reason,
                    fix=shown(meant),
                    fix_span=(begin + start, begin + end),
                )

    def phrases(self, number: int, text: str) -> Iterator[Judged]:
        """Yield verdicts for the parts of a sentence that are phrases, and for the clauses of the other parts."""
        for part in parts_of(text):
            judged = self.phrase(number, part)
            if judged is not None:
                yield judged
                continue
            for clause in clauses_of(text, part):
                judged = self.phrase(number, clause)
                if judged is not None:
                    yield judged

    def phrase(self, number: int, part: Part) -> Judged | None:
        """Judge a part that is a phrase of the narrator's, wherever in the run it may hold; None if it is none."""
        near = self.document.everywhere.stretch(self.cursor, self.cursor + NEAR)
        wrong: tuple[Finding, str] | None = None
        for window in (near, self.document.everywhere):
            for phrase, slots in part.readings:
                if phrase.name in GENERIC or phrase.claim in GENERIC_CLAIMS:
                    continue
                try:
                    finding = judge(window, phrase, slots)
                except SlotError:
                    continue
                if finding.holds:
                    self.cursor = max(self.cursor, *finding.steps) if finding.steps else self.cursor
                    claim = self.document.claim(phrase.claim, number, part.start, part.end)
                    return Judged(
                        claim,
                        Verdict.SUPPORTED,
                        borne_out(finding.steps),
                        Evidence(finding.steps),
                    )
                if finding.holds is False and phrase.claim not in ("true", "false"):
                    wrong = (finding, phrase.claim)  # a comparison may be the writer's own
        if wrong is None:
            return None
        claim = self.document.claim(wrong[1], number, part.start, part.end)
        reason = otherwise(claim.text, wrong[0].found, wrong[0].steps, value=bool(wrong[0].right))
        return Judged(claim, Verdict.CONTRADICTED, reason, Evidence(wrong[0].steps))

    # --- with steps -----------------------------------------------------------------------------------------------

    def anchored(self, number: int, located: Located, window: Window) -> Judged:
        """Judge a statement of a sentence that says which steps it speaks of."""
        finding = self.at_steps(located.statement, window) if located.holds is not False else None
        if finding is not None and finding.holds is not None:
            return self.from_finding(number, located, finding, window)
        if located.holds is not None or not located.known:
            return self.decided(number, located)
        for site in located.sites:
            step = site.touches(window.steps)
            if step is not None:
                return self.supported(number, located, step)
        here = [other for other in located.others if other[0].touches(window.steps) is not None]
        return self.contradicted(
            number, located, here, f"and the sentence speaks of {in_words(window.steps)}"
        )

    def at_steps(self, statement: Statement, window: Window) -> Finding | None:
        """Look at the steps themselves: what they gave a place, what they compared."""
        if statement.kind == "comparison":
            return is_compared(window, statement.name, [side[0] for side in statement.sides[1:]])
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
        elsewhere = [site for site in located.sites if site.touches(window.steps) is None]
        if elsewhere:
            return self.contradicted(
                number,
                replace(located, sites=elsewhere),
                [],
                f"and the sentence speaks of {in_words(window.steps)}",
            )
        claim = self.claim_of(number, located)
        reason = otherwise(claim.text, finding.found, finding.steps, value=bool(finding.right))
        judged = Judged(claim, Verdict.CONTRADICTED, reason, Evidence(finding.steps))
        if not finding.right or located.fix_span is None:
            return judged
        begin = self.document.spans[number][0]
        return replace(
            judged, fix=finding.right, fix_span=(begin + located.fix_span[0], begin + located.fix_span[1])
        )

    # --- fitted to the run ------------------------------------------------------------------------------------------

    def fit(self) -> Iterator[Judged]:
        """Place the statements that came without steps, and yield their verdicts."""
        yield from self.split(in_passes(self.loose), "and not in the pass that the sentence speaks of")
        yield from self.split(together(self.loose), "and not at the same time as what is told with it")
        places = align([each.located.sites for each in self.loose])
        cursor = 0
        for each, place in zip(self.loose, places, strict=True):
            if place is None:
                yield self.contradicted(
                    each.number,
                    each.located,
                    _nearest(each.located, cursor),
                    "which does not fit the order in which the text tells it",
                )
                continue
            cursor = place
            if not each.silent:
                yield self.supported(each.number, each.located, place // 2)

    def split(self, wrong: list[Loose], but: str) -> Iterator[Judged]:
        """Take statements out of those to be placed, as contradicted."""
        for each in wrong:
            self.loose.remove(each)
            yield self.contradicted(each.number, each.located, [], but)

    # --- verdicts -----------------------------------------------------------------------------------------------------

    def decided(self, number: int, located: Located) -> Judged:
        """Judge what needs no place in the run."""
        claim = self.claim_of(number, located)
        if located.holds is None:
            return Judged(claim, Verdict.UNSUPPORTED, unknown(located.reason))
        if located.holds:
            return Judged(claim, Verdict.SUPPORTED, located.reason or borne_out())
        reason = worked_out(claim.text, located.reason)
        judged = Judged(claim, Verdict.CONTRADICTED, reason)
        return self.with_fix(judged, number, located, located.others[0][1] if located.others else None)

    def supported(self, number: int, located: Located, step: int) -> Judged:
        """Return that a statement holds at a step."""
        return Judged(
            self.claim_of(number, located), Verdict.SUPPORTED, borne_out((step,)), Evidence((step,))
        )

    def contradicted(
        self, number: int, located: Located, near: list[tuple[Site, object]], but: str
    ) -> Judged:
        """Return that a statement holds elsewhere only, or nowhere."""
        claim = self.claim_of(number, located)
        if located.sites:
            step = located.sites[0].step
            judged = Judged(claim, Verdict.CONTRADICTED, misplaced(step, but), Evidence((step,)))
        else:
            steps = tuple(site.step for site, _ in near[:3])
            judged = Judged(claim, Verdict.CONTRADICTED, _never(claim.text, located, near), Evidence(steps))
        return self.with_fix(judged, number, located, near[0][1]) if near else judged

    def claim_of(self, number: int, located: Located) -> Claim:
        """Return the claim that a statement makes."""
        statement = located.statement
        return self.document.claim(statement.kind, number, statement.start, statement.end)

    def with_fix(self, judged: Judged, number: int, located: Located, right: object) -> Judged:
        """Add the text that would be right, where the statement has a place for it."""
        if located.fix_span is None or not located.others:
            return judged
        begin = self.document.spans[number][0]
        text = right if isinstance(right, Verbatim) else shown(right)
        return replace(judged, fix=text, fix_span=(begin + located.fix_span[0], begin + located.fix_span[1]))


def _shifted(statement: Statement, by: int) -> Statement:
    sides = tuple((tree, start + by, end + by) for tree, start, end in statement.sides)
    return replace(statement, start=statement.start + by, end=statement.end + by, sides=sides)


def _stands_alone(tree: ast.expr) -> bool:
    return is_literal(tree) or not any(isinstance(n, ast.Name) for n in ast.walk(tree))


def _never(said: str, located: Located, near: list[tuple[Site, object]]) -> str:
    values: dict[str, int] = {}
    for site, value in near:
        values.setdefault(shown(value, 60), site.step)
    if not values:
        return otherwise(said, located.reason or "nothing like it happens", value=False)
    seen = [f"{value} at step {step}" for value, step in list(values.items())[:3]]
    return otherwise(said, ", ".join(seen), value=True)


def _nearest(located: Located, cursor: int) -> list[tuple[Site, object]]:
    """Sort what was there instead: of a change the next ones first, of a state the one at this point."""

    def nearness(other: tuple[Site, object]) -> tuple[bool, int]:
        site = other[0]
        if located.statement.changes:
            return site.begin < cursor, abs(site.begin - cursor)
        return False, site.distance(cursor)

    return sorted(located.others, key=nearness)
