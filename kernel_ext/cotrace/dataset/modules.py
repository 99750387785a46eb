"""Modules of the user's own that a record's code imports, put in front of it as texts.

A module whose code ran is taken whole. One that only hands names on (a package's ``from .area import square``) ran
before the recording began, so its text is not in it: what the code asks of it is imported from where it ran.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from cotrace.dataset.definitions import is_future
from cotrace.dataset.names import defined_names, parsed

if TYPE_CHECKING:
    from cotrace.model.trace import Frame, Trace

LOADER = """\
import sys
import types


def _module(name):
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = []
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(_module(parent), own, sys.modules[name])
    return sys.modules[name]


def _load(name, package, text):
    module = _module(name)
    module.__package__ = package
    exec(compile(text, name + ".py", "exec"), module.__dict__)
"""
"""What stands before the modules in a record's code."""

LIBRARY_FOLDERS = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Module:
    """A module as its name and its text."""

    name: str
    text: str
    is_package: bool = False

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


def with_modules(code: str, modules: list[Module]) -> str:
    """Return code with the modules in front, made when it runs."""
    loads = [f"_load({m.name!r}, {m.package!r}, {_quoted(m.text)})" for m in modules]
    return in_front(code, "\n\n".join([LOADER, *loads])) if modules else code


def in_front(code: str, text: str) -> str:
    """Put a text in front of code; the code's ``from __future__`` imports stay the first of all."""
    rows = code.split("\n")
    futures = [node for node in parsed(code).body if is_future(node)]
    for node in futures:
        rows[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    head = "".join(ast.unparse(node) + "\n" for node in futures)
    return "\n".join(part for part in (head, text.strip("\n"), "\n".join(rows).strip("\n")) if part) + "\n"


def _quoted(text: str) -> str:
    """Return a text as a literal, over several rows where that can be."""
    if "'''" in text or "\\" in text or text.endswith("'") or not text.strip():
        return repr(text)
    return f"'''\\\n{text.strip(chr(10))}\n'''"


# --- which modules ------------------------------------------------------------------------------------------------


def is_package(trace: Trace, frame: Frame) -> bool:
    """Tell whether a frame's module is a package's own."""
    return PurePath(trace.sources[frame.source].name).name == "__init__.py"


def modules_of(
    trace: Trace, texts: dict[int, dict[str, set[int]]], main: Module
) -> tuple[list[Module], list[str]]:
    """Return the modules that `main` needs, each after those that it imports, and what is missing of them.

    `texts` gives, for each module's namespace but the main one, its texts that ran.
    """
    found: dict[str, Module] = {}
    missing: list[str] = []
    for namespace, ran in texts.items():
        name = trace.frames[namespace].name
        frame = next(f for f in trace.frames if f.globals == namespace and f.source >= 0)
        if _is_library(trace, frame):
            continue
        if len(ran) == 1 and name != "__main__" and all(map(str.isidentifier, name.split("."))):
            found[name] = Module(name, next(iter(ran)), is_package(trace, frame))
        else:
            missing.append(f"code of {name or 'another namespace'} ran, which can't be imported")
    for name, asked in _asked_of_others([main, *found.values()], found).items():
        lines = [f"from {owner} import {own}" for own in sorted(asked) if (owner := _owner(own, found))]
        if lines:
            found[name] = Module(name, "\n".join(lines) + "\n", is_package=True)
    return _in_order(found), missing


def _is_library(trace: Trace, frame: Frame) -> bool:
    """Tell whether a frame's module is there in every process: it was traced because the user asked for it."""
    folders = PurePath(trace.sources[frame.source].name).parts
    root = trace.frames[frame.globals].name.partition(".")[0]
    return root in sys.stdlib_module_names or bool(LIBRARY_FOLDERS & set(folders))


def _asked_of_others(modules: list[Module], found: dict[str, Module]) -> dict[str, set[str]]:
    """Return, for each module that is imported but did not run, the names that are asked of it."""
    asked: dict[str, set[str]] = {}
    for module in modules:
        tree = parsed(module.text)
        for base, name in _imports(module):
            root = base.partition(".")[0]
            if base in found or root in sys.stdlib_module_names or f"{base}.{name}" in found:
                continue
            asked.setdefault(base, set()).update([name] if name else _attributes(tree, base))
    return asked


def _imports(module: Module) -> Iterator[tuple[str, str]]:
    """Yield the modules that a module imports, each with a name that it takes from it; "" for all of it."""
    for node in ast.walk(parsed(module.text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.package.split(".") if node.level else []
            around = parts[: len(parts) - node.level + 1]
            base = ".".join([*around, *filter(None, [node.module])])
            yield from ((base, alias.name) for alias in node.names)


def _attributes(tree: ast.Module, module: str) -> set[str]:
    """Return the attributes of a module that a text names in full: ``square`` of ``shapes.square``."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == module
    }


def _owner(name: str, found: dict[str, Module]) -> str:
    """Return the module that defines a name, "" where none or several do."""
    owners = [module.name for module in found.values() if name in defined_names(module.text)]
    return owners[0] if len(owners) == 1 else ""


def _in_order(modules: dict[str, Module]) -> list[Module]:
    """Return modules so that each comes after those that it imports."""
    ordered: list[Module] = []
    entered: set[str] = set()

    def enter(name: str) -> None:
        if name not in modules or name in entered:
            return
        entered.add(name)
        for base, own in _imports(modules[name]):
            enter(f"{base}.{own}" if f"{base}.{own}" in modules else base)
        ordered.append(modules[name])

    for name in modules:
        enter(name)
    return ordered
