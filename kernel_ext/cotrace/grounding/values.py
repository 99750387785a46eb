"""Values as the recording holds them and values as a sentence writes them, made comparable.

Both sides become plain Python objects: `recorded` builds them from atoms and heap objects, `written` from literal
text. What has no plain Python value becomes a `Thing` (an instance, a function, a value that was cut) or a `Made`
(``Point(x=1)`` in a text). `same` compares a written value with a recorded one and answers True, False, or None
where the recording does not hold enough to tell.
"""

from __future__ import annotations

import ast
import datetime
import decimal
import fractions
import math
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cotrace.model.state import Atom, HeapObject, Value

HeapAt = Callable[[int], "HeapObject | None"]
"""Gives an object's content at one moment by its number."""

DEEPEST = 50
LONGEST = 100_000
"""Literal texts longer than this are not read: the parser's time grows with them."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A recorded object that has no plain Python value."""

    type: str
    id: int
    text: str = ""
    attributes: dict[str, object] = field(default_factory=dict, compare=False)
    elements: tuple[object, ...] | None = field(default=None, compare=False)
    """The known elements of a cut sequence."""

    length: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A value that a text writes as a call: ``Point(x=1, y=2)``."""

    name: str
    positional: tuple[object, ...] = ()
    named: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A function, class or module that a text writes by its name: ``<function area>``."""

    name: str


class Elided:
    """The ``...`` that stands for elements left out of a written value."""

    def __repr__(self) -> str:
        return "..."


ELIDED: Final = Elided()


@dataclass(frozen=True, slots=True)
class Shortened:
    """A string, bytes or number of which a text writes the two ends and the length."""

    head: str
    tail: str
    length: int
    unit: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A container of which a text writes some elements and the length."""

    content: object
    length: int


class Rounded(float):
    """A number that a text writes with a decimal point; `digits` is how many follow it."""

    digits: int = 0


def as_written(number: float) -> float:
    """Return a number that a text writes, with as many digits as its shortest form has."""
    fraction = re.fullmatch(r"-?\d+\.(\d+)", repr(number))
    written_so = Rounded(number)
    written_so.digits = len(fraction[1]) if fraction else 0
    return written_so


class UnreadableError(ValueError):
    """A text is not a value that can be read. Never leaves this package."""


# --- from the recording ---------------------------------------------------------------------------------------------


def recorded(value: Value, heap: HeapAt, open_: frozenset[int] = frozenset()) -> object:
    """Return the Python object that `value` stands for, or a `Thing` where it has none."""
    if isinstance(value, Atom):
        return _atom(value)
    seen = heap(value.id)
    if seen is None or value.id in open_ or len(open_) > DEEPEST:
        return Thing("?" if seen is None else seen.type, value.id, "...")
    return _object(seen, heap, open_ | {value.id})


def _atom(atom: Atom) -> object:
    if atom.literal:
        return atom.value
    if not atom.cut:
        try:
            return written(atom.text)
        except UnreadableError:
            pass
    return Thing(atom.type, -1, atom.text, length=atom.length)


def _object(seen: HeapObject, heap: HeapAt, open_: frozenset[int]) -> object:
    elements = [recorded(v, heap, open_) for v in seen.elements]
    try:
        if not seen.cut:
            if seen.kind in _BUILDERS:
                return _BUILDERS[seen.kind](elements)
            if seen.kind == "dict":
                return {recorded(k, heap, open_): recorded(v, heap, open_) for k, v in seen.entries}
    except TypeError:  # an element whose plain form can't be hashed, of a class whose own can
        pass
    attributes = {name: recorded(v, heap, open_) for name, v in seen.attributes}
    return Thing(
        seen.type, seen.id, seen.text, attributes, tuple(elements) if elements else None, seen.length
    )


_BUILDERS: Final[dict[str, Callable[[list[object]], object]]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
}


# --- from a text ----------------------------------------------------------------------------------------------------


def written(text: str) -> object:
    """Return the value that a literal text writes, left-out parts included. Raises UnreadableError where it is none."""
    source = readable(text)
    return from_ast(parsed(source), source)


def parsed(source: str) -> ast.expr:
    """Return the tree of an expression's text, which nobody may change. Raises UnreadableError where it is none."""
    tree = _tree(source)
    if isinstance(tree, str):
        raise UnreadableError(tree)
    return tree


