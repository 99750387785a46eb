"""The ground under the explainers: how a value is written in a sentence, and how a fact is added.

A `Known` is what is known of one expression: the value it had, the place it is kept at, and, where it came about by
arithmetic, the working that shows it. A working travels outward into the sentence about the whole, until `settle`
makes it a fact of its own.
"""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from cotrace.model.state import Atom, HeapObject, Ref, Value
from cotrace.narration.facts import Execution, Fact, Seen
from cotrace.narration.scene import Scene, listed
from cotrace.narration.values import shown

__all__ = ["NOTHING", "Known", "Telling", "listed"]

SHORT = 24
"""A value up to this many characters is written out although it has a name."""

LASTING = frozenset({"set", "initial", "change", "return", "loop", "target"})
"""The kinds of fact that speak of a whole statement, not of one moment in it."""


@dataclass(slots=True)
class Known:
    """What is known of one expression."""

    seen: Seen | None
    place: str = ""
    """Where the value is kept, where it is kept somewhere."""

    working: str = ""
    level: int = 9
    """How tightly the working's outermost sign binds."""

    literal: bool = False
    """True if the source text itself says the value."""


NOTHING = Known(None)


class Telling(ABC):
    """Tells about the expressions of one execution."""

    def __init__(self, execution: Execution, scene: Scene) -> None:
        self.execution = execution
        self.scene = scene
        self.history = scene.history
        self.room = scene.room
        self.facts: list[Fact] = []
        self.at = execution.first + 1
        """The moment up to which the execution has been told."""

        self.step = execution.first
        """The step whose line was evaluated last: a statement of several lines has several."""

    @abstractmethod
    def known(self, node: ast.expr) -> Known:
        """Explain an expression and return what is known of it."""

    # --- texts -------------------------------------------------------------------------------------------------

    def text(self, known: Known) -> str:
        """Return a known value as text."""
        assert known.seen is not None
        return shown(known.seen.value, known.seen.heap, self.room)

    def operand(self, known: Known) -> str:
        """Return how a sentence refers to a value: its place if it is long, else the value itself."""
        assert known.seen is not None
        text = self.text(known)
        named = isinstance(known.seen.value, Ref) or len(text) > SHORT
        return known.place if known.place and named else text

    def term(self, known: Known, level: int, *, strict: bool = False) -> str:
        """Return a value or working as an operand of a sign that binds as tightly as `level`."""
        if not known.working:
            text = self.text(known)
            return f"({text})" if level == 3 and text.startswith("-") else text
        loose = known.level < level or (known.level == level and (strict or level in (0, 3)))
        return f"({known.working})" if loose else known.working

    # --- facts -------------------------------------------------------------------------------------------------

    def tell(self, phrase: str, kind: str = "detail", *, steps: tuple[int, ...] = (), **slots: str) -> Fact:
        """Add a fact that becomes so now; it speaks of the whole statement or of its latest step, by its kind."""
        return self.put(phrase, kind, slots, steps)

    def put(self, phrase: str, kind: str, slots: dict[str, str], steps: tuple[int, ...] = ()) -> Fact:
        """Do what `tell` does, with the slots as a dictionary."""
        steps = steps or (tuple(self.execution.steps) if kind in LASTING else (self.step,))
        fact = Fact(phrase, slots, steps, self.at, self.execution.frame, kind, end=self.execution.end)
        return self.say(fact)

    def say(self, fact: Fact) -> Fact:
        """Add a fact."""
        self.facts.append(fact)
        return fact

    def settle(self, known: Known) -> Known:
        """Tell a working as a fact of its own, so that the value alone can stand for it."""
        if known.working and known.seen is not None:
            self.tell("work", working=f"{known.working} = {self.text(known)}", steps=(known.seen.step,))
            return Known(known.seen, known.place)
        return known

    def quietly(self, node: ast.expr) -> Known:
        """Return what is known of an expression that was explained before."""
        kept = self.facts
        self.facts = []
        try:
            return self.known(node)
        finally:
            self.facts = kept

    def bindings(self, names: list[str]) -> str:
        """Return variables with the values that they have after the execution, as a list."""
        found = [(name, self.scene.after(name, self.execution)) for name in names]
        return listed(
            [f"{name} is {shown(s.value, s.heap, self.room)}" for name, s in found if s is not None]
        )

    def set(self, place: str, known: Known, steps: tuple[int, ...]) -> None:
        """Tell that a place gets a value."""
        if known.seen is None:
            return
        value = self.text(known)
        if self._stays(place, known):
            fact = self.tell("stay", "set", steps=steps, place=place, value=value)
        elif known.working:
            fact = self.tell(
                "set-working", "set", steps=steps, place=place, working=f"{known.working} = {value}"
            )
        elif known.place and known.place != place:
            self.forget_reading(known.place)
            fact = self.tell("set-from", "set", steps=steps, place=place, source=known.place, value=value)
        else:
            kind = "initial" if known.literal and self.before(place) is None else "set"
            fact = self.tell("set", kind, steps=steps, place=place, value=value)
        fact.place, fact.value = place, value

    def forget_reading(self, place: str) -> None:
        """Drop the last fact if it only reads a place that the next one names."""
        if self.facts and self.facts[-1].phrase == "read" and self.facts[-1].slots["place"] == place:
            self.facts.pop()

    def _stays(self, place: str, known: Known) -> bool:
        """Tell whether a place has had this very value before: giving it again changes nothing."""
        if known.seen is None or not isinstance(known.seen.value, Atom):
            return False
        return self.before(place) == known.seen.value

    def before(self, place: str) -> Value | None:
        """Return what was at a place before the execution, if the place's text says where to look."""
        name = re.match(r"\w+", place)
        if name is None:
            return None
        value = self.variable(name[0])
        for attribute, index in re.findall(
            r"\.(\w+)|\[((?:[^\]'\"]|'[^']*'|\"[^\"]*\")*)\]", place[name.end() :]
        ):
            seen = self.history.object(value.id, self.execution.first) if isinstance(value, Ref) else None
            if seen is None:
                return None
            value = _part(seen, attribute, index)
        return value

    def variable(self, name: str) -> Value | None:
        """Return a variable's value before the execution, in its frame or its module."""
        for frame in (self.execution.frame, self.scene.module_of(self.execution.frame)):
            if self.history.has(frame, name):
                return self.history.variable(frame, name, self.execution.first)
        return None

    # --- values ---

    def recorded(self, node: ast.expr) -> Seen | None:
        """Return the value that the ledger has of an expression."""
        return self.execution.value_of(node)

    def was_evaluated(self, node: ast.expr) -> bool:
        """Tell whether an expression was evaluated: an operand behind an `and` may not be."""
        return isinstance(node, ast.Constant) or self.execution.touched(node)

    def type_of(self, seen: Seen) -> str:
        """Return the name of a value's type."""
        if isinstance(seen.value, Atom):
            return seen.value.type
        found = seen.heap.get(seen.value.id)
        return found.type if found is not None else ""

    def class_name(self, known: Known) -> str:
        """Return the name of the class that a value is; "" where it is no class."""
        if known.seen is None or not isinstance(known.seen.value, Ref):
            return ""
        found = known.seen.heap.get(known.seen.value.id)
        return found.text if found is not None and found.kind == "class" else ""

    def is_showable(self, known: Known) -> bool:
        """Tell whether a value says something: iterators and views only have a number."""
        if known.seen is None or isinstance(known.seen.value, Atom):
            return known.seen is not None
        found = known.seen.heap.get(known.seen.value.id)
        return found is not None and found.kind in ("list", "tuple", "set", "frozenset", "dict")


def _part(seen: HeapObject, attribute: str, index: str) -> Value | None:
    """Return an attribute, or the element or entry whose index or key has this text."""
    if attribute:
        return next((value for name, value in seen.attributes if name == attribute), None)
    for key, value in seen.entries:
        if isinstance(key, Atom) and key.text == index:
            return value
    if index.lstrip("-").isdigit() and seen.positions is None and seen.elements:
        place = int(index)
        return seen.elements[place] if -len(seen.elements) <= place < len(seen.elements) else None
    return None
