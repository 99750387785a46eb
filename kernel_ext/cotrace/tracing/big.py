"""What is kept of a container over the size limit: its ends, and what was stored into it while it was in view.

The places of both are *known*; once known, a place stays so for as long as the container is in view and over the
limit, and moves along when something is put in or taken out before it. After a line that may have stored something,
the whole container is compared with a copy by identity, in C: a stored element is another object than before at the
same place. Where the length changed, the one stretch that is new is found from both ends: first what is the same at
the head, then at the tail. What comes in bigger numbers than the size limit at once does not become known.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from operator import is_, is_not
from typing import TYPE_CHECKING, Any

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cotrace.model.state import Value
    from cotrace.tracing.readers import Reader

__builtins__ = BUILTINS


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a container's length changed: from `start` on, `removed` parts went and `inserted` came."""

    start: int
    removed: int
    inserted: int

    def moved(self, places: Iterable[int]) -> list[int]:
        """Return where the parts that were at these places are now, of those that are still there."""
        end, shift = self.start + self.removed, self.inserted - self.removed
        return [p if p < self.start else p + shift for p in places if p < self.start or p >= end]


@dataclass(frozen=True, slots=True)
class BigLook:
    """One big container at one moment: a copy of all its parts, and which of them are known."""

    keys: list[Any]
    """A dict's keys; of other containers, nothing."""

    parts: list[Any]
    places: list[int]
    """The known places, in order."""

    stretch: Stretch | None = None
    """What is new since the look before, where the length changed and all of it became known."""


