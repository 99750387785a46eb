"""What is kept of a container over the size limit: its ends, and what was stored into it while it was in view.

After a line that may have stored something, the whole container is compared with a copy by identity, in C: a stored
element is an element that is another object than before at the same place. When the length changes, the one stretch
that is new is found from both ends, and what is known behind it moves along.
"""

from __future__ import annotations

from itertools import islice
from operator import is_, is_not
from typing import TYPE_CHECKING, Any

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from cotrace.model.state import Value
    from cotrace.tracing.readers import Reader

__builtins__ = BUILTINS

MOST_STORED = 1_000
"""At most this many stored elements are kept, the latest ones."""


class BigContents:
    """The known part of one big container; holds a copy of its parts while it is in view."""

    def __init__(self, reader: Reader, edge: int) -> None:
        self._reader = reader
        self._edge = edge
        self._keys: list[Any] = []
        self._copy: list[Any] = []
        self._stored: dict[int, None] = {}
        self._is_new = True
        self.places: list[int] = []
        """The places that are known, in order."""

        self.told: dict[int, tuple[Value, Value]] = {}
        """What its owner made of the parts at known places (key and value); emptied for parts that changed."""

    def look(self, value: Any, length: int, *, stores: bool) -> bool:
        """Read the container as it is now; `stores`: something may have been stored in its middle.

        Returns True if what is known changed.
        """
        if not (self._is_new or stores or length != len(self._copy) or not self._has_same_ends(value)):
            return False
        if not self._compare(value):
            return False
        if self._reader.kind in ("set", "frozenset"):
            self.places = list(self._stored)
        else:
            ends = {*range(min(self._edge, length)), *range(max(0, length - self._edge), length)}
            self.places = sorted(ends.union(self._stored))
        return True

    def part(self, place: int) -> tuple[object, object]:
        """Return the key and value at a place; of a sequence, the key is the element itself."""
        return (self._keys[place] if self._keys else self._copy[place]), self._copy[place]

    def _has_same_ends(self, value: Any) -> bool:
        """Compare the first and last elements of a list; of other containers, the first ones."""
        edge, copy = self._edge, self._copy
        if self._reader.kind == "list":
            head, tail = list.__getitem__(value, slice(edge)), list.__getitem__(value, slice(-edge, None))
            return all(map(is_, head, copy)) and all(map(is_, tail, copy[-edge:]))
        if self._reader.entries is not None:
            head = [held for _, held in islice(self._reader.entries(value), edge)]
            return all(map(is_, head, copy))
        return self._reader.kind != "deque"

    def _compare(self, value: Any) -> bool:
        """Take a new copy; return True if it differs from the one before."""
        keys: list[Any] = []
        if self._reader.entries is not None:
            pairs = list(self._reader.entries(value))
            keys, now = [k for k, _ in pairs], [v for _, v in pairs]
        else:
            assert self._reader.elements is not None
            now = list(self._reader.elements(value))
        if not self._is_new:
            if (
                len(now) == len(self._copy)
                and all(map(is_, now, self._copy))
                and all(map(is_, keys, self._keys))
            ):
                return False
            if self._reader.kind in ("set", "frozenset"):
                self._compare_set(now)
            else:
                self._compare_places(keys or now, self._keys or self._copy)
                self._compare_values(now)
        self._keys, self._copy, self._is_new = keys, now, False
        return True

    def _compare_places(self, now: list[Any], before: list[Any]) -> None:
        """Where the length changed: find the one stretch that is new, and shift what is known behind it."""
        if len(now) == len(before):
            return
        shorter = min(len(now), len(before))
        head = next((i for i, other in enumerate(map(is_not, now, before)) if other), shorter)
        same = (i for i, other in enumerate(map(is_not, reversed(now), reversed(before))) if other)
        tail = min(next(same, shorter), shorter - head)
        shift = len(now) - len(before)
        moved = [
            place if place < head else place + shift
            for place in self._stored
            if place < head or place >= len(before) - tail
        ]
        self.told.clear()
        self._remember([*moved, *range(head, len(now) - tail)], anew=True)

    def _compare_values(self, now: list[Any]) -> None:
        if len(now) == len(self._copy):
            self._remember([i for i, other in enumerate(map(is_not, now, self._copy)) if other])
        elif len(self._keys) > 0:
            self.told.clear()

    def _remember(self, places: list[int], *, anew: bool = False) -> None:
        if anew:
            self._stored.clear()
        if len(places) > MOST_STORED:
            self.told.clear()  # some of those that are not kept may lie at the ends, which are always known
        for place in places[-MOST_STORED:]:
            self._stored.pop(place, None)
            self.told.pop(place, None)
            self._stored[place] = None
        while len(self._stored) > MOST_STORED:
            del self._stored[next(iter(self._stored))]

    def _compare_set(self, now: list[Any]) -> None:
        known = {id(element) for element in self._copy}
        kept = {id(self._copy[place]) for place in self._stored}
        fresh = [] if self._is_new else [i for i, e in enumerate(now) if id(e) not in known or id(e) in kept]
        self._stored = dict.fromkeys(islice(reversed(fresh), MOST_STORED))
        self.told.clear()
