"""What the statements of a text bind and read, found in its syntax tree.

The names are those of the module: a function's own variables are nobody's business here, but the globals that it
reads are. `needs` tells the names whose value a text takes from outside, in the order in which its statements run:
``x = x + 1`` needs x, ``x = 1; print(x)`` does not.
"""

from __future__ import annotations

import ast
import builtins
import copy
import symtable
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BUILTIN_NAMES = frozenset(dir(builtins)) | {"__annotations__", "__builtins__", "__file__"}
"""Names that every module has, or that Python's own machinery gives it."""

SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

STAR = "*"
"""What ``from module import *`` binds, for all that its text says."""


def parsed(text: str) -> ast.Module:
    """Return the tree of a text, which may await at its top level; an empty one where it is no Python."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with _quiet():
            tree = compile(text, "<record>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    return tree if isinstance(tree, ast.Module) else ast.Module([], [])


def parsed_expression(text: str) -> ast.expr | None:
    """Return the tree of a text that is one expression, else None."""
    try:
        with _quiet():
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Have Python not warn again of what it warned of when the code ran: a strange escape, ``x is 1``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


# --- binding --------------------------------------------------------------------------------------------------


def bound_by(*nodes: ast.AST) -> set[str]:
    """Return the names that nodes bind in the scope they stand in."""
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        found |= _bound_here(node)
        if isinstance(node, COMPREHENSION):  # only a walrus in it binds outside
            waiting += [inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
        elif not isinstance(node, SCOPE):
            waiting += ast.iter_child_nodes(node)
    return found


def defined_names(text: str) -> set[str]:
    """Return the names that a text binds at its top level."""
    return bound_by(parsed(text))


def _bound_here(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name.partition(".")[0] for alias in names}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
    return set()


# --- reading --------------------------------------------------------------------------------------------------


def read_by(*nodes: ast.stmt | ast.expr) -> set[str]:
    """Return the global names that statements and expressions read, at any depth, without Python's built-in ones."""
    return _read(ast.Module([node if isinstance(node, ast.stmt) else ast.Expr(node) for node in nodes], []))


def free_names(text: str) -> set[str]:
    """Return the global names that a text reads, at any depth, without Python's built-in ones."""
    return _read(parsed(text))


def _read(tree: ast.Module) -> set[str]:
    text = ast.unparse(ast.fix_missing_locations(_Spelled().visit(copy.deepcopy(tree))))
    try:
        with _quiet():
            table = symtable.symtable(text, "<record>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        loads = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
        return {node.id for node in loads if isinstance(node.ctx, ast.Load)} - BUILTIN_NAMES
    found: set[str] = set()
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        found |= {
            symbol.get_name()
            for symbol in scope.get_symbols()
            if symbol.is_referenced() and (symbol.is_global() or scope is table)
        }
    return found - BUILTIN_NAMES


class _Spelled(ast.NodeTransformer):
    """Writes a tree so that the table of symbols tells what it reads.

    The table does not say that ``x += 1`` and ``del x`` read x, and from Python 3.12 on it counts a comprehension's
    own variables among those around it; a generator's it does not.
    """

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return node
        read = ast.Name(node.target.id, ast.Load())
        return ast.Assign([node.target], ast.BinOp(read, node.op, node.value))

    def visit_Delete(self, node: ast.Delete) -> ast.AST | list[ast.AST]:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return [node, *(ast.Expr(ast.Name(name, ast.Load())) for name in names)]

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


# --- what a text needs ------------------------------------------------------------------------------------------


@dataclass
class Needs:
    """The names that a text takes from outside."""

    at_once: set[str] = field(default_factory=set)
    """Its statements read them before they bind them."""

    later: set[str] = field(default_factory=set)
    """Only its functions read them: before or after the text binds them, as the calls come."""


def needs(text: str) -> Needs:
    """Return the names that a text takes from outside, its statements run one after the other."""
    reader = _InOrder()
    bound = reader.block(parsed(text).body, set())
    reader.found.later -= bound
    return reader.found


class _InOrder:
    """Goes through statements in the order in which they run. A loop is taken to run, a branch of an if is not."""

    def __init__(self) -> None:
        self.found = Needs()

    def block(self, body: Iterable[ast.stmt], bound: set[str]) -> set[str]:
        """Take in statements; return what is bound after them."""
        for statement in body:
            bound = self.statement(statement, bound)
        return bound

    def statement(self, node: ast.stmt, bound: set[str]) -> set[str]:
        match node:
            case ast.If():
                bound = self.read(bound, node.test)
                return self.block(node.body, bound) & self.block(node.orelse, bound)
            case ast.For() | ast.AsyncFor():
                bound = self.read(bound, node.iter) | bound_by(node.target)
                return self.block([*node.body, *node.orelse], bound)
            case ast.While():
                return self.block([*node.body, *node.orelse], self.read(bound, node.test))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    bound = self.read(bound, item.context_expr)
                    bound = bound | (bound_by(item.optional_vars) if item.optional_vars else set())
                return self.block(node.body, bound)
            case ast.Try() | ast.TryStar():
                for handler in node.handlers:
                    known = self.read(bound, *filter(None, [handler.type]))
                    self.block(handler.body, known | bound_by(handler))
                return self.block([*node.body, *node.orelse, *node.finalbody], bound)
            case ast.Match():
                bound = self.read(bound, node.subject)
                for case in node.cases:
                    known = bound | bound_by(case.pattern)
                    self.block(case.body, self.read(known, *filter(None, [case.guard])))
                return bound | bound_by(*node.cases)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                outside = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
                self.found.later |= read_by(node) - bound
                return self.read(bound, *outside) | {node.name}
            case ast.ClassDef():
                return self.class_(node, bound) | {node.name}
        return self.read(bound, node) | bound_by(node)

    def class_(self, node: ast.ClassDef, bound: set[str]) -> set[str]:
        inner = _InOrder()
        inner.block(node.body, bound)
        self.found.at_once |= inner.found.at_once
        self.found.later |= inner.found.later
        return self.read(bound, *node.decorator_list, *node.bases, *(word.value for word in node.keywords))

    def read(self, bound: set[str], *nodes: ast.stmt | ast.expr) -> set[str]:
        """Take in what nodes read; return what is bound after them."""
        if nodes:
            self.found.at_once |= read_by(*nodes) - bound
        return bound | bound_by(*(node for node in nodes if isinstance(node, ast.expr)))