@lru_cache(maxsize=4096)
def _tree(source: str) -> ast.expr | str:
    """Return a tree, or why there is none."""
    if len(source) > LONGEST:
        return f"{len(source)} characters are too long for a value"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a text may hold "3is" or an odd escape; that is no concern of the reader
            return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return str(error)


_QUOTED = r"""[bB]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_STRING = re.compile(_QUOTED)
_PREPARED = re.compile(
    rf"(?P<text>{_QUOTED})(?: \((?P<length>\d+) (?P<unit>characters|bytes)\))?"
    r"|(?P<digits>-?\d+…\d*) \((?P<many>\d+) digits\)"
    r"|<(?P<type>[A-Za-z_][\w.]*) o(?P<id>\d+)>"
    r"|<(?P<kind>function|class|module) (?P<name>[\w.<>]+)>"
    r"|<redacted (?P<secret>[^<>\n]+)>"
    r"|(?P<dots>…)"
)


def readable(text: str) -> str:
    """Return the text of a value in Python's grammar: what stands for left-out parts becomes a call or ``...``."""
    text = text.strip()
    if "…" not in text and "<" not in text:
        return text
    return _with_lengths(_PREPARED.sub(_prepared, text))


def _with_lengths(text: str) -> str:
    """Put a note of a length after a bracket into Python's grammar: ``[1, ...] (30 elements)`` becomes a call."""
    out: list[str] = []
    opened: list[int] = []
    at = 0
    while at < len(text):
        string = _STRING.match(text, at)
        if string:
            out.append(string[0])
            at = string.end()
            continue
        note = _NOTE.match(text, at) if opened and text[at - 1] in ")]}" and opened[-1] < 0 else None
        if note:
            place = ~opened.pop()
            while place and (out[place - 1].isidentifier() or out[place - 1] == "."):
                place -= 1  # the name before the bracket: deque([1, ..., 9]) (30 elements)
            out[place:] = [f"{_LISTING}(", *out[place:], f", {note[1]})"]
            at = note.end()
            continue
        while opened and opened[-1] < 0:
            opened.pop()
        if text[at] in "([{":
            opened.append(len(out))
        elif text[at] in ")]}" and opened:
            if text[at] == "}":
                _mark_entries(out, opened[-1], dictionary=text[at + 1 : at + 20].find("entr") > 0)
            opened[-1] = ~opened[-1]
        out.append(text[at])
        at += 1
    return "".join(out)


def _mark_entries(out: list[str], begin: int, *, dictionary: bool) -> None:
    """Write ``**...`` for what is left out of a dictionary: ``...`` alone stands for an element."""
    depth, dots = 0, list[int]()
    for place in range(begin + 1, len(out)):
        depth += (out[place] in "([{") - (out[place] in ")]}")
        if depth == 0:
            dictionary = dictionary or out[place] == ":"
            if out[place : place + 3] == [".", ".", "."] and out[place - 1] != ".":
                dots.append(place)
    if dictionary:
        for place in dots:
            out[place] = "**."


_NOTE = re.compile(r" \((\d+) (?:elements?|entry|entries)\)")


def _prepared(match: re.Match[str]) -> str:
    if match["length"] and "…" in match["text"]:
        return f"{_SHORTENED}({match['text']}, {match['length']}, {match['unit']!r})"
    if match["text"]:
        return match[0]
    if match["digits"]:
        return f"{_SHORTENED}({match['digits']!r}, {match['many']}, 'digits')"
    if match["type"]:
        return f"{_LABEL}({match['type']!r}, {match['id']})"
    if match["kind"]:
        return f"{_NAMED}({match['name']!r})"
    if match["secret"]:
        return f"{_REDACTED}({match['secret']!r})"
    return "..."


_SHORTENED: Final = "__shortened__"
_LABEL: Final = "__label__"
_LISTING: Final = "__listing__"
_NAMED: Final = "__named__"
_REDACTED: Final = "__redacted__"


