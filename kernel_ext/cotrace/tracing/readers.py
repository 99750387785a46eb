"""How to read an object of each type without running the user's code.

User classes may define `__iter__`, `__len__`, `__getattribute__`, a metaclass, a `__dict__` property: none of it is
called. Built-in bases are read through their own methods (`list.__iter__(value)`), instance dictionaries and slots
through the descriptors that the interpreter made for the class. What is known of a type is found out once and kept
in its `Reader`.
"""

from __future__ import annotations

import builtins
import collections
import enum
import gc
import operator
import re
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from cotrace.model.state import ObjectKind
from cotrace.tracing.previews import has_preview, module_of, name_of
from cotrace.tracing.private import BUILTINS

__builtins__ = BUILTINS


ATOM_TYPES = frozenset({int, str, float, bool, bytes, complex, type(None), type(...)})
"""Types whose values are shown in place; exactly these, not their subclasses."""

ATOM_IDS = frozenset(map(id, ATOM_TYPES))
"""Their ids: asking whether a class is in a set of classes would call its metaclass's `__hash__` and `__eq__`."""

FUNCTION_TYPES = (types.FunctionType, types.MethodType)
GENERATOR_TYPES = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
DESCRIPTOR_TYPES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MemberDescriptorType,
    types.GetSetDescriptorType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    staticmethod,
    classmethod,
    property,
)
WRITTEN_IN_C = (
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    operator.methodcaller,
    partial,
)
PLAIN_LIBRARY_CLASSES = {("types", "SimpleNamespace"), ("argparse", "Namespace")}
"""Library classes whose attributes are the user's own data."""

_NO_ENTRIES: dict[object, object] = {}
_VIEWS: tuple[Any, ...] = (_NO_ENTRIES.keys(), _NO_ENTRIES.values(), _NO_ENTRIES.items())
_REVERSED: tuple[Any, ...] = ([], _NO_ENTRIES, *_VIEWS[1:])
_ITERATED: tuple[Any, ...] = (
    [], (), "", "\u0100", b"", bytearray(), range(0), range(1 << 70), set(), {}, {}.values(), {}.items(),
)  # fmt: skip
LENT_TYPES: tuple[type, ...] = (
    *(bytearray, enumerate, filter, map, re.Match, reversed, zip),
    *(type(made) for made in _VIEWS),
    *(type(iter(made)) for made in _ITERATED),
    *(type(reversed(made)) for made in _REVERSED),
)
"""Views, iterators and the like, whose end nobody notices but for what they hold: see `holds_only`."""

MOST_HELD = 64
FURTHEST_HELD = 4

DESCRIPTOR_IDS = frozenset(map(id, DESCRIPTOR_TYPES))

mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
class_dict: Callable[[type], dict[str, Any]] = type.__dict__["__dict__"].__get__
_flags_of: Callable[[type], int] = type.__dict__["__flags__"].__get__
_weakref_offset: Callable[[type], int] = type.__dict__["__weakrefoffset__"].__get__
_args_of: Callable[[BaseException], object] = cast("Any", BaseException.__dict__["args"]).__get__


@dataclass(frozen=True, slots=True)
class Reader:
    """What there is to read of the objects of one type."""

    kind: ObjectKind
    name: str
    elements: Callable[[Any], Iterable[object]] | None = None
    entries: Callable[[Any], Iterable[tuple[object, object]]] | None = None
    length: Callable[[Any], int] | None = None
    instance_dict: Callable[[Any], dict[str, object]] | None = None
    slots: tuple[tuple[str, Callable[[Any], object]], ...] = ()
    text: Callable[[Any], str] | None = None
    fixed: bool = False
    """True if what is read of an object never changes."""

    fleeting: bool = False
    """True if the moment of an object's end can be noticed by the program: it must not be held."""

    may_miss: bool = False
    """True for dicts that may make an entry when one is looked up."""

    lent: bool = False
    """True if it may be held after all while everything that it holds is."""

    weak: bool = False
    """True if a weak reference to an object can be had."""


