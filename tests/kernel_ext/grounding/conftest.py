"""A small language for checks: programs by name, a text about a call of one, and the verdicts as short lines.

``✓ total becomes 0 + 3 = 3`` is a claim with its verdict's symbol. Each program is recorded once.
"""

import contextlib
import importlib.util
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import cotrace
import pytest
from cotrace.grounding import check
from cotrace.model.reasoning import Reasoning, Sentence
from cotrace.narration import narrate

HERE = Path(__file__).parent


@cache
def programs():
    """Import the programs that the texts speak of."""
    spec = importlib.util.spec_from_file_location("told_programs", HERE / "told_programs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def recorded(call):
    """Trace a call that is written as text, such as ``gcd(48, 18)``."""
    name, _, arguments = call.partition("(")
    given = eval(f"(lambda *a: a)({arguments}")
    with contextlib.redirect_stdout(io.StringIO()):
        return cotrace.trace(getattr(programs(), name), *given)


def lines(grounding):
    """Return the verdicts as short lines."""
    return [f"{judged.verdict.symbol} {judged.claim.text}" for judged in grounding.claims]


class Told:
    """What is said of one call."""

    def __init__(self, call):
        self.trace = recorded(call)

    def check(self, text):
        """Check a text without anchors."""
        return check(text, self.trace)

    def at(self, text, *steps):
        """Check one sentence that points at steps."""
        return check(Reasoning((Sentence(text, steps),), generator="person"), self.trace)

    def narrated(self, style="normal"):
        """Return the offline narration."""
        return narrate(self.trace, style)

    def changed(self, old, new, style="normal"):
        """Check the offline narration with one stretch of its text put differently."""
        reasoning = self.narrated(style)
        assert old in reasoning.text, f"{old!r} is not in: {reasoning.text}"
        done = False
        sentences = []
        for sentence in reasoning.sentences:
            hit = old in sentence.text and not done
            done = done or hit
            sentences.append(replace(sentence, text=sentence.text.replace(old, new, 1)) if hit else sentence)
        return check(replace(reasoning, sentences=tuple(sentences)), self.trace)


@pytest.fixture
def told():
    """Return a function that takes a call as text and gives what can be said of it."""
    return Told


@pytest.fixture
def verdicts():
    """Return the function that shows a grounding as short lines."""
    return lines
