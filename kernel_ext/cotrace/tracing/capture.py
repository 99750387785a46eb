"""Turn live objects into values of the model: the only module that meets the user's objects.

At every event the engine shows this module all roots (the variables of the frames in view); `Capture.finish` then
walks everything they reach, breadth first and within the limits, and returns what changed since the last event.
Change is found by structure. Each object in view has a `Node` with its number and the content last told; a node also
keeps a *shadow*, the raw content last seen, so that an unchanged object costs one pass of identity comparisons.

The order of it all is a rule that every engine keeps, whichever way it finds the changes. An object's level is its
distance from the roots, which are level 0. New roots get their numbers in the order in which they are shown; then,
level by level, the objects of a level are looked into by ascending number. So a new object's number goes by its
level, the number of the first object that holds it and its place there, and deltas are told by level, then number.

Between two events a node holds its object, so that the address can't be given to another one. What must not be held,
since the program could notice that it lives on (it has a finalizer or weak references, or is a generator), is known by
a weak reference instead, and nothing that reaches it is held either; such objects have no shadow. Where there are no
weak references the address must do, together with what can't change: a tuple at the same address is the same one if it
holds the same, and an exception if it has the same dict of attributes, which is held, and which no other exception can
have meanwhile. (One that is given another dict is taken for another exception; a dict that holds objects is not held.)
A new list, dict or set is another object than the one that was known at its address, if that is not held. New are the
values of displays and comprehensions, those of binary operators where no traced code ran meanwhile, and the dict of a
function's further keyword arguments.
Views and iterators are held while what they hold is held anyway: else the next one would often be taken for the last.
A node that no root reaches is dropped at once.
"""

from __future__ import annotations

import weakref
from itertools import islice
from operator import is_
from types import FunctionType
from typing import TYPE_CHECKING, Any

from cotrace.model.state import Appear, Atom, Become, Delta, HeapObject, Ref, Value
from cotrace.tracing.big import BigContents
from cotrace.tracing.diff import changes
from cotrace.tracing.previews import preview, safe_repr
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import (
    ATOM_IDS,
    Reader,
    Readers,
    attributes_of,
    class_attributes,
    function_attributes,
    has_no_data,
    holds_only,
)

if TYPE_CHECKING:
    from cotrace.model.limits import Limits
    from cotrace.tracing.secrets import Redactor

__builtins__ = BUILTINS

MOST_ATOMS = 50_000
"""How many atoms are kept for reuse."""

LONG_INT = 10**4000
"""Beyond this an int is written in hexadecimal: decimal takes quadratic time, and Python refuses it."""


class Node:
    """One object in view."""

    __slots__ = (
        "big",
        "children",
        "deep",
        "epoch",
        "held",
        "kind",
        "mark",
        "overlay",
        "overlay_at",
        "raw",
        "reader",
        "ref",
        "seen",
        "shadow",
        "weak",
    )

    def __init__(self, number: int, reader: Reader) -> None:
        self.ref = Ref(number)
        self.kind: type = object
        self.reader = reader
        self.held: object = None
        self.weak: weakref.ref[object] | None = None
        self.mark: dict[str, object] | None = None
        self.seen: HeapObject | None = None
        self.shadow: tuple[list[object], list[object]] | None = None
        self.raw: tuple[list[object], list[object]] | None = None
        self.children: list[Node] = []
        self.epoch = 0
        self.deep = False
        self.big: BigContents | None = None
        self.overlay: HeapObject | None = None
        self.overlay_at = -1


