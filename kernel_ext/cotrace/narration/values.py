"""Values as a sentence shows them: Python's own repr where it is short, the two ends and the length where not.

`shown` fits a value into some room, `whole` gives all that was recorded. An object that is no plain value is shown
by its type and number, ``<Point o3>``: its address means nothing, and its own `__repr__` was never called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cotrace.model.state import Atom, HeapObject, Value

Heap = Mapping[int, HeapObject]

ENDS = 12
"""How many characters of a long string are shown at its beginning and at its end, at least."""

MOST = 300
"""A standard value whose text can't be cut, such as a pattern, is shown up to this many characters."""

_BRACKETS = {"list": "[]", "tuple": "()", "set": "{}", "dict": "{}"}

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def whole(value: Value, heap: Heap) -> str:
    """Return everything that was recorded of `value`."""
    return _Writer(heap).value(value)


def shown(value: Value, heap: Heap, room: int) -> str:
    """Return `value` in about `room` characters; what is longer has its ends and its length."""
    if isinstance(value, Atom):
        return _atom(value, room)
    text = _Writer(heap, limit=room * 4).value(value)
    if len(text) <= room:
        return text
    seen = heap[value.id]
    return _elided(seen, heap, room) if seen.elements or seen.entries else text


def is_plain(value: Value, heap: Heap) -> bool:
    """Tell whether `whole(value)` is the very repr of the value: built-in types, nothing cut."""
    if isinstance(value, Atom):
        return value.literal
    seen = heap.get(value.id)
    return seen is not None and not seen.cut and seen.type in {*_BRACKETS, "frozenset"}


