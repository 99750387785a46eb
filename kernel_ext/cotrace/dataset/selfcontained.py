"""Find, in a recording, the code and the input that give the same run again in a fresh process.

The code of a call is cut out of the files that ran: the functions and classes that were traced, and what these need
(other definitions, imports, constants). A script or cell is taken whole. Names that the code reads and does not
define become the record's input, with the value they had when they came into view. Modules of the user's own that
the code imports are put in front of it as texts.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from cotrace.formats.values import exact, show
from cotrace.model.state import NO_CAUSE, Atom, Bind, HeapObject, Ref, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cotrace.model.trace import Frame, Trace

BUILTIN_NAMES = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__doc__",
    "__annotations__",
    "__builtins__",
}
MODULE_TEXT = """\
import sys as _sys, types as _types
_sys.modules[{name!r}] = _types.ModuleType({name!r})
exec({text!r}, _sys.modules[{name!r}].__dict__)
"""


@dataclass
class Program:
    """A text that runs by itself, with its input; and what is missing from it."""

    code: str
    input: dict[str, str] = field(default_factory=dict)
    """Name -> the repr of its value at entry."""

    missing: list[str] = field(default_factory=list)
    """What can't be had from the recording, in words."""


def program_of(trace: Trace) -> Program:
    """Return the self-contained program of a recording."""
    return _Finder(trace).program()


def outermost(trace: Trace) -> Frame | None:
    """Return the frame that the recording began with: the call's, the cell's or the script's."""
    return next((frame for frame in trace.frames if frame.kind != "globals" and frame.parent < 0), None)


@dataclass(frozen=True)
class _Entry:
    value: Value
    step: int


class _Finder:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.program_found = Program("")
        self.main = outermost(trace)
        self.entries = self._entry_values()

    def program(self) -> Program:
        """Put the program together."""
        found, main = self.program_found, self.main
        if main is None or main.source < 0:
            found.missing.append("the source of what ran is not in the recording")
            return found
        whole = main.kind in ("module", "block") or (main.kind == "coroutine" and main.name == "<module>")
        texts = self._texts_by_namespace()
        own = texts.pop(main.globals, {})
        main_text = self._text(main.source)
        if main.kind == "block":
            found.missing.append("a block's lines can't be told from the rest of its function")
        if whole:
            found.code = self._with_definitions(main_text, [text for text in own if text != main_text], main)
        else:
            found.code = self._cut([main_text, *(t for t in own if t != main_text)], own, main)
        for namespace, others in texts.items():
            self._add_module(namespace, others)
        if "<redacted" in found.code:
            found.missing.append("the code holds a secret, which was taken out")
        return found

    # --- texts -----------------------------------------------------------------------------------------------

    def _text(self, source: int) -> str:
        return self.trace.sources[source].text

    def _texts_by_namespace(self) -> dict[int, dict[str, set[int]]]:
        """Return, for each module, its texts with the first lines of the code in them that ran."""
        found: dict[int, dict[str, set[int]]] = {}
        for frame in self.trace.frames:
            if frame.source >= 0:
                lines = found.setdefault(frame.globals, {}).setdefault(self._text(frame.source), set())
                lines.add(frame.line)
        return found

    def _with_definitions(self, text: str, others: list[str], main: Frame) -> str:
        """A whole text, with definitions of other cells in front of it."""
        needed = free_names(text)
        defined: list[str] = []
        for other in reversed(others):
            part = cut(other, needed & defined_names(other))
            if part:
                defined.insert(0, part)
                needed = needed | free_names(part)
        given = set().union(*map(defined_names, defined)) if defined else set()
        imports = self._supply(needed - given, main)
        return "\n".join([*imports, *defined, text]).strip() + "\n"

    def _cut(self, texts: list[str], ran: dict[str, set[int]], main: Frame) -> str:
        """The definitions that ran, with all they need."""
        wanted = set().union(*(names_at(text, ran.get(text, set())) for text in texts))
        parts: list[str] = []
        for _ in range(len(texts) + 1):  # a definition of one text may need one of another
            parts = [cut(text, wanted, self._is_input) for text in reversed(texts)]
            more = set().union(*map(free_names, parts)) if parts else set()
            if more <= wanted:
                break
            wanted |= more
        code = "\n\n".join(part for part in parts if part)
        imports = self._supply(free_names(code) - defined_names(code), main)
        return "\n".join([*imports, code]).strip() + "\n"

    def _is_input(self, name: str) -> bool:
        """A module's variable whose value at entry is known exactly is input rather than code."""
        return name in self.entries and self._exact(self.entries[name]) is not None

    def _add_module(self, namespace: int, texts: dict[str, set[int]]) -> None:
        """Put a module of the user's own in front of the code, if the code can import it by its name."""
        name = self.trace.frames[namespace].name
        if len(texts) != 1 or not name or name == "__main__":
            self.program_found.missing.append(
                f"code of {name or 'another namespace'} ran, which can't be put in front"
            )
            return
        text = next(iter(texts))
        self.program_found.code = MODULE_TEXT.format(name=name, text=text) + "\n" + self.program_found.code

    # --- values at entry -----------------------------------------------------------------------------------------

    def _entry_values(self) -> dict[str, _Entry]:
        """The variables of the main module that were there before the code ran."""
        owner = self.main.globals if self.main is not None else -1
        found: dict[str, _Entry] = {}
        changed: set[str] = set()
        for step, delta in self.trace.deltas():
            if isinstance(delta, Bind) and delta.frame == owner and delta.name not in changed:
                if delta.cause == NO_CAUSE:
                    found.setdefault(delta.name, _Entry(delta.value, step))
                changed.add(delta.name)
        return found

    def _exact(self, entry: _Entry) -> str | None:
        return exact(entry.value, self.trace.snapshot(entry.step).heap)

    def _supply(self, names: Iterable[str], main: Frame) -> list[str]:
        """Give the code the names that it does not define: as input, or by importing them."""
        imports: list[str] = []
        for name in sorted(set(names) - BUILTIN_NAMES):
            entry = self.entries.get(name)
            if entry is None:
                continue  # the run never came to it, or it is an error that the run shows as well
            text = self._exact(entry)
            line = self._import_line(name, entry)
            if text is not None:
                self.program_found.input[name] = text
            elif line:
                imports.append(line)
            elif not self._is_defined_in(name, main):
                shown = show(entry.value, self.trace.snapshot(entry.step).heap)
                self.program_found.missing.append(
                    f"{name} was {shown} at entry, which can't be written down as it was"
                )
        return imports

    def _is_defined_in(self, name: str, main: Frame) -> bool:
        return name in defined_names(self._text(main.source))

    def _import_line(self, name: str, entry: _Entry) -> str:
        """The import that gives a module, or a library's class or function."""
        if not isinstance(entry.value, Ref):
            return ""
        seen: HeapObject = self.trace.snapshot(entry.step).heap[entry.value.id]
        if seen.kind == "module":
            return f"import {name}" if seen.text == name else f"import {seen.text} as {name}"
        module, _, own = seen.text.rpartition(".")
        if seen.kind in ("class", "function") and module and "<" not in seen.text:
            return f"from {module} import {own}" + ("" if own == name else f" as {name}")
        return ""


