"""Take secrets out of a finished trace.

Those are in it that were recorded before it was known that they are secret, and those that only the whole recording
shows: a container that holds one letter by letter.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from operator import is_
from typing import TYPE_CHECKING, Any, TypeVar

from cotrace.model.source import Source
from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import Entry, Frame, Note, Outcome, Output, Step
from cotrace.tracing.pieces import in_pieces
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotrace.model.state import Value
    from cotrace.model.trace import Trace
    from cotrace.tracing.secrets import Redactor

__builtins__ = BUILTINS

T = TypeVar("T")
Change = tuple[tuple[str, "Callable[[Any], Any]"], ...]
"""The fields of a part that may hold a secret, each with what takes it out."""


def scrubbed(trace: Trace, redactor: Redactor) -> Trace:
    """Return `trace` without the secrets that `redactor` knows: the very same one if it holds none."""
    if not redactor.known:
        return trace
    clean = _Scrubber(redactor, in_pieces(trace, redactor.known))
    parts: dict[str, Any] = {
        name: clean.each(getattr(trace, name))
        for name in ("sources", "frames", "steps", "entries", "final", "notes")
    }
    parts |= {"outcome": clean.part(trace.outcome), "call": clean.text(trace.call)}
    changed = {name: part for name, part in parts.items() if part is not getattr(trace, name)}
    return replace(trace, **changed) if changed else trace


class _Scrubber:
    """Returns parts of a trace without secrets, and those that hold none as they are."""

    def __init__(self, redactor: Redactor, pieces: dict[int, str]) -> None:
        self._redactor = redactor
        self._pieces = pieces
        self._forms = {form: mark for text, mark in redactor.known.items() for form in _forms(text)}
        self._shortest = min(map(len, self._forms))
        self._atoms: dict[int, tuple[Atom, Atom]] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        value, text = self.value, self.text
        self._table: dict[type, Change] = {
            Source: (("text", redactor.masked),),
            Frame: (("name", text),),
            Step: (("delta", self.each), ("value", value), ("output", self.each)),
            Entry: (("value", value), ("objects", self.each)),
            Output: (("text", text),),
            Outcome: (("value", value), ("exception", text), ("message", text)),
            Note: (("subject", text), ("reason", text), ("advice", text)),
            HeapObject: (
                ("elements", self._values), ("entries", self._pairs), ("attributes", self._named), ("text", text),
            ),
            Bind: (("name", text), ("value", value)),
            Unbind: (("name", text),),
            Appear: (("object", self.part),),
            Become: (("object", self.part),),
            SetElement: (("value", value),),
            Splice: (("inserted", self._values),),
            SetEntry: (("key", value), ("value", value)),
            DeleteEntry: (("key", value),),
            SetAttribute: (("name", text), ("value", value)),
            DeleteAttribute: (("name", text),),
        }  # fmt: skip

    def part(self, part: T) -> T:
        """Return a part of a trace without secrets."""
        changed = {}
        for name, clean in self._table[type(part)]:
            before = getattr(part, name)
            after = clean(before)
            if after is not before and after != before:
                changed[name] = after
        if changed:
            part = replace(part, **changed)  # type: ignore[type-var]
        return self._without_letters(part) if self._pieces else part

    def each(self, parts: Sequence[T]) -> Sequence[T]:
        """Return parts without secrets, as a tuple; the very same sequence if none held one."""
        if not parts:
            return parts
        cleaned = tuple([self.part(part) for part in parts])
        return parts if all(map(is_, cleaned, parts)) else cleaned

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        if len(text) >= self._shortest:
            for form, mark in self._forms.items():
                if form in text:
                    text = text.replace(form, mark)
        return text

    def value(self, value: Value | None) -> Value | None:
        """Return a value without secrets; a reference has none."""
        if type(value) is not Atom or len(value.text) < self._shortest:
            return value
        known = self._atoms.get(id(value))
        if known is None:
            text = self.text(value.text)
            clean = value if text == value.text else replace(value, type="redacted", text=text)
            self._atoms[id(value)] = known = (
                value,
                clean,
            )  # the first is kept so that its address stays its own
        return known[1]

    def _values(self, values: tuple[Value, ...]) -> tuple[Any, ...]:
        return tuple(map(self.value, values))

    def _pairs(self, pairs: tuple[tuple[Value, Value], ...]) -> tuple[Any, ...]:
        return tuple([(self.value(key), self.value(held)) for key, held in pairs])

    def _named(self, pairs: tuple[tuple[str, Value], ...]) -> tuple[Any, ...]:
        return tuple([(self.text(name), self.value(held)) for name, held in pairs])

    # --- letters ------------------------------------------------------------------------------------------------

    def _without_letters(self, part: Any) -> Any:
        """Return a state or change of a container that holds a secret in pieces without its letters."""
        kind = type(part)
        if kind is HeapObject and part.id in self._pieces:
            elements = tuple([self._letter(part.id, element) for element in part.elements])
            entries = tuple([(self._key(part.id, k), self._letter(part.id, v)) for k, v in part.entries])
            return replace(part, elements=elements, entries=entries)
        if kind is SetElement and part.id in self._pieces:
            return replace(part, value=self._letter(part.id, part.value))
        if kind is Splice and part.id in self._pieces:
            return replace(part, inserted=tuple([self._letter(part.id, value) for value in part.inserted]))
        if kind is SetEntry and part.id in self._pieces:
            return replace(part, key=self._key(part.id, part.key), value=self._letter(part.id, part.value))
        if kind is DeleteEntry and part.id in self._pieces:
            return replace(part, key=self._key(part.id, part.key))
        return part

    def _letter(self, number: int, value: Value) -> Value:
        return Atom("redacted", self._pieces[number]) if _is_letter(value) else value

    def _key(self, number: int, value: Value) -> Value:
        """Do what `_letter` does, and leave different letters different: keys have to be."""
        if isinstance(value, Ref) or not _is_letter(value):
            return value
        place = self._numbers.setdefault((number, value.text), len(self._numbers) + 1)
        return Atom("redacted", f"{self._pieces[number][:-1]} {place}>")


def _forms(secret: str) -> set[str]:
    """Return how a secret may stand in a text: as it is, as `repr` has it, backwards, and as a list of letters."""
    plain = repr(secret)[1:-1]
    return {secret, plain, secret[::-1], "', '".join(secret)}


def _is_letter(value: Value) -> bool:
    """Tell whether a value is one character, or the number of one that can be seen."""
    if type(value) is not Atom or not value.literal:
        return False
    held = value.value if value.type in ("str", "int") else ""
    return (
        len(held) == 1
        if isinstance(held, str)
        else isinstance(held, int) and ord(" ") <= held <= sys.maxunicode
    )
