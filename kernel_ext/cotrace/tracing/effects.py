"""What a line stores into containers, from its bytecode: where that is all it does to them, little is to be looked at.

The line's instructions are run on a stack of where values came from: a variable, a constant, an attribute or element of
a variable's value. An instruction that is not known here leaves a stack of which nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cotrace.tracing.private import BUILTINS
from cotrace.tracing.sink import Probe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

__builtins__ = BUILTINS

NOTHING, ELEMENT, ATTRIBUTE, VARIABLE, NAME = range(5)
"""What is stored into: `enum store` in recorder.h."""

INPLACE = 13
"""`BINARY_OP` arguments from here on are the operations of ``+=`` and its kind."""

MOST_STORES = 2
"""So many, as in ``xs[i], xs[j] = xs[j], xs[i]``; a line with more is taken to do anything."""

MEETING = ("MEETING", 0)
"""Stands among a line's operations where another one jumps to: what is on the stack depends on the way there."""

LOADS = frozenset({"LOAD_FAST", "LOAD_FAST_CHECK"})
LOADS_SOMETHING = frozenset({"LOAD_DEREF", "PUSH_NULL"})
MAKES_ONE_OF_TWO = frozenset({"COMPARE_OP", "IS_OP", "CONTAINS_OP"})
MAKES_ONE_OF_ONE = frozenset(
    {"UNARY_NEGATIVE", "UNARY_NOT", "UNARY_INVERT", "TO_BOOL", "FORMAT_SIMPLE", "CONVERT_VALUE"}
)
MAKES_ONE_OF_MANY = frozenset({"BUILD_TUPLE", "BUILD_LIST", "BUILD_STRING", "BUILD_SLICE"})
TAKES_ONE = frozenset({"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF", "POP_TOP"})
NO_EFFECT = frozenset({"NOP", "EXTENDED_ARG", "RESUME"})
UNPACKED = frozenset({"RETURN_VALUE", "RETURN_CONST", "JUMP_BACKWARD", "JUMP_FORWARD"})
"""What may end a line: nothing of the line comes after it."""


class Store(NamedTuple):
    """One store of a line. Slots are -1 where there is none, or it is not known."""

    what: int
    container: int
    """The slot of the variable that holds the container; of `VARIABLE` that variable's own."""

    subscript: int = -1
    """The slot of the subscript's variable."""

    key: object = None
    """A constant subscript, or the name of an attribute or global variable."""

    in_place: bool = False
    """It is ``target op= value``: what was there before may have been changed in place."""


class Source(NamedTuple):
    """Where a value on the stack came from. `container` and `key` of an attribute or element are sources themselves."""

    kind: str
    slot: int = -1
    value: object = None
    container: Source | None = None
    key: Source | None = None


UNKNOWN = Source("")
Operations = list[tuple[str, int]]


class _UnknownError(Exception):
    """The line may do more to containers than is found out here."""


def stores_of(code: CodeType, operations: Operations, bound: Sequence[int]) -> tuple[Store, ...]:
    """Return the stores of a line into containers; none where it may do something else to any, too.

    `operations` are the names and arguments of its instructions; `bound` are the slots that they bind.
    """
    try:
        stores = _Line(code).run(operations)
    except _UnknownError:
        return ()
    if len(stores) > (1 if any(store.in_place for store in stores) else MOST_STORES):
        return ()
    for store in stores:
        read = (store.container, store.subscript)
        rebound = [slot for slot in bound if slot in read]
        if rebound and not (store.what == VARIABLE and len(rebound) == 1):
            return ()
    return tuple(stores)


