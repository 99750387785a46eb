"""What we use of IPython's shell, as types of ours: IPython's own are only partly there, and differ by version."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType
from typing import Any, Protocol


class Compiler(Protocol):
    """Compiles cells, and remembers their text for tracebacks."""

    def __call__(self, source: ast.AST, filename: str, symbol: str, /) -> CodeType:
        """Compile a tree."""

    def ast_parse(self, source: str, filename: str) -> ast.AST:
        """Parse a text."""

    def cache(self, transformed_code: str, number: int, raw_code: str) -> str:
        """Remember a text; return the file name to compile it under."""


class Events(Protocol):
    """Tells who wants to know when a cell begins and ends."""

    def register(self, event: str, function: Callable[..., None]) -> None:
        """Have `function` called at each such event."""

    def unregister(self, event: str, function: Callable[..., None]) -> None:
        """Undo `register`."""


class CellInfo(Protocol):
    """A cell that is about to run."""

    raw_cell: str
    store_history: bool


class CellResult(Protocol):
    """How a cell ended."""

    info: CellInfo
    result: object
    error_in_exec: BaseException | None
    error_before_exec: BaseException | None


class Shell(Protocol):
    """IPython's `InteractiveShell`, as far as we need it."""

    user_ns: dict[str, Any]
    execution_count: int
    compile: Compiler
    events: Events
    display_pub: Any
    input_transformers_cleanup: list[Callable[[list[str]], list[str]]]
    ast_transformers: list[Any]
    magics_manager: Any
    showtraceback: Callable[..., object]

    def transform_cell(self, raw_cell: str) -> str:
        """Turn what a user wrote into Python."""

    def transform_ast(self, node: ast.AST) -> ast.AST:
        """Apply the shell's AST transformers."""

    def register_magic_function(self, func: Callable[..., object], magic_kind: str, magic_name: str) -> None:
        """Make a magic known."""