class Readers:
    """The readers of all types met in one run."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[type, Reader]] = {}

    def reader_for(self, value: object) -> Reader:
        """Return the reader for one object."""
        if value is BUILTINS:
            return BUILTINS_READER
        return self.of(type(value))

    def of(self, kind: type) -> Reader:
        """Return the reader for objects of class `kind`."""
        known = self._known.get(id(kind))
        if known is None:
            known = self._known[id(kind)] = (kind, make_reader(kind))
        return known[1]


_of_static_types: dict[int, tuple[type, Reader]] = {}


def make_reader(kind: type) -> Reader:
    """Find out how to read objects of class `kind`. Of classes that can't be changed that is known from then on."""
    if _flags_of(kind) & HEAP_TYPE:
        return _find_out(kind)
    known = _of_static_types.get(id(kind))
    if known is None:
        known = _of_static_types[id(kind)] = (kind, _find_out(kind))
    return known[1]


def _find_out(kind: type) -> Reader:
    name = shown_name(kind)
    mro = mro_of(kind)
    if has(mro, type):
        return Reader("class", name, text=shown_name)
    if has(mro, types.BuiltinFunctionType):
        return Reader("function", name, text=function_text, fixed=True)
    for row in BUILT_IN_READING:
        if has(mro, row[0]):
            return _container(kind, name, row)
    if any(has(mro, kind) for kind in FUNCTION_TYPES):
        return Reader("function", name, text=function_text)
    if any(has(mro, kind) for kind in GENERATOR_TYPES):
        return Reader(
            "generator", name, text=lambda g: str(g.__qualname__), fixed=True, fleeting=True, weak=True
        )
    if has(mro, types.ModuleType):
        return Reader("module", name, text=module_text, fixed=True)
    if has(mro, BaseException):
        return _instance(kind, "exception", name)
    if is_foreign(kind) or _flags_of(kind) & HEAP_TYPE == 0:
        lent = has(LENT_TYPES, kind)
        return Reader(
            "opaque", name, fixed=not has_preview(kind), fleeting=True, weak=_has_weakrefs(kind), lent=lent
        )
    return _instance(kind, "instance", name, text=_scalar_text(mro))


BUILTINS = builtins.__dict__
"""The one dict that is not looked into: `exec` puts it into every namespace."""

BUILTINS_READER = Reader("opaque", "dict", text=None, fixed=True)

HEAP_TYPE = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: the class was made by a class statement (or by an extension as if by one)."""


def has(mro: tuple[type, ...], kind: type) -> bool:
    """Tell whether `kind` is among the bases, without asking a metaclass's `__eq__` or `__subclasscheck__`."""
    return any(base is kind for base in mro)


def is_foreign(kind: type) -> bool:
    """Return True if the class belongs to the interpreter, the standard library or an installed package."""
    module = module_of(kind)
    return (module, name_of(kind)) not in PLAIN_LIBRARY_CLASSES and is_library(module)


OWN_PACKAGES = ("cotrace", "cotrace_lsp", "cotrace_widgets")


def is_library(module: str) -> bool:
    """Return True if a module belongs to the standard library, an installed package, or to us."""
    top = module.partition(".")[0]
    if top == "__main__":
        return False
    if top in OWN_PACKAGES:
        return not module.startswith("cotrace.examples")
    return top in sys.stdlib_module_names or is_installed(module)


def is_installed(module: str) -> bool:
    """Return True if a loaded module comes from where packages are installed."""
    found = sys.modules.get(module)
    file = found.__dict__.get("__file__") if type(found) is types.ModuleType else None
    return isinstance(file, str) and ("site-packages" in file or "dist-packages" in file)


def shown_name(kind: type) -> str:
    """Return a class's name as it is shown: with its module unless that is builtins or the main program."""
    module = module_of(kind)
    return name_of(kind) if module in ("", "builtins", "__main__") else f"{module}.{name_of(kind)}"


