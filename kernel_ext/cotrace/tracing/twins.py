"""The twin of a function's code: the same code with probes, made from the source text of its file.

A function's code depends on what surrounds it: enclosing functions give it free variables, enclosing classes
``__class__`` and private names. So its file is compiled as a whole, twice: without probes and with them. The first
result shows whether the text still gives the code that runs (code objects compare equal only if every instruction
and position is the same); it also tells functions apart that share a name and a line. The second holds the twin in
the same place.
"""

from __future__ import annotations

import ast
import linecache
import threading
import weakref
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from types import CodeType
from typing import Any, Final, Generic, TypeVar

from cotrace.model.source import Span
from cotrace.tracing.expressions import instrument
from cotrace.tracing.instrument import (
    MARK,
    Instrumented,
    NotInstrumented,
    compile_instrumented,
    compile_quietly,
    finished,
    marked,
    parse_quietly,
)
from cotrace.tracing.skips import LedgerSkip

# A cell of a notebook may have this from an earlier cell, and not say so itself.
_INHERITED_FLAGS: Final = annotations.compiler_flag

Found = CodeType | NotInstrumented


@dataclass(frozen=True, slots=True)
class InstrumentedText:
    """A source text whose code has probes; their keys are indexes into `spans`."""

    filename: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class MarkedTree:
    """A tree whose code, once it is compiled, is to be completed with probes."""

    tree: ast.Module
    number: int
    """What `Instrumentation.finish` knows it by."""


