"""What a statement did to objects and variables, from the deltas that it caused.

A method such as `append` has no value to show; what it did is in the deltas: elements that came or went, keys,
attributes. Code that was recorded by line only has nothing but deltas, and is told from them alone.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.narration.expressions import Explainer
from cotrace.narration.facts import Execution, Fact
from cotrace.narration.places import names_in
from cotrace.narration.syntax import own_nodes
from cotrace.narration.values import is_plain, shown

NOW = 40
"""What an object is after a change is told if it takes up to this many characters."""


class Changes:
    """Tells what one execution changed."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.execution = explainer.execution
        self.scene = explainer.scene

    def caused(self) -> Iterator[Delta]:
        """Yield the deltas that the execution caused."""
        for step in self.execution.steps:
            yield from self.scene.trace.caused_by(step)

    def tell(
        self, *, variables: bool = True, call: ast.Call | None = None, stores: Collection[int] = ()
    ) -> None:
        """Tell the changes that the execution caused, in the words for each kind of change.

        Without `variables` only those of objects, and not those of `stores`, which an assignment tells. `call` is
        the statement's call, whose receiver is called by the name it has there.
        """
        receiver = self._receiver(call)
        changed = self._changed(stores)
        if variables:
            for delta in self.caused():
                if isinstance(delta, Bind | Unbind):
                    self._variable(delta)
        for number, deltas in changed.items():
            own = receiver is not None and receiver[0] == number
            place = (
                receiver[1] if receiver is not None and own else self.scene.place_of(number, self.execution)
            )
            if place:
                self._change(number, place, deltas)
        if receiver is not None and receiver[0] not in changed and receiver[2]:
            self.explainer.tell("unchanged", "change", place=receiver[1])

    def _changed(self, stores: Collection[int]) -> dict[int, list[Delta]]:
        """Return the changes of objects that had been there before, by object."""
        caused = list(self.caused())
        appeared = {delta.object.id for delta in caused if isinstance(delta, Appear)}
        changed: dict[int, list[Delta]] = {}
        for delta in caused:
            if not isinstance(delta, Bind | Unbind | Appear):
                number = delta.object.id if isinstance(delta, Become) else delta.id
                if number not in appeared and number not in stores and self._is_container(number):
                    changed.setdefault(number, []).append(delta)
        return changed

    def _is_container(self, number: int) -> bool:
        """Tell whether an object's content is the program's matter: what a function carries is not."""
        seen = self.scene.history.object(number, self.execution.first)
        return seen is not None and seen.kind not in ("function", "module", "generator")

    def _receiver(self, call: ast.Call | None) -> tuple[int, str, bool] | None:
        """Return the object a method was called on, its place, and whether the method is known to change it."""
        if call is None or not isinstance(call.func, ast.Attribute):
            return None
        known = self.explainer.quietly(call.func.value)
        if known.seen is None or isinstance(known.seen.value, Atom) or not known.place:
            return None
        kind = known.seen.heap[known.seen.value.id].kind
        changes = call.func.attr in ("add", "discard", "update") and kind in ("set", "dict")
        return known.seen.value.id, known.place, changes

    def _variable(self, delta: Bind | Unbind) -> None:
        execution = self.execution
        if delta.name in self._passing():
            return  # of a comprehension: it comes and goes inside the statement
        if delta.frame not in (execution.frame, self.scene.trace.frames[execution.frame].globals):
            return  # a parameter of a called function: told by its call
        self.explainer.at = max(self.explainer.at, execution.end)
        units = execution.units
        if isinstance(delta, Unbind):
            if units and isinstance(units[-1], ast.Delete):  # `except ... as e` drops its name by itself
                self.explainer.tell("unset", "change", place=delta.name)
            return
        if units and isinstance(units[-1], ast.ExceptHandler):
            return
        value = shown(delta.value, self.scene.history.view(execution.end), self.scene.room)
        fact = self.explainer.tell("set", "set", place=delta.name, value=value)
        fact.place, fact.value = delta.name, value

    def _passing(self) -> set[str]:
        """Return the variables of comprehensions in the execution's statements."""
        return {
            name
            for unit in self.execution.units
            for node in own_nodes(unit)
            if isinstance(node, ast.comprehension)
            for name in names_in(node.target)
        }

    def _change(self, number: int, place: str, deltas: list[Delta]) -> None:
        execution = self.execution
        self.explainer.at = max(self.explainer.at, time_of_binding(execution))
        view = self.scene.history.view(execution.end)
        after = shown(Ref(number), view, self.scene.room)
        before = self.scene.history.object(number, execution.first)
        told = self._one_change(deltas[0], place, before, after) if before and len(deltas) == 1 else None
        if told is None:
            if all(isinstance(delta, SetAttribute) for delta in deltas):
                for delta in deltas:
                    self._one_change(delta, place, before or view[number], after)
                return
            if after.startswith("<"):
                return  # what an object of the program's own is like is not in its text
            told = self.explainer.tell("changed", "change", place=place, after=after)
        told.place, told.value = told.place or place, told.value or after

    def _one_change(self, delta: Delta, place: str, before: HeapObject, after: str) -> Fact | None:
        view = self.scene.history.view(self.execution.end)
        old = self.scene.history.view(self.execution.first)
        if isinstance(delta, SetEntry) and not is_plain(delta.key, view):
            return None  # no place could be named by it
        if isinstance(delta, SetElement | SetEntry | SetAttribute):
            place += self._suffix(delta)
            value = shown(delta.value, view, self.scene.room)
            fact = self.explainer.tell("set", "set", place=place, value=value)
            fact.place, fact.value = place, value
            return fact
        if isinstance(delta, DeleteEntry):
            key = shown(delta.key, old, self.scene.room)
            return self.explainer.tell("removed-key", "change", place=place, removed=key)
        if isinstance(delta, DeleteAttribute):
            return self.explainer.tell("unset", "change", place=f"{place}.{delta.name}")
        if isinstance(delta, Splice) and before.positions is None:
            return self._splice(delta, place, before, after)
        return None

    def _splice(self, delta: Splice, place: str, before: HeapObject, after: str) -> Fact | None:
        view = self.scene.history.view(self.execution.end)
        old = self.scene.history.view(self.execution.first)
        is_set = before.kind in ("set", "frozenset")
        if delta.removed == 0 and len(delta.inserted) == 1:
            added = shown(delta.inserted[0], view, self.scene.room)
            at_end = delta.index == len(before.elements)
            phrase = "add" if is_set else "append" if at_end else "insert"
            slots = {"index": str(delta.index)} if phrase == "insert" else {}
            if phrase != "insert" and len(after) <= NOW:
                phrase, slots = f"{phrase}-now", {"after": after}
            return self.explainer.put(phrase, "change", {"added": added, "place": place, **slots})
        if delta.removed == 1 and not delta.inserted:
            removed = shown(before.elements[delta.index], old, self.scene.room)
            if len(after) <= NOW:
                return self.explainer.tell("removed-now", "change", removed=removed, place=place, after=after)
            return self.explainer.tell("removed", "change", removed=removed, place=place)
        return None

    def _suffix(self, delta: SetElement | SetEntry | SetAttribute) -> str:
        if isinstance(delta, SetAttribute):
            return f".{delta.name}"
        if isinstance(delta, SetElement):
            return f"[{delta.index}]"
        return f"[{shown(delta.key, self.scene.history.view(0), self.scene.room)}]"


def time_of_binding(execution: Execution) -> int:
    """Return a time after every call that an execution made; 0 where the ledger's own times tell."""
    return execution.end if not execution.seen else 0
