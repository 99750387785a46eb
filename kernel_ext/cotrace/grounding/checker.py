"""The checker: every sentence of a text gets verdicts, deterministically, offline, and whatever the text.

A sentence that says which steps it speaks of is read closed-world first: does it consist of the offline narrator's
phrases (`templates`), and does each hold at those steps (`predicates`)? What fits no phrase, and every sentence without
steps, is read as free text (`extract`, `free`); without steps, its statements are fitted to the order of the run (`align`).
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cached_property

from cotrace.grounding.align import align
from cotrace.grounding.coverage import coverage_of
from cotrace.grounding.extract import Statement, Vocabulary, statements
from cotrace.grounding.free import Located, Locator, Site, Verbatim
from cotrace.grounding.index import Index
from cotrace.grounding.passes import count_passes
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates import judge
from cotrace.grounding.templates import Part, Slot, parts_of
from cotrace.grounding.values import shown
from cotrace.grounding.window import Finding, SlotError, Window
from cotrace.model.grounding import Claim, Coverage, Evidence, Grounding, Judged, Verdict
from cotrace.model.reasoning import Reasoning
from cotrace.model.trace import Trace

CHECKER = "cotrace 1"
"""Name and version of what checks; a change of verdicts on the same text changes it."""

WHOLE = ("normal", "full")
"""The styles in which the offline narrator speaks of every line that ran."""


def check(reasoning: Reasoning | str, trace: Trace) -> Grounding:
    """Return a verdict for every claim that a reasoning, or a plain text, makes about a recorded run.

    A plain text has no anchors: its claims may hold anywhere in the run, in the order told. Nothing is run, nothing is
    asked of anyone else, and no text makes it fail: what can't be read is `uncheckable`, with the reason.
    """
    if isinstance(reasoning, str):
        reasoning = Reasoning.of(reasoning)
    return _Check(reasoning, trace).grounding()


class _Check:
    """The check of one reasoning."""

    def __init__(self, reasoning: Reasoning, trace: Trace) -> None:
        self.reasoning = reasoning
        self.spans = reasoning.spans()
        self.index = Index(trace)
        self.passes = count_passes(self.index)
        self.locator = Locator(self.index, self.passes)
        self.words = _vocabulary(self.index)
        self.anchored = any(sentence.anchor for sentence in reasoning.sentences)
        self.judged: list[Judged] = []
        self.loose: list[tuple[int, Located]] = []
        """Statements of sentences without steps, to be fitted to the order of the run."""

    def grounding(self) -> Grounding:
        """Return the whole check."""
        for number in range(len(self.reasoning.sentences)):
            self.sentence(number)
        self.fit()
        self.order()
        coverage = coverage_of(self.index, self.reasoning, self.judged)
        if self.reasoning.generator == "offline" and self.reasoning.style in WHOLE:
            self.gaps(coverage)
        order = sorted(self.judged, key=lambda j: (j.claim.start, j.claim.end))
        return Grounding(self.reasoning.text, tuple(order), coverage, CHECKER, self.anchored)

    def sentence(self, number: int) -> None:
        """Judge one sentence."""
        sentence = self.reasoning.sentences[number]
        anchor = tuple(s for s in sentence.anchor if 0 <= s < self.index.end)
        if not anchor:
            self.free(number, 0, len(sentence.text), None)
            return
        window = Window(self.index, self.passes, anchor)
        cursor = anchor[0]
        for part in parts_of(sentence.text):
            finding = self.phrase(number, part, window, cursor)
            if finding is None:
                self.free(number, part.start, part.end, window)
            elif finding.holds:
                cursor = max([cursor, *(s for s in finding.steps if s in window)])
                self.note_told(part, window, cursor)

    # --- closed world -------------------------------------------------------------------------------------------

    def phrase(self, number: int, part: Part, window: Window, cursor: int) -> Finding | None:
        """Judge a part that is one of the narrator's phrases; None if it is none.

        `cursor` is the step that the sentence has come to: what is told next happened there or later.
        """
        rest = window.since(cursor)
        best: tuple[Finding, Phrase, dict[str, Slot]] | None = None
        for phrase, slots in part.readings:
            try:
                finding = judge(rest, phrase, slots)
            except SlotError:
                continue
            if best is None or _rank(finding) > _rank(best[0]):
                best = (finding, phrase, slots)
            if finding.holds:
                break
        if best is None:
            return None
        self.judged.append(self._closed(number, part, rest, *best))
        return best[0]

    def note_told(self, part: Part, window: Window, step: int) -> None:
        """Remember which variables a phrase that holds gave a value: what is told of them next is the new one."""
        for phrase, slots in part.readings:
            if phrase.claim == "set" and "place" in slots:
                window.told[re.split(r"[.\[]", slots["place"].text)[0]] = step

    def _closed(
        self,
        number: int,
        part: Part,
        window: Window,
        finding: Finding,
        phrase: Phrase,
        slots: dict[str, Slot],
    ) -> Judged:
        claim = self.claim(phrase.claim, number, part.start, part.end)
        evidence = Evidence(finding.steps, (finding.found,) if finding.found else ())
        if finding.holds:
            return Judged(claim, Verdict.SUPPORTED, _supported(finding), evidence)
        if finding.holds is None:
            return Judged(claim, Verdict.UNSUPPORTED, f"not known: {finding.found}", evidence)
        elsewhere = self.elsewhere(phrase, slots, window)
        if elsewhere is not None:
            reason = f"misplaced: this is so at step {elsewhere}, not at {_steps(window.steps)}"
            return Judged(claim, Verdict.CONTRADICTED, reason, Evidence((elsewhere,)))
        reason = f"expected what the text says ({claim.text}); found {finding.found}"
        judged = Judged(claim, Verdict.CONTRADICTED, reason, evidence)
        slot = slots.get(finding.slot)
        if slot is None or not finding.right:
            return judged
        begin = self.spans[number][0]
        return replace(judged, fix=finding.right, fix_span=(begin + slot.start, begin + slot.end))

    def elsewhere(self, phrase: Phrase, slots: dict[str, Slot], window: Window) -> int | None:
        """Return a step at which a phrase that does not hold here does hold."""
        if phrase.claim in ("answer", "stop", "pass"):
            return None
        everywhere = Window(self.index, self.passes, tuple(range(self.index.end)), whole=True)
        finding = judge(everywhere, phrase, slots)
        if not finding.holds:
            return None
        return next((s for s in finding.steps if s not in window), None)

    # --- free text ----------------------------------------------------------------------------------------------

    def free(self, number: int, start: int, end: int, window: Window | None) -> None:
        """Judge a stretch of a sentence that is no phrase of ours."""
        text = self.reasoning.sentences[number].text[start:end]
        found = statements(text, self.words)
        if not found:
            claim = self.claim("sentence", number, start, end)
            self.judged.append(
                Judged(claim, Verdict.UNCHECKABLE, "no statement about the run could be read in it")
            )
            return
        for statement in found:
            located = self.locator.locate(_shifted(statement, start))
            if located.holds is not None or not located.known:
                self.judged.append(self._decided(number, located))
            elif window is None:
                self.loose.append((number, located))
            else:
                self.judged.append(self._anchored(number, located, window))

    def _decided(self, number: int, located: Located) -> Judged:
        """Judge what needs no place in the run."""
        claim = self._claim_of(number, located)
        if located.holds is None:
            return Judged(claim, Verdict.UNSUPPORTED, f"not known: {located.reason}")
        if located.holds:
            return Judged(claim, Verdict.SUPPORTED, located.reason or "it is so")
        judged = Judged(
            claim, Verdict.CONTRADICTED, f"expected what the text says; found that {located.reason}"
        )
        return self._with_fix(judged, number, located, located.others[0][1] if located.others else None)

    def _anchored(self, number: int, located: Located, window: Window) -> Judged:
        """Judge a statement of a sentence that says which steps it speaks of."""
        claim = self._claim_of(number, located)
        touching = [site for site in located.sites if any(site.begin <= s <= site.end for s in window.steps)]
        if touching:
            step = next(s for s in window.steps if touching[0].begin <= s <= touching[0].end)
            return Judged(claim, Verdict.SUPPORTED, f"it is so at step {step}", Evidence((step,)))
        here = [
            (site, value)
            for site, value in located.others
            if any(site.begin <= s <= site.end for s in window.steps)
        ]
        if located.sites:
            step = located.sites[0].begin
            reason = f"misplaced: this is so at step {step}, not at {_steps(window.steps)}"
            judged = Judged(claim, Verdict.CONTRADICTED, reason, Evidence((step,)))
        else:
            judged = Judged(
                claim,
                Verdict.CONTRADICTED,
                _never(located, here),
                Evidence(tuple(s.begin for s, _ in here[:3])),
            )
        return self._with_fix(judged, number, located, here[-1][1] if here else None)

    def fit(self) -> None:
        """Place the statements that came without steps, and judge them."""
        places = align([located.sites for _, located in self.loose])
        cursor = 0
        for (number, located), place in zip(self.loose, places, strict=True):
            claim = self._claim_of(number, located)
            if place is not None:
                cursor = place
                self.judged.append(
                    Judged(claim, Verdict.SUPPORTED, f"it is so at step {place}", Evidence((place,)))
                )
                continue
            near = sorted(located.others, key=lambda o: _distance(o[0], cursor))
            if located.sites:
                step = located.sites[0].begin
                reason = f"misplaced: this is so at step {step}, which does not fit the order of the text"
                judged = Judged(claim, Verdict.CONTRADICTED, reason, Evidence((step,)))
            else:
                judged = Judged(
                    claim,
                    Verdict.CONTRADICTED,
                    _never(located, near),
                    Evidence(tuple(s.begin for s, _ in near[:3])),
                )
            self.judged.append(self._with_fix(judged, number, located, near[0][1] if near else None))

    def order(self) -> None:
        """Judge the order of the sentences: none may speak of what was over before the one before it began."""
        before: tuple[int, int] | None = None
        for number, sentence in enumerate(self.reasoning.sentences):
            anchor = [s for s in sentence.anchor if 0 <= s < self.index.end]
            if not anchor:
                continue
            begin, end = anchor[0], max(self.index.over(step) for step in anchor)
            late = before is not None and (end < before[0] or (begin == before[0] and end < before[1]))
            if before is not None and late:
                claim = self.claim("order", number, 0, len(sentence.text))
                reason = f"misplaced: it speaks of {_steps(tuple(anchor))}, the sentence before it of step {before[0]} and later"
                self.judged.append(Judged(claim, Verdict.CONTRADICTED, reason, Evidence((begin,))))
            before = (begin, end)

    def gaps(self, coverage: Coverage) -> None:
        """Judge what is missing from an account that promises every step: each stretch that no sentence tells."""
        texts = {change.step: change.text for change in coverage.untold} | self.unannounced()
        missing = sorted({*texts, *coverage.skipped})
        while missing:
            stretch = [missing.pop(0)]
            while missing and self.follows(stretch[-1], missing[0]):
                stretch.append(missing.pop(0))
            number = self.place_of(stretch[0])
            at = self.spans[number][1] if number >= 0 else 0
            what = next(
                (texts[s] for s in stretch if s in texts), self.index.trace.line_text(stretch[0]).strip()
            )
            reason = f"expected a sentence about {_steps(tuple(stretch))} ({what[:80]}); found none"
            claim = Claim("gap", "", at, at, max(number, 0))
            self.judged.append(Judged(claim, Verdict.CONTRADICTED, reason, Evidence(tuple(stretch))))

    def unannounced(self) -> dict[int, str]:
        """Return the loops and calls that begin without a word, each with what a reader would call it."""
        over = {
            s
            for j in self.judged
            if j.claim.kind in ("over", "series", "stretch", "same", "return")  # a summary speaks for what is in it
            for s in self.reasoning.sentences[j.claim.sentence].anchor
        }
        found: dict[int, str] = {}
        for run in self.passes.runs:
            if isinstance(run.loop.node, ast.For) and run.passes and run.begin not in over:
                found[run.begin] = f"the loop over {ast.unparse(run.loop.node.iter)}"
        for frame in self.index.trace.frames:
            if (
                frame.kind == "function"
                and frame.start not in self.told
                and frame.name.rpartition(".")[2].isidentifier()
            ):
                found[frame.start] = f"the call of {frame.name}"
        return found

    def follows(self, step: int, later: int) -> bool:
        """Tell whether no told step lies between two that are not."""
        told = self.told
        return not any(s in told for s in range(step + 1, later))

    @cached_property
    def told(self) -> set[int]:
        """The steps that the sentences point at."""
        return {step for sentence in self.reasoning.sentences for step in sentence.anchor}

    def place_of(self, step: int) -> int:
        """Return the last sentence that begins before a step; -1 for none."""
        numbers = [n for n, s in enumerate(self.reasoning.sentences) if s.anchor and s.anchor[0] < step]
        return numbers[-1] if numbers else -1

    def _claim_of(self, number: int, located: Located) -> Claim:
        kind = {"comparison": "comparison", "value": "value"}.get(
            located.statement.kind, located.statement.kind
        )
        return self.claim(kind, number, located.statement.start, located.statement.end)

    def _with_fix(self, judged: Judged, number: int, located: Located, right: object) -> Judged:
        if (
            located.fix_span is None
            or not located.others
            or (right is None and located.others[0][1] is not None)
        ):
            return judged
        begin = self.spans[number][0]
        text = right.text if isinstance(right, Verbatim) else shown(right)
        return replace(judged, fix=text, fix_span=(begin + located.fix_span[0], begin + located.fix_span[1]))

    def claim(self, kind: str, number: int, start: int, end: int) -> Claim:
        """Return the claim that a stretch of a sentence makes."""
        begin = self.spans[number][0]
        text = self.reasoning.sentences[number].text[start:end]
        return Claim(kind, text, begin + start, begin + end, number)


def _shifted(statement: Statement, by: int) -> Statement:
    sides = tuple((tree, start + by, end + by) for tree, start, end in statement.sides)
    return replace(statement, start=statement.start + by, end=statement.end + by, sides=sides)


def _vocabulary(index: Index) -> Vocabulary:
    names = {name for _, name in index.variables}
    functions = {name for name in index.calls if name.isidentifier()}
    return Vocabulary(frozenset(names - functions), frozenset(functions))


def _rank(finding: Finding) -> int:
    return {True: 3, None: 1, False: 0}[finding.holds] + (
        1 if finding.holds is False and finding.right else 0
    )


def _supported(finding: Finding) -> str:
    return f"it is so at {_steps(finding.steps)}" if finding.steps else "it is so"


def _steps(steps: tuple[int, ...]) -> str:
    if len(steps) == 1:
        return f"step {steps[0]}"
    return f"steps {steps[0]} to {steps[-1]}" if steps else "no step"


def _never(located: Located, near: list[tuple[Site, object]]) -> str:
    values = list(dict.fromkeys(shown(value, 60) for _, value in near))[:3]
    if not values:
        return f"expected what the text says; {located.reason or 'found nothing like it in the run'}"
    return f"expected what the text says; found {', '.join(values)}"


def _distance(site: Site, step: int) -> int:
    return 0 if site.begin <= step <= site.end else min(abs(site.begin - step), abs(site.end - step))
