"""The moments at which a variable of a frame can't be read, since reading it would crash the interpreter.

A comprehension that runs inlined in its function (PEP 709) may have a variable named like one of the function's that
other functions share, and that therefore lives in a cell. While the comprehension runs, a plain value lies in the
place of the cell. Before Python 3.13.3 `frame.f_locals` takes it for a cell and the process ends
(https://github.com/python/cpython/issues/128396). Those instructions are found here once per code object: from the one
that takes the cell away to the one that puts it back, also where an exception leaves the comprehension.
"""

from __future__ import annotations

import dis
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from types import CodeType

__builtins__ = BUILTINS

IS_NEEDED = (3, 13) <= sys.version_info < (3, 13, 3)
NAMES = tuple(dis.opname)
EXTENDED_ARG = dis.EXTENDED_ARG
CLEANING = frozenset({"SWAP", "POP_TOP", "STORE_FAST", "STORE_FAST_STORE_FAST"})
"""What a comprehension that an exception left does before it goes on."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A variable that can't be read while the frame's last instruction is after `first` and not after `last`."""

    name: str
    first: int
    last: int


def shadows_of(code: CodeType) -> tuple[Shadow, ...]:
    """Return when which variables of a function's frame can't be read; nothing where Python needs no such care."""
    shared = {*code.co_cellvars, *code.co_freevars} if IS_NEEDED else set()
    if not shared:
        return ()
    slots = [
        *code.co_varnames,
        *(n for n in code.co_cellvars if n not in code.co_varnames),
        *code.co_freevars,
    ]
    places = _instructions(code.co_code)
    taken = [(at, slots[number]) for at, name, number in places if name == "LOAD_FAST_AND_CLEAR"]
    made = {at: slots[number] for at, name, number in places if name == "MAKE_CELL"}
    taken = [(at, name) for at, name in taken if name in shared and made.get(at + 2) != name]
    if not taken:
        return ()
    stored = [(at, slots[number]) for at, name, argument in places for number in _stored(name, argument)]
    turns = {at: at + 4 + 2 * argument for at, name, argument in places if name == "FOR_ITER"}
    found: list[Shadow] = []
    for first, name in taken:
        puts = [at for at, other in stored if other == name and at > first]
        ends = [turns[at] for at in turns if at > first][
            :1
        ]  # an asynchronous comprehension's end is not looked for
        last = min([at for at in puts if ends and at >= ends[0]], default=max(puts, default=first))
        found.append(Shadow(name, first, last))
        found += [Shadow(name, _cleaning_before(at, places), at) for at in puts if at > last]
    return tuple(found)


def _cleaning_before(offset: int, places: list[tuple[int, str, int]]) -> int:
    """Return the offset of the last instruction before the cleaning that `offset` is part of."""
    return max([at for at, name, _ in places if at < offset and name not in CLEANING], default=-1)


def _instructions(bytecode: bytes) -> list[tuple[int, str, int]]:
    """Return the offset, the name and the argument of each instruction."""
    found, extended = [], 0
    for at in range(0, len(bytecode), 2):
        argument = extended | bytecode[at + 1]
        extended = argument << 8 if bytecode[at] == EXTENDED_ARG else 0
        found.append((at, NAMES[bytecode[at]], argument))
    return found


def _stored(name: str, argument: int) -> tuple[int, ...]:
    """Return the numbers of the variables that an instruction stores as plain values."""
    if name == "STORE_FAST":
        return (argument,)
    if name == "STORE_FAST_STORE_FAST":
        return (argument >> 4, argument & 15)
    if name == "STORE_FAST_LOAD_FAST":
        return (argument >> 4,)
    return ()
