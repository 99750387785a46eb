"""Find the containers that hold a secret taken apart: ``list(password)``, letter by letter.

A letter by itself says nothing, so the containers of a finished trace are followed through their changes, and one
counts from the moment at which its letters in a row are a secret, forwards or backwards. The letters of a set and the
keys of a dict have no order of their own to speak of: they count if they are exactly a secret's letters. A letter may
stand as its number, as in ``list(b"...")``.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from cotrace.model.state import (
    SEQUENCE_KINDS,
    Appear,
    Atom,
    Become,
    DeleteEntry,
    SetElement,
    SetEntry,
    Splice,
)
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cotrace.model.state import Delta, HeapObject, Value
    from cotrace.model.trace import Trace

__builtins__ = BUILTINS

NO_LETTER = "\0"
"""Stands between letters for an element that is none."""

FEWEST_LETTERS = 6
"""A set of fewer different letters may be any other's as well."""

LONGEST_DICT = 256
"""The values of a dict with more entries are not looked at as letters in a row."""


def in_pieces(trace: Trace, secrets: Mapping[str, str]) -> dict[int, str]:
    """Return the numbers of the objects that hold a secret in pieces, with what stands for it; `secrets` has that."""
    watch = _Watch(secrets)
    for step in trace.steps:
        if step.delta:
            watch.changes(step.delta)
    watch.changes(trace.final)
    for entry in trace.entries:
        for seen in entry.objects:
            watch.look(seen)
    return watch.found


class _Watch:
    """The letters of every container as it is at the moment."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.found: dict[int, str] = {}
        self._marks = {form: mark for text, mark in secrets.items() for form in (text, text[::-1])}
        self._sets = {
            frozenset(text): mark for text, mark in secrets.items() if len(set(text)) >= FEWEST_LETTERS
        }
        self._set_sizes = {len(letters) for letters in self._sets}
        self._shortest = min(map(len, secrets))
        self._longest = max(map(len, secrets))
        self._letter = {form: c for text in secrets for c in text for form in (repr(c), str(ord(c)))}
        self._rows: dict[int, list[str]] = {}
        self._places: dict[int, list[int]] = {}
        self._pairs: dict[int, dict[str | int, tuple[str, str]]] = {}
        self._unordered: set[int] = set()

    def changes(self, deltas: Iterable[Delta]) -> None:
        for delta in deltas:
            kind = type(delta)
            if kind is Appear or kind is Become:
                self._begin(delta.object)  # type: ignore[union-attr]
            elif kind is Splice or kind is SetElement:
                self._in_row(delta)  # type: ignore[arg-type]
            elif kind is SetEntry:
                self._in_dict(delta)  # type: ignore[arg-type]
            elif kind is DeleteEntry:
                self._pairs.get(delta.id, {}).pop(_place(delta.key), None)  # type: ignore[union-attr]

    def look(self, seen: HeapObject) -> None:
        """Look at an object as it was at one moment."""
        if len(seen.elements) >= self._shortest or len(seen.elements) in self._set_sizes:
            letters = self._letters(seen.elements)
            if seen.kind in ("set", "frozenset"):
                self._judge_set(seen.id, letters)
            else:
                self._judge(seen.id, letters)
        if self._is_long_enough(len(seen.entries)):
            keys, values = zip(*seen.entries, strict=True)
            self._judge_dict(seen.id, self._letters(keys), self._letters(values))

    # --- one container through its changes ----------------------------------------------------------------------

    def _begin(self, seen: HeapObject) -> None:
        self.look(seen)
        if seen.kind == "dict":
            pairs = [self._letter_pair(key, value) for key, value in seen.entries]
            self._pairs[seen.id] = {_place(k): pair for (k, _), pair in zip(seen.entries, pairs, strict=True)}
        elif seen.kind in SEQUENCE_KINDS:
            self._places.pop(seen.id, None)
            if seen.positions is not None:
                self._places[seen.id] = list(seen.positions)
            self._rows[seen.id] = self._letters(seen.elements)
            if seen.kind in ("set", "frozenset"):
                self._unordered.add(seen.id)

    def _in_row(self, delta: Splice | SetElement) -> None:
        row = self._rows.get(delta.id)
        if row is None:
            return
        removed, values = (
            (delta.removed, delta.inserted) if isinstance(delta, Splice) else (1, (delta.value,))
        )
        first, last = self._in_places(delta.id, delta.index, removed, len(values))
        row[first:last] = new = self._letters(values)
        if delta.id in self._unordered:
            self._judge_set(delta.id, row)
        elif any(letter != NO_LETTER for letter in new) or not new:
            near = max(0, first - self._longest)
            self._judge(delta.id, row[near : first + len(new) + self._longest])

    def _in_places(self, number: int, index: int, removed: int, inserted: int) -> tuple[int, int]:
        """Return which part of the row went; of a cut sequence, the row holds the known places only."""
        places = self._places.get(number)
        if places is None:
            return index, index + removed
        first, last = bisect_left(places, index), bisect_left(places, index + removed)
        if inserted != removed:
            places[last:] = [place + inserted - removed for place in places[last:]]
        places[first:last] = range(index, index + inserted)
        return first, last

    def _in_dict(self, delta: SetEntry) -> None:
        pairs = self._pairs.get(delta.id)
        if pairs is None:
            return
        pair = pairs[_place(delta.key)] = self._letter_pair(delta.key, delta.value)
        if pair != (NO_LETTER, NO_LETTER) and self._is_long_enough(len(pairs)):
            keys, values = zip(*pairs.values(), strict=True)
            self._judge_dict(delta.id, keys, values)

    # --- judging ------------------------------------------------------------------------------------------------

    def _letters(self, values: Sequence[Value]) -> list[str]:
        known = self._letter
        return [known.get(v.text, NO_LETTER) if type(v) is Atom else NO_LETTER for v in values]

    def _letter_pair(self, key: Value, value: Value) -> tuple[str, str]:
        first, second = self._letters((key, value))
        return first, second

    def _is_long_enough(self, entries: int) -> bool:
        return entries in self._set_sizes or self._shortest <= entries <= LONGEST_DICT

    def _judge(self, number: int, letters: Sequence[str]) -> None:
        if len(letters) >= self._shortest and number not in self.found:
            row = "".join(letters)
            for form, mark in self._marks.items():
                if form in row:
                    self.found[number] = mark

    def _judge_set(self, number: int, letters: Sequence[str]) -> None:
        if len(letters) in self._set_sizes:
            mark = self._sets.get(frozenset(letters))
            if mark is not None:
                self.found.setdefault(number, mark)

    def _judge_dict(self, number: int, keys: Sequence[str], values: Sequence[str]) -> None:
        self._judge_set(number, keys)
        self._judge(number, keys)
        self._judge(number, values)


def _place(key: Value) -> str | int:
    """Return what tells a dict's keys apart."""
    return key.text if type(key) is Atom else key.id  # type: ignore[union-attr]
