"""A source text as statements and scopes: which statements a line of a frame runs, and in which loops they stand.

A recording knows lines; a narration speaks of statements. `Syntax` parses a source once and answers which
statements of a scope touch a line, outermost first (``if x: return y`` has two), and which loops are around them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cotrace.model.source import Source
from cotrace.model.trace import Frame
from cotrace.tracing.instrument import parse_quietly

Unit: TypeAlias = ast.stmt | ast.ExceptHandler | ast.match_case
"""What a line can be a part of."""

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
Scope: TypeAlias = (
    ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.GeneratorExp
    | ast.ListComp | ast.SetComp | ast.DictComp
)  # fmt: skip

LOOPS = (ast.For, ast.AsyncFor, ast.While)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)

_ANONYMOUS: dict[str, type[ast.expr]] = {
    "<lambda>": ast.Lambda,
    "<genexpr>": ast.GeneratorExp,
    "<listcomp>": ast.ListComp,
    "<setcomp>": ast.SetComp,
    "<dictcomp>": ast.DictComp,
}


@dataclass
class Block:
    """The statements of one scope, by line."""

    scope: Scope
    by_line: dict[int, list[Unit]] = field(default_factory=dict)

    @property
    def parameters(self) -> list[str] | None:
        """The names of a function's parameters without `self`; None for what is no function."""
        if not isinstance(self.scope, FUNCTIONS):
            return None
        given = self.scope.args
        every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        names = [one.arg for one in every if one is not None]
        return names[1:] if names[:1] in (["self"], ["cls"]) else names


class Syntax:
    """One parsed source."""

    def __init__(self, source: Source) -> None:
        self.blocks: list[Block] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        self.spans: dict[tuple[int, int, int, int], dict[str, int]] = {}
        for number, span in enumerate(source.spans):
            place = (span.line, span.column, span.end_line, span.end_column)
            self.spans.setdefault(place, {})[span.role] = number
        self.tree: ast.Module | None = None
        try:
            parsed = parse_quietly("\n".join(source.lines), "exec", 0) if source.text else None
            self.tree = parsed if isinstance(parsed, ast.Module) else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.tree = None  # what it did is told from the deltas alone
        if self.tree is not None:
            self._scan(self.tree)

    def block_of(self, frame: Frame) -> Block | None:
        """Return the scope whose code a frame runs, or None if it can't be told."""
        name = frame.name.rpartition(".")[2]
        for block in self.blocks:
            if isinstance(block.scope, ast.Module):
                if frame.kind in ("module", "block") or name == "<module>":
                    return block
            elif _first_line(block.scope) == frame.line and _is_named(block.scope, name):
                return block
        return None

    def loops_around(self, unit: ast.AST) -> list[Loop]:
        """Return the loops of the same scope whose body holds `unit`, outermost first; not their else parts."""
        found: list[Loop] = []
        child, parent = unit, self.parents.get(unit)
        while parent is not None and not isinstance(parent, (*FUNCTIONS, ast.ClassDef, ast.Module)):
            if isinstance(parent, LOOPS) and child not in parent.orelse:
                found.append(parent)
            child, parent = parent, self.parents.get(parent)
        return found[::-1]

    def _scan(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Block | None]] = [(tree, None)]
        while stack:
            node, block = stack.pop()
            inner = block
            if isinstance(node, Scope):
                inner = Block(node)
                self.blocks.append(inner)
            if block is not None and isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
                for line in range(*_lines(node)):
                    block.by_line.setdefault(line, []).append(node)
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            stack += [(child, inner) for child in reversed(list(ast.iter_child_nodes(node)))]


def _lines(unit: Unit) -> tuple[int, int]:
    """Return the first line of a unit's own part, and the line after it: a compound statement's is its header."""
    if isinstance(unit, ast.match_case):
        last = (unit.guard or unit.pattern).end_lineno or unit.pattern.lineno
        return unit.pattern.lineno, last + 1
    first = _first_line(unit)
    body = getattr(unit, "body", None) or getattr(unit, "cases", None)
    if isinstance(body, list) and body:
        start = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else _first_line(body[0])
        header = max(first + 1, start)
        return first, header
    return first, (unit.end_lineno or first) + 1


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    line: int = getattr(node, "lineno", 0)
    return min([line, *(int(decorator.lineno) for decorator in decorators)])


def _is_named(scope: Scope, name: str) -> bool:
    if name in _ANONYMOUS:
        return isinstance(scope, _ANONYMOUS[name])
    return getattr(scope, "name", None) == name


def within(body: Sequence[ast.stmt], line: int) -> bool:
    """Tell whether a line belongs to a block of statements."""
    return body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


def own_nodes(unit: Unit) -> Iterator[ast.AST]:
    """Yield the nodes of a statement's own expressions: not those of the statements inside it."""
    for child in ast.iter_child_nodes(unit):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from ast.walk(child)