class _Line:
    """The stack while a line runs, and what it has stored."""

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._stack: list[Source] = []
        self._stores: list[Store] = []
        self._changed: Source | None = None
        """What an operation in place has changed, until it is stored."""

    def run(self, operations: Operations) -> list[Store]:
        for operation, argument in operations:
            if operation in NO_EFFECT or operation in UNPACKED:
                continue
            handler = getattr(self, "_" + operation.lower(), None)
            if handler is not None:
                handler(argument)
            elif not self._is_simple(operation, argument):
                self._stack.clear()
        if self._changed is not None:
            raise _UnknownError
        return self._stores

    def _is_simple(self, operation: str, argument: int) -> bool:
        """Do what only takes values from the stack and puts one there; False if the operation is not known."""
        if operation in LOADS:
            self._stack.append(Source("variable", argument))
        elif operation in LOADS_SOMETHING:
            self._stack.append(UNKNOWN)
        elif operation in MAKES_ONE_OF_TWO:
            self._replace(2)
        elif operation in MAKES_ONE_OF_ONE:
            self._replace(1)
        elif operation in MAKES_ONE_OF_MANY:
            self._replace(argument)
        elif operation in TAKES_ONE:
            self._pop()
        else:
            return False
        return True

    # --- the stack --------------------------------------------------------------------------------------------------

    def _pop(self) -> Source:
        return self._stack.pop() if self._stack else UNKNOWN

    def _replace(self, n: int, made: Source = UNKNOWN) -> None:
        for _ in range(n):
            self._pop()
        self._stack.append(made)

    def _at(self, depth: int) -> Source:
        return self._stack[-depth] if len(self._stack) >= depth else UNKNOWN

    # --- instructions, by their names -------------------------------------------------------------------------------

    def _load_fast_load_fast(self, argument: int) -> None:
        self._stack += Source("variable", argument >> 4), Source("variable", argument & 15)

    def _store_fast_load_fast(self, argument: int) -> None:
        self._store_fast(argument >> 4)
        self._stack.append(Source("variable", argument & 15))

    def _store_fast_store_fast(self, argument: int) -> None:
        self._store_fast(argument >> 4)
        self._store_fast(argument & 15)

    def _load_const(self, argument: int) -> None:
        self._stack.append(Source("constant", value=self._code.co_consts[argument]))

    def _load_name(self, argument: int) -> None:
        self._stack.append(Source("name", value=self._code.co_names[argument]))

    def _load_global(self, argument: int) -> None:
        if argument & 1:
            self._stack += [UNKNOWN, UNKNOWN]
        else:
            self._load_name(argument >> 1)

    def _load_attr(self, argument: int) -> None:
        holder = self._pop()
        if argument & 1:
            self._stack += [UNKNOWN, UNKNOWN]
        else:
            name = Source("constant", value=self._code.co_names[argument >> 1])
            self._stack.append(Source("attribute", container=holder, key=name))

    def _binary_subscr(self, _argument: int) -> None:
        key, holder = self._pop(), self._pop()
        self._stack.append(Source("element", container=holder, key=key))

    def _binary_slice(self, _argument: int) -> None:
        """A probe hands on what it is given: it is written ``probe[value:]``."""
        self._replace(3, self._at(2) if type(self._at(3).value) is Probe else UNKNOWN)

    def _binary_op(self, argument: int) -> None:
        left = self._at(2)
        self._replace(2)
        if argument >= INPLACE:
            if self._changed is not None:
                raise _UnknownError
            self._changed = left

    def _call(self, argument: int) -> None:
        self._replace(argument + 2)

    def _copy(self, argument: int) -> None:
        self._stack.append(self._at(argument))

    def _swap(self, argument: int) -> None:
        if len(self._stack) < argument:
            self._stack.clear()
        else:
            self._stack[-1], self._stack[-argument] = self._stack[-argument], self._stack[-1]

    # --- stores -----------------------------------------------------------------------------------------------------

    def _store_fast(self, argument: int) -> None:
        self._pop()
        self._end_in_place(Source("variable", argument), Store(VARIABLE, argument))

    def _store_name(self, argument: int) -> None:
        self._pop()
        name = self._code.co_names[argument]
        self._end_in_place(Source("name", value=name), Store(NAME, -1, key=name))

    _store_global = _store_name

    def _store_subscr(self, _argument: int) -> None:
        key, holder = self._pop(), self._pop()
        self._pop()
        if holder.kind != "variable":
            raise _UnknownError
        index = key.slot if key.kind == "variable" else -1
        store = Store(ELEMENT, holder.slot, index, key.value if key.kind == "constant" else None)
        if not self._end_in_place(Source("element", container=holder, key=key), store):
            self._stores.append(store)

    def _store_attr(self, argument: int) -> None:
        holder = self._pop()
        self._pop()
        name = self._code.co_names[argument]
        if holder.kind != "variable":
            raise _UnknownError
        store = Store(ATTRIBUTE, holder.slot, key=name)
        if not self._end_in_place(
            Source("attribute", container=holder, key=Source("constant", value=name)), store
        ):
            self._stores.append(store)

    def _end_in_place(self, target: Source, store: Store) -> bool:
        """Where the value was made by an operation in place on `target`, note that; it must be no other."""
        if self._changed is None:
            return False
        needs_key = store.what == ELEMENT
        if not _is_same(self._changed, target) or (needs_key and store.subscript < 0 and store.key is None):
            raise _UnknownError
        store = store._replace(in_place=True)
        self._stores.append(store)
        self._changed = None
        return True


def _is_same(one: Source, other: Source) -> bool:
    """Tell whether two sources are the same variable, name, attribute or element. User code is not run."""
    if (one.kind, one.slot) != (other.kind, other.slot) or one.value is not other.value:
        return False
    if one.container is None or one.key is None or other.container is None or other.key is None:
        return one.kind in ("variable", "name", "constant")
    return _is_same(one.container, other.container) and _is_same(one.key, other.key)
