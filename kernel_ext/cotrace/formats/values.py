"""A recorded value as text, the way Python would show it.

`show` fits a value into a `Budget` and says what it left out; `exact` gives the very text of Python's `repr`,
or None where the recording can't vouch for it. Both read a `Value` together with a heap (`Snapshot.heap`, or
any mapping from object numbers to objects) and never call code of the traced program.

How `show` writes what `repr` has no good text for:

=====================================  ==============================================================
a plain value that fits                as `repr` has it: ``[1, 'two', {3: None}]``
one that was cut or is too long        ``[0, 1, 2, … 997 more]``, ``[0, … 8 more, 9]``, ``'It was'… 98 more``
too deep                               ``[…]``, ``{… 4 more}``, ``Point(…)``
a container inside itself              ``[...]`` and ``{...}``, as in `repr`
another object inside itself           ``o3``, its number
an instance                            ``Point(x=1, y=2)``, by its attributes, whatever its `__repr__` says
a subclass of a built-in container     ``Stack([1, 2])``, ``Counter({'a': 1})``
an exception                           ``ValueError('bad input')``
a class, a function, a module ...      ``<class Point>``, ``<function f>``, ``<module math>``
an array                               ``<float64 array of shape (9,): 0.0, 1.0, … 7 more>``
anything else                          ``<socket o7>``: its type and number, never an address
a secret                               ``<redacted NAME>``
=====================================  ==============================================================

An object that is there twice is written twice, as `repr` does; with ``numbers=True`` the second time is
``o3``. The text is one line and holds no character that acts on a terminal or reorders text: for HTML and
Markdown it still has to be escaped.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from cotrace.formats.escape import visible
from cotrace.model.state import Atom, HeapObject, Ref, Value

Heap = Mapping[int, HeapObject]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much text a value may take."""

    characters: int = 100
    """About how long the text may be; the marks of what is left out may come on top."""

    depth: int = 5
    """How many containers may be open at once."""


NARROW = Budget(characters=40, depth=3)
"""For a value among others: an argument, a sub-expression."""

LINE = Budget()
"""For a value that has a line to itself."""

WHOLE = Budget(characters=1_000_000, depth=100)
"""For all that was recorded of a value, however long."""


def show(value: Value, heap: Heap, budget: Budget = LINE, *, numbers: bool = False) -> str:
    """Return `value` as one line of text within `budget`; what is left out is counted.

    With `numbers`, an object that occurs more than once is written once, as ``o3=[1, 2]``, and then as
    ``o3``.
    """
    repeated = _repeated(value, heap) if numbers else frozenset()
    return visible(_Writer(heap, budget.depth, repeated).value(value, budget.characters))


def exact(value: Value, heap: Heap, *, characters: int = 1_000_000) -> str | None:
    """Return exactly what Python's `repr` gives for `value`, or None if the recording can't say.

    It can for whole values made of numbers, strings, bytes, None, standard values with a fixed repr (dates,
    paths, decimals ...), lists, tuples, sets, frozensets and dicts. It can't for anything cut, redacted or
    inside itself, for instances and subclasses (their `__repr__` is the program's), and for text longer than
    `characters`. A set's elements come in the recording's order, which need not be the order in which Python
    printed them.
    """
    written: list[str] = []
    room = characters
    for text in _exactly(value, heap, ()):
        room -= len(text or "")
        if text is None or room < 0:
            return None
        written.append(text)
    return "".join(written)


def short_type(name: str) -> str:
    """Return a type's name as one says it: ``Point`` for ``shapes.make.<locals>.Point``."""
    return name.rsplit(".", 1)[-1]


# --- what an object is made of ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """An element, a dict's pair or an attribute; without values, a mark such as ``… 5 more``."""

    label: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """An object's text in pieces: ``Point(``, its parts, ``)``."""

    opening: str
    closing: str
    parts: list[_Part] = field(default_factory=list)
    left_out: int = 0
    """How many parts the object has beyond those that were recorded; -1 for an unknown number."""

    beyond: int = 0
    """How many of the recorded elements or pairs are not in `parts`, since there can't be room for them."""