def _listing(content: object, length: object) -> Listing:
    return Listing(content, int(str(length)))


def _shortened(text: object, length: object, unit: object) -> Shortened:
    ends = text.decode("latin-1") if isinstance(text, bytes) else str(text)
    head, _, tail = ends.partition("…")
    return Shortened(head, tail, int(str(length)), str(unit))


def from_ast(node: ast.expr, text: str = "") -> object:
    """Return the value of a literal expression's tree. Raises UnreadableError where it is not a literal."""
    try:
        return _literal(node, text)
    except (TypeError, RecursionError, ValueError, ArithmeticError) as error:
        raise UnreadableError(str(error)) from None


def _literal(node: ast.expr, text: str) -> object:
    if isinstance(node, ast.Constant):
        return _constant(node, text)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return _signed(node, text)
    if isinstance(node, ast.List):
        return [_literal(e, text) for e in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_literal(e, text) for e in node.elts)
    if isinstance(node, ast.Set):
        return {_literal(e, text) for e in node.elts}
    if isinstance(node, ast.Dict):
        return {
            ELIDED if k is None else _literal(k, text): _literal(v, text)
            for k, v in zip(node.keys, node.values, strict=True)
        }
    if isinstance(node, ast.Call):
        return _call(node, text)
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return math.nan if node.id == "nan" else math.inf
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, complex)
    ):
        left = _literal(node.left, text)
        if isinstance(left, (int, float)):
            return left + node.right.value if isinstance(node.op, ast.Add) else left - node.right.value
    raise UnreadableError(f"{type(node).__name__} is not a literal")


def _constant(node: ast.Constant, text: str) -> object:
    if node.value is Ellipsis:
        return ELIDED
    if isinstance(node.value, float):
        number = Rounded(node.value)
        source = text.encode()[node.col_offset : node.end_col_offset].decode(errors="replace")
        fraction = re.fullmatch(r"\d*\.(\d*)", source)
        number.digits = len(fraction[1]) if fraction else 17
        return number
    return node.value


def _signed(node: ast.UnaryOp, text: str) -> object:
    inner = _literal(node.operand, text)
    if isinstance(inner, bool) or not isinstance(inner, (int, float, complex)):
        raise UnreadableError("only a number has a sign")
    if not isinstance(node.op, ast.USub):
        return inner
    if isinstance(inner, Rounded):
        negative = Rounded(-inner)
        negative.digits = inner.digits
        return negative
    return -inner


def _call(node: ast.Call, text: str) -> object:
    name = ast.unparse(node.func)
    positional = tuple(_literal(a, text) for a in node.args)
    named = tuple((k.arg or "**", _literal(k.value, text)) for k in node.keywords)
    maker = _MAKERS.get(name.rpartition(".")[2])
    if maker is not None and not named:
        return maker(*positional)
    return Made(name, positional, named)


def _mapping(*parts: object) -> object:
    """Read ``Counter({...})``, ``defaultdict(int, {...})`` and their like: the content counts."""
    found = [part for part in parts if isinstance(part, (dict, list))]
    return dict(found[-1]) if found else {}


def _bounded(items: Iterable[object]) -> Iterable[object]:
    if isinstance(items, range) and len(items) > LONGEST:
        raise ValueError(f"{len(items)} elements are too many")
    return items


_MAKERS: Final[dict[str, Callable[..., object]]] = {
    _SHORTENED: _shortened,
    _LISTING: _listing,
    _LABEL: Thing,
    _NAMED: lambda name: Named(str(name)),
    _REDACTED: lambda name: Thing("redacted", -1, f"<redacted {name}>"),
    "set": lambda items=(): set(_bounded(items)),
    "frozenset": lambda items=(): frozenset(_bounded(items)),
    "deque": lambda items=(): deque(_bounded(items)),
    "list": lambda items=(): list(_bounded(items)),
    "tuple": lambda items=(): tuple(_bounded(items)),
    "dict": _mapping,
    "Counter": _mapping,
    "OrderedDict": _mapping,
    "defaultdict": _mapping,
    "dict_keys": lambda items: list(_bounded(items)),
    "dict_values": lambda items: list(_bounded(items)),
    "dict_items": lambda items: list(_bounded(items)),
    "range": range,
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "date": datetime.date,
    "datetime": datetime.datetime,
    "timedelta": datetime.timedelta,
}


