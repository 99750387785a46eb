"""What the bytecode says of a code object: its kind, the global names it uses, the lines that store into containers.

Each fact is found once per code object and kept for the run.
"""

from __future__ import annotations

import dis
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotrace.tracing.private import BUILTINS
from cotrace.tracing.shadowed import Shadow, shadows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from cotrace.model.trace import FrameKind

__builtins__ = BUILTINS

HAS_VIEWS = sys.version_info >= (3, 13)
"""Whether a frame's `f_locals` are its variables themselves."""

NAME_OPERATIONS = frozenset({
    "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "STORE_NAME", "DELETE_NAME",
    "LOAD_FROM_DICT_OR_GLOBALS",
})  # fmt: skip
STORE_OPERATIONS = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"})
NAMED = frozenset(dis.hasname)
FLAG_BITS = {"LOAD_GLOBAL": 1, "LOAD_ATTR": 1 if sys.version_info >= (3, 12) else 0, "LOAD_SUPER_ATTR": 2}
"""How many low bits of an operation's argument are no part of the name's index."""

OPERATION_NAMES = tuple(dis.opname)
EXTENDED_ARG = dis.EXTENDED_ARG
MUTATORS = frozenset(
    "append appendleft insert extend extendleft pop popleft remove discard clear sort reverse rotate add update "
    "setdefault popitem intersection_update difference_update symmetric_difference_update move_to_end".split()
)


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What is known of one code object."""

    kind: FrameKind
    global_names: tuple[str, ...]
    storing_lines: frozenset[int]
    """Lines that may replace an element of a container, by subscript or by a method's name."""

    has_cells: bool
    shadows: tuple[Shadow, ...]
    writes_locals: bool
    """It may bind another frame's variables, by that frame's `f_locals`."""


def facts_of(code: CodeType) -> CodeFacts:
    """Find the facts of `code`.

    The bytecode is read here and not by `dis`, which is slow and would call built-in functions that the program put
    in place of Python's.
    """
    names: dict[str, None] = {}
    storing: set[int] = set()
    for line, operation, name in _instructions(code):
        if operation in NAME_OPERATIONS:
            names[name] = None
        elif operation in STORE_OPERATIONS or name in MUTATORS:
            storing.add(line)
    return CodeFacts(
        kind=kind_of(code),
        global_names=tuple(names),
        storing_lines=frozenset(storing),
        has_cells=bool(code.co_cellvars or code.co_freevars),
        shadows=shadows_of(code),
        writes_locals=HAS_VIEWS and "f_locals" in code.co_names,
    )


def _instructions(code: CodeType) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the operation and the name that it uses ("" for none) of each instruction."""
    bytecode, names = code.co_code, code.co_names
    extended = 0
    for first, last, line in code.co_lines():
        for offset in range(first, last, 2):
            argument = extended | bytecode[offset + 1]
            extended = argument << 8 if bytecode[offset] == EXTENDED_ARG else 0
            operation = OPERATION_NAMES[bytecode[offset]]
            name = ""
            if bytecode[offset] in NAMED:
                index = argument >> FLAG_BITS.get(operation, 0)
                name = names[index] if index < len(names) else ""
            yield line or code.co_firstlineno, operation, name


def new_keywords(code: CodeType) -> str:
    """Return the parameter of a function whose dict of further keyword arguments is made for each call; "" for none.

    That of a generator is older than its first step.
    """
    if not code.co_flags & inspect.CO_VARKEYWORDS or kind_of(code) != "function":
        return ""
    n = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
    return code.co_varnames[n]


def kind_of(code: CodeType) -> FrameKind:
    """Return the kind of frame that runs `code`."""
    if code.co_name == "<module>":
        return "module"
    if not code.co_flags & inspect.CO_OPTIMIZED:
        return "class"
    if code.co_flags & inspect.CO_COROUTINE:
        return "coroutine"
    if code.co_flags & inspect.CO_ASYNC_GENERATOR:
        return "async_generator"
    return "generator" if code.co_flags & inspect.CO_GENERATOR else "function"
