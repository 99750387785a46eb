"""A `Fact`: one thing that a run did, with the phrase that says it and the texts for the phrase's slots.

Facts are made from one executed statement at a time (`cotrace.narration.statements`) and from the steps that begin
and end frames; they know nothing of style, loops or wording. An `Execution` is one run of one statement: its steps,
and what the expression ledger holds of it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from cotrace.model.state import Atom, HeapObject, Value
from cotrace.narration.history import View
from cotrace.narration.syntax import Unit


@dataclass(slots=True)
class Fact:
    """One thing that can be said."""

    phrase: str
    """The name of a phrase in `cotrace.grounding.phrases`."""

    slots: dict[str, str]
    steps: tuple[int, ...]
    """The steps that show it."""

    at: int
    """How many steps had been recorded when it became so: it is told before the step of that number."""

    frame: int
    kind: str = "detail"
    """``detail`` (how a value came about), ``set``, ``initial`` (set to a constant), ``test``, ``change``, ``call``,
    ``return``, ``loop``, ``raise``, ``output``, ``define``, ``answer``: what a plan decides by."""

    place: str = ""
    """The place that got a value, where one did."""

    value: str = ""
    """The value it got, as text."""

    end: int = 0
    """The step by which everything that its statement did had been seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that a sub-expression had."""

    value: Value
    heap: View
    at: int
    step: int


@dataclass(slots=True)
class Execution:
    """One run of one line's statements in one frame."""

    frame: int
    units: list[Unit]
    steps: list[int]
    end: int
    """The frame's next step after these, or where the frame or the recording ended."""

    seen: dict[tuple[int, int, int, int], list[Seen]] = field(default_factory=dict)
    ran: list[Unit] = field(default_factory=list)
    """Those of the units that ran: of ``if x: break`` the second may not."""

    resumed: int = -1
    """The last step at which it went on after a pause in its middle; -1 if it made none."""

    truths: dict[tuple[int, int, int, int], list[bool]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The step that begins it."""
        return self.steps[0]

    def turns(self, *parts: ast.expr) -> list[Execution]:
        """Return the execution step by step, as far as one of `parts` was evaluated: the turns of a comprehension."""
        places = {place_of(part) for part in parts}
        steps = sorted({seen.step for place in places for seen in self.seen.get(place, ())})
        return [
            Execution(
                self.frame,
                self.units,
                [step],
                self.end,
                {place: [s for s in found if s.step == step] for place, found in self.seen.items()},
            )
            for step in steps
        ]

    def value_of(self, node: ast.expr) -> Seen | None:
        """Return the last value that an expression had."""
        found = self.seen.get(place_of(node))
        return found[-1] if found else None

    def truth_of(self, node: ast.expr) -> bool | None:
        """Return how a test came out, by its own record or by its value; None where neither is known."""
        found = self.truths.get(place_of(node))
        if found:
            return found[-1]
        seen = self.value_of(node)
        return None if seen is None else truth(seen.value, seen.heap)

    def touched(self, node: ast.AST) -> bool:
        """Tell whether any part of an expression was evaluated."""
        return any(
            isinstance(part, ast.expr) and (place_of(part) in self.seen or place_of(part) in self.truths)
            for part in ast.walk(node)
        )


def place_of(node: ast.expr) -> tuple[int, int, int, int]:
    """Return where an expression stands in its source."""
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0


def truth(value: Value, heap: Mapping[int, HeapObject]) -> bool | None:
    """Return a value's truth where that needs none of the program's own code."""
    if isinstance(value, Atom):
        if value.literal:
            return bool(value.value)
        return True if value.cut else None
    seen = heap.get(value.id)
    if seen is None or seen.type.rpartition(".")[2] not in _SIZED:
        return None
    return seen.length != 0 if seen.length >= 0 else bool(seen.elements or seen.entries)


_SIZED = frozenset(
    {"list", "tuple", "dict", "set", "frozenset", "deque", "Counter", "defaultdict", "OrderedDict"}
)
