"""What the compiled engine must look at after each line: the static plan of one code object, from its bytecode.

For every line: which of the frame's variables its instructions may bind, and whether they may do more than that. An
instruction that can run other code or change a container in place makes its line *opaque*: after it every list, set
and instance in view is compared with what was told of it. After any other line only the variables are looked at.
(Dicts and namespaces tell their changes themselves, and code that begins to run elsewhere makes any line opaque.)
"""

from __future__ import annotations

import array
import dis
import inspect
from typing import TYPE_CHECKING, NamedTuple

from cotrace.tracing.codefacts import facts_of
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import is_shown
from cotrace.tracing.sink import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from cotrace.tracing.codefacts import CodeFacts

__builtins__ = BUILTINS

OPAQUE, CELLS, STORES, LOOKS_UP = 1, 2, 4, 8
"""Flags of a line: other code may run or containers change; a shared variable is bound; a container's element is
stored (as `CodeFacts.storing_lines` has it); a key is looked up, which makes an entry in some dicts."""

FRAME_KINDS = ("function", "generator", "coroutine", "async_generator", "class", "module", "block", "globals")

HARMLESS = frozenset(
    """
    CACHE RESUME RESUME_CHECK NOP POP_TOP PUSH_NULL COPY SWAP EXTENDED_ARG END_FOR END_SEND INTERPRETER_EXIT
    LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_LOAD_FAST LOAD_FAST_AND_CLEAR STORE_FAST DELETE_FAST STORE_FAST_LOAD_FAST
    STORE_FAST_STORE_FAST LOAD_CONST LOAD_DEREF LOAD_CLOSURE LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS
    LOAD_GLOBAL LOAD_NAME STORE_GLOBAL STORE_NAME LOAD_LOCALS LOAD_BUILD_CLASS LOAD_ASSERTION_ERROR
    LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR STORE_DEREF DELETE_DEREF MAKE_CELL COPY_FREE_VARS
    BINARY_SUBSCR BINARY_SLICE COMPARE_OP IS_OP UNARY_NEGATIVE UNARY_NOT UNARY_INVERT TO_BOOL
    BUILD_TUPLE BUILD_LIST BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING BUILD_SLICE FORMAT_SIMPLE CONVERT_VALUE
    JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_NONE
    POP_JUMP_IF_NOT_NONE RETURN_VALUE RETURN_CONST MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE LIST_APPEND GET_LEN
    MATCH_MAPPING MATCH_SEQUENCE PUSH_EXC_INFO POP_EXCEPT RETURN_GENERATOR
    """.split()
)
"""Operations that change no object in view by themselves, whatever they are given.

A user's own operator or attribute hook that they may call begins to run, which the engine sees. `LIST_APPEND` builds
a comprehension's list, which nobody has yet. What asks an iterator is not among them (`UNPACK_SEQUENCE`,
`CONTAINS_OP`): one that is written in C, such as ``map(xs.pop, ...)``, runs what it was given unseen."""

PURE_CALLS = frozenset(
    "range len abs ord chr isinstance id int float bool str repr round divmod hash callable".split()
)
"""Built-in functions that change nothing themselves. (A hook of the user's that they call begins to run.)"""

CALLS = frozenset({"CALL", "GET_ITER", "FOR_ITER"})

BINDS = frozenset({"STORE_FAST", "DELETE_FAST", "LOAD_FAST_AND_CLEAR"})
SHARES = frozenset({"STORE_DEREF", "DELETE_DEREF"})
INPLACE = 13
"""`BINARY_OP` arguments from here on are the operations of ``+=`` and its kind."""


class Plan(NamedTuple):
    """What `cotrace.tracing._core` is told of a code object; see `Code` in recorder.h."""

    number: int
    source: int
    kind: int
    is_function: bool
    is_module: bool
    is_root: bool
    first_line: int
    names: tuple[str, ...]
    hidden: bytes
    doubled: bytes
    cells: tuple[int, ...]
    entry: tuple[int, ...]
    flags: bytes
    slots: tuple[tuple[int, ...], ...]
    stores: tuple[tuple[int, int, int], ...]
    stored: tuple[int, ...]
    shadows: tuple[tuple[int, int, int], ...] | None
    global_names: tuple[str, ...]
    lines: bytes


