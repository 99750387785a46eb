"""Fits statements to the run: each is given a place where it holds, so that the places follow the order of the text.

As many statements as possible are placed. Of each, the stretches of the run are known in which it holds; a later
statement may not stand before an earlier one. What finds no place in that order is left out: it is told of the wrong
moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotrace.grounding.sites import Site


def align(sites: Sequence[Sequence[Site]]) -> list[int | None]:
    """Return the moment (in half steps) at which each statement is placed, None for those that do not fit the order.

    Each statement has the sites where it holds. The moments returned never fall, and as many statements as possible
    have one.
    """
    marks = sorted({site.begin for each in sites for site in each})
    if not marks:
        return [None for _ in sites]
    place = {mark: n for n, mark in enumerate(marks)}
    best: list[tuple[int, tuple[int, int, object] | None]] = [(0, None) for _ in marks]
    # best[n]: how many are placed with the last at marks[n], and the chain (statement, mark, chain before).
    for number, each in enumerate(sites):
        if each:
            best = _with_statement(best, number, each, marks, place)
    chain = max(best, key=lambda entry: entry[0])[1]
    found: list[int | None] = [None for _ in sites]
    while chain is not None:
        number, mark, before = chain  # pyright: ignore[reportGeneralTypeIssues]
        found[number] = marks[mark]
        chain = before  # type: ignore[assignment] # the tuple's third part is such a tuple or None
    return found


def _with_statement(
    best: list[tuple[int, tuple[int, int, object] | None]],
    number: int,
    sites: Sequence[Site],
    marks: list[int],
    place: dict[int, int],
) -> list[tuple[int, tuple[int, int, object] | None]]:
    reach: list[tuple[int, tuple[int, int, object] | None]] = []
    running: tuple[int, tuple[int, int, object] | None] = (0, None)
    for entry in best:
        if entry[0] > running[0]:
            running = entry
        reach.append(running)
    result = list(best)
    for site in sites:
        mark = place[site.begin]
        while mark < len(marks) and marks[mark] <= site.end:
            count, chain = reach[mark]
            if count + 1 > result[mark][0]:
                result[mark] = (count + 1, (number, mark, chain))
            mark += 1
    return result
