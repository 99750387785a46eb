"""The objects of a program while changes are folded in: each is made up to date only when somebody looks at it.

An object is an immutable value, so one change to a dict of a thousand entries costs a thousand. Changes therefore wait,
per object, and are folded in together by the first look: a long run of which a few moments are shown costs little more
than reading its changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from cotrace.model.state import (
    DeleteAttribute,
    DeleteEntry,
    HeapObject,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Value,
)

K = TypeVar("K")

Change = SetElement | Splice | SetEntry | DeleteEntry | SetAttribute | DeleteAttribute
"""A delta that tells a part of what an object holds."""


class Heap(Mapping[int, HeapObject]):
    """Objects by number, as they are after the changes so far."""

    def __init__(self) -> None:
        self._known: dict[int, HeapObject] = {}
        self._waiting: dict[int, list[Change]] = {}

    def put(self, seen: HeapObject) -> None:
        """Take the whole content of an object, whatever was known of it."""
        self._known[seen.id] = seen
        if seen.id in self._waiting:
            del self._waiting[seen.id]

    def change(self, delta: Change) -> None:
        """Take one change to the content of an object. Raises KeyError for an object that was never put here."""
        waiting = self._waiting.get(delta.id)
        if waiting is None:
            self._known[delta.id]  # it must be there
            self._waiting[delta.id] = [delta]
        else:
            waiting.append(delta)

    def copy(self) -> Heap:
        """Return an independent copy; what waits is folded in before, so that it is so once."""
        for number in [*self._waiting]:
            self[number]
        twin = Heap()
        twin._known = dict(self._known)
        return twin

    def __getitem__(self, number: int) -> HeapObject:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            self._known[number] = folded(self._known[number], waiting)
        return self._known[number]

    def __contains__(self, number: object) -> bool:
        return number in self._known

    def __iter__(self) -> Iterator[int]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


# --- one change ---------------------------------------------------------------------------------------------------


def changed(old: HeapObject, delta: Change) -> HeapObject:
    """Return `old` as it is after one change to its content."""
    if isinstance(delta, SetElement):
        return _with_element(old, delta.index, delta.value)
    if isinstance(delta, Splice):
        return _spliced(old, delta)
    if isinstance(delta, SetEntry):
        entries = _with_pair(old.entries, delta.key, delta.value)
        return replace(old, entries=entries, length=len(entries))
    if isinstance(delta, DeleteEntry):
        entries = tuple(pair for pair in old.entries if pair[0] != delta.key)
        return replace(old, entries=entries, length=len(entries))
    if isinstance(delta, SetAttribute):
        return replace(old, attributes=_with_pair(old.attributes, delta.name, delta.value))
    return replace(old, attributes=tuple(pair for pair in old.attributes if pair[0] != delta.name))


def _with_element(old: HeapObject, index: int, value: Value) -> HeapObject:
    """Of a cut sequence, a place that was not known is known from then on."""
    places = old.positions
    place = index if places is None else bisect_left(places, index)
    is_known = places is None or (place < len(places) and places[place] == index)
    elements = (*old.elements[:place], value, *old.elements[place + is_known :])
    if places is None or is_known:
        return replace(old, elements=elements)
    return replace(old, elements=elements, positions=(*places[:place], index, *places[place:]))


def _spliced(old: HeapObject, delta: Splice) -> HeapObject:
    """Of a cut sequence, what was known behind the stretch moves along, and all that was inserted is known."""
    places, end = old.positions, delta.index + delta.removed
    first = delta.index if places is None else bisect_left(places, delta.index)
    last = end if places is None else bisect_left(places, end)
    elements = (*old.elements[:first], *delta.inserted, *old.elements[last:])
    if places is None:
        return replace(old, elements=elements, length=len(elements))
    shift = len(delta.inserted) - delta.removed
    inserted = range(delta.index, delta.index + len(delta.inserted))
    moved = [place + shift for place in places[last:]]
    return replace(
        old, elements=elements, positions=(*places[:first], *inserted, *moved), length=old.length + shift
    )


def _with_pair(pairs: tuple[tuple[K, Value], ...], key: K, value: Value) -> tuple[tuple[K, Value], ...]:
    for place, pair in enumerate(pairs):
        if pair[0] == key:
            return (*pairs[:place], (key, value), *pairs[place + 1 :])
    return (*pairs, (key, value))


# --- many at once -------------------------------------------------------------------------------------------------


def folded(old: HeapObject, changes: list[Change]) -> HeapObject:
    """Return `old` as it is after all these changes to its content."""
    draft = _Draft(old)
    if len(changes) > 1 and draft.is_faithful:
        for delta in changes:
            draft.take(delta)
        return draft.object()
    for delta in changes:
        old = changed(old, delta)
    return old


class _Draft:
    """The content of an object, open to changes: each does what `changed` does, at no cost for what stays."""

    def __init__(self, old: HeapObject) -> None:
        self.old = old
        self.elements = list(old.elements)
        self.positions = None if old.positions is None else list(old.positions)
        self.entries = dict(old.entries)
        self.attributes = dict(old.attributes)
        self.length = old.length

    @property
    def is_faithful(self) -> bool:
        """True if no two keys look alike, as two different nan do: a dict would take them for one."""
        return len(self.entries) == len(self.old.entries) and len(self.attributes) == len(self.old.attributes)

    def object(self) -> HeapObject:
        """Return the object with the content that it has by now."""
        return replace(
            self.old,
            elements=tuple(self.elements),
            positions=None if self.positions is None else tuple(self.positions),
            entries=tuple(self.entries.items()),
            attributes=tuple(self.attributes.items()),
            length=self.length,
        )

    def take(self, delta: Change) -> None:
        """Make one change."""
        if isinstance(delta, SetElement):
            self.set_element(delta)
        elif isinstance(delta, Splice):
            self.splice(delta)
        elif isinstance(delta, SetAttribute):
            self.attributes[delta.name] = delta.value
        elif isinstance(delta, DeleteAttribute):
            self.attributes.pop(delta.name, None)
        else:
            if isinstance(delta, SetEntry):
                self.entries[delta.key] = delta.value
            else:
                self.entries.pop(delta.key, None)
            self.length = len(self.entries)

    def set_element(self, delta: SetElement) -> None:
        places = self.positions
        place = delta.index if places is None else bisect_left(places, delta.index)
        is_known = places is None or (place < len(places) and places[place] == delta.index)
        self.elements[place : place + is_known] = [delta.value]
        if places is not None and not is_known:
            places.insert(place, delta.index)

    def splice(self, delta: Splice) -> None:
        places, end = self.positions, delta.index + delta.removed
        first = delta.index if places is None else bisect_left(places, delta.index)
        last = end if places is None else bisect_left(places, end)
        self.elements[first:last] = delta.inserted
        if places is None:
            self.length = len(self.elements)
            return
        shift = len(delta.inserted) - delta.removed
        inserted = range(delta.index, delta.index + len(delta.inserted))
        places[first:] = [*inserted, *(place + shift for place in places[last:])]
        self.length += shift
