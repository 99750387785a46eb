"""One JSON type for each Python type, so that rows of every kind share one schema.

A `Shape` is made from a type annotation and turns values into the text that json.dumps would give, and parsed
JSON into values. Reading is strict: a value of
another type, a missing field and an unknown one are errors that name the place. Two rules are there for
readers that guess a column's type from the first rows they see (pyarrow, and so `datasets`), where a column
that is first null or an empty list can't become anything else later:

- there is no null, and a number with a fraction is never written as an integer;
- a tuple is never written as an empty list: it becomes a list of one blank element, which is left out again
  when read.

A tuple of integers (the steps of an anchor) is written as one text of ranges: ``3-7 9``.
"""

from __future__ import annotations

import dataclasses
import math
import operator
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from json.encoder import encode_basestring
from typing import Any, Literal, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

from cotrace.errors import RecordError

Json = Any  # what json.loads gives: the shapes check it value by value
Value = Any  # of the type that a shape was made from

T = TypeVar("T")

_LEAST, _MOST = -(2**63), 2**63 - 1


def to_text(value: object) -> str:
    """Return a dataclass value as compact JSON; raises RecordError if a field's value is not of the field's type."""
    try:
        return shape_of(cast("Hashable", type(value))).encode(value)
    except Misfit as misfit:
        raise misfit.error() from None


def from_json(cls: type[T], found: Json) -> T:
    """Return the value of a dataclass that JSON stands for; raises RecordError if it stands for none."""
    shape: Shape = shape_of(cast("Hashable", cls))
    try:
        return cast("T", shape.decode(found))
    except Misfit as misfit:
        raise misfit.error() from None


class Misfit(Exception):  # noqa: N818 - caught in this module, where it becomes a RecordError
    """A value that is not what its place asks for; the place is put together on the way out."""

    def __init__(self, wanted: str, found: Json) -> None:
        self.wanted = wanted
        self.found = found
        self.place = ""

    def inside(self, place: str) -> Misfit:
        """Say that the value was found in the part `place` of something larger."""
        separator = "." if self.place and self.place[0] != "[" else ""
        self.place = place + separator + self.place
        return self

    def error(self) -> RecordError:
        """Return the error to show."""
        return expected(self.place or "the row", self.wanted, self.found)


def expected(place: str, wanted: str, found: Json) -> RecordError:
    """Return the error for a value that is not what its place asks for."""
    shown = found if isinstance(found, _Words) else repr(found)
    return RecordError(
        f"{place}: expected {wanted}, found {shown if len(shown) <= 100 else shown[:97] + '...'}"
    )


class _Words(str):
    """What was found, in words rather than as a value."""

    __slots__ = ()


class Shape(Protocol):
    """How values of one type are written and read."""

    def encode(self, value: Value) -> str:
        """Return the value as the text of JSON."""

    def decode(self, found: Json) -> Value:
        """Return the value that the JSON stands for."""


