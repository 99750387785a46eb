"""The rewriter behind the expression ledger: it puts a probe around every sub-expression, in the syntax tree.

A probe is an object that is handed a value and hands it back. ``probe @ (a + b)`` is compiled to one constant and
one operator: no name that the program could see, no call that another tool's hooks could see. The rewriter writes
a placeholder constant for each probe; `cotrace.tracing.instrument` puts the probes into the compiled code.

Where a probe would change what the program does there is none, and the span's *role* tells how to get the value:

============  =====================================================================================================
role          what the ledger holds
============  =====================================================================================================
value         an entry with the expression's value, each time it is evaluated
truth         an entry True or False: a test's outcome. Its value, where it has one of its own, is the span inside
target        an entry like ``value``: a base or index inside what is stored to or deleted
store         no entry: what is stored to or deleted; its parts are the ``target`` spans inside
derived       no entry: the value follows from the spans inside
test          no entry: the truth follows from the ``truth`` and ``test`` spans inside
constant      no entry: the value is what the source text says
callee        no entry: the name or attribute that is called; its receiver is the span inside
unrecorded    no entry, and none to be derived: lambda, generator expression, imported module, `super()`
============  =====================================================================================================

A span's parent comes before it in the table, and the spans inside one are in the order of evaluation. What is derived:

- *BoolOp*: the value of the operand that was evaluated last, which is the last one with an entry. (A constant after
  ``or`` or ``and`` has an entry for that reason.) As a test: the truth of that operand.
- *IfExp*: the first span inside is its test; the branch that was taken has the value, or as a test the truth.
- *UnaryOp* with role ``test``: not the truth inside. *NamedExpr*: the value inside.
- *Compare* with role ``test``: a chain that filters a comprehension from another line; compare the values inside.
- *List*, *Tuple*, *Slice*: made of the values inside. *BinOp* in a long sum: the operator applied to both inside.

Why a thing has no probe:

- *BoolOp*, *IfExp*: the compiler jumps out of their middle, so a probe around them would ask for a truth twice.
- A *chained comparison* as a test jumps too. It becomes ``(chain and probe @ True) or probe @ False``.
- ``total = total + x`` in a function: CPython grows a string in place if the sum goes straight into the variable.
  The probe comes after the assignment and reads the variable.
- ``a, b = b, a``, ``for x in [a, b]``, ``x in [a, b]``, ``"%s" % (a,)``: the compiler makes no list or tuple.
- A receiver that is an imported module, or `super()`: calls on them are compiled in a way of their own.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Final, Literal, Protocol, TypeVar

from cotrace.model.source import Span
from cotrace.tracing.placement import first_line, is_constant, is_format, last_line

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

# Where a comprehension asks for an iterator: at the place of the iterable, or at its own.
_ITERATES_AT_ITERABLE: Final = sys.version_info >= (3, 13)

_NEVER_PROBED: Final[dict[type, str]] = {
    ast.BoolOp: "derived",
    ast.IfExp: "derived",
    ast.NamedExpr: "derived",
    ast.Lambda: "unrecorded",
    ast.GeneratorExp: "unrecorded",
}
_ALWAYS_BOOL: Final = (ast.Is, ast.IsNot, ast.In, ast.NotIn)

Place = tuple[int, int, int, int]
"""Line, column, end line and end column, as in `ast`."""

Next = Literal["own", "start", "strict"]
"""Where the instruction belongs that comes after an expression: at a line of its ``own``, at the expression's
``start``, or ``strict``: neither will do, so an expression that ends on another line than its first has no probe."""


Node = TypeVar("Node", bound=ast.expr | ast.stmt)


class ProbeForm(Protocol):
    """How a probe is written into the tree."""

    def __call__(self, key: int, value: ast.expr, first: Place, last: Place) -> ast.expr:
        """Return the expression that hands `value` to probe `key`."""


def instrument(
    tree: ast.Module | ast.Expression | ast.Interactive,
    *,
    spans: list[Span],
    form: ProbeForm,
    leave: Collection[int] = (),
    spare_classes: bool = False,
) -> None:
    """Put probes around the expressions of `tree`, in place, and append their spans to `spans`.

    A probe's key is the index of its span. The top-level statements at the indexes `leave` are left alone. So are,
    with `spare_classes`, class bodies with bases or keywords: their namespace may be one of the user's own, which
    would see a probe that is looked up by name.

    Raises RecursionError where the tree is too deep.
    """
    rewriter = Rewriter(tree, spans, form, spare_classes=spare_classes)
    if isinstance(tree, ast.Expression):
        tree.body = rewriter.value(tree.body, -1)
    else:
        parts = ([s] if i in leave else rewriter.block([s]) for i, s in enumerate(tree.body))
        tree.body = [statement for part in parts for statement in part]


def imported_names(tree: ast.AST) -> frozenset[str]:
    """Return the names that the module's own statements import (those in functions and classes aside)."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            waiting.extend(ast.iter_child_nodes(node))
    return frozenset(found)


