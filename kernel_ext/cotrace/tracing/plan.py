"""What the compiled engine must look at after each line: the static plan of one code object, from its bytecode.

For every line: which of the frame's variables its instructions may bind, and whether they may do more than that. An
instruction that can run other code or change a container in place makes its line *opaque*: after it every list, set
and instance in view is compared with what was told of it. After any other line only the variables are looked at.
(Dicts and namespaces tell their changes themselves, and code that begins to run elsewhere makes any line opaque.)
"""

from __future__ import annotations

import array
import builtins
import dis
import functools
import inspect
from typing import TYPE_CHECKING, NamedTuple

from cotrace.tracing.codefacts import facts_of
from cotrace.tracing.effects import INPLACE, MEETING, Operations, Store, stores_of
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import is_shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType

    from cotrace.tracing.codefacts import CodeFacts

__builtins__ = BUILTINS

OPAQUE, CELLS, STORES, LOOKS_UP = 1, 2, 4, 8
"""Flags of a line: other code may run or containers change; a shared variable is bound; a container's element is
stored (as `CodeFacts.storing_lines` has it); a key is looked up, which makes an entry in some dicts."""

FRAME_KINDS = ("function", "generator", "coroutine", "async_generator", "class", "module", "block", "globals")

HARMLESS = frozenset(
    """
    MEETING RESUME RESUME_CHECK NOP POP_TOP PUSH_NULL COPY SWAP EXTENDED_ARG END_FOR END_SEND INTERPRETER_EXIT
    LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_LOAD_FAST LOAD_FAST_AND_CLEAR STORE_FAST DELETE_FAST STORE_FAST_LOAD_FAST
    STORE_FAST_STORE_FAST LOAD_CONST LOAD_DEREF LOAD_CLOSURE LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS
    LOAD_GLOBAL LOAD_NAME STORE_GLOBAL STORE_NAME LOAD_LOCALS LOAD_BUILD_CLASS LOAD_ASSERTION_ERROR
    LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR STORE_DEREF DELETE_DEREF MAKE_CELL COPY_FREE_VARS
    BINARY_SUBSCR BINARY_SLICE COMPARE_OP IS_OP UNARY_NEGATIVE UNARY_NOT UNARY_INVERT TO_BOOL
    BUILD_TUPLE BUILD_LIST BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING BUILD_SLICE FORMAT_SIMPLE CONVERT_VALUE
    JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_NONE
    POP_JUMP_IF_NOT_NONE RETURN_VALUE RETURN_CONST MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE LIST_APPEND GET_LEN
    MATCH_MAPPING MATCH_SEQUENCE PUSH_EXC_INFO POP_EXCEPT RERAISE RETURN_GENERATOR
    """.split()
)
"""Operations that change no object in view by themselves, whatever they are given.

A user's own operator or attribute hook that they may call begins to run, which the engine sees. `LIST_APPEND` builds
a comprehension's list, which nobody has yet. What asks an iterator is not among them (`UNPACK_SEQUENCE`,
`CONTAINS_OP`): one that is written in C, such as ``map(xs.pop, ...)``, runs what it was given unseen."""

HARMLESS_INTRINSICS = (3, 5, 6)
"""``StopIteration`` becomes ``RuntimeError``; ``+x``; a tuple from a list that nobody has yet."""

IF_BOUND = 1 << 30
"""Added to a slot that is only emptied outside of any line, as ``except ... as name`` ends; as in recorder.h."""

PURE_CALLS = frozenset(
    "range len abs ord chr isinstance id int float bool str repr round divmod hash callable".split()
)
"""Built-in functions that change nothing themselves. (A hook of the user's that they call begins to run.)"""

CALLS = frozenset({"CALL", "GET_ITER", "FOR_ITER"})
CHANGES = frozenset({"STORE_SUBSCR", "STORE_ATTR", "BINARY_OP"})
"""What changes containers in a way that `cotrace.tracing.effects` may find out."""

CACHE = dis.opmap["CACHE"]
"""What fills the room that an instruction has for notes of the interpreter's own."""

JUMPS = frozenset(dis.opname[number] for number in dis.hasjrel)

BINDS = frozenset({"STORE_FAST", "DELETE_FAST", "LOAD_FAST_AND_CLEAR"})
SHARES = frozenset({"STORE_DEREF", "DELETE_DEREF"})


Instruction = tuple[int, int | None, str, int]
"""Its offset, its line, its operation and its argument."""


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
    first_bind: bytes
    stores: tuple[tuple[Store, ...], ...]
    stored: tuple[int, ...]
    shadows: tuple[tuple[int, int, int], ...] | None
    global_names: tuple[str, ...]
    lines: bytes


class _Found(NamedTuple):
    """What a code object's instructions say, whatever it runs with."""

    names: tuple[str, ...]
    first: int
    flags: bytes
    slots: tuple[tuple[int, ...], ...]
    stored: tuple[int, ...]
    lines: tuple[Operations, ...]
    """The instructions of each line."""

    is_opaque: bool
    """Some of no line may do anything."""

    first_bind: bytes


