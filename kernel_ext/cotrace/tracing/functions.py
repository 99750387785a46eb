"""Find the plain functions in a namespace, or behind a callable, without running a line of the user's code.

`getattr` and `isinstance` on a user's object can run its ``__getattribute__``, a property, or a metaclass's methods.
Here only the interpreter's own slots are read: the dictionary of a class through ``type.__dict__["__dict__"]``, that
of an instance through the descriptor its class was given, and the fields of types that the interpreter defines.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Final

from cotrace.tracing.skips import LedgerSkip

_CLASS_DICT: Final = type.__dict__["__dict__"]
_CLASS_MRO: Final = type.__dict__["__mro__"]

_FIELDS: Final[tuple[tuple[type, tuple[str, ...]], ...]] = (
    (staticmethod, ("__func__",)),
    (classmethod, ("__func__",)),
    (property, ("fget", "fset", "fdel")),
    (functools.partial, ("func",)),
    (MethodType, ("__func__",)),
)
"""Where the interpreter's own wrappers keep the functions they wrap."""

# A larger dictionary in a closure holds data.
_MOST_REGISTERED: Final = 1_000

_LRU_CACHE: Final = functools._lru_cache_wrapper  # noqa: SLF001 - it has no public name

_HOLD_NONE: Final = frozenset(
    map(
        id,
        (
            type(None), bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset,
            range, slice, ModuleType, BuiltinFunctionType, ModuleSpec, SourceFileLoader,
        ),
    )
)  # fmt: skip
"""The ids of types whose objects lead to no function: most of what is in a namespace. By id, since to ask whether a
class is in a set of classes would call its metaclass's ``__hash__``."""

_COMPILED: Final = (BuiltinFunctionType, MethodDescriptorType, MethodWrapperType, WrapperDescriptorType)


def functions_in(namespace: dict[str, Any]) -> Iterator[FunctionType]:
    """Yield each function that was defined in the module `namespace`, wherever in it it hides.

    Found are functions, those in its classes (methods of any kind, properties), those that decorators wrapped, and
    those that other functions keep in their closures. A function belongs to a namespace if its globals are it.
    """
    name = dict.get(namespace, "__name__")
    for function in _reachable(list(dict.values(namespace)), name if type(name) is str else ""):
        if function.__globals__ is namespace:
            yield function


def functions_behind(target: object) -> list[FunctionType]:
    """Return the functions that a call of `target` may run: itself, what it wraps, its closure's functions.

    Of a class these are all of its methods; of another object, its class's ``__call__``.
    """
    found = list(_reachable([target], None))
    if not found and not _is_class(target):
        found = list(_reachable([_class_attribute(type(target), "__call__")], None))
    return found


def why_no_function(target: object) -> LedgerSkip:
    """Return the reason for which `functions_behind` found nothing."""
    compiled = isinstance(target, _COMPILED) or _is_class(target)
    return LedgerSkip.BUILT_IN if compiled else LedgerSkip.NOT_A_FUNCTION


def _reachable(start: Iterable[object], module: str | None) -> Iterator[FunctionType]:
    """Yield the functions that can be reached from `start`; classes only if of `module`, any if it is None."""
    waiting, seen = list(start), set[int]()
    kept: list[object] = []  # so that no id is used twice
    while waiting:
        value = waiting.pop()
        if id(type(value)) in _HOLD_NONE or id(value) in seen:
            continue
        seen.add(id(value))
        kept.append(value)
        if type(value) is FunctionType:
            yield value
        waiting.extend(_inside(value, module))


def _inside(value: object, module: str | None) -> Iterable[object]:
    """Return what `value` holds that may be, or lead to, a function."""
    if type(value) is FunctionType:
        return [value.__dict__.get("__wrapped__"), *_cells(value)]
    if _is_class(value):
        return _class_dict(value).values() if _belongs(value, module) else ()
    for kind, fields in _FIELDS:
        if issubclass(type(value), kind):
            return [kind.__dict__[name].__get__(value, kind) for name in fields]
    if type(value) is _LRU_CACHE:
        return [value.__wrapped__]
    inside = _of_interest(_instance_dict(value))
    if module is not None and _belongs(type(value), module):
        return [*inside, type(value)]
    return inside


def _of_interest(attributes: dict[str, object]) -> list[object]:
    """Return what a decorator may have kept: plain functions, and whatever is called ``__wrapped__``."""
    return [v for name, v in list(attributes.items()) if type(v) is FunctionType or name == "__wrapped__"]


def _cells(function: FunctionType) -> Iterator[object]:
    """Yield what `function` keeps in its closure; of a dictionary, such as one of registered functions, the values."""
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:
            continue  # not filled yet
        if type(content) is dict and len(content) <= _MOST_REGISTERED:
            yield from (value for value in list(content.values()) if type(value) is FunctionType)
        else:
            yield content


def _is_class(value: object) -> bool:
    return issubclass(type(value), type)


def _class_dict(cls: object) -> MappingProxyType[str, object]:
    found: MappingProxyType[str, object] = _CLASS_DICT.__get__(cls)
    return found


def _class_attribute(cls: type, name: str) -> object:
    for base in _CLASS_MRO.__get__(cls):
        if name in (attributes := _class_dict(base)):
            return attributes[name]
    return None


def _belongs(cls: object, module: str | None) -> bool:
    if module is None:
        return True
    name = _class_dict(cls).get("__module__")
    return type(name) is str and name == module


def _instance_dict(value: object) -> dict[str, object]:
    """Return the attributes of an instance, or none where its class gives it no dictionary of its own."""
    descriptor = _class_attribute(type(value), "__dict__")
    if type(descriptor) is not GetSetDescriptorType:
        return {}
    attributes = descriptor.__get__(value, type(value))
    return attributes if type(attributes) is dict else {}
