"""The oracle's own eye: one object, read by brute force and without running its code.

What is to be seen of an object is said in `cotrace.model.state` and in the fields of `HeapObject`; how to get at it
is written here a second time, independently of cotrace.tracing.
"""

import builtins
import collections
import contextlib
import datetime
import decimal
import enum
import fractions
import pathlib
import re
import sys
import types
import uuid
import weakref
from typing import NamedTuple

ATOMS = (int, str, float, bool, bytes, complex, type(None), type(...))
ATOM_IDS = frozenset(map(id, ATOMS))
DESCRIBED = (
    range, datetime.date, datetime.time, datetime.datetime, datetime.timedelta, datetime.timezone, decimal.Decimal,
    fractions.Fraction, pathlib.PosixPath, pathlib.PurePosixPath, uuid.UUID, re.Pattern, type(NotImplemented),
)  # fmt: skip
CONTAINERS = {
    list: "list", tuple: "tuple", dict: "dict", set: "set", frozenset: "frozenset", collections.deque: "deque",
}  # fmt: skip
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
GENERATORS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
NO_DATA = (
    types.FunctionType, types.BuiltinFunctionType, staticmethod, classmethod, property, types.MemberDescriptorType,
    types.GetSetDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
)  # fmt: skip

bases_of = type.__dict__["__mro__"].__get__
namespace = type.__dict__["__dict__"].__get__
qualname = type.__dict__["__qualname__"].__get__
module = type.__dict__["__module__"].__get__
flags = type.__dict__["__flags__"].__get__


def is_one_of(kind, kinds):
    """Like ``kind in kinds``, without asking a metaclass whether its class equals another."""
    for other in kinds:  # noqa: SIM110 - `any` takes thrice as long, and this is asked a million times
        if kind is other:
            return True
    return False


def has_base(kind, base):
    """Like `issubclass`, without asking anybody."""
    return is_one_of(base, bases_of(kind))


def is_atom(value):
    return (
        id(type(value)) in ATOM_IDS
    )  # as `is_one_of`, and quick: it is asked of every element of everything


class Key:
    """Stands for one object of the program, while its identity is known."""

    __slots__ = ("number",)

    def __init__(self, number):
        self.number = number

    def __repr__(self):
        return f"#{self.number}"


class Described(NamedTuple):
    """A standard-library value that is shown by its repr."""

    type: str
    text: str


class Seen(NamedTuple):
    """An object's content; parts are atoms as they are, `Described`, or whatever `name` made of an object."""

    kind: str
    type: str
    elements: tuple = ()
    entries: tuple = ()
    attributes: tuple = ()
    length: int = -1
    text: str | None = None
    is_cut: bool = False


def is_private_name(name):
    return type(name) is not str or (name[:2] == "__" and name[-2:] == "__")


def type_text(kind):
    where = module(kind)
    return (
        qualname(kind)
        if type(where) is not str or where in ("builtins", "__main__")
        else f"{where}.{qualname(kind)}"
    )


def is_library_class(kind):
    where = module(kind)
    if type(where) is not str or where == "__main__" or kind is types.SimpleNamespace:
        return False
    if where.split(".")[0] in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(where), "__file__", None) or ""
    return "site-packages" in file


def described(value):
    """Return a `Described` for values that are shown by their repr, else None."""
    if is_one_of(type(value), DESCRIBED) and type(getattr(value, "tzinfo", None)) in (
        type(None),
        datetime.timezone,
    ):
        return Described(type_text(type(value)), repr(value))
    if type(value) is slice and all(
        type(part) in (int, type(None)) for part in (value.start, value.stop, value.step)
    ):
        return Described("slice", repr(value))
    return None


def container_of(kind):
    return next((base for base in CONTAINERS if has_base(kind, base)), None)


