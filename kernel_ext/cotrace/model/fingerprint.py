"""Recognise code whatever its layout: a hash of its syntax tree without positions.

Comments, blank lines, indentation, quotes and brackets do not matter, nor do the words of a docstring of a function
or class. Whether there is one does: so two texts with one hash have trees of one shape, and what was recorded of a
place in the one can be shown at the same place in the other. The hash is the same on every Python that parses the
text to the same tree, since a kernel and an editor may run different ones.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def text_hash(text: str) -> str:
    """Return the hash of a cell's or file's text.

    A text that is not Python (a cell with magics, or half typed) is hashed as it is, less the blanks at the ends of
    lines and less blank lines.
    """
    tree = parsed(text)
    if tree is not None:
        return tree_hash(tree)
    lines = [line.rstrip() for line in text.splitlines()]
    return _digest(["text", *filter(None, lines)])


def function_hashes(text: str) -> dict[tuple[str, int], str]:
    """Return the hash of every function in a text by its name and first line, a decorator's line if it has one."""
    tree = parsed(text)
    nodes = ast.walk(tree) if tree is not None else ()
    return {(node.name, _first_line(node)): tree_hash(node) for node in nodes if isinstance(node, _FUNCTIONS)}


def tree_hash(tree: ast.AST) -> str:
    """Return the hash of a syntax tree, such as a function's."""
    return _digest(_words(tree))


def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree of a text, or None if it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of "\\d": whoever compiles the text to run it warns
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two where it is nested too deep
        return None


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _words(tree: ast.AST) -> Iterator[str]:
    """Yield what a tree says, in order: unlike `ast.dump`, the same on every Python, and at any depth."""
    docstrings: set[int] = set()
    waiting: list[object] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            yield f"[{len(part)}"
            waiting += reversed(part)
        elif isinstance(part, ast.Constant):
            yield (
                "docstring" if id(part) in docstrings else f"{type(part.value).__name__} {_shown(part.value)}"
            )
        elif isinstance(part, ast.AST):
            if isinstance(part, _DOCUMENTED):
                docstrings |= _docstring(part)
            said = _fields(part)
            yield " ".join([type(part).__name__, *said])
            waiting += reversed(said.values())
        else:
            yield _shown(part)


def _fields(node: ast.AST) -> dict[str, object]:
    """Return the fields of a node that say something on every Python: another may not know those that are empty."""
    said = {name: value for name, value in ast.iter_fields(node) if value is not None and value != []}
    if isinstance(node, ast.JoinedStr):  # Python 3.12 puts an empty text at the end of some formats
        said["values"] = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
    return said


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[int]:
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return {id(first.value)}
    return set()


def _shown(value: object) -> str:
    # Python refuses to write very long integers in decimal.
    return hex(value) if isinstance(value, int) else ascii(value)


def _digest(words: Iterator[str] | list[str]) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
