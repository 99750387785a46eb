"""What the predicates share: slots read as values, and findings put together.

A slot whose text is not of its kind raises SlotError: then the phrase was not the one meant.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cotrace.grounding.templates import Slot, split_binding, split_list
from cotrace.grounding.values import Thing, UnreadableError, from_ast, readable, same, shown, written
from cotrace.grounding.window import Finding, SlotError, Window, place_tree
from cotrace.grounding.worded import expression, sides

Slots = Mapping[str, Slot]
"""What fills the slots of a phrase, by their names."""


class Candidate:
    """A value that free text writes, compared as people round and abbreviate."""

    def __init__(self, value: object) -> None:
        self.value = value

    def same(self, found: object) -> bool | None:
        """Tell whether this is the value that was found; None where that can't be told."""
        return same(self.value, found)


class Written(Candidate):
    """A value slot: what its text writes, compared strictly with what was recorded."""

    def __init__(self, slot: Slot) -> None:
        self.text = slot.text
        self.readable = True
        try:
            super().__init__(written(slot.text))
        except UnreadableError:
            super().__init__(None)
            self.readable = False
            if not slot.text.startswith("<") or not slot.text.endswith(">"):
                raise SlotError(slot.text) from None

    def same(self, found: object) -> bool | None:
        """Tell whether this is the value that was found; None where that can't be told."""
        if self.readable:
            return same(self.value, found, strict=True)
        if isinstance(found, Thing):
            said = self.text.strip("<>").removeprefix(f"{found.type} ")
            return said in (found.text.strip("<>"), found.type)
        return False


def require_kind(slot: Slot) -> None:
    """Raise SlotError unless a slot's text can be what its kind says, whatever the run."""
    if slot.kind == "place":
        place_tree(slot.text)
    elif slot.kind == "operand":
        try:
            written(slot.text)
        except UnreadableError:
            place_tree(slot.text)
    elif slot.kind == "operands":
        for part in split_list(slot):
            require_kind(replace(part, kind="operand"))


def value_slot(slots: Slots, name: str) -> Written:
    """Return a value slot, read."""
    return Written(slots[name])


def worked(slot: Slot) -> tuple[list[ast.expr], object]:
    """Read an equation: its sides, and the value of the last. Raises SlotError unless it is one that stands alone."""
    texts = sides(slot.text)
    if len(texts) < 2:
        raise SlotError(slot.text)
    try:
        trees = [expression(text) for text in texts]
        result = from_ast(trees[-1], readable(texts[-1]))
    except UnreadableError:
        raise SlotError(slot.text) from None
    return trees, result


def bindings(slot: Slot) -> list[tuple[ast.expr, Written]]:
    """Read ``a is 1 and b is 2`` as places with values."""
    found: list[tuple[ast.expr, Written]] = []
    for part in split_list(slot):
        binding = split_binding(part)
        if binding is None:
            raise SlotError(slot.text)
        found.append((place_tree(binding[0].text), Written(binding[1])))
    return found


def among(value: Candidate, candidates: Iterable[tuple[int, object]], slot: str, nothing: str) -> Finding:
    """Find a value among those seen; say what was there instead."""
    best: Finding | None = None
    for step, found in candidates:
        alike = value.same(found)
        if alike:
            return Finding(True, (step,), shown(found))
        if best is None or alike is None:
            best = Finding(None if alike is None else False, (step,), shown(found), slot, shown(found))
    return best or Finding(False, (), nothing)


def every(findings: Iterable[Finding]) -> Finding:
    """All must hold; the first that does not is the finding."""
    steps: list[int] = []
    texts: list[str] = []
    unknown: Finding | None = None
    for finding in findings:
        if finding.holds is False:
            return finding
        if finding.holds is None:
            unknown = unknown or finding
        steps += finding.steps
        texts.append(finding.found)
    return unknown or Finding(True, tuple(dict.fromkeys(steps)), ", ".join(t for t in texts if t))


def at_one(window: Window, predicate: Callable[[Window], Finding]) -> Finding:
    """Find one statement among those here at which everything holds."""
    best: Finding | None = None
    for group in window.statements():
        finding = predicate(group)
        if finding.holds:
            return finding
        if best is None or (finding.right and not best.right):
            best = finding
    return best or no("nothing runs here")


def no(found: str, *steps: int) -> Finding:
    """Return that something is not so, with what was found."""
    return Finding(False, steps, found)


def any_same(said: list[object], found: list[object]) -> bool:
    """Tell whether one of some values is among others."""
    return any(same(s, f, strict=True) is not False or s is f for s in said for f in found)


def distinct(values: Iterable[object]) -> list[object]:
    """Return values with each that occurs again left out."""
    found: list[object] = []
    for value in values:
        if not any(type(value) is type(f) and same(value, f, strict=True) for f in found):
            found.append(value)
    return found


def came_to(window: Window, step: int, value: object) -> bool:
    """Tell whether an expression of a step's line had this value, or nothing is known of its expressions."""
    entries = window.index.entries(step)
    if not window.index.statements(step) or any(same(value, found, strict=True) for _, found in entries):
        return True
    if isinstance(value, bool) and any(found is (not value) for _, found in entries):
        return True
    return any(
        same(value, v, strict=True)
        for n in window.index.expressions(step)
        for v in window.node_values(n, step)
    )


def listed(value: object) -> object:
    """Return what a loop takes from a value, as a list."""
    return list(value) if isinstance(value, (range, str, set, dict)) and len(value) < 2_000 else value