# --- source texts -----------------------------------------------------------------------------------------------------


def parsed(text: str) -> ast.Module:
    """Return the tree of a text; an empty one where it is no Python."""
    try:
        tree = compile(
            text, "<record>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    return tree if isinstance(tree, ast.Module) else ast.Module([], [])


def bound_by(statement: ast.stmt) -> set[str]:
    """Return the names that a top-level statement binds."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def defined_names(text: str) -> set[str]:
    """Return the names that a text binds at its top level."""
    return set().union(*map(bound_by, parsed(text).body))


def free_names(text: str) -> set[str]:
    """Return the global names that a text reads, at any depth."""
    try:
        table = symtable.symtable(text, "<record>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {
            n.id for n in ast.walk(parsed(text)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        }
    found: set[str] = set()
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or scope is table):
                found.add(symbol.get_name())
    return found - BUILTIN_NAMES


def names_at(text: str, lines: set[int]) -> set[str]:
    """Return the names of the top-level definitions that hold any of these lines."""
    found: set[str] = set()
    for statement in parsed(text).body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(d.lineno for d in decorators)])
        if any(first <= line <= (statement.end_lineno or first) for line in lines):
            found |= bound_by(statement)
    return found


def cut(text: str, wanted: set[str], is_input: object = None) -> str:
    """Return the statements of a text that define `wanted` names, and what these need, in their order.

    A variable for which `is_input(name)` is true is left out: its value comes from elsewhere.
    """
    body = parsed(text).body
    rows = text.replace("\r\n", "\n").split("\n")
    kept: set[int] = set()
    needed = set(wanted)
    grown = True
    while grown:
        grown = False
        for place, statement in enumerate(body):
            if place in kept or not bound_by(statement) & needed:
                continue
            if (
                callable(is_input)
                and _is_variable(statement)
                and all(is_input(n) for n in bound_by(statement))
            ):
                continue
            kept.add(place)
            needed |= free_names(ast.unparse(statement))
            grown = True
    return "\n".join(_rows_of(body[place], rows) for place in sorted(kept))


def _is_variable(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign))


def _rows_of(statement: ast.stmt, rows: list[str]) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)])
    text = "\n".join(rows[first - 1 : statement.end_lineno])
    spaced = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    return f"\n{text}\n" if spaced else text


def base_name(path: str) -> str:
    """Return a source's name without folders."""
    return PurePath(path).name


__all__ = ["Atom", "Program", "outermost", "program_of"]
