"""What statements of one sentence of free text say together: which pass they speak of, and what holds at one time.

"In iteration 2, i is 1 and j is 4" tells more than its parts: there must be a second pass of some loop in which i is 1 and
j is 4 at the same moment. Sites are narrowed to where all of it holds; what has no site left contradicts the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cotrace.grounding.free import Located, Site


@dataclass(eq=False)
class Loose:
    """A statement of a sentence without steps, to be placed in the run."""

    number: int
    """The sentence's number."""

    located: Located
    silent: bool = False
    """True if a phrase that holds says it already: only a contradiction is told."""


def in_passes(loose: Sequence[Loose]) -> list[Loose]:
    """Narrow each statement to the pass that its sentence names before it; return those that hold in no such pass."""
    wrong: list[Loose] = []
    named: Loose | None = None
    for each in loose:
        if each.located.statement.kind == "pass":
            named = each
        elif named is not None and named.number == each.number and each.located.statement.kind in _PLACED:
            # What a pass begins by changing was so before it: the last step of a site is the one that ends it.
            inner = [Site(site.begin, max(site.begin, site.end - 1)) for site in each.located.sites]
            common = overlap(inner, named.located.sites)
            if common:
                each.located.sites = common
            elif each.located.sites:
                wrong.append(each)
    return wrong


_PLACED = ("value", "comparison", "append", "remove")


def together(loose: Sequence[Loose]) -> list[Loose]:
    """Narrow states that are told in one breath to where they all hold; return those that never meet the others."""
    wrong: list[Loose] = []
    for one, other in zip(loose, loose[1:], strict=False):
        if one in wrong or not _in_one_breath(one, other):
            continue
        common = overlap(one.located.sites, other.located.sites)
        if common:
            other.located.sites = common
        elif one.located.sites and other.located.sites:
            wrong.append(other)
    return wrong


_BREATH = re.compile(r"\s*(?:,|and|,\s*and|while|with)\s*`?\s*")


def _in_one_breath(one: Loose, other: Loose) -> bool:
    """Tell whether two states are joined by no more than a comma or "and"."""
    first, second = one.located.statement, other.located.statement
    if one.number != other.number or {first.kind, second.kind} != {"value"} or first.changes or second.changes:
        return False
    return first.follower is not None and _BREATH.fullmatch(first.follower) is not None


def overlap(sites: Sequence[Site], others: Sequence[Site]) -> list[Site]:
    """Return the stretches that are in a site of both."""
    found = {
        (max(one.begin, other.begin), min(one.end, other.end))
        for one in sites
        for other in others
        if one.begin <= other.end and other.begin <= one.end
    }
    return [Site(begin, end) for begin, end in sorted(found)]
