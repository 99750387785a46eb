"""Why a verdict was given, in words for a person: what the text says, what the recording shows, and at which step."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 120
"""A reason quotes this many characters of the text."""


def in_words(steps: Iterable[int]) -> str:
    """Name steps: one, two, or the first and the last of more."""
    found = sorted(set(steps))
    if not found:
        return "no step"
    if len(found) == 1:
        return f"step {found[0]}"
    return f"steps {found[0]} {'and' if len(found) == 2 else 'to'} {found[-1]}"


def borne_out(steps: Iterable[int] = ()) -> str:
    """Tell that the recording shows what the text says."""
    found = tuple(steps)
    return f"the recording shows it at {in_words(found)}" if found else "the recording bears it out"


def otherwise(said: str, found: str, steps: Iterable[int] = (), *, value: bool) -> str:
    """Tell what the recording has in place of what the text says: another value, or that it is not so."""
    places = tuple(steps)
    if value:
        where = f" at {in_words(places)}" if places else ""
        return f"the text says {_quoted(said)}; the recording shows {found}{where}"
    where = f"at {in_words(places)} of the recording, " if places else "in the recording "
    plain = found if "'" in found or '"' in found else found.replace(" here", "")
    return f"the text says {_quoted(said)}; {where}{plain}"


def worked_out(said: str, right: str) -> str:
    """Tell that what the text says is wrong in itself."""
    return f"the text says {_quoted(said)}; but {right}"


def misplaced(step: int, but: str) -> str:
    """Tell that the recording shows it elsewhere."""
    return f"misplaced: the recording shows this at step {step}, {but}"


def unknown(why: str) -> str:
    """Tell that the recording does not hold enough to judge it."""
    return f"the recording does not hold enough to tell: {why}"


def _quoted(said: str) -> str:
    whole = " ".join(said.split())
    return f"“{whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + '…'}”"