def plan_of(code: CodeType, number: int, source: int, namespace: dict[str, object], *, is_root: bool) -> Plan:
    """Return the plan of `code`, which the log knows by `number`; `source` is that of its text.

    `namespace` are the globals it runs with: names that are not in it are Python's own functions.
    """
    facts = facts_of(code)
    names = slot_names(code)
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    first, flags, slots, stored = _lines(code, facts, names)
    stores = _stores(code, first, slots)
    flags = _without_pure_calls(code, first, flags, PURE_CALLS.difference(namespace))
    shadows = tuple((names.index(shadow.name), shadow.first, shadow.last) for shadow in facts.shadows)
    return Plan(
        number=number,
        source=source,
        kind=FRAME_KINDS.index(facts.kind),
        is_function=is_function,
        is_module=facts.kind == "module",
        is_root=is_root,
        first_line=first,
        names=names,
        hidden=bytes(
            names.index(name) != i or _is_hidden(name, code, is_function=is_function)
            for i, name in enumerate(names)
        ),
        doubled=bytes(names.count(name) > 1 for name in names),
        cells=tuple(i for i, name in enumerate(names) if name in {*code.co_cellvars, *code.co_freevars}),
        entry=_bound_at_entry(code, names) if is_function else (),
        flags=flags,
        slots=slots,
        stores=stores,
        stored=stored,
        shadows=shadows or None,
        global_names=facts.global_names,
        lines=_line_of_each(code),
    )


def slot_names(code: CodeType) -> tuple[str, ...]:
    """Return the names of a frame's variables in the order of their slots.

    A name may have two: an inlined comprehension's variable has a slot of its own beside that of a variable which the
    function shares with the one around it. The second is never used here; `Plan.doubled` says which are such.
    """
    own = code.co_varnames
    return own + tuple(name for name in code.co_cellvars if name not in own) + code.co_freevars


def _is_hidden(name: str, code: CodeType, *, is_function: bool) -> bool:
    if is_function:
        return name.startswith(".") or not is_shown(name)
    return name in code.co_freevars or not is_shown(name)


def _bound_at_entry(code: CodeType, names: tuple[str, ...]) -> tuple[int, ...]:
    n = code.co_argcount + code.co_kwonlyargcount
    n += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return tuple(sorted({*range(n), *map(names.index, code.co_freevars)}))