def holds_only(value: object, is_kept: Callable[[object], bool], furthest: int = FURTHEST_HELD) -> bool:
    """Tell whether an object of `LENT_TYPES` holds nothing but plain values and objects that `is_kept` says are held.

    To hold it changes no other object's life then.
    """
    held = gc.get_referents(value)
    if len(held) > MOST_HELD or not furthest:
        return False
    for part in held:
        if part is type(value) or _is_plain(part) or is_kept(part):
            continue
        kind = type(part)
        if not (kind is tuple or has(LENT_TYPES, kind)) or not holds_only(part, is_kept, furthest - 1):
            return False
    return True


def _is_plain(part: object) -> bool:
    """Tell whether it is a plain value, or something that is there for ever anyway."""
    kind = type(part)
    if kind is types.BuiltinFunctionType:
        return type(part.__self__) in (types.ModuleType, type(None))  # type: ignore[attr-defined]
    return id(kind) in ATOM_IDS or kind is re.Pattern or (kind is type and not _flags_of(part) & HEAP_TYPE)  # type: ignore[arg-type]


def attributes_of(reader: Reader, value: object) -> list[tuple[str, object]]:
    """Return the names and values of an instance's attributes: its dictionary's, then its slots'."""
    found: list[tuple[str, object]] = []
    if reader.kind == "exception":
        found.append(("args", _args_of(cast("BaseException", value))))
    if reader.instance_dict is not None:
        held = reader.instance_dict(value)
        found += [(name, held_value) for name, held_value in dict.items(held) if is_shown(name)]
    for name, get in reader.slots:
        try:
            found.append((name, get(value)))
        except AttributeError:
            continue  # the slot is empty
    return found


def is_shown(name: object) -> bool:
    """Return True for the names that are shown: strings without two underscores at both ends."""
    return type(name) is str and not (name.startswith("__") and name.endswith("__"))


def has_no_data(kind: type) -> bool:
    """Return True for classes whose attributes are not shown: those of libraries, and enums (their members are)."""
    return is_foreign(kind) or has(mro_of(type(kind)), enum.EnumMeta)


def class_attributes(kind: type) -> list[tuple[str, object]]:
    """Return the data that a user's class holds: not its methods, descriptors or private machinery."""
    if has_no_data(kind):
        return []
    return [
        (name, value)
        for name, value in class_dict(kind).items()
        if is_shown(name) and id(type(value)) not in DESCRIPTOR_IDS and not name.startswith("_abc_")
    ]


def function_attributes(function: object) -> list[tuple[str, object]]:
    """Return what a function carries: its closure's variables, its attributes; the object of a bound method."""
    if type(function) is types.MethodType:
        return [("self", function.__self__)]
    if type(function) is not types.FunctionType:
        return []
    found: list[tuple[str, object]] = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found.append((name, cell.cell_contents))
        except ValueError:
            continue  # not bound yet
    return [pair for pair in found if is_shown(pair[0])] + list(function.__dict__.items())


def function_text(function: Any) -> str:
    """Return a function's qualified name; with its module if that belongs to a library."""
    if type(function) is types.MethodType and type(function.__func__) is not types.FunctionType:
        return shown_name(type(function.__func__))  # a callable of any class: it would be asked for its name
    name = function.__qualname__
    module = function.__module__ if type(function) is not types.MethodType else None
    if type(name) is not str:
        return ""
    return f"{module}.{name}" if type(module) is str and module != "builtins" and is_library(module) else name


def module_text(module: Any) -> str:
    """Return a module's name."""
    name = types.ModuleType.__getattribute__(module, "__dict__").get("__name__")
    return name if type(name) is str else ""


def _ordered_items(value: Any) -> Iterable[tuple[object, object]]:
    """Return an OrderedDict's items in its own order, where asking for that calls no user code."""
    if all(id(type(key)) in ATOM_IDS for key in dict.keys(value)):
        return collections.OrderedDict.items(value)
    return dict.items(value)


Elements = Callable[[Any], Iterable[object]] | None
Entries = Callable[[Any], Iterable[tuple[object, object]]] | None