_CONTAINERS = {
    "list": ("[", "]"),
    "tuple": ("(", ")"),
    "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"),
    "deque": ("deque([", "])"),
    "dict": ("{", "}"),
}
_EMPTY = {"set": ("set(", ")"), "frozenset": ("frozenset(", ")")}
_PLAIN = {"list", "tuple", "set", "frozenset", "dict", "collections.deque"}


def _shape(seen: HeapObject, heap: Heap, room: int) -> _Shape:
    """Return how `seen` is written; with no parts, it is all in `opening`.

    Of a long container only the parts are made that `room` characters might hold, and some more.
    """
    name = short_type(seen.type)
    if seen.kind in _CONTAINERS:
        parts, left_out, beyond = _held(seen, max(room, 0) // len(", ") + _SPARE)
        return _Shape(*_brackets(seen, name), parts, left_out, beyond)
    if seen.kind == "instance":
        return _instance(seen, name)
    if seen.kind == "exception":
        return _exception(seen, name, heap)
    if seen.kind == "array":
        parts, left_out, _ = _held(seen, len(seen.elements) + len(seen.entries))
        return _Shape(f"<{seen.text or name}{': ' if parts else ''}", ">", parts, left_out if parts else 0)
    if seen.kind in ("class", "function", "module", "generator"):
        return _Shape(f"<{seen.kind} {seen.text or name}>", "")
    return _Shape(f"<{seen.text or name} o{seen.id}>", "")


def _instance(seen: HeapObject, name: str) -> _Shape:
    if seen.text.startswith(f"{name}."):
        return _Shape(seen.text, "")  # an enum's member
    number_or_text = [_Part(seen.text)] if seen.text else []
    return _Shape(f"{name}(", ")", number_or_text + _attributes(seen), -1 if seen.cut else 0)


def _exception(seen: HeapObject, name: str, heap: Heap) -> _Shape:
    arguments: list[_Part] = []
    own = _attributes(seen)
    for part in own[:1]:
        held = heap.get(part.values[0].id) if isinstance(part.values[0], Ref) else None
        if part.label == "args=" and held is not None:
            arguments = [_Part("", (value,)) for value in held.elements]
            own = own[1:]
    return _Shape(f"{name}(", ")", arguments + own, -1 if seen.cut else 0)


def _attributes(seen: HeapObject) -> list[_Part]:
    return [_Part(f"{attribute}=", (value,)) for attribute, value in seen.attributes]


def _brackets(seen: HeapObject, name: str) -> tuple[str, str]:
    opening, closing = _CONTAINERS[seen.kind]
    if not seen.elements and not seen.cut:
        opening, closing = _EMPTY.get(seen.kind, (opening, closing))
    if seen.kind == "tuple" and len(seen.elements) == 1 and not seen.cut:
        closing = ",)"
    if seen.type in _PLAIN:
        return opening, closing
    if seen.kind == "tuple":
        return f"{name}(", ")"  # a named tuple is written as the call that makes it
    return f"{name}({opening}", f"{closing})"


_SPARE = 20
"""So many parts more than there is room for are made: none of the last of them is ever reached."""


def _held(seen: HeapObject, most: int) -> tuple[list[_Part], int, int]:
    """Return at most so many elements or pairs of `seen`, with marks in the gaps; with them two counts.

    They tell how many are missing at the end (-1: nobody knows), and how many there are between these and those.
    """
    parts: list[_Part] = []
    reached = 0
    fields = seen.text.split(", ") if seen.kind == "tuple" and seen.text else []
    for place, element in enumerate(seen.elements[:most]):
        position = place if seen.positions is None else seen.positions[place]
        if position > reached:
            parts.append(_Part(_more(position - reached)))
        parts.append(_Part(f"{fields[position]}=" if position < len(fields) else "", (element,)))
        reached = position + 1
    parts += [_Part("", pair) for pair in seen.entries[:most]]
    told = reached + min(len(seen.entries), most)
    known = len(seen.elements)
    last = known if seen.positions is None or not known else seen.positions[known - 1] + 1
    all_told = last + len(seen.entries)
    if seen.cut and seen.length < 0:
        return parts, -1, all_told - told
    return parts, max(seen.length - all_told, 0), all_told - told


def _more(count: int) -> str:
    return f"… {count} more" if count > 0 else "…"


# --- show ---------------------------------------------------------------------------------------------------


class _Writer:
    """Writes one value. Each call is given the room left; where `whole` gives up, `squeezed` leaves out."""

    def __init__(self, heap: Heap, depth: int, repeated: frozenset[int]) -> None:
        self.heap = heap
        self.depth = depth
        self.repeated = repeated
        self.numbered: set[int] = set()
        self.inside: list[int] = []

    def value(self, value: Value, room: int) -> str:
        numbered = set(self.numbered)
        whole = self.whole(value, room)
        if whole is not None:
            return whole
        self.numbered = numbered
        return self.squeezed(value, room)

    def whole(self, value: Value, room: int) -> str | None:
        """Return all that was recorded of `value`, or None if that takes more than `room`."""
        if isinstance(value, Atom):
            text = _whole_atom(value)
        else:
            prefix, shape = self.entered(value, room)
            inner = None if shape is None else self.whole_parts(shape, room - len(prefix))
            self.left(shape)
            if shape is not None and inner is None:
                return None
            text = prefix + (inner or "")
        return text if len(text) <= room else None

    def whole_parts(self, shape: _Shape, room: int) -> str | None:
        if shape.beyond:
            return None
        texts: list[str] = []
        room -= len(shape.opening) + len(shape.closing)
        for part in shape.parts:
            text = self.whole_part(part, room)
            if text is None:
                return None
            texts.append(text)
            room -= len(text) + 2
        return _closed(shape, texts, shape.left_out)

    def whole_part(self, part: _Part, room: int) -> str | None:
        texts: list[str] = []
        room -= len(part.label)
        for value in part.values:
            text = self.whole(value, room)
            if text is None:
                return None
            texts.append(text)
            room -= len(text)
        return part.label + ": ".join(texts)

    def squeezed(self, value: Value, room: int) -> str:
        """Return `value` with as many of its parts as go into `room`, and a count of the others."""
        if isinstance(value, Atom):
            return _squeezed_atom(value, room)
        prefix, shape = self.entered(value, room)
        text = "" if shape is None else self.squeezed_parts(shape, room - len(prefix))
        self.left(shape)
        return prefix + text

    def squeezed_parts(self, shape: _Shape, room: int) -> str:
        texts: list[str] = []
        room -= len(shape.opening) + len(shape.closing) + len(_MARK)
        for place, part in enumerate(shape.parts):
            rest = len(shape.parts) - place + shape.beyond
            if rest == 1 and not shape.left_out:
                room += len(_MARK)  # nothing will be left out
            if texts and room < _LEAST:
                missing = sum(_count(other) for other in shape.parts[place:]) + shape.beyond
                return _closed(shape, texts, -1 if shape.left_out < 0 else missing + shape.left_out)
            text = self.squeezed_part(part, max(room // min(rest, 3), min(room, _LEAST)))
            texts.append(text)
            room -= len(text) + 2
        return _closed(shape, texts, shape.left_out)

    def squeezed_part(self, part: _Part, room: int) -> str:
        texts: list[str] = []
        room -= len(part.label)
        for value in part.values:
            texts.append(self.value(value, room))
            room = max(room - len(texts[-1]), _LEAST)
        return part.label + ": ".join(texts)

    def entered(self, value: Ref, room: int) -> tuple[str, _Shape | None]:
        """Return what is written before an object's shape and the shape, or the whole text and None."""
        seen = self.heap.get(value.id)
        if seen is None or value.id in self.numbered:
            return f"o{value.id}", None
        if value.id in self.inside:
            plain = seen.kind in ("list", "dict") and seen.type == seen.kind
            return "...".join(_CONTAINERS[seen.kind]) if plain else f"o{value.id}", None
        shape = _shape(seen, self.heap, room)
        if len(self.inside) >= self.depth and shape.parts:
            count = -1 if shape.left_out < 0 else max(seen.length, 0)
            return _closed(shape, [], count or -1), None
        self.inside.append(value.id)
        if value.id in self.repeated:
            self.numbered.add(value.id)
            return f"o{value.id}=", shape
        return "", shape

    def left(self, shape: _Shape | None) -> None:
        """Undo `entered`."""
        if shape is not None:
            self.inside.pop()


_MARK = "… 999 more"
_LEAST = 10
"""A part that has less room than this says nothing worth reading: it is counted among those left out."""


def _closed(shape: _Shape, texts: list[str], left_out: int) -> str:
    marks = [_more(left_out)] if left_out else []
    return shape.opening + ", ".join(texts + marks) + shape.closing


def _count(part: _Part) -> int:
    """Return how many elements a part stands for."""
    return int(part.label.split()[1]) if part.label.startswith("… ") else 1


def _tail(atom: Atom) -> str:
    """Return the mark of what capture cut off: the characters, bytes or digits that are missing."""
    if not atom.cut:
        return ""
    kept = len(_characters(atom)) if atom.type in ("str", "bytes") else _digits(atom.text)
    return _more(atom.length - kept)


def _characters(atom: Atom) -> str | bytes:
    kept = ast.literal_eval(atom.text)
    assert isinstance(kept, (str, bytes))
    return kept


def _digits(text: str) -> int:
    return len(text.lstrip("-").removeprefix("0x").removesuffix("…"))


def _squeezed_atom(atom: Atom, room: int) -> str:
    room = max(room, _LEAST)
    if len(atom.text) <= room:
        return _whole_atom(atom)
    if atom.type in ("str", "bytes"):
        kept = _characters(atom)
        length = atom.length if atom.cut else len(kept)
        size = room - 2
        while len(repr(kept[:size])) > room:
            size -= max(1, (len(repr(kept[:size])) - room) // 4)
        return repr(kept[:size]) + _more(length - size)
    if atom.type == "int":
        digits = atom.length if atom.cut else _digits(atom.text)
        return atom.text[:room] + _more(digits - _digits(atom.text[:room]))
    return atom.text[:room] + "…"


def _whole_atom(atom: Atom) -> str:
    return atom.text.removesuffix("…") + _tail(atom) if atom.cut else atom.text


def _repeated(value: Value, heap: Heap) -> frozenset[int]:
    """Return the numbers of the objects that `value` reaches in more than one way."""
    counts: Counter[int] = Counter()
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Ref):
            counts[part.id] += 1
            if counts[part.id] == 1 and part.id in heap:
                waiting += _values_in(heap[part.id])
    return frozenset(number for number, count in counts.items() if count > 1)


def _values_in(seen: HeapObject) -> list[Value]:
    return [*seen.elements, *chain.from_iterable(seen.entries), *(value for _, value in seen.attributes)]


# --- exact --------------------------------------------------------------------------------------------------


def _exactly(value: Value, heap: Heap, inside: tuple[int, ...]) -> Iterator[str | None]:
    """Yield the pieces of the repr in order; None for a part whose repr isn't known."""
    if isinstance(value, Atom):
        has_repr = not value.cut and value.type != "redacted" and not value.text.startswith(("0x", "-0x"))
        yield value.text if has_repr else None  # Python has no repr for an int of very many digits
        return
    seen = heap.get(value.id)
    if seen is None or not _is_plain(seen) or seen.id in inside:
        yield None
        return
    shape = _shape(seen, heap, 2 * (len(seen.elements) + len(seen.entries)))
    yield shape.opening
    for place, part in enumerate(shape.parts):
        yield ", " if place else ""
        for turn, held in enumerate(part.values):
            yield ": " if turn else ""
            yield from _exactly(held, heap, (*inside, seen.id))
    yield shape.closing


def _is_plain(seen: HeapObject) -> bool:
    """Tell whether the object's class has the built-in `__repr__` and all that it writes was recorded."""
    return seen.kind in _CONTAINERS and seen.type == seen.kind and not seen.cut and not seen.attributes
