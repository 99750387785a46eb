"""Works out expressions anew, exactly and in bounds, over values that were recorded.

Nothing of the traced program runs: names come from the recording as plain Python values, and only operators, pure
built-in functions and pure methods of built-in types are known here. What could grow without bound (powers, shifts,
repeated sequences) is refused by size before it is computed.
"""

from __future__ import annotations

import ast
import operator
import re
from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from cotrace.grounding.values import ELIDED, Listing, Made, Shortened, Thing, UnreadableError, from_ast

Lookup = Callable[[str], object]
"""Gives the value of a name; raises UnknownError where there is none."""

LARGEST_BITS = 50_000
LONGEST = 200_000
DEEPEST = 200


class UnknownError(Exception):
    """An expression's value can't be had. Never leaves this package."""


class FailedError(UnknownError):
    """An expression can't have a value: Python itself refuses these operands. Never leaves this package."""


class MissingError(UnknownError):
    """A name has no value there. Never leaves this package."""


def nothing(name: str) -> object:
    """Know no name: for expressions that must stand alone."""
    raise MissingError(f"{name} is not known")


Known = Callable[[ast.expr], "tuple[object] | None"]
"""Gives the recorded value of a part of an expression, where there is one."""


def evaluate(node: ast.expr, names: Lookup = nothing, known: Known | None = None) -> object:
    """Return the value of an expression. Raises UnknownError where it can't be worked out within bounds.

    What `known` knows of a part is taken as it is; the rest is worked out.
    """
    try:
        return _Evaluator(names, known).value(node)
    except (
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
        MemoryError,
    ) as error:
        raise FailedError(f"{type(error).__name__}: {error}") from None


OPERATORS: Final[dict[type[ast.AST], Callable[[Any, Any], object]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: (
        a is b if a is None or b is None or isinstance(a, bool) else a == b and type(a) is type(b)
    ),
    ast.IsNot: lambda a, b: not OPERATORS[ast.Is](a, b),
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}

_BUILTINS = (
    *(len, sum, min, max, sorted, abs, round, divmod, all, any, repr, ord, chr, bin, hex, oct),
    *(str, int, float, bool, list, tuple, set, frozenset, dict),
)

PURE_FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    **{function.__name__: function for function in _BUILTINS},
    "range": lambda *bounds: _bounded(range(*bounds)),
    "enumerate": lambda items, start=0: list(enumerate(items, start)),
    "zip": lambda *items: list(zip(*items, strict=False)),
    "reversed": lambda items: list(reversed(items)),
    "deque": deque,
    "pow": lambda a, b, *m: _apply(ast.Pow, a, b) if not m else pow(a, b, *m),
}

PURE_METHODS: Final[dict[type, frozenset[str]]] = {
    str: frozenset(
        "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower isnumeric "
        "isspace istitle isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex "
        "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper".split()
    ),
    list: frozenset({"count", "index", "copy"}),
    tuple: frozenset({"count", "index"}),
    deque: frozenset({"count", "index", "copy"}),
    dict: frozenset({"get", "keys", "values", "items", "copy"}),
    set: frozenset(
        "union intersection difference symmetric_difference issubset issuperset isdisjoint copy".split()
    ),
    frozenset: frozenset("union intersection difference issubset issuperset isdisjoint".split()),
    int: frozenset({"bit_length", "bit_count"}),
    float: frozenset({"is_integer"}),
}

_NUMBERS = (int, float, complex, Fraction, Decimal)


def recorded_as(name: str, attributes: Iterable[str]) -> str | None:
    """Return the attribute that a name means: the recording has ``self.__root`` as Python keeps it, `_Tree__root`."""
    found = list(attributes)
    if name in found:
        return name
    if not name.startswith("__") or name.endswith("__"):
        return None
    private = [each for each in found if re.fullmatch(rf"_\w+?{re.escape(name)}", each)]
    return private[0] if len(private) == 1 else None


