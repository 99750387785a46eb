"""What a check says: claims found in a text, a verdict on each, and what the text leaves out.

A `Claim` is one checkable statement with its place in the text. A `Judged` is a claim with its verdict, a reason
in one sentence, the steps that were looked at, and, where the recording knows better, the text that would be right.
A `Grounding` holds all of them for one text, with the state changes that no sentence tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What the recording says about a claim."""

    SUPPORTED = "supported"
    """It is so, at the steps named as evidence."""

    CONTRADICTED = "contradicted"
    """It is not so; or it is so, but at another step than the sentence speaks of."""

    UNSUPPORTED = "unsupported"
    """Nothing in the recording speaks for it or against it."""

    UNCHECKABLE = "uncheckable"
    """It can't be read as a statement about the run; the reason says why."""

    @property
    def symbol(self) -> str:
        """A mark that tells the verdicts apart without colour."""
        return {"supported": "✓", "contradicted": "✗", "unsupported": "?", "uncheckable": "–"}[self.value]


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement found in a text."""

    kind: str
    """``value``, ``change``, ``equation``, ``comparison``, ``branch``, ``pass``, ``call``, ``return``, ``output``,
    ``raise``, ``answer`` ...; ``order`` of a sentence that stands too late, ``gap`` where one is missing;
    ``sentence`` where a sentence holds no statement that can be read."""

    text: str
    start: int
    """Where it begins in the whole text, in characters."""

    end: int
    sentence: int
    """Index of the sentence that makes it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was looked at in the recording."""

    steps: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    """What was found there, as text."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its verdict."""

    claim: Claim
    verdict: Verdict
    reason: str
    """One sentence that says what the text has and what was found."""

    evidence: Evidence = Evidence()
    fix: str | None = None
    """The text that would be right in the place `fix_span`, where the recording knows it."""

    fix_span: tuple[int, int] | None = None
    """The part of the whole text that `fix` replaces; None where there is no fix."""


@dataclass(frozen=True, slots=True)
class Change:
    """A state change of the run, as a reader would name it."""

    step: int
    """The step whose line made it."""

    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what changed in the run the text tells."""

    told: int
    total: int
    untold: tuple[Change, ...] = ()
    skipped: tuple[int, ...] = ()
    """The line steps that no sentence points at, whether or not they changed anything. Empty without anchors."""

    @property
    def share(self) -> float:
        """The part that is told, from 0 to 1; 1 where nothing changed."""
        return self.told / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Grounding:
    """The check of one text against one recording."""

    text: str
    """The whole text that the spans refer to."""

    claims: tuple[Judged, ...]
    """Every claim in the order of the text."""

    coverage: Coverage
    checker: str
    """Name and version of what checked."""

    anchored: bool = True
    """True if the sentences named the steps that they speak of."""

    def __repr__(self) -> str:
        """Tell in a line how the check came out."""
        told = ", ".join(f"{count} {word}" for word, count in self.counts.items() if count)
        return (
            f"<Grounding: {told or 'no claims'}; {self.coverage.told} of {self.coverage.total} changes told>"
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """How many claims have each verdict, by the verdict's word."""
        counts = {verdict.value: 0 for verdict in Verdict}
        for judged in self.claims:
            counts[judged.verdict.value] += 1
        return counts

    @property
    def ok(self) -> bool:
        """True if nothing in the text is contradicted."""
        return not self.refuted

    @property
    def refuted(self) -> tuple[Judged, ...]:
        """The claims that the recording contradicts."""
        return tuple(judged for judged in self.claims if judged.verdict is Verdict.CONTRADICTED)

    @property
    def answer(self) -> Judged | None:
        """The claim that states the final answer; None where the text states none."""
        return next((judged for judged in reversed(self.claims) if judged.claim.kind == "answer"), None)

    def of_sentence(self, sentence: int) -> tuple[Judged, ...]:
        """Return the claims that one sentence makes."""
        return tuple(judged for judged in self.claims if judged.claim.sentence == sentence)
