"""What the bytecode says of a code object: its kind, the global names it uses, the lines that store into containers.

Each fact is found once per code object and kept for the run.
"""

from __future__ import annotations

import dis
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

    from cotrace.model.trace import FrameKind

NAME_OPERATIONS = ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "STORE_NAME", "DELETE_NAME",
                   "LOAD_FROM_DICT_OR_GLOBALS")  # fmt: skip
STORE_OPERATIONS = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"})
MUTATORS = frozenset(
    "append appendleft insert extend extendleft pop popleft remove discard clear sort reverse rotate add update "
    "setdefault popitem intersection_update difference_update symmetric_difference_update move_to_end".split()
)
LOCALS_READERS = frozenset({"locals", "vars", "dir", "eval", "exec", "_getframe", "currentframe"})


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What is known of one code object."""

    kind: FrameKind
    global_names: tuple[str, ...]
    storing_lines: frozenset[int]
    """Lines that may replace an element of a container, by subscript or by a method's name."""

    has_cells: bool
    reads_locals: bool
    """True if the code might keep the dictionary that `locals` gives."""


def facts_of(code: CodeType) -> CodeFacts:
    """Find the facts of `code`."""
    names: dict[str, None] = {}
    storing: set[int] = set()
    line = code.co_firstlineno
    for instruction in dis.get_instructions(code):
        place = instruction.positions
        if place is not None and place.lineno is not None:
            line = place.lineno
        if instruction.opname in NAME_OPERATIONS and isinstance(instruction.argval, str):
            names[instruction.argval] = None
        elif instruction.opname in STORE_OPERATIONS or instruction.argval in MUTATORS:
            storing.add(line)
    return CodeFacts(
        kind=kind_of(code),
        global_names=tuple(names),
        storing_lines=frozenset(storing),
        has_cells=bool(code.co_cellvars or code.co_freevars),
        reads_locals=not LOCALS_READERS.isdisjoint(code.co_names),
    )


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
