"""What statements of one sentence of free text say together: which pass they speak of, and what holds at one time.

"In iteration 2, i is 1 and j is 4" tells more than its parts: there must be a second pass of some loop in which i is 1
and j is 4 at the same moment. Sites are narrowed to where all of it holds; what has no site left contradicts the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cotrace.grounding.locate import Located
from cotrace.grounding.sites import overlap


@dataclass(eq=False)
class Loose:
    """A statement of a sentence without steps, to be placed in the run."""

    number: int
    """The sentence's number."""

    located: Located
    silent: bool = False
    """True if a phrase that holds says it already: only a contradiction is told."""


_PLACED = ("value", "comparison", "append", "remove")


def in_passes(loose: Sequence[Loose]) -> list[Loose]:
    """Narrow each statement to the pass that its sentence names before it; return those that hold in no such pass."""
    wrong: list[Loose] = []
    named: Loose | None = None
    for each in loose:
        if each.located.statement.kind == "pass":
            named = each
        elif named is not None and named.number == each.number and each.located.statement.kind in _PLACED:
            common = overlap(each.located.sites, named.located.sites)
            if common:
                each.located.sites = common
            elif each.located.sites:
                wrong.append(each)
    return wrong


_TURN = re.compile(
    r"[;.]|\b(?:so|then|therefore|thus|hence|giving|making|after|afterwards|now|next|finally|before|later|again|"
    r"when|once|until|from|which)\b",
    re.IGNORECASE,
)
"""What stands between two statements where the second may speak of another moment."""


def together(loose: Sequence[Loose]) -> list[Loose]:
    """Narrow states that are told in one breath to where they all hold; return those that never meet the others."""
    wrong: list[Loose] = []
    breath: Loose | None = None
    for each in loose:
        if breath is not None and not _goes_on(breath, each):
            breath = None
        if not _is_state(each):
            continue
        if breath is None:
            breath = each
            continue
        common = overlap(breath.located.sites, each.located.sites)
        if common:
            each.located.sites = common
            breath = each
        elif breath.located.sites and each.located.sites:
            wrong.append(each)
    return wrong


def _is_state(each: Loose) -> bool:
    statement = each.located.statement
    return statement.kind == "value" and not statement.changes


def _goes_on(breath: Loose, each: Loose) -> bool:
    """Tell whether a statement speaks of the same moment as the state before it."""
    return each.number == breath.number and not _TURN.search(each.located.statement.before)
