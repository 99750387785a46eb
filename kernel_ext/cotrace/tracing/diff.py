"""The deltas between two states of one object. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar

from cotrace.model.heap import changed
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

    from cotrace.tracing.big import Stretch

__builtins__ = BUILTINS

K = TypeVar("K")
MOST = 8
"""With more single changes than this, the object is told whole."""


def changes(old: HeapObject, new: HeapObject, cause: int, stretch: Stretch | None = None) -> list[Delta]:
    """Return deltas that turn `old` into `new` (the same object at two moments).

    `stretch`: of a container cut by its length, which one stretch changed its length, and became known.
    """
    if old == new:
        return []
    whole: list[Delta] = [Become(new, cause)]
    if (old.cut, old.text, old.kind, old.type) != (new.cut, new.text, new.kind, new.type):
        return whole
    if new.cut:
        return _at_places(old, new, cause, stretch) or whole
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


def _at_places(old: HeapObject, new: HeapObject, cause: int, stretch: Stretch | None) -> list[Delta] | None:
    """Return the changes of a sequence cut by its length, or None where it is to be told whole.

    First the stretch that is new, if any; then each place that is another, or was not known before, in order.
    """
    if old.positions is None or new.positions is None or old.attributes != new.attributes:
        return None
    deltas: list[Delta] = []
    if stretch is not None:
        values = dict(zip(new.positions, new.elements, strict=True))
        inserted = tuple([values[stretch.start + place] for place in range(stretch.inserted)])
        splice = Splice(new.id, stretch.start, stretch.removed, inserted, cause)
        deltas, old = [splice], changed(old, splice)
    known = dict(zip(old.positions or (), old.elements, strict=True))
    if old.length != new.length or not known.keys() <= set(new.positions):
        return None
    pairs = zip(new.positions, new.elements, strict=True)
    others = [(place, value) for place, value in pairs if known.get(place) != value]
    if stretch is None and len(others) > MOST:
        return None
    return deltas + [SetElement(new.id, place, value, cause) for place, value in others]


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
