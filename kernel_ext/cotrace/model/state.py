"""The state of a program at one moment, and what changed from one moment to the next.

A variable holds a `Value`: an `Atom` is shown in place, a `Ref` names a `HeapObject` by its number. (The words are
Python Tutor's.) Nothing here holds an object of the traced program: an `Atom` keeps the text that `repr` gives, so
that 1, True and 1.0 stay different, nan equals itself and a trace can be compared and hashed.

A delta is one of the small classes at the end. Folding all deltas up to a step gives the state at that step; see
`cotrace.model.replay`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

NO_CAUSE = -1
"""The cause of a delta that nobody made: the thing was so when it came into view."""

LITERAL_TYPES = frozenset({"int", "str", "float", "bool", "bytes", "complex", "NoneType", "ellipsis"})
"""The atom types whose Python value can be had back from their text."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A value shown in place: a number, a string, None, or a standard-library value whose repr is safe."""

    type: str
    """Its type's name: ``int``, ``str``, ``datetime.date``, ``redacted``."""

    text: str
    """What `repr` gives; of a cut value, the repr of what was kept."""

    length: int = -1
    """The whole length where the value was cut (characters, bytes, or digits); -1 where it is whole."""

    @property
    def cut(self) -> bool:
        """True if `text` holds only the beginning of the value."""
        return self.length >= 0

    @property
    def literal(self) -> bool:
        """True if `value` can give the Python value back."""
        return self.type in LITERAL_TYPES and not self.cut

    @property
    def value(self) -> object:
        """The Python value itself. Raises ValueError where `literal` is false."""
        if not self.literal:
            message = f"the value of a {self.type} can't be had from its text {self.text[:60]!r}"
            raise ValueError(message)
        if self.type in ("float", "complex"):
            return {"float": float, "complex": complex}[self.type](self.text)
        if self.type == "int":
            return int(self.text, 0)
        return ast.literal_eval(self.text)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to the heap object with this number, shown as o1, o2 ..."""

    id: int


Value: TypeAlias = Atom | Ref

ObjectKind: TypeAlias = Literal[
    "list", "tuple", "set", "frozenset", "deque", "dict", "instance", "exception",
    "class", "function", "module", "generator", "array", "opaque",
]  # fmt: skip

SEQUENCE_KINDS = frozenset({"list", "tuple", "deque", "set", "frozenset"})
"""The kinds that have `elements`; sets list theirs in a canonical order."""


@dataclass(frozen=True, slots=True)
class HeapObject:
    """One object by identity, as it was at one moment, within the capture limits."""

    id: int
    kind: ObjectKind

    type: str
    """The type's name; with its module unless that is builtins or `__main__`."""

    elements: tuple[Value, ...] = ()
    """What a sequence or set holds."""

    entries: tuple[tuple[Value, Value], ...] = ()
    """The keys and values of a dict, in its order."""

    attributes: tuple[tuple[str, Value], ...] = ()
    """Instance attributes, from `__dict__` and slots; closure variables of a function; data of a class."""

    length: int = -1
    """How many elements or entries the object has in truth; -1 where that means nothing."""

    positions: tuple[int, ...] | None = None
    """Of a cut sequence, the index of each of `elements`; None: 0, 1, 2 ..."""

    cut: str = ""
    """Why this is not all of the object: ``length`` or ``depth``; "" where it is whole.

    By ``length``: not all elements or entries are told, or only the first attributes.
    """

    text: str = ""
    """A safe preview of what has no parts: a function's name, an array's dtype and shape."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state at one step: the live frames, their variables, and the objects these reach."""

    step: int
    frames: Mapping[int, Mapping[str, Value]]
    """The variables of each live frame by frame number, oldest frame first. Module namespaces are frames too."""

    stack: tuple[int, ...]
    """The frames of the running thread, outermost first; the last one runs."""

    heap: Mapping[int, HeapObject]
    """Every object that can be reached from `frames`."""


# --- deltas -----------------------------------------------------------------------------------------------------
# Each has a `cause`: the step whose line made the change, or NO_CAUSE. The step that holds the delta is the one at
# which the change was first observable.


@dataclass(frozen=True, slots=True)
class Bind:
    """A variable got a value."""

    frame: int
    name: str
    value: Value
    cause: int


@dataclass(frozen=True, slots=True)
class Unbind:
    """A variable went away."""

    frame: int
    name: str
    cause: int


@dataclass(frozen=True, slots=True)
class Appear:
    """An object came into view, whole."""

    object: HeapObject
    cause: int


@dataclass(frozen=True, slots=True)
class Become:
    """An object in view changed in a way that is told by its whole new content."""

    object: HeapObject
    cause: int


@dataclass(frozen=True, slots=True)
class SetElement:
    """One element of a sequence was replaced: `index` is its place in the sequence, from 0.

    Of a cut sequence the place may be one that was not known: from then on it is.
    """

    id: int
    index: int
    value: Value
    cause: int


@dataclass(frozen=True, slots=True)
class Splice:
    """From `index` on, `removed` elements went and `inserted` came, in a sequence or in a set's order.

    Of a cut sequence, what is known before them stays, what is known behind them moves along, and `inserted` is known.
    """

    id: int
    index: int
    removed: int
    inserted: tuple[Value, ...]
    cause: int


@dataclass(frozen=True, slots=True)
class SetEntry:
    """A dict's key got a value; a new key goes to the end."""

    id: int
    key: Value
    value: Value
    cause: int


@dataclass(frozen=True, slots=True)
class DeleteEntry:
    """A dict lost a key."""

    id: int
    key: Value
    cause: int


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """An attribute got a value; a new one goes to the end."""

    id: int
    name: str
    value: Value
    cause: int


@dataclass(frozen=True, slots=True)
class DeleteAttribute:
    """An attribute went away."""

    id: int
    name: str
    cause: int


Delta: TypeAlias = (
    Bind
    | Unbind
    | Appear
    | Become
    | SetElement
    | Splice
    | SetEntry
    | DeleteEntry
    | SetAttribute
    | DeleteAttribute
)
