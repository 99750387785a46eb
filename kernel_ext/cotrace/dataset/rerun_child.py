"""What a fresh interpreter does to run a record again; standard library only, started as a script.

``python -I rerun_child.py REQUEST REPORT`` reads a request (code, call, input, limits) from one JSON file and writes
what came of it to another. What the program prints goes where the process's standard output goes.

The program runs as ``__main__`` does, in three parts: the imports and definitions that it begins with, the rest, and
its last expression. Inputs whose repr is a literal are bound before all of them; a repr such as ``Point(x=1, y=2)``
is evaluated after the first part, by when the code has defined its names.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import json
import linecache
import re
import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

FILENAME = "<record>"
CO_COROUTINE = 0x80
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
CONSTRUCTORS = """\
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
import datetime
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from types import MappingProxyType as mappingproxy, SimpleNamespace as namespace
from uuid import UUID
"""
"""The names that the reprs of the standard library's values use."""


class UnusableError(Exception):
    """The request can't be run as it stands; the message says why."""


class Program:
    """A record's code in its own ``__main__``."""

    def __init__(self, code: str) -> None:
        self._module = types.ModuleType("__main__")
        sys.modules["__main__"] = self._module
        linecache.cache[FILENAME] = (len(code), None, code.splitlines(keepends=True), FILENAME)
        self.body = parsed(code).body
        self._flags = future_flags(self.body) | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._runner: asyncio.Runner | None = None

    @property
    def names(self) -> dict[str, object]:
        """The program's namespace."""
        return self._module.__dict__

    def run(self, statements: list[ast.stmt]) -> None:
        """Run statements at the top level."""
        self._evaluate(ast.Module(statements, []), "exec")

    def value(self, expression: ast.expr) -> object:
        """Evaluate an expression at the top level."""
        return self._evaluate(ast.Expression(expression), "eval")

    def _evaluate(self, tree: ast.Module | ast.Expression, mode: str) -> object:
        code = compile(tree, FILENAME, mode, flags=self._flags, dont_inherit=True)
        value = eval(code, self.names)  # noqa: S307 - to run the record's code is what this process is for
        return self._awaited(value) if code.co_flags & CO_COROUTINE else value

    def _awaited(self, coroutine: object) -> object:
        import asyncio  # takes longer than all else here, and few programs await at their top level

        self._runner = self._runner or asyncio.Runner()
        return self._runner.run(coroutine)  # type: ignore[arg-type]  # the flag says that it is a coroutine


def parsed(source: str) -> ast.Module:
    """Return the tree of a source text."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
    try:
        tree = compile(source, FILENAME, "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableError(f"expected plain Python, found {type(error).__name__}: {error}") from None
    assert isinstance(tree, ast.Module)
    return tree


def parsed_expression(source: str) -> ast.expr:
    """Return the tree of a source text that is one expression."""
    body = parsed(source.strip()).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise UnusableError(f"expected one expression to evaluate, found {source!r}")
    return body[0].value


def future_flags(body: list[ast.stmt]) -> int:
    """Return the flags of the program's ``from __future__`` imports, which hold for all of its parts."""
    flags = 0
    for statement in body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def head_of(body: list[ast.stmt]) -> int:
    """Return how many statements at the beginning only import and define."""
    for index, statement in enumerate(body):
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not isinstance(statement, DEFINITIONS) and not (is_docstring and index + 1 < len(body)):
            return index
    return len(body)


# ---- input ----


def bind(inputs: list[tuple[str, str]], names: dict[str, object]) -> list[tuple[str, str]]:
    """Bind the inputs that are literals; return the others."""
    others = []
    for name, text in inputs:
        try:
            names[name] = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            others.append((name, text))
    return others


def bind_constructed(inputs: list[tuple[str, str]], names: dict[str, object]) -> None:
    """Bind the inputs whose repr calls a constructor, of the program or of the standard library."""
    if not inputs:
        return
    known: dict[str, object] = {}
    exec(CONSTRUCTORS, known)  # noqa: S102 - a constant
    for name, text in inputs:
        # defaultdict shows its factory as <class 'int'>.
        source = re.sub(r"<class '(?:[\w.]+\.)?(\w+)'>", r"\1", text)
        try:
            names[name] = eval(source, {**known, **names})  # noqa: S307 - see Program
        except Exception as error:  # noqa: BLE001 - a constructor of the record may raise anything
            raise UnusableError(
                f"input {name}: expected the repr of a value, found {text[:80]!r} ({type(error).__name__}: {error})"
            ) from None


# ---- the run ----


def run(request: dict[str, object]) -> dict[str, str]:
    """Run the request; return its `value`, `exception` or `problem`, and `text` if the value is a string."""
    try:
        program = Program(str(request["code"]))
        call = str(request["call"])
        expression = parsed_expression(call) if call.strip() else None
        value = evaluated(program, expression, request["input"])
    except UnusableError as error:
        return {"problem": str(error)}
    except SystemExit as error:
        return {"exception": f"SystemExit: {error.code}"} if error.code else {}
    except BaseException as error:  # noqa: BLE001 - whatever the program ends with is its outcome
        return {"exception": outcome(error)}
    return shown(value, is_call=expression is not None)


def evaluated(program: Program, call: ast.expr | None, inputs: object) -> object:
    """Run the program with its input and return the call's value, or that of its last expression."""
    assert isinstance(inputs, list)
    others = bind(inputs, program.names)
    split = head_of(program.body)
    program.run(program.body[:split])
    bind_constructed(others, program.names)
    rest = program.body[split:]
    if call is None and rest and isinstance(last := rest[-1], ast.Expr):
        program.run(rest[:-1])
        return program.value(last.value)
    program.run(rest)
    return None if call is None else program.value(call)


def shown(value: object, *, is_call: bool) -> dict[str, str]:
    """Return the value as text; a program without a call shows no None, as a cell does not."""
    if value is None and not is_call:
        return {}
    # The limit on digits is part of the program's run, but not of showing its result.
    sys.set_int_max_str_digits(0)
    try:
        report = {"value": repr(value)}
    except BaseException as error:  # noqa: BLE001 - the program's own __repr__ may raise anything
        return {"exception": outcome(error)}
    return report | ({"text": str(value)} if type(value) is str else {})


def outcome(error: BaseException) -> str:
    """Return an exception as a traceback's last line has it, without the module of its type."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - the program's own __str__ may raise anything
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def limit(limits: dict[str, int]) -> None:
    """Let the process use no more than this of each resource, where the platform can say so."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is all there is
        return
    for name, most in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(number, (allowed, allowed))


def main(request_path: str, report_path: str) -> None:
    """Run the request of one file and write the report to another."""
    with open(request_path, encoding="utf-8") as opened:  # noqa: PTH123 - pathlib takes long to import
        request = json.load(opened)
    sys.argv[:] = [FILENAME]
    limit(request["limits"])
    report = run(request)
    with contextlib.suppress(Exception):  # the program may have closed or replaced its standard output
        sys.stdout.flush()
    with open(report_path, "w", encoding="utf-8") as opened:  # noqa: PTH123 - as above
        json.dump(report, opened)


if __name__ == "__main__":
    main(*sys.argv[1:])