class BigContents:
    """The known part of one big container, from event to event; holds a copy of its parts while it is in view."""

    def __init__(self, reader: Reader, edge: int, most: int) -> None:
        """`edge`: how many places are known at each end; `most`: how many may become known at once."""
        self._reader = reader
        self._is_set = reader.kind in ("set", "frozenset")
        self._edge = edge
        self._most = most
        self._settled: BigLook | None = None
        self._told: dict[tuple[int, int], tuple[object, object, tuple[Value, Value]]] = {}
        self.now: BigLook | None = None
        """The latest look."""

    def look(self, value: Any, length: int, *, stores: bool) -> BigLook:
        """Look at the container as it is now; `stores`: something may have been stored in its middle."""
        self.now = before = self._settled
        if before is None:
            keys, parts = self._read(value)
            self.now = BigLook(keys, parts, sorted(self._ends(length)))
        elif stores or length != len(before.parts) or not self._has_same_ends(value, before):
            keys, parts = self._read(value)
            if not (_are_same(parts, before.parts) and _are_same(keys, before.keys)):
                self.now = self._compared(keys, parts, before)
        assert self.now is not None
        return self.now

    @property
    def is_settled(self) -> bool:
        """True if the latest look found what the one before had found."""
        return self.now is self._settled

    @property
    def stretch(self) -> Stretch | None:
        """What is new by the latest look, where it changed the length and all of it became known."""
        return self.now.stretch if self.now is not None and not self.is_settled else None

    def settle(self) -> None:
        """Note that what the latest look found was told: the next ones compare with it."""
        if self.now is not None and not self.is_settled:
            told = {self._key(place): self._told.get(self._key(place)) for place in self.now.places}
            self._told = {key: found for key, found in told.items() if found is not None}
        self._settled = self.now

    def unsettle(self) -> None:
        """Drop the latest look: it was one in passing."""
        self.now = self._settled

    # --- what the parts were told as ----------------------------------------------------------------------------

    def told(self, place: int) -> tuple[Value, Value] | None:
        """Return what the key and the part at a known place were told as, where that is kept."""
        found = self._told.get(self._key(place))
        return found[2] if found is not None else None

    def keep(self, place: int, values: tuple[Value, Value]) -> None:
        """Keep what the key and the part at a known place are told as."""
        self._told[self._key(place)] = *self.part(place), values

    def part(self, place: int) -> tuple[object, object]:
        """Return the key and the part at a place, as the latest look found them; None is a sequence's key."""
        assert self.now is not None
        return (self.now.keys[place] if self.now.keys else None), self.now.parts[place]

    def _key(self, place: int) -> tuple[int, int]:
        key, part = self.part(place)
        return id(key), id(part)

    # --- comparing ----------------------------------------------------------------------------------------------

    def _read(self, value: Any) -> tuple[list[Any], list[Any]]:
        if self._reader.entries is not None:
            pairs = list(self._reader.entries(value))
            return [k for k, _ in pairs], [v for _, v in pairs]
        assert self._reader.elements is not None
        return [], list(self._reader.elements(value))

    def _ends(self, length: int) -> set[int]:
        edge = self._edge
        return set() if self._is_set else {*range(min(edge, length)), *range(max(0, length - edge), length)}

    def _has_same_ends(self, value: Any, before: BigLook) -> bool:
        """Compare the first and last elements of a list; of other containers, the first ones."""
        edge, copy = self._edge, before.parts
        if self._reader.kind == "list":
            head, tail = list.__getitem__(value, slice(edge)), list.__getitem__(value, slice(-edge, None))
            return all(map(is_, head, copy)) and all(map(is_, tail, copy[-edge:]))
        if self._reader.entries is not None:
            head = [held for _, held in islice(self._reader.entries(value), edge)]
            return all(map(is_, head, copy))
        return self._reader.kind != "deque"

    def _compared(self, keys: list[Any], parts: list[Any], before: BigLook) -> BigLook:
        if self._is_set:
            return BigLook(keys, parts, self._known_of_set(parts, before))
        ends = self._ends(len(parts))
        if len(parts) == len(before.parts):
            others = {*_places_of_others(parts, before.parts), *_places_of_others(keys, before.keys)}
            return BigLook(keys, parts, sorted(ends.union(before.places, self._few(others))))
        stretch = _stretch(keys or parts, before.keys or before.parts)
        fresh = self._few(range(stretch.start, stretch.start + stretch.inserted))
        places = ends.union(stretch.moved(before.places), fresh)
        if keys:
            places.update(self._few(_values_beside(stretch, parts, before.parts)))
        return BigLook(keys, parts, sorted(places), stretch if len(fresh) == stretch.inserted else None)

    def _few(self, fresh: Collection[int]) -> Collection[int]:
        """What becomes known at once: all of it, or nothing."""
        return fresh if len(fresh) <= self._most else ()

    def _known_of_set(self, parts: list[Any], before: BigLook) -> list[int]:
        """A set's elements have no places: those that were known are found again, and new ones are known."""
        was_there = set(map(id, before.parts))
        was_known = {id(before.parts[place]) for place in before.places}
        fresh = self._few([place for place, part in enumerate(parts) if id(part) not in was_there])
        return sorted({*fresh, *(place for place, part in enumerate(parts) if id(part) in was_known)})


def _are_same(now: list[Any], before: list[Any]) -> bool:
    return len(now) == len(before) and all(map(is_, now, before))


def _places_of_others(now: list[Any], before: list[Any]) -> list[int]:
    return [place for place, other in enumerate(map(is_not, now, before)) if other]


def _values_beside(stretch: Stretch, now: list[Any], before: list[Any]) -> list[int]:
    """Return the places of a dict's values that are others, before and behind the stretch where its keys are new."""
    head, end = stretch.start, stretch.start + stretch.inserted
    behind = _places_of_others(now[end:], before[head + stretch.removed :])
    return _places_of_others(now[:head], before[:head]) + [end + place for place in behind]


def _stretch(now: list[Any], before: list[Any]) -> Stretch:
    """Find the one stretch that is new: what is the same at the head is found first, then at the tail."""
    shorter = min(len(now), len(before))
    head = next((i for i, other in enumerate(map(is_not, now, before)) if other), shorter)
    same = (i for i, other in enumerate(map(is_not, reversed(now), reversed(before))) if other)
    tail = min(next(same, shorter), shorter - head)
    return Stretch(head, len(before) - head - tail, len(now) - head - tail)
