"""Source text in, code with probes out.

The rewriter marks the place of each probe with a constant string. After compilation each mark is replaced by the
probe itself, in the code's constants and in those of the code inside it. So the finished code refers to its probes
by value: no name is looked up, none can be shadowed, and class bodies with namespaces of their own see nothing.

Compiling a text a second time would repeat its warnings (such as one for ``x is 1``) on the user's screen. So it is
compiled under a name of ours, which an entry in `warnings.filters` silences for that moment; the name is replaced
afterwards. `warnings.catch_warnings` would not do: leaving it makes Python forget which warnings were shown.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import CodeType
from typing import Final

from cotrace.model.source import Span
from cotrace.tracing.expressions import instrument
from cotrace.tracing.positions import Place, placed
from cotrace.tracing.skips import LedgerSkip

MARK: Final = "\0cotrace probe "
"""Begins the constants that stand for probes until the code is compiled."""

ProbeMaker = Callable[[int], object]
"""Makes the probe of one span: an object such that ``probe[value:]`` is `value`."""

Tree = ast.Module | ast.Expression | ast.Interactive

_OWN_NAME: Final = "<cotrace expression ledger>"
_SILENCE: Final = ("ignore", None, Warning, re.compile(re.escape(_OWN_NAME)), 0)


@dataclass(frozen=True, slots=True)
class Instrumented:
    """Code with probes, and the spans that their keys are indexes of."""

    code: CodeType
    spans: tuple[Span, ...]

    left_alone: tuple[range, ...] = ()
    """The lines of statements that are nested too deeply for probes."""


@dataclass(frozen=True, slots=True)
class NotInstrumented:
    """Why there is no code with probes."""

    reason: LedgerSkip
    detail: str = ""


def compile_instrumented(
    source: str, filename: str, mode: str = "exec", flags: int = 0, *, probe: ProbeMaker
) -> Instrumented | NotInstrumented:
    """Compile `source` with probes around its expressions.

    `mode` and `flags` are those of `compile`; nothing is inherited from the caller's own ``__future__`` imports.
    A text that does not compile is answered with a reason too: compile it without probes to get the exception.
    """
    if MARK in source:
        return NotInstrumented(LedgerSkip.UNSUPPORTED)
    made: Instrumented | NotInstrumented
    try:
        made = _compiled(source, mode, flags, frozenset())
    except RecursionError:
        made = _compiled_around_the_deep(source, mode, flags)
    except (SyntaxError, ValueError, MemoryError, OverflowError) as error:
        return NotInstrumented(LedgerSkip.COMPILE_FAILED, str(error))
    if isinstance(made, Instrumented):
        return replace(made, code=finished(made.code, filename, probe))
    return made


def _compiled(source: str, mode: str, flags: int, leave: frozenset[int]) -> Instrumented:
    """Compile with marks; the statements at the indexes `leave` stay as they are."""
    tree = parse_quietly(source, mode, flags)
    lines = [_lines(tree.body[i]) for i in sorted(leave)] if not isinstance(tree, ast.Expression) else []
    spans: list[Span] = []
    instrument(tree, spans=spans, form=marked, leave=leave)
    return Instrumented(compile_quietly(tree, mode, flags), tuple(spans), tuple(lines))


def _compiled_around_the_deep(source: str, mode: str, flags: int) -> Instrumented | NotInstrumented:
    """Compile without probes in those top-level statements that are too deep for them."""
    try:
        tree = parse_quietly(source, mode, flags)
        if not isinstance(tree, ast.Module):
            return NotInstrumented(LedgerSkip.TOO_DEEP)
        deep = frozenset(i for i, statement in enumerate(tree.body) if _is_too_deep(statement, flags))
        return _compiled(source, mode, flags, deep)
    except RecursionError as error:
        return NotInstrumented(LedgerSkip.TOO_DEEP, str(error))


def _is_too_deep(statement: ast.stmt, flags: int) -> bool:
    tree = ast.Module([statement], [])
    try:
        instrument(tree, spans=[], form=marked)
        compile_quietly(tree, "exec", flags)
    except RecursionError:
        return True
    except SyntaxError:
        return False  # it needs its neighbours, such as a `from __future__` that is no longer first
    return False


def _lines(statement: ast.stmt) -> range:
    first = min(node.lineno for node in (statement, *getattr(statement, "decorator_list", ())))
    return range(first, (statement.end_lineno or first) + 1)


def parse_quietly(source: str, mode: str, flags: int) -> Tree:
    """Parse without a warning: whoever compiled this text first has seen them."""
    with _silenced():
        tree = compile(source, _OWN_NAME, mode, flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, Tree)
    return tree


def compile_quietly(tree: Tree, mode: str, flags: int) -> CodeType:
    """Compile without a warning, under a name of ours that `finished` replaces."""
    with _silenced():
        code = compile(tree, _OWN_NAME, mode, flags, dont_inherit=True)
    assert isinstance(code, CodeType)
    return code


def marked(key: int, value: ast.expr, first: Place, last: Place) -> ast.expr:
    """Write ``MARK key[value:]``."""
    probe = placed(ast.Constant(f"{MARK}{key}"), first)
    return placed(ast.Subscript(probe, placed(ast.Slice(value), last), ast.Load()), last)


def finished(code: CodeType, filename: str, probe: ProbeMaker) -> CodeType:
    """Replace the marks in `code`, and in all code inside it, by probes, and our file name by `filename`."""
    constants: list[object] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            constants.append(finished(constant, filename, probe))
        elif isinstance(constant, str) and constant.startswith(MARK):
            constants.append(probe(int(constant.removeprefix(MARK))))
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants), co_filename=filename)


_filters_lock = threading.Lock()


@contextmanager
def _silenced() -> Iterator[None]:
    """Ignore warnings about code of our name, and no others, without making Python forget those it has shown."""
    with _filters_lock:
        filters = warnings.filters
        filters.insert(0, _SILENCE)  # type: ignore[attr-defined]  # typeshed calls it a Sequence
    try:
        yield
    finally:
        with _filters_lock, suppress(ValueError):  # the program may have emptied the list
            filters.remove(_SILENCE)  # type: ignore[attr-defined]  # typeshed calls it a Sequence
