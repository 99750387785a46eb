"""What an exception says, without asking it: its `__str__` may be the user's."""

from __future__ import annotations

import builtins
from typing import cast

from cotrace.tracing.previews import module_of
from cotrace.tracing.readers import ATOM_IDS, class_dict, mro_of, shown_name

_args_of = BaseException.__dict__["args"].__get__


def type_name(error: BaseException) -> str:
    """Return the exception's type name as it is shown."""
    return shown_name(type(error))


def message_of(error: BaseException) -> str:
    """Return what `str` would, where that runs no code but the interpreter's; else its plain arguments."""
    arguments = cast("tuple[object, ...]", _args_of(error))
    if all(id(type(argument)) in ATOM_IDS for argument in arguments):
        if _has_own_text(type(error)):
            return ", ".join(map(str, arguments))
        return str(error)
    return ", ".join(str(argument) if id(type(argument)) in ATOM_IDS else "…" for argument in arguments)


def _has_own_text(kind: type) -> bool:
    for base in mro_of(kind):
        if "__str__" in class_dict(base):
            return module_of(base) != builtins.__name__
    return False