BUILT_IN_READING: list[tuple[type, ObjectKind, Elements, Entries, Callable[[Any], int], bool]] = [
    (list, "list", list.__iter__, None, list.__len__, False),
    (tuple, "tuple", tuple.__iter__, None, tuple.__len__, True),
    (collections.OrderedDict, "dict", None, _ordered_items, dict.__len__, False),
    (dict, "dict", None, dict.items, dict.__len__, False),
    (set, "set", set.__iter__, None, set.__len__, False),
    (frozenset, "frozenset", frozenset.__iter__, None, frozenset.__len__, True),
    (collections.deque, "deque", collections.deque.__iter__, None, collections.deque.__len__, False),
]
"""A base class, the kind it makes, and how its elements or entries and their number are read; whether they stay."""


def _container(kind: type, name: str, row: tuple[Any, ...]) -> Reader:
    _, what, elements, entries, length, fixed = row
    if module_of(kind) in ("builtins", "collections"):
        may_miss = kind is collections.defaultdict
        return Reader(what, name, elements, entries, length, fixed=fixed, may_miss=may_miss)
    own = _instance(kind, what, name)
    fields = class_dict(kind).get("_fields") if what == "tuple" else None
    text = None
    if type(fields) is tuple and all(type(field) is str for field in fields):
        text = partial(_constant, ", ".join(fields))
    return Reader(
        what, name, elements, entries, length, own.instance_dict, own.slots, text,
        fleeting=own.fleeting, weak=own.weak, may_miss=what == "dict",
    )  # fmt: skip


def runs_unseen(kind: type) -> bool:
    """Tell whether an operator or an attribute of a user's class may run something that is written in C.

    No code object begins to run then: ``last = property(list.pop)``, ``__neg__ = list.clear``.
    """
    return any(
        _is_unseen(name, held)
        for base in mro_of(kind)
        if not is_foreign(base)
        for name, held in class_dict(base).items()
    )


def _is_unseen(name: str, held: object) -> bool:
    if type(held) is property:
        return held.fget is not None and type(held.fget) not in (types.FunctionType, operator.attrgetter)
    if not (name.startswith("__") and name.endswith("__")) or name == "__new__":
        return False
    return type(held) in WRITTEN_IN_C and getattr(held, "__name__", "") != name


def _constant(text: str, _value: object) -> str:
    return text


def _instance(kind: type, what: ObjectKind, name: str, text: Callable[[Any], str] | None = None) -> Reader:
    mro = mro_of(kind)
    return Reader(
        what,
        name,
        instance_dict=_dict_getter(mro) if what == "exception" or not is_foreign(kind) else None,
        slots=_slots(mro),
        text=text,
        fleeting=any("__del__" in class_dict(base) for base in mro),
        weak=_has_weakrefs(kind),
    )


def _dict_getter(mro: tuple[type, ...]) -> Callable[[Any], dict[str, object]] | None:
    for base in mro:
        getter = class_dict(base).get("__dict__")
        if type(getter) is types.GetSetDescriptorType:
            return getter.__get__
    return None


def _slots(mro: tuple[type, ...]) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    return tuple(
        (name, member.__get__)
        for base in reversed(mro)
        if not is_foreign(base)
        for name, member in class_dict(base).items()
        if type(member) is types.MemberDescriptorType and is_shown(name)
    )


def _has_weakrefs(kind: type) -> bool:
    return _weakref_offset(kind) != 0


def _scalar_text(mro: tuple[type, ...]) -> Callable[[Any], str] | None:
    """Return how to tell the value of an enum's member, or of an instance of a user's number or string class."""
    if has(mro, enum.Enum):
        return _enum_text
    for base in (bool, int, str, float, bytes, complex):
        if has(mro, base):
            return base.__repr__
    return None


def _enum_text(member: Any) -> str:
    held = object.__getattribute__(member, "__dict__")
    return f"{name_of(type(member))}.{dict.get(held, '_name_')}"