def plan_of(code: CodeType, number: int, source: int, namespace: dict[str, object], *, is_root: bool) -> Plan:
    """Return the plan of `code`, which the log knows by `number`; `source` is that of its text.

    `namespace` are the globals it runs with: names that are not in it are Python's own functions, where
    nobody changed those.
    """
    used = PURE_CALLS.intersection(code.co_names)
    hidden = used.intersection(namespace) | {
        name for name in used if vars(builtins).get(name) is not BUILTINS[name]
    }
    known = _known(_Same(code), hidden)
    return known._replace(number=number, source=source, is_root=is_root)


class _Same:
    """Stands for one code object: equal ones may differ in what their constants are."""

    __slots__ = ("code",)

    def __init__(self, code: CodeType) -> None:
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.code is self.code

    def __hash__(self) -> int:
        return id(self.code)


@functools.lru_cache(maxsize=256)
def _known(same: _Same, hidden: frozenset[str]) -> Plan:
    """Return a plan without what differs from trace to trace; `hidden` are names of pure functions used otherwise."""
    code = same.code
    facts = facts_of(code)
    found = _find(code, facts)
    flags, stores = _effects(code, found, PURE_CALLS - hidden)
    names = found.names
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
    shadows = tuple((names.index(shadow.name), shadow.first, shadow.last) for shadow in facts.shadows)
    return Plan(
        number=-1,
        source=-1,
        kind=FRAME_KINDS.index(facts.kind),
        is_function=is_function,
        is_module=facts.kind == "module",
        is_root=False,
        first_line=found.first,
        names=names,
        hidden=bytes(
            names.index(name) != i or _is_hidden(name, code, is_function=is_function)
            for i, name in enumerate(names)
        ),
        doubled=bytes(names.count(name) > 1 for name in names),
        cells=tuple(i for i, name in enumerate(names) if name in {*code.co_cellvars, *code.co_freevars}),
        entry=_bound_at_entry(code, names) if is_function else (),
        flags=flags,
        slots=found.slots,
        first_bind=found.first_bind,
        stores=stores,
        stored=found.stored,
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


def _find(code: CodeType, facts: CodeFacts) -> _Found:
    """Go through the instructions once."""
    names = slot_names(code)
    place_of = {name: place for place, name in reversed(list(enumerate(names)))}
    first = last = code.co_firstlineno
    lines: dict[int, list[tuple[int, str, int]]] = {}
    nowhere: list[tuple[int, str, int]] = []
    instructions = list(_instructions(code))
    cleanup, met = _cleanup(instructions), _meetings(instructions)
    for offset, line, operation, argument in instructions:
        if line is None or line < first or offset in cleanup:
            nowhere.append((offset, operation, argument))
        else:
            lines.setdefault(line, []).append((offset, operation, argument))
            last = max(last, line)

    def slots(done: list[tuple[int, str, int]]) -> set[int]:
        return {
            place_of[names[slot]] for _, operation, argument in done for slot in _bound(operation, argument)
        }

    stored = _outside_of_lines(nowhere, slots(nowhere), place_of, names)
    jumps_back = any(operation.startswith("JUMP_BACKWARD") for _, operation, _ in nowhere)
    every, flags = range(first, last + 1), _flags_of(nowhere)
    return _Found(
        names=names,
        first=first,
        flags=bytes(
            flags | STORES * (line in facts.storing_lines) | _flags_of(lines[line])
            if line in lines
            else OPAQUE
            for line in every
        ),
        is_opaque=bool(flags & OPAQUE),
        slots=tuple(_with_stored(slots(lines.get(line, [])), stored) for line in every),
        stored=stored,
        lines=tuple(
            [
                done
                for offset, operation, argument in lines.get(line, ())
                for done in ([MEETING] if offset in met else []) + [(operation, argument)]
            ]
            for line in every
        ),
        first_bind=_first_binds([() if jumps_back else lines.get(line, ()) for line in every]),
    )


def _meetings(instructions: list[Instruction]) -> set[int]:
    """Return the offsets that instructions jump to.

    `dis` would call built-in functions that the program may have replaced.
    """
    found: set[int] = set()
    jump = ("", 0)
    for offset, _, operation, argument in instructions:
        if jump[0]:  # jumps are counted from the instruction after
            found.add(offset + 2 * (-jump[1] if "BACKWARD" in jump[0] else jump[1]))
            jump = ("", 0)
        if operation in JUMPS:
            jump = (operation, argument)
    return found


def _cleanup(instructions: list[Instruction]) -> set[int]:
    """Return the offsets of what empties an exception's variable before the exception goes on.

    Python 3.12 gives these the last line of the handler, whichever of its lines raised.
    """
    return {
        offset
        for first, second, third in zip(instructions, instructions[1:], instructions[2:], strict=False)
        if (first[2], second[2], third[2]) == ("STORE_FAST", "DELETE_FAST", "RERAISE")
        for offset in (first[0], second[0], third[0])
    }


def _outside_of_lines(
    nowhere: list[tuple[int, str, int]], slots: set[int], place_of: dict[str, int], names: tuple[str, ...]
) -> tuple[int, ...]:
    """Return the slots that instructions bind or empty which belong to no line that is known."""

    def times(wanted: str, slot: int) -> int:
        return sum(
            operation == wanted and place_of[names[argument]] == slot
            for _, operation, argument in nowhere
            if operation in BINDS
        )

    emptied = {slot for slot in slots if times("DELETE_FAST", slot) == times("STORE_FAST", slot) > 0}
    return tuple(sorted(slot | IF_BOUND if slot in emptied else slot for slot in slots))


def _with_stored(slots: set[int], stored: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted([*slots, *(slot for slot in stored if slot & ~IF_BOUND not in slots)], key=_place))


def _place(slot: int) -> int:
    return slot & ~IF_BOUND


def _flags_of(line: list[tuple[int, str, int]]) -> int:
    flags = 0
    for _, operation, argument in line:
        flags |= _flags(operation, argument)
    return flags


def _flags(operation: str, argument: int) -> int:
    if operation == "BINARY_OP":
        return OPAQUE if argument >= INPLACE else 0
    if operation == "CALL_INTRINSIC_1":
        return 0 if argument in HARMLESS_INTRINSICS else OPAQUE
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


def _first_binds(lines: Sequence[Sequence[tuple[int, str, int]]]) -> bytes:
    """Return, for each line, the offset of its first instruction that binds a variable, as an int32.

    While a line runs, what it has not reached yet it has not bound; a line that jumps back has 0.
    """
    found = array.array("i", [2**31 - 1]) * len(lines)
    for place, line in enumerate(lines):
        if not line or any(operation.startswith("JUMP_BACKWARD") for _, operation, _ in line):
            found[place] = 0
        for offset, operation, argument in line:
            if found[place] > offset and _bound(operation, argument):
                found[place] = offset
    return found.tobytes()


def _effects(
    code: CodeType, found: _Found, pure: frozenset[str]
) -> tuple[bytes, tuple[tuple[Store, ...], ...]]:
    """Return the flags of the lines, without those that are opaque only by calls of `pure` functions; and the stores.

    A line whose stores are given does nothing else to any container.
    """
    flags, stores = bytearray(found.flags), []
    for place, (line, slots) in enumerate(zip(found.lines, found.slots, strict=True)):
        known: tuple[Store, ...] = ()
        kinds = [operation for operation, argument in line if _flags(operation, argument) & OPAQUE]
        if kinds and not (CALLS.isdisjoint(kinds) or _calls_only(code, line, kinds, pure)):
            kinds = []
        elif CALLS.issuperset(kinds):
            flags[place] &= ~OPAQUE if line and not found.is_opaque else ~0
        elif (CALLS | CHANGES).issuperset(kinds) and not found.is_opaque and not _loops(line):
            known = stores_of(code, line, [slot & ~IF_BOUND for slot in slots])
        stores.append(known)
    return bytes(flags), tuple(stores)


def _loops(line: Operations) -> bool:
    operations = {operation for operation, _ in line}
    jumps = {operation for operation in operations if operation.startswith(("POP_JUMP", "FOR_ITER", "SEND"))}
    return bool(jumps) and any(operation.startswith("JUMP_BACKWARD") for operation in operations)


def _calls_only(code: CodeType, operations: Operations, kinds: list[str], pure: frozenset[str]) -> bool:
    """Tell whether each call on a line is one of a pure function, and each loop runs over what one returned."""
    plain = [(operation, argument) for operation, argument in operations if operation != "LOAD_CONST"]
    names = [code.co_names[argument >> (operation == "LOAD_GLOBAL")] for operation, argument in plain
             if operation in ("LOAD_GLOBAL", "LOAD_NAME")]  # fmt: skip
    called = sum(name in pure for name in names)
    done = [operation for operation, _ in plain]
    starts = [place for place, operation in enumerate(done) if operation == "GET_ITER"]
    loops_over_range = not starts or (
        len(starts) == 1 and names[:1] == ["range"] and done[starts[0] - 1] in ("CALL", "BINARY_SLICE")
    )
    return kinds.count("CALL") == called == len(names) and loops_over_range


def _instructions(code: CodeType) -> Iterator[Instruction]:
    bytecode, extended = code.co_code, 0
    for first, last, line in code.co_lines():
        for offset in range(first, last, 2):
            argument = extended | bytecode[offset + 1]
            extended = argument << 8 if bytecode[offset] == dis.EXTENDED_ARG else 0
            if bytecode[offset] != CACHE:
                yield offset, line, dis.opname[bytecode[offset]], argument


def _line_of_each(code: CodeType) -> bytes:
    lines = array.array("i", [-1]) * (len(code.co_code) // 2)
    for first, last, line in code.co_lines():
        for offset in range(first, last, 2):
            lines[offset // 2] = -1 if line is None else line
    return lines.tobytes()
