"""Sayings become sentences: a wording for every fact, a lead for a pass, a capital where a phrase begins.

Which of a phrase's wordings is taken depends on the seed and on how often the phrase was used, so that the same
trace and seed always give the same text, and neighbours differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from cotrace.grounding.phrases import JOINERS, LEADS, PHRASES
from cotrace.model.reasoning import Sentence
from cotrace.narration.facts import Fact
from cotrace.narration.plan import Saying

NEXT, SO = JOINERS

BY_NAME = {phrase.name: phrase for phrase in (*PHRASES, *LEADS)}


class Writer:
    """Writes the sentences of one narration."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a choice of words
        self._offsets: dict[str, int] = {}

    def sentences(self, sayings: Iterable[Saying]) -> list[Sentence]:
        """Return a sentence for every saying."""
        return [self.sentence(saying) for saying in sayings]

    def sentence(self, saying: Saying) -> Sentence:
        """Write one sentence and anchor it to the steps of its facts."""
        clauses = [self.clause(fact) for fact in saying.facts]
        lead = ""
        if saying.label:
            lead = BY_NAME["pass"].render(0, {"pass": saying.label})
        elif BY_NAME[saying.facts[0].phrase].texts[0][0] != "{" or not clauses[0].startswith("{"):
            clauses[0] = self.capital(saying.facts[0], clauses[0])
        anchor = sorted({step for fact in saying.facts for step in fact.steps} | {*saying.more})
        text = lead + clauses[0]
        for before, fact, clause in zip(saying.facts, saying.facts[1:], clauses[1:], strict=False):
            text += (SO if follows(before, fact) else NEXT) + clause
        text += "."
        return Sentence(text, tuple(anchor), "offline", opens=saying.opens)

    def clause(self, fact: Fact) -> str:
        """Put a fact into words."""
        phrase = BY_NAME[fact.phrase]
        return phrase.render(self.choice(fact.phrase, len(phrase.texts)), fact.slots)

    def choice(self, name: str, wordings: int) -> int:
        """Choose a wording: at first by the seed, then in turn."""
        if name not in self._offsets:
            self._offsets[name] = self._random.randrange(wordings)
        else:
            self._offsets[name] += 1
        return self._offsets[name] % wordings

    def capital(self, fact: Fact, clause: str) -> str:
        """Make the first letter a capital where it is the phrase's own, not a name's or a value's."""
        for text in BY_NAME[fact.phrase].texts:
            words = text.split("{", 1)[0]
            if words and clause.startswith(words):
                return clause[0].upper() + clause[1:]
        return clause


def follows(before: Fact, fact: Fact) -> bool:
    """Tell whether a fact came about because a test before it turned out as it did."""
    return before.kind == "test" and fact.kind in ("set", "initial", "change", "output", "raise", "return")
