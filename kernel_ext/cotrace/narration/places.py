"""Places that are stored to: how a sentence names them, and what was there before and after."""

from __future__ import annotations

import ast

from cotrace.model.state import Atom, HeapObject, Value
from cotrace.narration.expressions import Explainer
from cotrace.narration.facts import Seen
from cotrace.narration.values import is_plain


class Places:
    """Names the places that one execution stores to."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.execution = explainer.execution
        self.scene = explainer.scene

    def name(self, target: ast.expr) -> str:
        """Return the text of a place, its indexes as values; "" where its parts are not all known."""
        if isinstance(target, ast.Name):
            return target.id
        if isinstance(target, ast.Attribute):
            base = self.name(target.value)
            return f"{base}.{target.attr}" if base else ""
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            base = self.name(target.value)
            index = self.explainer.index(target.slice)
            if base and index.seen is not None and is_plain(index.seen.value, index.seen.heap):
                return f"{base}[{self.explainer.text(index)}]"
        return ""

    def before_and_after(self, target: ast.expr) -> tuple[Seen | None, Seen | None]:
        """Return what a place held before the execution and what it holds after."""
        if isinstance(target, ast.Name):
            return self._variable(target.id), self.scene.after(target.id, self.execution)
        if not self.scene.completed(self.execution) or not isinstance(target, ast.Attribute | ast.Subscript):
            return None, None
        base = self.explainer.quietly(target.value).seen
        if base is None or isinstance(base.value, Atom):
            return None, None
        number = base.value.id
        key = target.attr if isinstance(target, ast.Attribute) else self._key(target.slice)
        return self._part(number, key, self.execution.first), self._part(number, key, self.execution.end)

    def _variable(self, name: str) -> Seen | None:
        first = self.execution.first
        value = self.scene.history.variable(self.scene.frame_of(name, self.execution), name, first)
        return (
            None if value is None else Seen(value, self.scene.history.view(first), self.explainer.at, first)
        )

    def _key(self, node: ast.expr) -> Value | None:
        known = self.explainer.quietly(node)
        return None if known.seen is None else known.seen.value

    def _part(self, number: int, key: str | Value | None, step: int) -> Seen | None:
        """Return an attribute, element or entry of an object as it was just before `step`."""
        seen = self.scene.history.object(number, step)
        value = None if seen is None else part_of(seen, key)
        return (
            None if value is None else Seen(value, self.scene.history.view(step), step, self.execution.first)
        )


def part_of(seen: HeapObject, key: str | Value | None) -> Value | None:
    """Return an attribute (by its name), or the element or entry at an index or key (by its value)."""
    if isinstance(key, str):
        return next((value for name, value in seen.attributes if name == key), None)
    for own, value in seen.entries:
        if own == key:
            return value
    if isinstance(key, Atom) and key.type == "int" and seen.positions is None and seen.elements:
        index = int(key.text)
        if -len(seen.elements) <= index < len(seen.elements):
            return seen.elements[index]
    return None


def names_in(target: ast.expr) -> list[str]:
    """Return the variables that a target gives values to, in order."""
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