def is_shortened(value: object) -> bool:
    """Tell whether a text leaves a part of this value out."""
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return any(is_shortened(part) for part in value)
    if isinstance(value, dict):
        return any(is_shortened(part) for pair in value.items() for part in pair)
    return (
        value is ELIDED
        or isinstance(value, (Shortened, Listing))
        or (isinstance(value, Thing) and value.id >= 0)
    )


# --- compared -------------------------------------------------------------------------------------------------------


def same(text_value: object, found: object, *, strict: bool = False) -> bool | None:
    """Compare a written value with a recorded one; None where the recording does not hold enough to tell.

    Unless `strict`, a number may be rounded to the digits written, ``5`` may stand for ``5.0``, and a list may stand
    for a deque.
    """
    if isinstance(text_value, Shortened):
        return _same_shortened(text_value, found)
    if isinstance(text_value, Listing):
        length = found.length if isinstance(found, Thing) else len(found) if isinstance(found, Sized) else -1
        return length == text_value.length and same(text_value.content, found, strict=strict)
    if isinstance(text_value, Named):
        return isinstance(found, Thing) and found.text == text_value.name
    if isinstance(found, Thing):
        return _same_thing(text_value, found, strict=strict)
    if isinstance(text_value, Made):
        return _same_made(text_value, found, strict=strict)
    if isinstance(text_value, bool) or isinstance(found, bool):
        return text_value is found
    if isinstance(text_value, (int, float)) and isinstance(found, (int, float)):
        return _same_number(text_value, found, strict=strict)
    if isinstance(text_value, dict) and isinstance(found, dict):
        return _same_dict(text_value, found, strict=strict)
    if isinstance(text_value, (set, frozenset)) and isinstance(found, (set, frozenset)):
        return _same_set(text_value, found)
    if isinstance(text_value, (list, tuple, deque)) and isinstance(found, (list, tuple, deque)):
        alike = type(text_value) is type(found) or (not strict and not isinstance(text_value, tuple))
        return (alike or isinstance(text_value, tuple) is isinstance(found, tuple)) and _same_sequence(
            list(text_value), list(found), strict=strict
        )
    return type(text_value) is type(found) and bool(text_value == found)


def _same_number(text_value: float, found: float, *, strict: bool) -> bool:
    if math.isnan(text_value) or math.isnan(found):
        return math.isnan(text_value) and math.isnan(found)
    if text_value == found:
        return not strict or isinstance(text_value, float) is isinstance(found, float)
    if strict or not isinstance(text_value, Rounded) or not text_value.digits or math.isinf(found):
        return False
    return abs(float(text_value) - found) <= 0.5000001 * 10.0**-text_value.digits


def _same_sequence(texts: list[object], found: list[object], *, strict: bool) -> bool | None:
    if ELIDED in texts:
        place = texts.index(ELIDED)
        head, tail = texts[:place], [t for t in texts[place + 1 :] if t is not ELIDED]
        if len(head) + len(tail) > len(found):
            return False
        rest = found[len(found) - len(tail) :]
        return _all(same(t, f, strict=strict) for t, f in zip(head + tail, found[:place] + rest, strict=True))
    if len(texts) != len(found):
        return False
    return _all(same(t, f, strict=strict) for t, f in zip(texts, found, strict=True))


def _same_dict(texts: dict[object, object], found: dict[object, object], *, strict: bool) -> bool | None:
    if ELIDED in texts:
        return _all(
            same(v, found[k], strict=strict) if k in found else False
            for k, v in texts.items()
            if k is not ELIDED
        )
    if len(texts) != len(found):
        return False
    if strict:  # the order is part of what is told
        keys = _same_sequence(list(texts), list(found), strict=True)
        return _all([keys, _same_sequence(list(texts.values()), list(found.values()), strict=True)])
    verdicts: list[bool | None] = []
    for key, value in texts.items():
        if key in found:
            verdicts.append(same(value, found[key]))
        else:
            verdicts.append(None if any(isinstance(k, Thing) for k in found) else False)
    return _all(verdicts)