def _atom(value: Atom, room: int) -> str:
    text = value.text
    if not value.cut and len(text) <= room:
        return text
    if value.type not in ("str", "bytes", "int"):
        return text if len(text) <= max(room, MOST) else f"<{value.type}>"
    unit = {"str": "characters", "bytes": "bytes", "int": "digits"}[value.type]
    if value.cut:
        return f"{_head(text, room)}…{_quote(text)} ({value.length} {unit})"
    if value.type == "int":
        keep = max(ENDS, room // 2 - 10)
        return f"{text[:keep]}…{text[-keep:]} ({len(text.lstrip('-'))} digits)"
    plain = value.value
    assert isinstance(plain, str | bytes)
    keep = max(ENDS, room // 2 - 10)
    head, tail = repr(plain[:keep]), repr(plain[-keep:])
    prefix = 2 if value.type == "bytes" else 1
    return f"{head[:-1]}…{tail[prefix:-1]}{head[-1]} ({len(plain)} {unit})"


def _quote(text: str) -> str:
    return text[-1] if text[-1:] in "'\"" else ""


def _head(text: str, room: int) -> str:
    body = text[: max(ENDS, room)]
    return body.removesuffix(_quote(text)) if len(body) == len(text) else body


def _elided(seen: HeapObject, heap: Heap, room: int) -> str:
    """Show the first elements that fit into the room and the last, with the length after."""
    count = len(seen.elements) + len(seen.entries)
    length = seen.length if seen.length >= 0 else count
    last = _Writer(heap, limit=room).part(seen, count - 1) if count > 1 else ""
    last = last if len(last) <= room // 2 else ""
    head: list[str] = []
    taken = len(last)
    for place in range(min(count - 1, room)):
        part = _Writer(heap, limit=room).part(seen, place)
        if place == 0 and len(part) > room - taken:
            part = _first_part(seen, heap, room // 2)
        taken += len(part) + 2
        if taken > room or _is_gap(seen, place):
            break
        head.append(part)
    inner = ", ".join([*head, "…", *([last] if last else [])])
    return f"{_bracketed(seen, inner)} ({_counted(length, seen)})"


def _first_part(seen: HeapObject, heap: Heap, room: int) -> str:
    """Show something of a long first element, rather than nothing of any."""
    if seen.elements:
        return shown(seen.elements[0], heap, room)
    key, value = seen.entries[0]
    return f"{shown(key, heap, room)}: {shown(value, heap, room)}"


def _bracketed(seen: HeapObject, inner: str) -> str:
    """Put the brackets of its type around an object's parts, and its name before them where it has one."""
    kind = "list" if seen.kind in ("deque", "array") else "set" if seen.kind == "frozenset" else seen.kind
    brackets = _BRACKETS.get(kind, "[]")
    text = f"{brackets[0]}{inner}{brackets[1]}"
    return text if seen.type in _BRACKETS else f"{seen.type.rpartition('.')[2]}({text})"


def _is_gap(seen: HeapObject, place: int) -> bool:
    """Tell whether elements of a cut sequence are missing before the one at `place`."""
    return seen.positions is not None and seen.positions[place] != place


def _counted(length: int, seen: HeapObject) -> str:
    if seen.kind == "dict":
        return "1 entry" if length == 1 else f"{length} entries"
    return "1 element" if length == 1 else f"{length} elements"


class _Writer:
    """Writes values as repr does; past `limit` characters it stops looking into things."""

    def __init__(self, heap: Heap, limit: int = 10_000_000) -> None:
        self.heap = heap
        self.limit = limit
        self.open: set[int] = set()

    def value(self, value: Value) -> str:
        if isinstance(value, Atom):
            text = _atom(value, self.limit) if value.cut else value.text
            self.limit -= len(text)
            return text
        seen = self.heap.get(value.id)
        if seen is None:
            return f"<object o{value.id}>"
        if value.id in self.open:
            return {"list": "[...]", "dict": "{...}", "tuple": "(...)"}.get(
                seen.type, f"<{seen.type} o{seen.id}>"
            )
        self.open.add(value.id)
        try:
            return self.object(seen)
        finally:
            self.open.discard(value.id)

    def object(self, seen: HeapObject) -> str:
        """Write an object; of one whose elements were not all kept, the length as well."""
        text = self.complete(seen)
        return (
            f"{text} ({_counted(seen.length, seen)})" if seen.cut == "length" and seen.length >= 0 else text
        )

    def complete(self, seen: HeapObject) -> str:
        parts = self.parts(seen)
        inner = ", ".join(parts)
        if seen.type == "tuple":
            return f"({inner},)" if len(parts) == 1 else f"({inner})"
        if seen.type == "set":
            return f"{{{inner}}}" if parts else "set()"
        if seen.type == "list":
            return f"[{inner}]"
        if seen.type == "dict":
            return f"{{{inner}}}"
        if seen.kind in ("set", "frozenset"):
            return f"{seen.type}({{{inner}}})" if parts else f"{seen.type}()"
        if seen.kind == "dict":
            return self.dictionary(seen, inner)
        if seen.kind in ("list", "deque"):
            return f"{seen.type.rpartition('.')[2]}([{inner}])"
        if seen.kind == "tuple":
            return f"{seen.type.rpartition('.')[2]}({inner})"
        return self.other(seen)

    def dictionary(self, seen: HeapObject, inner: str) -> str:
        """Write a dict's subclass as the standard library's own do."""
        name = seen.type.rpartition(".")[2]
        if not inner:
            return f"{name}()"
        return f"{name}({{{inner}}})"

    def other(self, seen: HeapObject) -> str:
        name = seen.type.rpartition(".")[2]
        if seen.kind in ("function", "class", "module") and seen.text and not seen.text.endswith("<lambda>"):
            return _ADDRESS.sub("", f"<{seen.kind} {seen.text.strip('<>').removeprefix(seen.kind + ' ')}>")
        return f"<{name} o{seen.id}>"

    def part(self, seen: HeapObject, place: int) -> str:
        """Write the element or entry at `place`."""
        if place < len(seen.elements):
            return self.value(seen.elements[place])
        key, value = seen.entries[place - len(seen.elements)]
        return f"{self.value(key)}: {self.value(value)}"

    def parts(self, seen: HeapObject) -> list[str]:
        """Write all elements or entries; past the limit only that there are more."""
        found: list[str] = []
        for place in range(len(seen.elements) + len(seen.entries)):
            if self.limit < 0:
                return [*found, "…"]
            if place < len(seen.elements) and _is_gap(seen, place) and not _is_gap(seen, place - 1):
                found.append("…")
            found.append(self.part(seen, place))
            self.limit -= 2
        if seen.cut and seen.positions is None:
            found.append("…")
        return found