class Capture:
    """The objects in view of one recording, and what was last told of them."""

    def __init__(self, limits: Limits, redactor: Redactor, *, first: int = 1) -> None:
        """`first` is the number that the first object gets."""
        self.limits = limits
        self.may_miss = False
        """True once a dict was met that may make an entry when one is looked up."""

        self.stores = True
        """False where the line that just ran can't have stored into a container: set by the engine."""
        self._redactor = redactor
        self._readers = Readers()
        self._nodes: dict[int, Node] = {}
        self._by_number: dict[int, Node] = {}
        self._atoms: dict[tuple[type, object], Atom] = {}
        self._count = first - 1
        self._epoch = 0
        self._level: list[tuple[Node, object]] = []
        self._visited: list[Node] = []
        self._fleeting: list[Node] = []
        self._lent: list[tuple[Node, object]] = []
        self._has_unheld = False
        self._children: list[Node] = []
        self._glanced: dict[Node, list[Node]] = {}
        self.resyncing = False
        """True at the event after one that was broken off at an unknown place: everything is told anew."""

    # --- one event ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin an event: what `root` is given from here on is in view."""
        self._epoch += 1
        self._level = []
        self._visited = []
        self._fleeting, self._lent = [], []
        self._glanced.clear()

    def root(self, value: object, name: str = "") -> Value:
        """Return the model's value for what a variable called `name` holds, and bring it into view."""
        if id(type(value)) in ATOM_IDS:
            return self.atom(value, name)
        return self._visit(value)

    def keep(self, roots: list[Ref]) -> bool:
        """Bring objects into view that were in view at the last event; False where one is not held here."""
        nodes = [self._by_number.get(root.id) for root in roots]
        if any(node is None or node.held is None for node in nodes):
            return False
        for node in nodes:
            if node is not None and node.epoch != self._epoch:
                node.epoch = self._epoch
                self._level.append((node, node.held))
                self._visited.append(node)
        return True

    def finish(self, cause: int, deltas: list[Delta]) -> None:
        """Walk everything in view; add what changed to `deltas`, each change with `cause`.

        May be broken off at any call (the stack may be full): what was added is told, the rest is told next time.
        """
        depth, limit = 0, self.limits.depth
        while self._level:
            for node, value in self._next_level():
                new = self._look(node, value, deep=depth >= limit)
                if new is not node.seen or self.resyncing:
                    deltas += self._told(node, new, cause)
                    node.seen, node.shadow = new, node.raw
                if node.big is not None:
                    node.big.settle()
            depth += 1
        self._settle()
        self.resyncing = False

    def _next_level(self) -> list[tuple[Node, object]]:
        """Take the objects that are next on the way, by number; what they hold makes the level after."""
        level, self._level = self._level, []
        level.sort(key=_number)
        return level

    def resync(self) -> None:
        """After an event that was broken off: tell everything in view anew at the next one."""
        self.resyncing = True

    def observe(
        self, value: object, at: int, name: str = "", *, quiet: bool = False, is_new: bool = False
    ) -> tuple[Value, tuple[HeapObject, ...]]:
        """Return the value of one expression, with the objects it reaches where they differ from what was told.

        `at` numbers the moment: objects are told once per moment unless they change. The state told at events is
        not touched. `name` is what the expression reads, for secrets. `quiet`: nothing that could change an object
        ran since the last event. `is_new`: the value was made by the expression.
        """
        if id(type(value)) in ATOM_IDS:
            return self.atom(value, name), ()
        if is_new:
            self.meet_new(value)
        if quiet:
            node = self._nodes.get(id(value))
            if node is not None and node.held is value and node.seen is not None:
                return node.ref, ()
        self.begin()
        found = self._visit(value)
        told: list[HeapObject] = []
        depth = 0
        while self._level:
            deep = depth >= self.limits.depth
            for node, part in self._next_level():
                if deep and node.seen is not None:
                    continue  # not looked into from here: what is known of it stays
                new = self._glance(node, part, deep=deep)
                known = node.overlay if node.overlay_at == at else node.seen
                if known is None or new != known:
                    node.overlay, node.overlay_at = new, at
                    told.append(new)
            depth += 1
        if self._fleeting or self._lent or self._has_unheld:
            self._release()
        return found, tuple(told)

    def meet_new(self, value: object) -> None:
        """Take note that a list, dict or set is new: what is known by its address alone is another one, which ended."""
        node = self._nodes.get(id(value)) if type(value) in (list, dict, set) else None
        if node is not None and node.held is None and node.weak is None:
            del self._nodes[id(value)]

    def _glance(self, node: Node, value: object, *, deep: bool) -> HeapObject:
        """Look at an object between events: what events compare with stays as it was told there."""
        if deep:
            return self._closed(node, value)
        seen, children, was_deep, big = node.seen, node.children, node.deep, node.big
        stored, self.stores = self.stores, True  # what the running line has done so far is not known
        new = self._look(node, value, deep=False)
        node.big, self.stores = big, stored
        if big is not None:
            big.unsettle()
        if new is not seen:
            self._glanced[node] = node.children
            node.shadow, node.children, node.deep = None, children, was_deep
        return new

    def forget(self) -> None:
        """Let go of everything."""
        self._nodes.clear()
        self._by_number.clear()
        self._level, self._visited, self._fleeting, self._lent = [], [], [], []
        self._glanced.clear()

    # --- atoms -------------------------------------------------------------------------------------------------

    def atom(self, value: object, name: str = "") -> Atom:
        """Return the atom for a value of one of `ATOM_IDS`; `name` is what holds it, for secrets."""
        kind = type(value)
        if name and kind in (str, bytes, int):
            known = len(self._redactor.known)
            mark = self._redactor.by_name(name, value)
            if mark is not None:
                if len(self._redactor.known) != known:
                    self._atoms.clear()  # older ones may hold the secret just learned
                return Atom("redacted", mark)
        key = (kind, repr(value) if kind in (float, complex) else value)
        found = self._atoms.get(key)
        if found is None:
            found = self._make_atom(kind, value)
            if len(self._atoms) < MOST_ATOMS and found.length < 0 and len(found.text) < 200:
                self._atoms[key] = found
        return found

    def _make_atom(self, kind: type, value: object) -> Atom:
        name = "ellipsis" if value is ... else kind.__name__
        if kind is str:
            return self._text_atom(value)  # type: ignore[arg-type]
        if kind is bytes:
            return self._bytes_atom(value)  # type: ignore[arg-type]
        if kind is int:
            return self._int_atom(value)  # type: ignore[arg-type]
        return Atom(name, repr(value))

    def _text_atom(self, value: str) -> Atom:
        kept = self._redactor.text(value)
        if kept is not value and kept != value:
            return Atom("redacted", repr(kept[: self.limits.string]))
        if len(value) > self.limits.string:
            return Atom("str", repr(value[: self.limits.string]), len(value))
        return Atom("str", repr(value))

    def _bytes_atom(self, value: bytes) -> Atom:
        head = value[: self.limits.string]
        if self._redactor.known:
            # A little further than is kept, so that one that lies across the cut is found whole.
            text = value[: self.limits.string + max(map(len, self._redactor.known))].decode("latin-1")
            kept = self._redactor.text(text)
            if kept != text:
                return Atom("redacted", repr(kept[: self.limits.string]))
        return Atom("bytes", repr(head), len(value) if len(value) > self.limits.string else -1)

    def _int_atom(self, value: int) -> Atom:
        """An int with all its digits, or the first ones; a very long one in hexadecimal."""
        try:
            text = repr(value) if abs(value) < LONG_INT else hex(value)
        except ValueError:  # the program lowered sys.set_int_max_str_digits
            text = hex(value)
        limit = self.limits.string
        return Atom("int", text) if len(text) <= limit else Atom("int", text[:limit], len(text))

    def _described(self, name: str, text: str) -> Atom:
        limit = self.limits.string
        return Atom(name, text) if len(text) <= limit else Atom(name, text[:limit], len(text))

    # --- objects -----------------------------------------------------------------------------------------------

    def _visit(self, value: object) -> Value:
        """Return the value for an object that is no atom, and put it on the way of this walk."""
        node = self._nodes.get(id(value))
        if node is None or not (node.held is value or (node.held is None and self._is_same(node, value))):
            reader = self._readers.reader_for(value)
            if reader.kind == "opaque":
                text = safe_repr(value)
                if text is not None:
                    return self._described(reader.name, self._redactor.text(text))
            self.may_miss = self.may_miss or reader.may_miss
            node = self._add(value, reader)
        if node.epoch != self._epoch:
            node.epoch = self._epoch
            self._level.append((node, value))
            self._visited.append(node)
        return node.ref

    def _is_same(self, node: Node, value: object) -> bool:
        """Tell, of a node that does not hold its object, whether `value` is still what its number means."""
        if node.weak is not None:
            return node.weak() is value
        if node.reader is not self._readers.of(type(value)):
            return False
        if type(value) is tuple:
            return self._holds_the_same(node, value)
        if node.reader.kind != "exception":
            return True  # the address must do
        known, node.mark = node.mark, _mark_of(value)
        return known is None or known is EXCEPTION_DICT(value)

    def _holds_the_same(self, node: Node, value: tuple[object, ...]) -> bool:
        """Tell whether a tuple can be the one that was told: what it holds never changes."""
        seen = node.seen
        if seen is None or seen.cut:
            return True
        return len(value) == len(seen.elements) and all(map(self._is_told, value, seen.elements))

    def _is_told(self, part: object, told: Value) -> bool:
        if id(type(part)) in ATOM_IDS:
            return self.atom(part) == told
        if isinstance(told, Atom):
            reader = self._readers.reader_for(part)
            text = safe_repr(part) if reader.kind == "opaque" else None
            return text is not None and self._described(reader.name, self._redactor.text(text)) == told
        node = self._nodes.get(id(part))
        return node is not None and node.ref == told and (node.held is part or self._is_same(node, part))

    def _add(self, value: object, reader: Reader) -> Node:
        self._count += 1
        node = self._nodes[id(value)] = self._by_number[self._count] = Node(self._count, reader)
        node.kind = type(value)
        node.held = value
        return node

    def _look(self, node: Node, value: object, *, deep: bool) -> HeapObject:
        """Return the object's content: the one last told where nothing changed."""
        if node.kind is not type(value):  # the program assigned to `__class__`
            node.kind, node.reader, node.shadow = type(value), self._readers.reader_for(value), None
        reader = node.reader
        if reader.lent:
            self._lent.append((node, value))
        elif (
            reader.fleeting
            or (reader.weak and reader.kind in ("instance", "exception") and _is_watched(value))
            or (reader.kind == "exception" and TRACEBACK_OF(value) is not None)
        ):
            self._fleeting.append(node)
        if deep:
            node.deep, node.shadow, node.raw, node.children, node.big = True, None, None, [], None
            return self._closed(node, value)
        seen, is_held = node.seen, _all_held(node.children)
        if seen is not None and is_held and not node.deep and self._is_unchanged(node, value):
            for child in node.children:
                if child.epoch != self._epoch:
                    child.epoch = self._epoch
                    self._level.append((child, child.held))
                    self._visited.append(child)
            return seen
        node.deep, node.raw = False, None
        self._children = children = list[Node]()
        new = self._content(node, value)
        node.children = children
        return new

    def _closed(self, node: Node, value: object) -> HeapObject:
        """An object too far from the roots to be looked into."""
        new = HeapObject(
            node.ref.id, node.reader.kind, node.reader.name, length=_length(node.reader, value), cut="depth"
        )
        return node.seen if new == node.seen and node.seen is not None else new

    def _is_unchanged(self, node: Node, value: object) -> bool:
        reader, shadow = node.reader, node.shadow
        if reader.fixed:
            return shadow is not None
        if shadow is None or reader.slots or node.big is not None:
            return False
        if reader.kind == "class" and has_no_data(value):  # type: ignore[arg-type]
            return True
        if type(value) is FunctionType and value.__closure__ is None and not value.__dict__:
            return not shadow[0]
        first, second = _raw(reader, value)
        return _same(shadow[0], first) and _same(shadow[1], second)

    def _content(self, node: Node, value: object) -> HeapObject:
        """Read the object; its parts come into view."""
        reader, number = node.reader, node.ref.id
        if reader.kind == "opaque":
            return self._foreign(node, value)
        length = _length(reader, value)
        if length > self.limits.elements:
            return self._big_content(node, value, length)
        node.big = None
        first, second = _raw(reader, value)
        node.raw = (first, second)
        elements: tuple[Value, ...] = ()
        if reader.elements is not None and reader.kind not in ("set", "frozenset"):
            elements = tuple([self._part(part) for part in first[:length]])
        if reader.kind in ("set", "frozenset"):
            elements = self._set_elements(first[:length])
        entries: tuple[tuple[Value, Value], ...] = ()
        if reader.entries is not None:
            pairs = zip(first[:length], second[:length], strict=True)
            entries = tuple([(self._part(k), self._part(v, _name(k))) for k, v in pairs])
        text = reader.text(value)[: self.limits.string] if reader.text is not None else ""
        attributes, is_cut = self._attributes(node, value)
        return HeapObject(
            number, reader.kind, reader.name, elements, entries, attributes, length,
            cut="length" if is_cut else "", text=self._redactor.text(text),
        )  # fmt: skip

    def _attributes(self, node: Node, value: object) -> tuple[tuple[tuple[str, Value], ...], bool]:
        """Return the attributes, and whether these are only the first ones of more than the limit of elements."""
        reader = node.reader
        bare = reader.instance_dict is None and not reader.slots
        if bare and reader.kind not in ("class", "function", "exception"):
            return (), False
        found = _named_parts(reader, value)
        pairs = islice(found, self.limits.elements)
        told = tuple([(name, self._part(held, name)) for name, held in pairs])
        return told, len(found) > len(told)

    def _foreign(self, node: Node, value: object) -> HeapObject:
        found = preview(value, self.limits)
        number, name = node.ref.id, node.reader.name
        if found is None:
            node.raw = ([], [])
            return HeapObject(number, "opaque", name)
        elements = tuple(e if isinstance(e, Atom) else self.atom(e) for e in found.elements)
        return HeapObject(
            number, "array" if found.kind == "array" else "opaque", name, elements,
            length=found.length, positions=found.positions, cut=found.cut, text=self._redactor.text(found.text),
        )  # fmt: skip

    def _big_content(self, node: Node, value: object, length: int) -> HeapObject:
        """A container over the limit: its length, its ends, and what was stored since it was seen to be big."""
        reader, big = node.reader, node.big
        if big is None:
            big = node.big = BigContents(reader, self.limits.edge, self.limits.elements)
        places = big.look(value, length, stores=self.stores).places
        node.shadow = None
        if reader.kind in ("set", "frozenset"):
            values = self._set_elements([big.part(place)[1] for place in places])
            parts = [(value, value) for value in values]
        else:
            parts = [self._big_part(big, place) for place in places]
        if node.seen is not None and big.is_settled and not reader.slots and not reader.instance_dict:
            return node.seen
        entries = tuple(parts) if reader.entries is not None else ()
        elements = tuple([held for _, held in parts]) if reader.elements is not None else ()
        has_places = reader.elements is not None and reader.kind not in ("set", "frozenset")
        attributes, _ = self._attributes(node, value)
        return HeapObject(
            node.ref.id, reader.kind, reader.name, elements, entries, attributes, length,
            tuple(places) if has_places else None, cut="length",
        )  # fmt: skip

    def _big_part(self, big: BigContents, place: int) -> tuple[Value, Value]:
        """The values of the key and the part at a known place; objects among them come into view."""
        told = big.told(place)
        if told is None:
            key, held = big.part(place)
            told = self._part(key), self._part(held, _name(key))
            if not isinstance(told[0], Ref) and not isinstance(told[1], Ref):
                big.keep(place, told)
        return told

    def _part(self, value: object, name: str = "") -> Value:
        """Return the value of something an object holds, and note the object that it is."""
        if id(type(value)) in ATOM_IDS:
            return self.atom(value, name)
        found = self._visit(value)
        if isinstance(found, Ref):
            self._children.append(self._nodes[id(value)])
        return found

    def _set_elements(self, raw: list[object]) -> tuple[Value, ...]:
        """A set's elements in an order that does not depend on hashes or addresses; nor do new objects' numbers."""
        values = [self._part(part) for part in sorted(raw, key=self._sketch)]
        return tuple(sorted(values, key=_order))

    def _known_number(self, value: object) -> int | None:
        node = self._nodes.get(id(value))
        return node.ref.id if node is not None and (node.held is value or node.held is None) else None

    def _sketch(self, value: object, depth: int = 3) -> str:
        """A text that tells two elements of a set apart without their addresses, where that can be had cheaply."""
        if id(type(value)) in ATOM_IDS:
            return f"{type(value).__name__} {value!r}"[:100]
        number = self._known_number(value)
        reader = self._readers.reader_for(value)
        known = f"{number:09}" if number is not None else "new"
        if not depth:
            return f"{reader.name} {known}"
        first, second = _raw(reader, value)
        parts = [self._sketch(part, depth - 1) for part in [*first[:8], *second[:8]]]
        return f"{reader.name} {known} {sorted(parts) if reader.kind == 'frozenset' else parts}"

    # --- what is told and what is held ------------------------------------------------------------------------------

    def _told(self, node: Node, new: HeapObject, cause: int) -> list[Delta]:
        if node.seen is None:
            return [Appear(new, cause)]
        if self.resyncing:
            return [Become(new, cause)]
        return changes(node.seen, new, cause, node.big.stretch if node.big is not None else None)

    def _settle(self) -> None:
        """Drop what left the view; hold what is in it, but for what reaches something fleeting."""
        if len(self._nodes) != len(self._visited):
            epoch = self._epoch
            self._nodes = {key: node for key, node in self._nodes.items() if node.epoch == epoch}
            self._by_number = {node.ref.id: node for node in self._nodes.values()}
        if self._fleeting or self._lent or self._has_unheld:
            self._has_unheld = False
            self._release()

    def _release(self) -> None:
        """Hold nothing that reaches an object that is not held: a fleeting one, or one that once reached it."""
        loose: set[Node] = {node for node in self._visited if node.held is None}
        loose.update(self._fleeting)
        reached: set[Node] = set(self._fleeting)
        grown = True
        while grown:
            grown = False
            for node, value in self._lent:
                if node not in reached and not holds_only(value, lambda part: self._is_kept(part, reached)):
                    reached.add(node)
                    loose.add(node)
                    grown = True
            for node in reversed(self._visited):
                if node not in reached and not loose.isdisjoint(self._glanced.get(node, node.children)):
                    reached.add(node)
                    loose.add(node)
                    grown = True
        self._lent = []  # (it holds them)
        for node in reached:
            if node.held is not None and node.reader.weak:
                node.weak = weakref.ref(node.held)
            elif node.held is not None and node.reader.kind == "exception":
                node.mark = _mark_of(node.held)
            node.held = node.shadow = node.raw = node.big = None
            if node.reader.fixed:
                node.shadow = ([], []) if not node.children else None
        self._has_unheld = self._has_unheld or bool(loose)

    def _is_kept(self, part: object, reached: set[Node]) -> bool:
        node = self._nodes.get(id(part))
        return node is not None and node.held is part and node not in reached