class Rewriter:
    """Rewrites one tree; `value`, `test` and `target` are the three positions that an expression can have."""

    def __init__(
        self, tree: ast.AST, spans: list[Span], form: ProbeForm, *, spare_classes: bool = False
    ) -> None:
        self._tree = tree
        self._spans = spans
        self._form = form
        self._imported = imported_names(tree)
        self._spare_classes = spare_classes
        self._asking: ast.AST = ast.Pass()
        self._in_function = False
        self._in_unwinding = False

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The names that any ``global`` or ``nonlocal`` shares between scopes."""
        nodes = (n for n in ast.walk(self._tree) if isinstance(n, ast.Global | ast.Nonlocal))
        return frozenset(name for node in nodes for name in node.names)

    # --- statements ---------------------------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Rewrite a list of statements."""
        return [new for statement in statements for new in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.Expr() | ast.AnnAssign() | ast.Return() | ast.Assign() | ast.AugAssign() | ast.Delete():
                return self._simple(node)
            case ast.If() | ast.While():
                node.test = self._asked(node.test, -1, node)
            case ast.For() | ast.AsyncFor():
                node.iter = self._iterable(node.iter, -1)
                node.target = self.target(node.target, -1)
            case ast.With() | ast.AsyncWith():
                self._with_items(node.items)
            case ast.Assert():
                node.test = self._asked(node.test, -1, node)
                node.msg = node.msg and self.value(node.msg, -1)
            case ast.Raise():
                node.exc = node.exc and self.value(node.exc, -1)
                node.cause = node.cause and self.value(node.cause, -1)
            case ast.Match():
                self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._class(node)
        self._blocks(node)
        return [node]

    def _simple(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case ast.Expr():
                node.value = self.value(node.value, -1)
            case ast.Return(value=ast.expr() as value):
                node.value = self.value(value, -1, then=self._after_return(node, value))
            case ast.Assign():
                return self._assign(node)
            case ast.AugAssign():
                node.target = self.target(node.target, -1)  # type: ignore[assignment]  # it keeps its class
                node.value = self.value(node.value, -1)
            case ast.AnnAssign():
                node.value = node.value and self.value(node.value, -1)
                node.target = self.target(node.target, -1)  # type: ignore[assignment]  # it keeps its class
            case ast.Delete():
                node.targets = [self.target(t, -1) for t in node.targets]
        return [node]

    def _blocks(self, node: ast.stmt) -> None:
        """Rewrite the statements inside a loop, a branch, a ``with`` or a ``try``."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Match):
            return
        with self._context(in_unwinding=isinstance(node, ast.With | ast.AsyncWith | ast.Try | ast.TryStar)):
            for name in ("body", "orelse", "finalbody"):
                if statements := getattr(node, name, None):
                    setattr(node, name, self.block(statements))
            for handler in getattr(node, "handlers", ()):
                if handler.type is not None and not _is_dotted(handler.type):
                    handler.type = self.value(handler.type, -1)
                handler.body = self.block(handler.body)

    def _assign(self, node: ast.Assign) -> list[ast.stmt]:
        first, value = node.targets[0], node.value
        if grown := self._grown_name(node):
            return [node, self._after_growing(value, grown)]
        alone = len(node.targets) == 1
        if alone and isinstance(value, ast.Tuple) and _pairs_up(first, value) and not is_constant(value):
            self._elements(value, self._span(value, "derived", -1))
        else:
            node.value = self.value(value, -1)
        node.targets = [self.target(t, -1) for t in node.targets]
        return [node]

    def _grown_name(self, node: ast.Assign) -> ast.Name | None:
        """Return the variable of ``name = name + ...`` where it is local to a function."""
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name) as target], value=ast.BinOp(op=ast.Add(), left=ast.Name(id=left))
            ):
                return target if name == left and self._in_function and name not in self._shared else None
        return None

    def _after_growing(self, value: ast.expr, name: ast.Name) -> ast.stmt:
        key = self._span(value, "value", -1)
        self._inside(value, key)
        place = _place(name)
        reading = placed(ast.Name(name.id, ast.Load()), place)
        return placed(ast.Expr(self._form(key, reading, place, place)), place)

    def _after_return(self, node: ast.Return, value: ast.expr) -> Next:
        if value.lineno != node.lineno:
            return "own"  # the compiler itself goes back to the statement's line
        return "strict" if self._in_unwinding else "start"

    def _with_items(self, items: list[ast.withitem]) -> None:
        for item in items:
            item.context_expr = self.value(item.context_expr, -1, then="start")
            if item.optional_vars is not None:
                item.optional_vars = self.target(item.optional_vars, -1)

    def _match(self, node: ast.Match) -> None:
        node.subject = self.value(node.subject, -1)
        for case in node.cases:
            if case.guard is not None:
                case.guard = self._asked(case.guard, -1, case.guard)
            case.body = self.block(case.body)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._decorators(node)
        self._defaults(node.args, -1)
        with self._context(in_function=True):
            node.body = self.block(node.body)

    def _class(self, node: ast.ClassDef) -> None:
        spared = self._spare_classes and bool(node.bases or node.keywords)
        self._decorators(node)
        node.bases = [b if _is_dotted(b) else self.value(b, -1) for b in node.bases]
        for keyword in node.keywords:
            keyword.value = keyword.value if _is_dotted(keyword.value) else self.value(keyword.value, -1)
        with self._context(in_function=False):
            if spared:
                self._functions_below(node)
            else:
                node.body = self.block(node.body)

    def _functions_below(self, spared: ast.stmt) -> None:
        """Rewrite the functions in the class body `spared`, and nothing that runs with the class body itself."""
        for statement in _statements_below(spared):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                with self._context(in_function=True):
                    statement.body = self.block(statement.body)
            else:
                self._functions_below(statement)

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        node.decorator_list = [
            d if _is_dotted(d) else self.value(d, -1, then="start") for d in node.decorator_list
        ]

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
        first, place = _on_line(node, first_line(node)), _place(node if _JUMPS_HAVE_PLACES else self._asking)
        if not isinstance(node, ast.Compare):
            truth = _negated_twice(self.value(node, key, then="start"), place)
            return self._form(key, truth, first, place)
        self._inside(node, key)
        if len(node.ops) > 1:
            return self._outcome_of_chain(node, key, place)
        known = isinstance(node.ops[0], _ALWAYS_BOOL)
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
        both = placed(ast.BoolOp(ast.And(), [node, seen[0]]), _place(node))
        return placed(ast.BoolOp(ast.Or(), [both, seen[1]]), _place(node))

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
            self._elements(node.right, self._span(node.right, "derived", key))
            return node.right
        return self.value(node.right, key)

    def _iterable(self, node: ast.expr, parent: int, then: Next = "start") -> ast.expr:
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
                    node.body = self.value(node.body, key, then="start")

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
            generator.iter = self._iterable(generator.iter, key, "start" if _ITERATES_AT_ITERABLE else "own")
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
        line, column, end_line, end_column = _place(node)
        self._spans.append(Span(type(node).__name__, line, column, end_line, end_column, role, parent))
        return len(self._spans) - 1

    def _probe(self, key: int, node: ast.expr, last: int) -> ast.expr:
        return self._form(key, node, _on_line(node, first_line(node)), _on_line(node, last))


def _place(node: ast.AST) -> Place:
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return line, column, getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)


def _on_line(node: ast.expr, line: int) -> Place:
    """Return where `node` is, or the begin of `line` where that is another one."""
    return _place(node) if line == node.lineno else (line, 0, line, 0)


def placed(node: Node, place: Place) -> Node:
    """Give a new `node` its place in the text."""
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place
    return node


def _negated_twice(node: ast.expr, place: Place) -> ast.expr:
    return placed(ast.UnaryOp(ast.Not(), placed(ast.UnaryOp(ast.Not(), node), place)), place)


def _is_dotted(node: ast.expr) -> bool:
    """Tell whether `node` is a name such as ``property`` or ``app.errors.NotFound``, or a tuple of these."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_dotted, node.elts))
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _statements_below(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements directly inside a compound statement, those of its handlers and cases included."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from _statements_below(child)


def _pairs_up(target: ast.expr, value: ast.Tuple) -> bool:
    """Tell whether ``target = value`` stores elements one by one, with no tuple in between: ``a, b = b, a``."""
    if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != len(value.elts):
        return False
    return not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