def kind_of(value):
    if value is builtins.__dict__:
        return "opaque"
    if has_base(type(value), type):
        return "class"
    base = container_of(type(value))
    if base is not None:
        return CONTAINERS[base]
    for what, kinds in (("function", FUNCTIONS), ("generator", GENERATORS), ("module", (types.ModuleType,))):
        if any(has_base(type(value), kind) for kind in kinds):
            return what
    if has_base(type(value), BaseException):
        return "exception"
    is_static = not flags(type(value)) & 1 << 9
    return "opaque" if is_static or is_library_class(type(value)) else "instance"


def is_fleeting(value, kind):
    """True of what the program may notice living on: the oracle must not hold it."""
    if kind in ("generator", "exception", "opaque"):
        return True
    if any("__del__" in namespace(base) for base in bases_of(type(value)) if base is not object):
        return True
    return kind in ("instance", "function", "set", "deque") and weakref.getweakrefcount(value) > 0


def length_of(value):
    base = container_of(type(value))
    return -1 if base is None else base.__len__(value)


def closed(value):
    """Return what is seen of an object that lies too deep."""
    return Seen(kind_of(value), type_text(type(value)), length=length_of(value), is_cut=True)


def read(value, name):
    """Return a `Seen`; `name(part)` is asked for what stands for each part that the object holds."""
    kind, base = kind_of(value), container_of(type(value))
    if kind == "opaque":
        return Seen(kind, type_text(type(value)))
    elements = entries = ()
    if base is dict:
        entries = tuple((name(k), name(v)) for k, v in items(value))
    elif base is not None:
        elements = tuple(name(part) for part in base.__iter__(value))
    attributes = tuple((key, name(part)) for key, part in attributes_of(value, kind))
    return Seen(
        kind, type_text(type(value)), elements, entries, attributes, length_of(value), text_of(value, kind)
    )


def items(value):
    if has_base(type(value), collections.OrderedDict) and all(map(is_atom, dict.keys(value))):
        return [(key, dict.__getitem__(value, key)) for key in collections.OrderedDict.__iter__(value)]
    return list(dict.items(value))


def attributes_of(value, kind):
    if kind == "class":
        return class_data(value)
    if kind == "function":
        return function_data(value)
    if kind in ("generator", "module"):
        return []
    if kind not in ("instance", "exception") and module(type(value)) in ("builtins", "collections"):
        return []
    found = [("args", BaseException.args.__get__(value))] if kind == "exception" else []
    if kind == "exception" or not is_library_class(type(value)):
        found += [(k, v) for k, v in instance_dict(value).items() if not is_private_name(k)]
    return found + slots(value)


def instance_dict(value):
    for base in bases_of(type(value)):
        getter = namespace(base).get("__dict__")
        if type(getter) is types.GetSetDescriptorType:
            return dict(dict.items(getter.__get__(value)))
    return {}


def slots(value):
    found = []
    for base in reversed(bases_of(type(value))):
        for name, member in {} if is_library_class(base) else namespace(base).items():
            if type(member) is types.MemberDescriptorType and not is_private_name(name):
                with contextlib.suppress(AttributeError):  # an empty slot
                    found.append((name, member.__get__(value)))
    return found


def class_data(kind):
    if is_library_class(kind) or has_base(type(kind), enum.EnumMeta):
        return []
    members = namespace(kind).items()
    return [
        (k, v)
        for k, v in members
        if not is_private_name(k) and not is_one_of(type(v), NO_DATA) and k[:5] != "_abc_"
    ]


def function_data(value):
    if type(value) is types.MethodType:
        return [("self", value.__self__)]
    if type(value) is not types.FunctionType:
        return []
    found = []
    for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell
            found.append((name, cell.cell_contents))
    return [pair for pair in found if not is_private_name(pair[0])] + list(value.__dict__.items())


def text_of(value, kind):
    """Return the text that must be shown of the object; None where nothing is asked of it."""
    if kind == "class":
        return type_text(value)
    if type(value) is types.FunctionType or kind == "generator":
        return value.__qualname__
    if kind == "instance" and has_base(type(value), enum.Enum):
        return f"{qualname(type(value))}.{instance_dict(value)['_name_']}"
    for base in (int, str, float, bytes, complex):
        if kind == "instance" and has_base(type(value), base):
            return base.__repr__(value)
    return None