def _number(found: tuple[Node, object]) -> int:
    return found[0].ref.id


def _all_held(nodes: list[Node]) -> bool:
    """False if one was let go, as what reaches a generator is: what it holds now must be read from its holder."""
    return all(node.held is not None for node in nodes)


TRACEBACK_OF = BaseException.__dict__["__traceback__"].__get__
EXCEPTION_DICT = BaseException.__dict__["__dict__"].__get__


def _mark_of(error: object) -> dict[str, object] | None:
    """Return the dict of an exception's attributes, to know the exception by; None where it holds any object."""
    held: dict[str, object] = EXCEPTION_DICT(error)
    return held if all(id(type(part)) in ATOM_IDS for part in dict.values(held)) else None


def _is_watched(value: object) -> bool:
    """True if the program has weak references to the object: it could notice that it lives on."""
    return weakref.getweakrefcount(value) > 0


def _same(old: list[object], new: list[object]) -> bool:
    return len(old) == len(new) and all(map(is_, old, new))


def _raw(reader: Reader, value: object) -> tuple[list[Any], list[Any]]:
    """Return the object's raw content as two lists of parts, to be compared by identity."""
    first: list[Any] = []
    second: list[Any] = []
    if reader.entries is not None:
        pairs = list(reader.entries(value))
        first, second = [k for k, _ in pairs], [v for _, v in pairs]
    elif reader.elements is not None:
        first = list(reader.elements(value))
    if reader.length is None or reader.slots or reader.instance_dict is not None:
        named = _named_parts(reader, value)
        first += [k for k, _ in named]
        second += [v for _, v in named]
    return first, second


def _named_parts(reader: Reader, value: Any) -> list[tuple[str, object]]:
    if reader.kind == "function":
        return function_attributes(value)
    if reader.kind == "class":
        return class_attributes(value)
    return attributes_of(reader, value)


def _length(reader: Reader, value: object) -> int:
    return reader.length(value) if reader.length is not None else -1


def _name(key: object) -> str:
    return key if type(key) is str else ""


def _order(value: Value) -> tuple[object, ...]:
    """The sort key of a set's elements: numbers by size, other atoms by text, objects by number."""
    if isinstance(value, Ref):
        return (2, value.id)
    if value.type in ("int", "bool", "float") and value.literal:
        return (0, value.value, value.text) if value.text != "nan" else (1, value.text)
    return (1, value.text)