class _Evaluator:
    def __init__(self, names: Lookup, known: Known | None) -> None:
        self.names = names
        self.known = known
        self.depth = 0

    def value(self, node: ast.expr) -> object:
        found = self.known(node) if self.known else None
        if found is not None:
            return found[0]
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise UnknownError(f"{type(node).__name__} is not worked out here")
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise UnknownError("the expression is nested too deeply")
            result: object = method(node)
        finally:
            self.depth -= 1
        if result is ELIDED or isinstance(result, (Shortened, Listing)):
            raise UnknownError("a part of the value is left out")
        return result

    def _constant(self, node: ast.Constant) -> object:
        if node.value is Ellipsis:
            raise UnknownError("a part of the value is left out")
        return node.value

    def _name(self, node: ast.Name) -> object:
        try:
            return self.names(node.id)
        except MissingError:
            if node.id in ("inf", "nan"):
                return float(node.id)  # as `repr` writes these values
            raise

    def _list(self, node: ast.List) -> object:
        return self._elements(node.elts)

    def _tuple(self, node: ast.Tuple) -> object:
        return tuple(self._elements(node.elts))

    def _set(self, node: ast.Set) -> object:
        return set(self._elements(node.elts))

    def _elements(self, nodes: list[ast.expr]) -> list[object]:
        found: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += _items(self.value(node.value))
            else:
                found.append(self.value(node))
        return found

    def _dict(self, node: ast.Dict) -> object:
        if None in node.keys:
            raise UnknownError("** in a display is not worked out here")
        return {
            self.value(k): self.value(v) for k, v in zip(node.keys, node.values, strict=True) if k is not None
        }

    def _unaryop(self, node: ast.UnaryOp) -> object:
        operand = self.value(node.operand)
        _known(operand)
        if isinstance(node.op, ast.Not):
            return not operand
        functions: dict[type[ast.unaryop], Callable[[object], object]] = {
            ast.USub: operator.neg,  # type: ignore[dict-item] # a wrong operand is a TypeError, caught in evaluate
            ast.UAdd: operator.pos,  # type: ignore[dict-item]
            ast.Invert: operator.inv,  # type: ignore[dict-item]
        }
        return functions[type(node.op)](operand)

    def _binop(self, node: ast.BinOp) -> object:
        return _apply(type(node.op), self.value(node.left), self.value(node.right))

    def _compare(self, node: ast.Compare) -> object:
        left = self.value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            if not _apply(type(op), left, right):
                return False
            left = right
        return True

    def _boolop(self, node: ast.BoolOp) -> object:
        result: object = None
        for operand in node.values:
            result = self.value(operand)
            _known(result)
            if bool(result) is isinstance(node.op, ast.Or):
                return result
        return result

    def _ifexp(self, node: ast.IfExp) -> object:
        test = self.value(node.test)
        _known(test)
        return self.value(node.body if test else node.orelse)

    def _subscript(self, node: ast.Subscript) -> object:
        container = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = [
                None if b is None else self.value(b)
                for b in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            return container[slice(*bounds)]  # type: ignore[index] # what has no slices is a TypeError
        return container[self.value(node.slice)]  # type: ignore[index]

    def _attribute(self, node: ast.Attribute) -> object:
        owner = self.value(node.value)
        name = recorded_as(node.attr, owner.attributes) if isinstance(owner, Thing) else None
        if isinstance(owner, Thing) and name is not None:
            return owner.attributes[name]
        raise UnknownError(f"the attribute {node.attr} is not known")

    def _call(self, node: ast.Call) -> object:
        if isinstance(node.func, ast.Name) and node.func.id in PURE_FUNCTIONS:
            arguments = [_known(a) for a in self._elements(node.args)]
            named = {
                k.arg: self.value(k.value)
                for k in node.keywords
                if k.arg in ("reverse", "start", "base", "sep")
            }
            if len(named) == len(node.keywords):
                return PURE_FUNCTIONS[node.func.id](*arguments, **{k: v for k, v in named.items() if k})
        elif isinstance(node.func, ast.Attribute) and not node.keywords:
            owner = self.value(node.func.value)
            if node.func.attr in PURE_METHODS.get(type(owner), ()):
                arguments = [_known(a) for a in self._elements(node.args)]
                result: object = getattr(owner, node.func.attr)(*arguments)
                return list(result) if type(result).__name__.startswith("dict_") else result  # type: ignore[call-overload]
        try:
            return from_ast(node)
        except UnreadableError:
            raise UnknownError(f"{ast.unparse(node)[:80]} is not worked out here") from None


def _apply(op: type[ast.AST], left: object, right: object) -> object:
    _known(left)
    _known(right)
    if op in (ast.Pow, ast.LShift, ast.Mult):
        _guard(op, left, right)
    if op is ast.Mod and isinstance(left, (str, bytes)) and re.search(r"\d{4}|\*", str(left)):
        raise UnknownError("the text may be too long")
    return OPERATORS[op](left, right)


def _guard(op: type[ast.AST], left: object, right: object) -> None:
    """Refuse what would grow beyond all use."""
    if isinstance(left, int) and isinstance(right, int):
        bits: dict[type[ast.AST], int] = {
            ast.Pow: left.bit_length() * abs(right),
            ast.LShift: left.bit_length() + right,
        }
        if bits.get(op, 0) > LARGEST_BITS:
            raise UnknownError("the number is too large")
    elif op is ast.Pow and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
        raise UnknownError("this power is not worked out here")
    for sequence, times in ((left, right), (right, left)):
        if (
            isinstance(sequence, (str, bytes, list, tuple, deque))
            and isinstance(times, int)
            and len(sequence) * times > LONGEST
        ):
            raise UnknownError("the sequence is too long")


def _known(value: object) -> object:
    if isinstance(value, (Thing, Made, Shortened, Listing)):
        raise UnknownError("a value is known by its type only")
    return _bounded(value) if isinstance(value, range) else value


def _items(value: object) -> Iterable[object]:
    if isinstance(value, (list, tuple, set, frozenset, deque, str, dict, range)):
        return _bounded(value)
    raise UnknownError("the elements are not known")


def _bounded(items: Iterable[object]) -> Iterable[object]:
    if len(items) > LONGEST:  # type: ignore[arg-type] # every caller passes something with a length
        raise UnknownError("there are too many elements")
    return items