def _same_set(texts: set[object] | frozenset[object], found: set[object] | frozenset[object]) -> bool | None:
    if ELIDED not in texts and len(texts) != len(found):
        return False
    verdicts: list[bool | None] = []
    for said in texts - found - {ELIDED}:  # a named tuple is written as a call
        alike = [same(said, item, strict=True) for item in found]
        verdicts.append(True if True in alike else None if None in alike else False)
    return _all(verdicts)


def _same_thing(text_value: object, found: Thing, *, strict: bool) -> bool | None:
    if isinstance(text_value, Made):
        if text_value.name.rpartition(".")[2] != found.type.rpartition(".")[2]:
            return False
        return _all(
            same(value, found.attributes[name], strict=strict) if name in found.attributes else None
            for name, value in text_value.named
        )
    if isinstance(text_value, Thing):
        if text_value.type.rpartition(".")[2] != found.type.rpartition(".")[2]:
            return False
        if found.type == "redacted":
            return text_value.text == found.text or None
        return text_value.id == found.id if text_value.id >= 0 and found.id >= 0 else None
    if found.elements is not None and isinstance(text_value, (list, tuple, deque)):
        items = list(text_value)
        if ELIDED not in items:
            return False if found.length >= 0 and len(items) != found.length else None
        return _same_sequence(items, list(found.elements), strict=strict)
    return None


def _same_shortened(text_value: Shortened, found: object) -> bool | None:
    if isinstance(found, Thing):  # it was cut when it was recorded: its text is the repr of its beginning
        if found.length < 0:
            return False
        try:
            found_text = str(written(found.text))
        except UnreadableError:
            found_text = found.text
        return found.length == text_value.length and found_text.startswith(text_value.head)
    if isinstance(found, bytes):
        found = found.decode("latin-1")
    digits = str(abs(found)) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(digits, str) or len(digits) != text_value.length:
        return False
    whole = str(found)
    return whole.startswith(text_value.head) and whole.endswith(text_value.tail)


def _same_made(text_value: Made, found: object, *, strict: bool) -> bool | None:
    if isinstance(found, Made):
        return text_value == found
    parts = [*text_value.positional, *(value for _, value in text_value.named)]
    if isinstance(found, tuple):
        return _same_sequence(parts, list(found), strict=strict)
    return None


def _all(verdicts: object) -> bool | None:
    """Return False if any is False, else None if any is None, else True."""
    known = True
    for verdict in verdicts:  # type: ignore[attr-defined] # any iterable of bool | None
        if verdict is False:
            return False
        known = known and verdict is True
    return True if known else None


# --- shown ----------------------------------------------------------------------------------------------------------


def shown(value: object, limit: int = 200) -> str:
    """Return a value as a reason or a fix writes it."""
    text = _repr(value)
    return text if len(text) <= limit else f"{text[: limit - 30]} ... {text[-20:]}"


def _repr(value: object) -> str:
    if isinstance(value, Thing):
        if value.text and value.text != "...":
            return value.text
        inside = ", ".join(f"{name}={_repr(v)}" for name, v in value.attributes.items())
        return f"{value.type}({inside})"
    if isinstance(value, Made):
        inside = ", ".join([*map(_repr, value.positional), *(f"{n}={_repr(v)}" for n, v in value.named)])
        return f"{value.name}({inside})"
    if isinstance(value, list):
        return f"[{', '.join(map(_repr, value))}]"
    if isinstance(value, tuple):
        return f"({_repr(value[0])},)" if len(value) == 1 else f"({', '.join(map(_repr, value))})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_repr(k)}: {_repr(v)}" for k, v in value.items()) + "}"
    try:
        return repr(value)
    except ValueError:  # a number with more digits than Python will print
        return f"a number of {value.bit_length()} bits" if isinstance(value, int) else "?"
