"""What an exception says, without asking it (its `__str__` may be the user's), and whose fault it is."""

from __future__ import annotations

import builtins
from typing import cast

from cotrace.tracing.previews import module_of
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import ATOM_IDS, class_dict, mro_of, shown_name
from cotrace.tracing.scope import OWN_FOLDER, is_library_file

__builtins__ = BUILTINS

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


def is_ours(error: BaseException) -> bool:
    """Tell whether an exception was raised by our code, or by a library that we called."""
    trail = error.__traceback__
    files = []
    while trail is not None:
        files.append(trail.tb_frame.f_code.co_filename)
        trail = trail.tb_next
    last_of_ours = max((i for i, file in enumerate(files) if file.startswith(OWN_FOLDER)), default=-1)
    after = files[last_of_ours + 1 :]
    return not after or all(is_library_file(file) for file in after)
