"""Rewrite one expression, in each of the positions that it can have: value, test, or target of a store.

`cotrace.tracing.expressions` says what the ledger holds of each kind of expression, and why.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal, Protocol, TypeVar

from cotrace.model.source import Span
from cotrace.tracing.placement import (
    ALWAYS_BOOL,
    becomes_f_string,
    first_line,
    is_constant,
    is_format,
    is_negated_test,
    last_line,
)

Next = Literal["own", "start", "strict"]
"""Where the instruction belongs that comes after an expression: at a line of its ``own``, at the expression's
``start``, or ``strict``: neither will do, so an expression that ends on another line than its first has no probe."""

# Sums longer than this get no probes inside: the compiler's own recursion would end before the expression does.
_LONG_SUM: Final = 40

_PROBED: Final = frozenset(
    (
        ast.Attribute,
        ast.Await,
        ast.Call,
        ast.Compare,
        ast.Dict,
        ast.DictComp,
        ast.JoinedStr,
        ast.List,
        ast.ListComp,
        ast.Name,
        ast.Set,
        ast.SetComp,
        ast.Subscript,
        ast.Tuple,
        ast.UnaryOp,
        ast.Yield,
        ast.YieldFrom,
    )
)

# 3.12 gives the jump after a test the test's own place, 3.11 that of whatever asks.
_JUMPS_HAVE_PLACES: Final = sys.version_info >= (3, 12)

AT_OPERAND: Final[Next] = "start" if sys.version_info >= (3, 13) else "own"
"""Where the instruction belongs that comes after the iterable of a loop, the context of a ``with`` or the body of a
lambda: since 3.13 to that expression, before to the whole."""

_NEVER_PROBED: Final[dict[type, str]] = {
    ast.BoolOp: "derived",
    ast.IfExp: "derived",
    ast.NamedExpr: "derived",
    ast.Lambda: "unrecorded",
    ast.GeneratorExp: "unrecorded",
}

Place = tuple[int, int, int, int]
"""Line, column, end line and end column, as in `ast`."""


Node = TypeVar("Node", bound=ast.expr | ast.stmt)


class ProbeForm(Protocol):
    """How a probe is written into the tree."""

    def __call__(self, key: int, value: ast.expr, first: Place, last: Place) -> ast.expr:
        """Return the expression that hands `value` to probe `key`."""


class ExpressionRewriter:
    """Rewrites expressions; `value`, `test` and `target` are the three positions."""

    def __init__(self, spans: list[Span], form: ProbeForm, imported: frozenset[str]) -> None:
        self._spans = spans
        self._form = form
        self._imported = imported
        self._asking: ast.AST = ast.Pass()
        self._in_function = False
        self._in_unwinding = False

    # --- positions ----------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, parent: int, *, role: str = "value", then: Next = "own") -> ast.expr:
        """Rewrite an expression whose value is used."""
        if is_constant(node):
            self._span(node, "constant", parent)
            return node
        if isinstance(node, ast.Starred):
            node.value = self.value(node.value, parent)
            return node
        if isinstance(node, ast.BinOp):
            return self._sum(node, parent, role, then)
        if (alone := _NEVER_PROBED.get(type(node))) is not None:
            self._inside(node, self._span(node, alone, parent))
            return node
        if type(node) not in _PROBED:
            return node  # a kind that a later Python brings: left alone
        last = last_line(node, self._imported)
        if then == "strict" and last != node.lineno:
            role = "unrecorded"
        key = self._span(node, role, parent)
        self._inside(node, key)
        return (
            node if role == "unrecorded" else self._probe(key, node, node.lineno if then == "start" else last)
        )

    def test(self, node: ast.expr, parent: int) -> ast.expr:
        """Rewrite an expression of which only the truth is used."""
        if is_constant(node):
            self._span(node, "constant", parent)
            return node
        match node:
            case ast.BoolOp():
                key = self._span(node, "test", parent)
                node.values = [self.test(v, key) for v in node.values]
                return node
            case ast.UnaryOp(op=ast.Not()):
                node.operand = self.test(node.operand, self._span(node, "test", parent))
                return node
            case ast.IfExp():
                key = self._span(node, "test", parent)
                node.test = self.test(node.test, key)
                node.body = self.test(node.body, key)
                node.orelse = self.test(node.orelse, key)
                return node
        return self._outcome(node, parent)

    def _asked(self, node: ast.expr, parent: int, asking: ast.AST) -> ast.expr:
        """Rewrite the test of `asking`: a statement, or an expression such as a comprehension."""
        before, self._asking = self._asking, asking
        try:
            return self.test(node, parent)
        finally:
            self._asking = before

    def target(self, node: ast.expr, parent: int) -> ast.expr:
        """Rewrite what is stored to or deleted: the loads inside it are recorded, itself is left alone."""
        match node:
            case ast.Attribute():
                node.value = self.value(node.value, self._span(node, "store", parent), role="target")
            case ast.Subscript():
                key = self._span(node, "store", parent)
                node.value = self.value(node.value, key, role="target")
                node.slice = self._index(node.slice, key, "target")
            case ast.Tuple() | ast.List():
                node.elts = [self.target(e, parent) for e in node.elts]
            case ast.Starred():
                node.value = self.target(node.value, parent)
        return node

    # --- single kinds of expression -----------------------------------------------------------------------------

    def _outcome(self, node: ast.expr, parent: int) -> ast.expr:
        """Record the truth of a test that is not made of tests, asking for it exactly once as the jump would."""
        if isinstance(node, ast.Compare):
            if len(node.ops) > 1 and self._is_filter_on_other_line(node):
                self._inside(node, self._span(node, "test", parent))
                return node
            self._asking = self._asking if _JUMPS_HAVE_PLACES else node
        key = self._span(node, "truth", parent)
        first, place = (
            _on_line(node, first_line(node)),
            place_of(node if _JUMPS_HAVE_PLACES else self._asking),
        )
        if not isinstance(node, ast.Compare):
            truth = _negated_twice(self.value(node, key, then="start"), place)
            return self._form(key, truth, first, place)
        self._inside(node, key)
        if len(node.ops) > 1:
            return self._outcome_of_chain(node, key, place)
        known = isinstance(node.ops[0], ALWAYS_BOOL)
        recorded = self._form(key, node if known else _negated_twice(node, place), first, place)
        if _JUMPS_HAVE_PLACES:
            return recorded
        # 3.11 puts what follows a comparison, such as the raise of an `assert`, at the comparison's place.
        return placed(ast.Compare(recorded, [ast.Is()], [placed(ast.Constant(True), place)]), place)

    def _is_filter_on_other_line(self, node: ast.Compare) -> bool:
        """Tell whether the chain `node` filters a comprehension whose element stands in another line.

        Its last jump belongs to the element's line then, a line event that a probe behind the chain would move.
        """
        match self._asking:
            case (
                ast.ListComp(elt=kept)
                | ast.SetComp(elt=kept)
                | ast.GeneratorExp(elt=kept)
                | ast.DictComp(key=kept)
            ):
                return kept.lineno != node.lineno
        return False

    def _outcome_of_chain(self, node: ast.Compare, key: int, place: Place) -> ast.expr:
        seen = [self._form(key, placed(ast.Constant(truth), place), place, place) for truth in (True, False)]
        both = placed(ast.BoolOp(ast.And(), [node, seen[0]]), place_of(node))
        return placed(ast.BoolOp(ast.Or(), [both, seen[1]]), place_of(node))

    def _sum(self, node: ast.BinOp, parent: int, role: str, then: Next) -> ast.expr:
        """Rewrite ``a + b + c ...``, which the parser nests to the left, without recursion."""
        spine = [node]
        while isinstance(inner := spine[-1].left, ast.BinOp) and not is_constant(inner):
            spine.append(inner)
        keys = [parent]
        for depth, link in enumerate(spine):
            within = role if depth == 0 else "value"
            keys.append(self._span(link, "derived" if depth and len(spine) > _LONG_SUM else within, keys[-1]))
        below: ast.expr = self.value(spine[-1].left, keys[-1])
        for link, key in zip(reversed(spine), reversed(keys[1:]), strict=True):
            link.left = below
            link.right = self._right_operand(link, key)
            below = link
            if self._spans[key].role != "derived":
                below = self._probe(key, link, self._last_of_sum(link, node, then))
        return below

    def _last_of_sum(self, link: ast.BinOp, node: ast.BinOp, then: Next) -> int:
        return node.lineno if link is node and then == "start" else last_line(link)

    def _right_operand(self, node: ast.BinOp, key: int) -> ast.expr:
        if is_format(node) and not is_constant(node.right):
            assert isinstance(node.right, ast.Tuple)
            within = self._span(node.right, "derived", key)
            then: Next = "start" if becomes_f_string(node) else "own"
            node.right.elts = [self.value(e, within, then=then) for e in node.right.elts]
            return node.right
        return self.value(node.right, key)

    def _iterable(self, node: ast.expr, parent: int, then: Next = AT_OPERAND) -> ast.expr:
        """Rewrite what a loop runs over, or ``in`` looks into: the compiler makes a tuple of a list there."""
        if isinstance(node, ast.List | ast.Set) and all(map(is_constant, node.elts)):
            self._span(node, "constant", parent)
            return node
        if isinstance(node, ast.List) and not any(isinstance(e, ast.Starred) for e in node.elts):
            self._elements(node, self._span(node, "derived", parent))
            return node
        return self.value(node, parent, then=then)

    def _index(self, node: ast.expr, parent: int, role: str = "value") -> ast.expr:
        if isinstance(node, ast.Tuple) and not is_constant(node):
            key = self._span(node, "derived", parent)
            node.elts = [self._index(e, key) for e in node.elts]
            return node
        if not isinstance(node, ast.Slice):
            return self.value(node, parent, role=role)
        key = self._span(node, "derived", parent)
        node.lower = node.lower and self.value(node.lower, key)
        node.upper = node.upper and self.value(node.upper, key)
        node.step = node.step and self.value(node.step, key)
        return node

    def _receiver(self, node: ast.expr, parent: int) -> ast.expr:
        of_super = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
        if of_super or (isinstance(node, ast.Name) and node.id in self._imported):
            self._span(node, "unrecorded", parent)
            return node
        return self.value(node, parent)

    def _callee(self, node: ast.expr, parent: int) -> ast.expr:
        if isinstance(node, ast.Name):
            self._span(node, "callee", parent)
        elif isinstance(node, ast.Attribute):
            node.value = self._receiver(node.value, self._span(node, "callee", parent))
        else:
            return self.value(node, parent, then="strict")
        return node

    # --- the parts of an expression, in the order of evaluation --------------------------------------------------

    def _inside(self, node: ast.expr, key: int) -> None:
        match node:
            case ast.Call():
                node.func = self._callee(node.func, key)
                node.args = [self.value(a, key) for a in node.args]
                for keyword in node.keywords:
                    keyword.value = self.value(keyword.value, key)
            case ast.Attribute():
                node.value = self._receiver(node.value, key)
            case ast.Subscript():
                node.value = self.value(node.value, key)
                node.slice = self._index(node.slice, key)
            case ast.Compare():
                node.left = self.value(node.left, key)
                node.comparators = [
                    self._iterable(c, key, "own")
                    if isinstance(op, ast.In | ast.NotIn)
                    else self.value(c, key)
                    for op, c in zip(node.ops, node.comparators, strict=True)
                ]
            case ast.BinOp():
                node.left = self.value(node.left, key)
                node.right = self._right_operand(node, key)
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set() | ast.JoinedStr():
                self._elements(node, key)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, key)
            case _:
                self._inside_rest(node, key)

    def _inside_rest(self, node: ast.expr, key: int) -> None:
        match node:
            case ast.UnaryOp():
                if is_negated_test(node):
                    self._inside(node.operand, self._span(node.operand, "derived", key))
                else:
                    node.operand = self.value(node.operand, key)
            case ast.BoolOp(values=[first, *others]):
                node.values = [self.value(first, key), *(self._alternative(v, key) for v in others)]
            case ast.IfExp():
                node.test = self._asked(node.test, key, node)
                node.body = self.value(node.body, key)
                node.orelse = self.value(node.orelse, key)
            case ast.NamedExpr() | ast.Await() | ast.YieldFrom():
                node.value = self.value(node.value, key)
            case ast.Yield():
                node.value = node.value and self.value(node.value, key)
            case ast.Lambda():
                self._defaults(node.args, key)
                with self._context(in_function=True):
                    node.body = self.value(node.body, key, then=AT_OPERAND)

    def _alternative(self, node: ast.expr, key: int) -> ast.expr:
        """Rewrite a later operand of ``and`` or ``or``: even a constant has an entry, which shows that it was taken."""
        if is_constant(node):
            return self._probe(self._span(node, "value", key), node, node.lineno)
        return self.value(node, key)

    def _elements(self, node: ast.expr, key: int) -> None:
        match node:
            case ast.List() | ast.Tuple() | ast.Set():
                node.elts = [self.value(e, key) for e in node.elts]
            case ast.Dict():
                for i, (name, value) in enumerate(zip(node.keys, node.values, strict=True)):
                    node.keys[i] = name and self.value(name, key)
                    node.values[i] = self.value(value, key)
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        part.value = self.value(part.value, key)
                        if part.format_spec is not None:
                            self._elements(part.format_spec, key)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, key: int
    ) -> None:
        for generator in node.generators:
            generator.iter = self._iterable(generator.iter, key)
            generator.target = self.target(generator.target, key)
            generator.ifs = [self._asked(test, key, node) for test in generator.ifs]
        if isinstance(node, ast.DictComp):
            # The pair is stored at the key's line, which comes before the value's.
            node.key = self.value(node.key, key, then="strict")
            node.value = self.value(node.value, key)
        else:
            node.elt = self.value(node.elt, key, then="start")

    # --- spans and probes ---------------------------------------------------------------------------------------

    def _span(self, node: ast.expr, role: str, parent: int) -> int:
        line, column, end_line, end_column = place_of(node)
        self._spans.append(Span(type(node).__name__, line, column, end_line, end_column, role, parent))
        return len(self._spans) - 1

    def _probe(self, key: int, node: ast.expr, last: int) -> ast.expr:
        return self._form(key, node, _on_line(node, first_line(node)), _on_line(node, last))

    def _defaults(self, arguments: ast.arguments, parent: int) -> None:
        arguments.defaults = [self.value(d, parent) for d in arguments.defaults]
        arguments.kw_defaults = [d and self.value(d, parent) for d in arguments.kw_defaults]

    @contextmanager
    def _context(self, *, in_function: bool | None = None, in_unwinding: bool = False) -> Iterator[None]:
        """Enter a block; a function or class begins with nothing to unwind."""
        before = self._in_function, self._in_unwinding
        if in_function is not None:
            self._in_function, self._in_unwinding = in_function, False
        self._in_unwinding |= in_unwinding
        yield
        self._in_function, self._in_unwinding = before


def place_of(node: ast.AST) -> Place:
    """Return where `node` stands in the text."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return line, column, getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)


def _on_line(node: ast.expr, line: int) -> Place:
    """Return where `node` is, or the begin of `line` where that is another one."""
    return place_of(node) if line == node.lineno else (line, 0, line, 0)


def placed(node: Node, place: Place) -> Node:
    """Give a new `node` its place in the text."""
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place
    return node


def _negated_twice(node: ast.expr, place: Place) -> ast.expr:
    return placed(ast.UnaryOp(ast.Not(), placed(ast.UnaryOp(ast.Not(), node), place)), place)


def is_dotted(node: ast.expr) -> bool:
    """Tell whether `node` is a name such as ``property`` or ``app.errors.NotFound``, or a tuple of these."""
    if isinstance(node, ast.Tuple):
        return all(map(is_dotted, node.elts))
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
