"""The rewriter behind the expression ledger: it puts a probe around every sub-expression, in the syntax tree.

A probe is an object that is handed a value and hands it back. It is written ``probe[a + b:]``, which is compiled to
constants and one operation: no name that the program could see, no call that another tool's hooks could see, and
(unlike an operator such as ``@``) no value that means something else, as NotImplemented does. The rewriter writes a
placeholder constant for each probe; `cotrace.tracing.instrument` puts the probes into the compiled code.

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
- *Compare*: compare the values inside. (``not (a in b)`` is one operation; a chain that filters a comprehension from
  another line has role ``test``.)
- *List*, *Tuple*, *Slice*: made of the values inside. *BinOp* in a long sum: the operator applied to both inside.

Why a thing has no probe:

- *BoolOp*, *IfExp*: the compiler jumps out of their middle, so a probe around them would ask for a truth twice.
- A *chained comparison* as a test jumps too. It becomes ``(chain and probe[True:]) or probe[False:]``.
- ``total = total + x`` in a function: CPython grows a string in place if the sum goes straight into the variable.
  The probe comes after the assignment and reads the variable.
- ``a, b = b, a``, ``for x in [a, b]``, ``x in [a, b]``, ``"%s" % (a,)``: the compiler makes no list or tuple.
- A receiver that is an imported module, or `super()`: calls on them are compiled in a way of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from functools import cached_property

from cotrace.model.source import Span
from cotrace.tracing.placement import is_constant
from cotrace.tracing.positions import (
    AT_OPERAND,
    ExpressionRewriter,
    Next,
    ProbeForm,
    is_dotted,
    place_of,
    placed,
)


def instrument(
    tree: ast.Module | ast.Expression | ast.Interactive,
    *,
    spans: list[Span],
    form: ProbeForm,
    leave: Collection[int] = (),
) -> None:
    """Put probes around the expressions of `tree`, in place, and append their spans to `spans`.

    A probe's key is the index of its span. The top-level statements at the indexes `leave` are left alone.

    Raises RecursionError where the tree is too deep.
    """
    rewriter = Rewriter(tree, spans, form)
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


class Rewriter(ExpressionRewriter):
    """Rewrites one tree, statement by statement."""

    def __init__(self, tree: ast.AST, spans: list[Span], form: ProbeForm) -> None:
        super().__init__(spans, form, imported_names(tree))
        self._tree = tree

    @cached_property
    def _shared(self) -> frozenset[str]:
        """The names that any ``global`` or ``nonlocal`` shares between scopes."""
        nodes = (n for n in ast.walk(self._tree) if isinstance(n, ast.Global | ast.Nonlocal))
        return frozenset(name for node in nodes for name in node.names)

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
                if handler.type is not None and not is_dotted(handler.type):
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
        place = place_of(name)
        reading = placed(ast.Name(name.id, ast.Load()), place)
        return placed(ast.Expr(self._form(key, reading, place, place)), place)

    def _after_return(self, node: ast.Return, value: ast.expr) -> Next:
        if value.lineno != node.lineno:
            return "own"  # the compiler itself goes back to the statement's line
        return "strict" if self._in_unwinding else "start"

    def _with_items(self, items: list[ast.withitem]) -> None:
        for item in items:
            item.context_expr = self.value(item.context_expr, -1, then=AT_OPERAND)
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
        self._decorators(node)
        node.bases = [b if is_dotted(b) else self.value(b, -1) for b in node.bases]
        for keyword in node.keywords:
            keyword.value = keyword.value if is_dotted(keyword.value) else self.value(keyword.value, -1)
        with self._context(in_function=False):
            node.body = self.block(node.body)

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        node.decorator_list = [
            d if is_dotted(d) else self.value(d, -1, then="start") for d in node.decorator_list
        ]


def _pairs_up(target: ast.expr, value: ast.Tuple) -> bool:
    """Tell whether ``target = value`` stores elements one by one, with no tuple in between: ``a, b = b, a``."""
    if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != len(value.elts):
        return False
    return not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
