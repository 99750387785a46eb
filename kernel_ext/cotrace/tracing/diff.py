"""The deltas between two states of one object. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar

from cotrace.model.state import (
    Become,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Value,
)
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable

__builtins__ = BUILTINS

K = TypeVar("K")
MOST = 8
"""With more single changes than this, the object is told whole."""


def changes(old: HeapObject, new: HeapObject, cause: int) -> list[Delta]:
    """Return deltas that turn `old` into `new` (the same object at two moments)."""
    if old == new:
        return []
    whole: list[Delta] = [Become(new, cause)]
    if (old.cut, old.text, old.kind, old.type) != (new.cut, new.text, new.kind, new.type) or new.cut:
        if new.cut == "length" == old.cut and _same_but_elements(old, new):
            return _replaced(old, new, cause) or whole
        return whole
    found = (
        _elements(old, new, cause),
        _pairs(
            old.entries,
            new.entries,
            lambda k, v: SetEntry(old.id, k, v, cause),
            lambda k: DeleteEntry(old.id, k, cause),
        ),
        _pairs(
            old.attributes,
            new.attributes,
            lambda k, v: SetAttribute(old.id, k, v, cause),
            lambda k: DeleteAttribute(old.id, k, cause),
        ),
    )
    if any(part is None for part in found):
        return whole
    deltas = [delta for part in found for delta in part or []]
    return deltas if 0 < len(deltas) <= MOST else whole


def _same_but_elements(old: HeapObject, new: HeapObject) -> bool:
    return (old.length, old.positions, old.entries, old.attributes) == (
        new.length,
        new.positions,
        new.entries,
        new.attributes,
    ) and new.positions is not None


def _replaced(old: HeapObject, new: HeapObject, cause: int) -> list[Delta]:
    assert new.positions is not None
    pairs = zip(new.positions, old.elements, new.elements, strict=True)
    return [SetElement(new.id, place, value, cause) for place, before, value in pairs if before != value]


def _elements(old: HeapObject, new: HeapObject, cause: int) -> list[Delta] | None:
    before, after = old.elements, new.elements
    if before == after:
        return []
    if len(before) == len(after) and new.kind not in ("set", "frozenset"):
        places = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        return [SetElement(old.id, i, after[i], cause) for i in places] if len(places) <= MOST else None
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    removed = len(before) - head - tail
    return [Splice(old.id, head, removed, after[head : len(after) - tail], cause)]


def _common(a: tuple[Value, ...], b: tuple[Value, ...]) -> int:
    for place, (x, y) in enumerate(zip_longest(a, b)):
        if x != y or x is None:
            return place
    return len(a)


def _pairs(
    old: tuple[tuple[K, Value], ...],
    new: tuple[tuple[K, Value], ...],
    put: Callable[[K, Value], Delta],
    drop: Callable[[K], Delta],
) -> list[Delta] | None:
    """Return the changes from `old` to `new`, or None where putting and dropping would give another order."""
    if old == new:
        return []
    before, after = dict(old), dict(new)
    if len(before) != len(old) or len(after) != len(new):
        return None  # two keys that look alike, such as two nan
    deltas = [drop(key) for key in before if key not in after]
    deltas += [put(key, value) for key, value in new if key not in before or before[key] != value]
    order = [key for key in before if key in after] + [key for key in after if key not in before]
    return deltas if order == list(after) else None