@cache
def shape_of(annotation: Any) -> Shape:
    """Return the shape for a type annotation; a dataclass has two fields or more."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if get_origin(annotation) is Literal:
        return _Choice(get_args(annotation))
    if get_origin(annotation) is tuple:
        element = get_args(annotation)[0]
        return _Ranges() if element is int else _List(shape_of(element), element())
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        hints = get_type_hints(annotation)
        names = [field.name for field in dataclasses.fields(annotation)]
        return _Object(annotation, {name: shape_of(hints[name]) for name in names})
    raise TypeError(f"no JSON shape for {annotation!r}")


class _Text:
    def encode(self, value: Value) -> str:
        if type(value) is not str:
            raise Misfit("a str", value)
        if not value.isascii():
            # Half of a surrogate pair has no UTF-8 and would make the whole file unreadable to JSON readers.
            value = value.encode("utf-8", "backslashreplace").decode("utf-8")
        return encode_basestring(value)

    def decode(self, found: Json) -> str:
        if not isinstance(found, str):
            raise Misfit("a text", found)
        return found


class _Whole:
    def encode(self, value: Value) -> str:
        if type(value) is not int or not _LEAST <= value <= _MOST:
            raise Misfit("a whole number of at most 64 bits", value)
        return str(value)

    def decode(self, found: Json) -> int:
        if type(found) is not int or not _LEAST <= found <= _MOST:
            raise Misfit("a whole number of at most 64 bits", found)
        return found


class _Fraction:
    def encode(self, value: Value) -> str:
        return repr(self.decode(value))

    def decode(self, found: Json) -> float:
        if type(found) not in (int, float) or not math.isfinite(found):
            raise Misfit("a finite number", found)
        return float(found)


class _Choice:
    def __init__(self, choices: tuple[str, ...]) -> None:
        self._choices = choices

    def encode(self, value: Value) -> str:
        return f'"{self.decode(value)}"'

    def decode(self, found: Json) -> str:
        if not isinstance(found, str) or found not in self._choices:
            raise Misfit("one of " + ", ".join(self._choices), found)
        return found


class _Ranges:
    _MOST = 10_000_000
    _TEXT = re.compile(r"(\d+(-\d+)?( \d+(-\d+)?)*)?", re.ASCII)

    def encode(self, value: Value) -> str:
        if type(value) is not tuple or not set(map(type, value)) <= {int} or min(value, default=0) < 0:
            raise Misfit("a tuple of whole numbers from 0", value)
        runs = []
        first = last = -2
        for number in value:
            if number != last + 1:
                runs.append((first, last))
                first = number
            last = number
        runs.append((first, last))
        texts = [f"{first}-{last}" if first < last else str(first) for first, last in runs[1:]]
        return f'"{" ".join(texts)}"'

    def decode(self, found: Json) -> tuple[int, ...]:
        if not isinstance(found, str) or not self._TEXT.fullmatch(found):
            raise Misfit('steps such as "3-7 9"', found)
        ends = [run.partition("-") for run in found.split()]
        runs = [range(int(first), int(last or first) + 1) for first, _, last in ends]
        # A few characters can name more numbers than there is memory for.
        if sum(max(0, run.stop - run.start) for run in runs) > self._MOST:
            raise Misfit(f"at most {self._MOST:,} steps", found)
        return tuple([number for run in runs for number in run])


class _List:
    def __init__(self, element: Shape, blank: object) -> None:
        self._element = element
        self._blank = blank

    def encode(self, value: Value) -> str:
        if type(value) is not tuple:
            raise Misfit("a tuple", value)
        return "[" + ",".join(_each(self._element.encode, value or (self._blank,))) + "]"

    def decode(self, found: Json) -> tuple[Value, ...]:
        if not isinstance(found, list):
            raise Misfit("a list", found)
        read = _each(self._element.decode, found)
        return () if read == [self._blank] else tuple(read)


def _each(convert: Callable[[Value], T], elements: Iterable[Value]) -> list[T]:
    converted: list[T] = []
    try:
        converted.extend(map(convert, elements))
    except Misfit as misfit:
        raise misfit.inside(f"[{len(converted)}]") from None
    return converted


class _Object:
    def __init__(self, cls: type, fields: Mapping[str, Shape]) -> None:
        self._cls = cls
        self._order = tuple(fields)
        self._names = frozenset(fields)
        self._encoders = [shape.encode for shape in fields.values()]
        self._decoders = [shape.decode for shape in fields.values()]
        self._template = "{" + ",".join(f'"{name}":%s' for name in fields) + "}"
        self._attributes = operator.attrgetter(*fields)
        self._entries = operator.itemgetter(*fields)

    def encode(self, value: Value) -> str:
        if type(value) is not self._cls:
            raise Misfit(f"a {self._cls.__name__}", value)
        return self._template % tuple(self._fields(self._encoders, self._attributes(value)))

    def decode(self, found: Json) -> Value:
        if not isinstance(found, dict):
            raise Misfit("an object", found)
        if found.keys() != self._names:
            raise Misfit(f"the fields {', '.join(self._order)}", _difference(self._names, found.keys()))
        values = self._fields(self._decoders, self._entries(found))
        return self._cls(**dict(zip(self._order, values, strict=True)))

    def _fields(self, convert: Sequence[Callable[[Value], T]], values: tuple[Value, ...]) -> list[T]:
        converted: list[T] = []
        try:
            converted.extend(map(operator.call, convert, values))  # pyright: ignore[reportArgumentType]
        except Misfit as misfit:
            raise misfit.inside(self._order[len(converted)]) from None
        return converted


def _difference(wanted: AbstractSet[str], found: AbstractSet[str]) -> _Words:
    missing, unknown = ", ".join(sorted(wanted - found)), ", ".join(sorted(found - wanted))
    parts = [f"no {missing}"] * bool(missing) + [f"{unknown} too"] * bool(unknown)
    return _Words(" and ".join(parts))


_PLAIN: dict[Any, Shape] = {str: _Text(), int: _Whole(), float: _Fraction()}