class Instrumentation:
    """All code of this process that has probes.

    Every text that was instrumented has a number, its index in `texts`, which its probes hand on with each value.
    `probe` makes a probe from that number and a key; `Sink.probe` does.
    """

    def __init__(self, probe: Callable[[int, int], object]) -> None:
        self.texts: list[InstrumentedText] = []
        self._probe = probe
        self._lock = threading.RLock()
        self._numbers: dict[tuple[str, str], int] = {}
        self._files: dict[tuple[str, int], _File] = {}
        self._twins: CodeTable[Found] = CodeTable()
        self._probed: CodeTable[int] = CodeTable()

    def compile(self, source: str, filename: str, mode: str = "exec", flags: int = 0) -> Found:
        """Compile a whole text with probes; see `compile_instrumented`."""
        made = self._compile(source, filename, mode, flags)
        return made if isinstance(made, NotInstrumented) else made.code

    def twin(self, code: CodeType, module: dict[str, Any] | None = None) -> Found:
        """Return the twin of a function's code, or the reason why there is none.

        `module` is the function's globals, where the loader of its source can be found.
        """
        with self._lock:
            found = self._twins.get(code)
            if found is None:
                found = self._find_twin(code, module)
                self._twins.set(code, found)
            return found

    def has_probes(self, code: CodeType) -> bool:
        """Tell whether `code` was made here."""
        return self._probed.get(code) is not None

    def number_of(self, code: CodeType) -> int | None:
        """Return the number of the text that `code` was made from with probes; None if it has none."""
        return self._probed.get(code)

    def number(self, filename: str, text: str) -> int:
        """Return the number of a text; the same text of the same file has one number, and the same keys."""
        with self._lock:
            number = self._numbers.setdefault((filename, text), len(self.texts))
            if number == len(self.texts):
                self.texts.append(InstrumentedText(filename, text, ()))
            return number

    def mark(self, tree: ast.Module, filename: str, text: str) -> MarkedTree | NotInstrumented:
        """Return a copy of `tree` with marks for probes, for code that someone else compiles and `finish` completes.

        IPython compiles a cell statement by statement; `text` is what the tree was parsed from.
        """
        if MARK in text:
            return NotInstrumented(LedgerSkip.UNSUPPORTED)
        spans: list[Span] = []
        try:
            copy = deepcopy(tree)
            instrument(copy, spans=spans, form=marked)
            # Whoever compiles the tree would show the user an error that is ours: try here first.
            compile_quietly(copy, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except RecursionError as error:
            return NotInstrumented(LedgerSkip.TOO_DEEP, str(error))
        except (SyntaxError, ValueError, MemoryError) as error:
            return NotInstrumented(LedgerSkip.COMPILE_FAILED, str(error))
        with self._lock:
            # A number of its own: other tools may have changed the tree, so that it is not what the text gives.
            self.texts.append(InstrumentedText(filename, text, tuple(spans)))
            return MarkedTree(copy, len(self.texts) - 1)

    def finish(self, code: CodeType, number: int) -> CodeType:
        """Return `code`, which was compiled from the marked tree of this number or a part of it, with its probes."""
        made = finished(code, code.co_filename, partial(self._probe, number))
        for each in all_code(made):
            self._probed.set(each, number)
        return made

    def _compile(self, source: str, filename: str, mode: str, flags: int) -> Instrumented | NotInstrumented:
        number = self.number(filename, source)
        made = compile_instrumented(source, filename, mode, flags, probe=partial(self._probe, number))
        if isinstance(made, Instrumented):
            self.texts[number] = InstrumentedText(filename, source, made.spans)
            for code in all_code(made.code):
                if not _is_in(code.co_firstlineno, made.left_alone):
                    self._probed.set(code, number)
        return made

    def _find_twin(self, code: CodeType, module: dict[str, Any] | None) -> Found:
        found: Found = NotInstrumented(LedgerSkip.NO_SOURCE)
        for text in _texts_of(code.co_filename, module):
            twins = self._twins_in(code.co_filename, text, code.co_flags & _INHERITED_FLAGS)
            if isinstance(twins, NotInstrumented):
                return twins
            found = twins.get(code, NotInstrumented(LedgerSkip.SOURCE_CHANGED))
            if isinstance(found, CodeType):
                break
        return found

    def _twins_in(self, filename: str, text: str, flags: int) -> _Twins | NotInstrumented:
        """Return the twins of all code in a file, compiled when first asked for."""
        known = self._files.get((filename, flags))
        if known is None or known.text != text:
            known = _File(text, self._pair_up(filename, text, flags))
            self._files[filename, flags] = known
        return known.twins

    def _pair_up(self, filename: str, text: str, flags: int) -> _Twins | NotInstrumented:
        # A notebook's cell may await at its top; functions are compiled as ever.
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            plain = compile_quietly(parse_quietly(text, "exec", flags), "exec", flags)
        except RecursionError as error:
            return NotInstrumented(LedgerSkip.TOO_DEEP, str(error))
        except (SyntaxError, ValueError, MemoryError, OverflowError) as error:
            return NotInstrumented(LedgerSkip.SOURCE_CHANGED, str(error))
        made = self._compile(text, filename, "exec", flags)
        return dict(_pairs(plain, made.code, made.left_alone)) if isinstance(made, Instrumented) else made


_Twins = dict[CodeType, Found]


@dataclass(frozen=True)
class _File:
    """What was found out about one text of one file."""

    text: str
    twins: _Twins | NotInstrumented


T = TypeVar("T")


class CodeTable(Generic[T]):
    """A mapping from code objects by identity, which keeps none of them alive.

    Code objects compare by what they hold, and not by their file's name, so they make poor keys.
    """

    def __init__(self) -> None:
        self._rows: dict[int, tuple[weakref.ref[CodeType], T]] = {}

    def get(self, code: CodeType) -> T | None:
        """Return what was set for this very object."""
        row = self._rows.get(id(code))
        return row[1] if row is not None and row[0]() is code else None

    def set(self, code: CodeType, value: T) -> None:
        """Keep `value` for as long as `code` lives."""
        rows, key = self._rows, id(code)

        def forget(gone: weakref.ref[CodeType]) -> None:
            if key in rows and rows[key][0] is gone:
                del rows[key]

        rows[key] = (weakref.ref(code, forget), value)


def all_code(code: CodeType) -> Iterator[CodeType]:
    """Yield `code` and every code object inside it."""
    yield code
    for inner in _code_in(code):
        yield from all_code(inner)


def _code_in(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _pairs(
    plain: CodeType, probed: CodeType, left_alone: tuple[range, ...]
) -> Iterator[tuple[CodeType, Found]]:
    """Yield each code object inside `plain` with the one that stands in the same place of `probed`."""
    inside, twins = _code_in(plain), _code_in(probed)
    if len(inside) != len(twins):
        return  # the compiler left out different parts as unreachable: no way to tell which is which
    for inner, twin in zip(inside, twins, strict=True):
        if _is_in(inner.co_firstlineno, left_alone):
            yield inner, NotInstrumented(LedgerSkip.TOO_DEEP)
        elif inner.co_freevars != twin.co_freevars or inner.co_flags != twin.co_flags:
            yield inner, NotInstrumented(LedgerSkip.FREE_VARIABLES)
        else:
            yield inner, twin
        yield from _pairs(inner, twin, left_alone)


def _is_in(line: int, stretches: tuple[range, ...]) -> bool:
    return any(line in stretch for stretch in stretches)


def _texts_of(filename: str, module: dict[str, Any] | None) -> Iterator[str]:
    """Yield the text under which `filename` is known; then, if the file has changed since, what it holds now."""
    for fresh in (False, True):
        before = linecache.cache.get(filename)
        if fresh:
            linecache.checkcache(filename)
            if linecache.cache.get(filename) is before:
                return
        if lines := linecache.getlines(filename, module):
            yield "".join(lines)
