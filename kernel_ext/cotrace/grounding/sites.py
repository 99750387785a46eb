"""Stretches of a run in which a statement holds, on a clock of half steps.

Half step 2s is the moment before step s's line, 2s + 1 the moment after it. So "x is 3" holds from after the line that
made it so to before the line that ends it, and what is told after "x becomes 4" can't mean the old value any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A stretch in half steps, both ends included."""

    begin: int
    end: int

    @classmethod
    def between(cls, made: int, ended: int) -> Site:
        """Return the stretch from after one step's line to before another's."""
        return cls(2 * made + 1, max(2 * ended, 2 * made + 1))

    @classmethod
    def during(cls, first: int, last: int) -> Site:
        """Return the stretch of some steps, the moments before and after their lines included."""
        return cls(2 * first, 2 * last + 1)

    @property
    def step(self) -> int:
        """The step at which it begins."""
        return self.begin // 2

    def touches(self, steps: Iterable[int]) -> int | None:
        """Return the first of some steps that it reaches into; None if there is none."""
        return next((s for s in steps if self.begin <= 2 * s + 1 and 2 * s <= self.end), None)

    def distance(self, moment: int) -> int:
        """Return how many half steps it is away from a moment."""
        return max(self.begin - moment, moment - self.end, 0)


def overlap(sites: Sequence[Site], others: Sequence[Site]) -> list[Site]:
    """Return the stretches that lie in a site of both."""
    found = {
        Site(max(one.begin, other.begin), min(one.end, other.end))
        for one in sites
        for other in others
        if one.begin <= other.end and other.begin <= one.end
    }
    return sorted(found)
