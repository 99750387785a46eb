"""What the checker knows of the source text: which statement a line belongs to, what it stores, which loop it is in.

Read from the text alone with `ast`; a text that can't be parsed (or is not there) simply knows nothing.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from cotrace.model.source import Source

Place: TypeAlias = tuple[int, int, int, int]
"""Line, column, end line and end column, as in `ast`."""

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
COMPOUND = (
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoopPlace:
    """A loop statement: the lines of its header and of its body."""

    node: Loop
    first: int
    """The header's line."""

    body: int
    """The first line of the body."""

    last: int
    """The last line of the body, its ``else`` left out."""


@dataclass
class Code:
    """One source text, parsed."""

    source: Source
    shift: int = field(default=0, init=False)
    """How many lines stand before the text in what was parsed."""

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text; an empty module where it can't be parsed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(self.source.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
            try:  # the text of a method is indented
                tree = ast.parse("if True:\n" + self.source.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ast.Module([], [])
        return ast.increment_lineno(tree, -1)

    @cached_property
    def statements(self) -> dict[int, list[ast.stmt]]:
        """The statements that have a part on each line; of a compound statement, its header."""
        found: dict[int, list[ast.stmt]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
                for line in range(node.lineno, _last_line(node) + 1):
                    found.setdefault(line, []).append(node)
        return found

    @cached_property
    def loops(self) -> list[LoopPlace]:
        """The loop statements, outer ones first."""
        return [
            LoopPlace(node, node.lineno, node.body[0].lineno, max(_end(s) for s in node.body))
            for node in ast.walk(self.tree)
            if isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        ]

    @cached_property
    def functions(self) -> dict[str, Function | ast.Lambda]:
        """The functions by name; the last of a name wins."""
        return {
            node.name: node
            for node in ast.walk(self.tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }

    def expressions(self, line: int) -> list[ast.expr]:
        """Return every expression in the statements of a line, headers only."""
        return [node for statement in self.statements.get(line, ()) for node in self._inside(statement)]

    def _inside(self, statement: ast.stmt) -> list[ast.expr]:
        known = self._expressions.get(id(statement))
        if known is None:
            known = [n for root in header(statement) for n in ast.walk(root) if isinstance(n, ast.expr)]
            self._expressions[id(statement)] = known
        return known

    @cached_property
    def _expressions(self) -> dict[int, list[ast.expr]]:
        return {}

    def stores(self, line: int) -> set[str]:
        """Return the names that the statements of a line may give a value to."""
        names: set[str] = set()
        for statement in self.statements.get(line, ()):
            names |= _stored(statement)
        return names

    def assigns(self, line: int) -> set[str]:
        """Return the names that the statements of a line assign outside of comprehensions."""
        names: set[str] = set()
        for statement in self.statements.get(line, ()):
            inside = {
                id(part)
                for node in ast.walk(statement)
                if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
                for part in ast.walk(node)
            }
            for root in header(statement):
                names |= {
                    n.id
                    for n in ast.walk(root)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and id(n) not in inside
                }
        return names


def place_of(node: ast.expr) -> Place:
    """Return where an expression stands."""
    return (
        node.lineno,
        node.col_offset,
        node.end_lineno or node.lineno,
        node.end_col_offset or node.col_offset,
    )


def header(statement: ast.stmt) -> list[ast.AST]:
    """Return the parts of a statement that run when its own line runs: all of a simple one."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return list(statement.decorator_list)
    if not isinstance(statement, COMPOUND):
        return [statement]
    return [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, (ast.stmt, ast.match_case, ast.excepthandler))
    ]


def _last_line(statement: ast.stmt) -> int:
    if not isinstance(statement, COMPOUND):
        return _end(statement)
    return (
        max((getattr(part, "end_lineno", 0) or 0 for part in header(statement)), default=0)
        or statement.lineno
    )


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _stored(statement: ast.stmt) -> set[str]:
    names: set[str] = set()
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    for root in header(statement):
        for node in ast.walk(root):
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).partition(".")[0])
    return names