def _lines(
    code: CodeType, facts: CodeFacts, names: tuple[str, ...]
) -> tuple[int, bytes, tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Return the first line, and for each line from there its flags and slots; the slots bound on no known line."""
    found: dict[int, tuple[int, set[int]]] = {code.co_firstlineno: (0, set())}
    nowhere: tuple[int, set[int]] = (0, set())
    for line, operation, argument in _instructions(code):
        flags, slots = nowhere if line is None else found.get(line, (0, set()))
        flags |= _flags(operation, argument)
        slots.update(names.index(names[slot]) for slot in _bound(operation, argument))
        if line is None:
            nowhere = (flags, slots)
        else:
            found[line] = (flags, slots)
    last = max(found)
    flags_of = {
        line: flags | nowhere[0] | STORES * (line in facts.storing_lines)
        for line, (flags, _) in found.items()
    }
    return (
        code.co_firstlineno,
        bytes(flags_of.get(line, OPAQUE) for line in range(code.co_firstlineno, last + 1)),
        tuple(
            tuple(sorted(found[line][1])) if line in found else ()
            for line in range(code.co_firstlineno, last + 1)
        ),
        tuple(
            sorted(
                nowhere[1].union(*(slots for line, (_, slots) in found.items() if line < code.co_firstlineno))
            )
        ),
    )


def _flags(operation: str, argument: int) -> int:
    if operation == "BINARY_OP":
        return OPAQUE if argument >= INPLACE else 0
    if operation in SHARES:
        return CELLS
    if operation == "BINARY_SUBSCR":
        return LOOKS_UP
    return 0 if operation in HARMLESS else OPAQUE


def _bound(operation: str, argument: int) -> tuple[int, ...]:
    """Return the slots that an instruction binds or empties."""
    if operation in BINDS or operation in SHARES:
        return (argument,)
    if operation == "STORE_FAST_LOAD_FAST":
        return (argument >> 4,)
    if operation == "STORE_FAST_STORE_FAST":
        return (argument >> 4, argument & 15)
    return ()


NO_STORE = (-1, -1, 0)
MARKED = 4
"""How many instructions ``probe[x:]`` is for a plain x: the probe, x, None, and what slices."""


def _stores(
    code: CodeType, first: int, slots: tuple[tuple[int, ...], ...]
) -> tuple[tuple[int, int, int], ...]:
    """Return, for each line that stores into one container and does nothing else to any, that store.

    It is (the slot of the container's variable, the slot of the index's variable or -1, a constant index). The line
    must bind neither: both are read when it has run.
    """
    lines: dict[int, list[tuple[str, int]]] = {}
    for line, operation, argument in _instructions(code):
        if line is not None and operation not in ("CACHE", "EXTENDED_ARG", "NOP"):
            lines.setdefault(line, []).append((operation, argument))
    found: list[tuple[int, int, int]] = [NO_STORE] * len(slots)
    for line, traced in lines.items():
        operations = _without_probes(code, traced)
        if first <= line < first + len(slots):
            store = _single_store(code, operations)
            if store[0] not in slots[line - first] and store[1] not in slots[line - first]:
                found[line - first] = store
    return tuple(found)


def _without_pure_calls(code: CodeType, first: int, flags: bytes, pure: frozenset[str]) -> bytes:
    """Return the flags of the lines with those taken off that are opaque only by calls of `pure` functions."""
    lines: dict[int, list[tuple[str, int]]] = {}
    for line, operation, argument in _instructions(code):
        if line is not None and first <= line < first + len(flags):
            lines.setdefault(line, []).append((operation, argument))
    found = bytearray(flags)
    for line, operations in lines.items():
        if found[line - first] & OPAQUE and _calls_only(code, operations, pure):
            found[line - first] &= ~OPAQUE
    return bytes(found)


def _calls_only(code: CodeType, operations: list[tuple[str, int]], pure: frozenset[str]) -> bool:
    """Tell whether each call on a line is one of a pure function, and each loop runs over what one returned."""
    names = [code.co_names[argument >> (operation == "LOAD_GLOBAL")] for operation, argument in operations
             if operation in ("LOAD_GLOBAL", "LOAD_NAME")]  # fmt: skip
    kinds = [operation for operation, argument in operations if _flags(operation, argument) & OPAQUE]
    called = sum(name in pure for name in names)
    plain = [operation for operation, _ in _without_probes(code, operations)]
    starts = [place for place, operation in enumerate(plain) if operation == "GET_ITER"]
    loops_over_range = not starts or (
        len(starts) == 1 and names[:1] == ["range"] and plain[starts[0] - 1] in ("CALL", "BINARY_SLICE")
    )
    return CALLS.issuperset(kinds) and kinds.count("CALL") == called == len(names) and loops_over_range


def _without_probes(code: CodeType, operations: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return a line's instructions with ``probe[x:]`` for a variable or constant x as x."""
    kept: list[tuple[str, int]] = []
    for operation in operations:
        kept.append(operation)
        if operation[0] == "BINARY_SLICE" and len(kept) > MARKED:
            first, second = kept[-MARKED], kept[1 - MARKED]
            is_probe = first[0] == "LOAD_CONST" and type(code.co_consts[first[1]]) is Probe
            if is_probe and second[0] in ("LOAD_FAST", "LOAD_FAST_CHECK"):
                kept[-MARKED:] = [second]
    return kept


def _single_store(code: CodeType, operations: list[tuple[str, int]]) -> tuple[int, int, int]:
    opaque = [
        place
        for place, (operation, argument) in enumerate(operations)
        if _flags(operation, argument) & OPAQUE
    ]
    if len(opaque) != 1 or operations[opaque[0]][0] != "STORE_SUBSCR" or opaque[0] < 1:
        return NO_STORE
    operation, argument = operations[opaque[0] - 1]
    if operation == "LOAD_FAST_LOAD_FAST":
        return argument >> 4, argument & 15, 0
    container, slot = operations[opaque[0] - 2] if opaque[0] > 1 else ("", 0)
    if container not in ("LOAD_FAST", "LOAD_FAST_CHECK"):
        return NO_STORE
    if operation in ("LOAD_FAST", "LOAD_FAST_CHECK"):
        return slot, argument, 0
    if (
        operation == "LOAD_CONST"
        and type(code.co_consts[argument]) is int
        and abs(code.co_consts[argument]) < 2**31
    ):
        return slot, -1, code.co_consts[argument]
    return NO_STORE


def _instructions(code: CodeType) -> Iterator[tuple[int | None, str, int]]:
    """Yield the line, the operation and the argument of each instruction."""
    bytecode, extended = code.co_code, 0
    for first, last, line in code.co_lines():
        for offset in range(first, last, 2):
            argument = extended | bytecode[offset + 1]
            extended = argument << 8 if bytecode[offset] == dis.EXTENDED_ARG else 0
            yield line, dis.opname[bytecode[offset]], argument


def _line_of_each(code: CodeType) -> bytes:
    lines = array.array("i", [-1]) * (len(code.co_code) // 2)
    for first, last, line in code.co_lines():
        for offset in range(first, last, 2):
            lines[offset // 2] = -1 if line is None else line
    return lines.tobytes()
