"""What a front end draws of a source text: its tokens and the places of its expressions.

A browser counts characters in UTF-16 units, the model in bytes of UTF-8: this is the edge at which one becomes the
other. Colours are the front end's; here a token gets only a class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from cotrace.model.source import Source
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, _TokenType

CLASSES: tuple[tuple[int, _TokenType], ...] = (
    (5, Comment),
    (3, String),
    (4, Number),
    (9, Keyword.Constant),
    (1, Keyword),
    (1, Operator.Word),
    (6, Operator),
    (7, Name.Function),
    (7, Name.Class),
    (8, Name.Decorator),
    (2, Name.Builtin),
    (2, Name.Exception),
    (0, Name),
    (0, Punctuation),
)
"""The class of each kind of token, the special kinds before the general ones; all others are plain, 0."""

_LEXER = PythonLexer(stripnl=False, ensurenl=False)
"""The first lexer compiles its hundred expressions: who shows a recording should not wait for that."""

MOST_TOKENS = 2_000_000
"""A source with more characters than this is shown without colours: finding its tokens would take seconds."""


def tokens_of(source: Source) -> list[list[int]]:
    """Return for each line its tokens: class, length in UTF-16 units, class, length ... without plain ends."""
    rows: list[list[int]] = [[]]
    if len(source.text) > MOST_TOKENS:
        return [[] for _ in source.lines]
    for kind, text in _lexed("\n".join(source.lines)):
        for place, piece in enumerate(text.split("\n")):
            if place:
                rows.append([])
            if piece:
                _add(rows[-1], kind, _units(piece))
    return [row[:-2] if row[-2:-1] == [0] else row for row in rows]


def _lexed(text: str) -> Iterator[tuple[int, str]]:
    for _, kind, piece in _LEXER.get_tokens_unprocessed(text):
        yield next((number for number, known in CLASSES if kind in known), 0), piece


def _add(row: list[int], kind: int, length: int) -> None:
    if row and row[-2] == kind:
        row[-1] += length
    else:
        row += [kind, length]


def spans_of(source: Source) -> list[list[Any]]:
    """Return the places of the expressions: kind, line, column, end line, end column (UTF-16), role, parent."""
    lines = source.lines
    return [
        [
            span.kind, span.line, _column(lines, span.line, span.column), span.end_line,
            _column(lines, span.end_line, span.end_column), span.role, span.parent,
        ]
        for span in source.spans
    ]  # fmt: skip


def _column(lines: list[str], line: int, column: int) -> int:
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if text.isascii():
        return column
    return _units(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def extent_of(source: Source, begins: Iterable[int], *, whole: bool) -> tuple[int, int]:
    """Return the first and the last line worth showing: of a text that ran from its top all, else what ran.

    `begins` are the first lines of the code that ran.
    """
    lines = source.lines
    if whole or not source.text:
        written = [number for number, line in enumerate(lines, 1) if line.strip()]
        return (written[0], written[-1]) if written else (1, max(len(lines), 1))
    ends = {
        min([node.lineno, *(d.lineno for d in node.decorator_list)]): node.end_lineno
        for node in _defined(source)
    }
    first = sorted(begins)
    last = max((ends.get(line) or line for line in first), default=len(lines))
    return (first[0] if first else 1), min(last, len(lines))


def _defined(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in _nodes(source):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node


def _nodes(source: Source) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # a cell with magics in it, half a file: its lines are shown all the same
