"""One function per kind of claim that a phrase makes, which tells whether it holds at the steps of a window.

Each takes the window, the phrase and its slots, works everything out anew from the trace, and returns a `Finding`. A
slot whose text is not of its kind raises SlotError: then the phrase was not the one meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cotrace.grounding.phrases import PHRASES, Phrase
from cotrace.grounding.predicates.arithmetic import is_worked_out
from cotrace.grounding.predicates.calls import calls, handles, raises, returns, unwinds, yields
from cotrace.grounding.predicates.changes import changes
from cotrace.grounding.predicates.common import Candidate, Slots, at_one, every, require_kind
from cotrace.grounding.predicates.conditions import is_compared, tested
from cotrace.grounding.predicates.functions import applies, works
from cotrace.grounding.predicates.kinds import identical, of_type
from cotrace.grounding.predicates.loops import goes_over, in_pass, passes_made, same_way, series, stretch
from cotrace.grounding.predicates.outcomes import answer, defines, matches, outputs, stops
from cotrace.grounding.predicates.places import has_value, reads, sets
from cotrace.grounding.predicates.repeats import repeated
from cotrace.grounding.window import Finding, Window

__all__ = ["Candidate", "has_value", "is_compared", "is_worked_out", "judge"]

Predicate = Callable[[Window, Phrase, Slots], Finding]

PREDICATES: Final[dict[str, Predicate]] = {
    "begin": reads,
    "set": sets,
    "read": reads,
    "work": works,
    "apply": applies,
    "true": tested,
    "false": tested,
    "pass": in_pass,
    "over": goes_over,
    "same": same_way,
    "series": series,
    "stretch": stretch,
    "passes": passes_made,
    "change": changes,
    "call": calls,
    "return": returns,
    "repeat": repeated,
    "type": of_type,
    "identity": identical,
    "yield": yields,
    "raise": raises,
    "handle": handles,
    "unwind": unwinds,
    "output": outputs,
    "match": matches,
    "define": defines,
    "answer": answer,
    "stop": stops,
}
"""The predicate of each kind of claim."""

_BY_NAME: Final = {phrase.name: phrase for phrase in PHRASES}


def judge(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Return whether a phrase holds at the steps of a window. Raises SlotError where it can't be the one meant."""
    for slot in slots.values():
        require_kind(slot)
    if phrase.parts:
        return at_one(
            window, lambda group: every(judge(group, part, of) for part, of in _parts(phrase, slots))
        )
    return PREDICATES[phrase.claim](window, phrase, slots)


def _parts(phrase: Phrase, slots: Slots) -> Iterator[tuple[Phrase, Slots]]:
    """Yield the phrases that a phrase is made of, each with its own slots."""
    for name, mapping in phrase.parts:
        yield _BY_NAME[name], {own: slots[slot] for own, slot in mapping}
