"""Imports point one way: a part of cotrace imports only the parts to its left, so a change has a known reach.

Every import statement counts, also inside a function and under TYPE_CHECKING. The few that run the other way
are listed as seams, each with its reason, and must be deferred: inside a function.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "kernel_ext" / "cotrace"

BASE = {"errors", "files", "processes", "unchanged", "model", "settings", "formats"}
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "processes": {"errors"},
    "unchanged": set(),
    "model": {"errors"},
    "settings": {"errors", "files", "unchanged", "model"},
    "formats": {"errors", "model"},
    "tracing": BASE,
    "runner": BASE | {"tracing"},
    "grounding": BASE,
    "narration": BASE | {"grounding", "tracing"},
    "dataset": BASE | {"grounding", "narration", "tracing"},
    "store": BASE | {"grounding", "narration", "dataset"},
}
COMPOSITION_ROOTS = {"__init__", "__main__", "notebook", "cli", "demo"}
STANDARD_LIBRARY_ONLY = BASE | {"tracing"}
SEAMS = {
    ("model/trace.py", "files"): "Trace.save writes a file; the value itself knows none",
    ("model/trace.py", "formats"): "Trace.to_text and Trace.to_html are conveniences on the value",
    ("formats/page.py", "cotrace_widgets"): "a page has the player in it where it is installed",
    ("notebook/display.py", "cotrace_widgets"): "the widget is shown where it is installed",
}


class Import(NamedTuple):
    """A part of cotrace or a foreign package, imported on a line, inside a function or not."""

    target: str
    line: int
    deferred: bool


def imports(file: Path, package: Path) -> list[Import]:
    """Every import of a module, ours by part (`tracing`), others by their top-level name (`numpy`)."""
    parents = ("cotrace", *file.relative_to(package).parent.parts)
    found = []

    def visit(node, deferred):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parents[: len(parents) + 1 - node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            # `from cotrace import tracing` names the part only after `import`.
            names = [f"cotrace.{alias.name}" for alias in node.names] if module == "cotrace" else [module]
        else:
            names = []
        found.extend(Import(target_of(name, package), node.lineno, deferred) for name in names)
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(file.read_text(encoding="utf-8")), deferred=False)
    return found


def target_of(name: str, package: Path) -> str:
    first, _, rest = name.partition(".")
    part = rest.partition(".")[0]
    if first != "cotrace":
        return first
    return part if part in parts_of(package) else "__init__"


def parts_of(package: Path) -> set[str]:
    """The folders with Python in them and the modules that lie directly in the package."""
    return {path.relative_to(package).parts[0].removesuffix(".py") for path in sources(package)}


def sources(package: Path) -> list[Path]:
    """Our modules; `examples` holds programs to trace, which import what they like."""
    return sorted(p for p in package.rglob("*.py") if p.relative_to(package).parts[0] != "examples")


def offences(package: Path, part: str) -> list[str]:
    """What the modules of a part import and may not, as `file:line imports target`."""
    allowed = MAY_IMPORT[part] | {part}
    found = []
    for file in sources(package):
        name = file.relative_to(package).as_posix()
        if name.partition("/")[0].removesuffix(".py") != part:
            continue
        for target, line, deferred in imports(file, package):
            ours = target in parts_of(package) or target.startswith("cotrace_") or target == "__init__"
            foreign = part in STANDARD_LIBRARY_ONLY and target not in sys.stdlib_module_names
            if (target not in allowed if ours else foreign) and not (deferred and (name, target) in SEAMS):
                found.append(f"{name}:{line} imports {target}")
    return found


def test_every_part_has_its_place_in_the_order():
    assert parts_of(PACKAGE) <= MAY_IMPORT.keys() | COMPOSITION_ROOTS


def test_the_order_has_no_cycle():
    order = list(TopologicalSorter(MAY_IMPORT).static_order())

    assert order[0] == "errors"


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_lies_to_its_left(part):
    assert offences(PACKAGE, part) == []


def test_the_widgets_take_only_what_tells_a_trace():
    """The timeline is an adapter: it shows what the model and the formats say, and puts nothing together."""
    widgets = PACKAGE.parents[1] / "widgets" / "cotrace_widgets"
    nodes = [node for file in sources(widgets) for node in ast.walk(ast.parse(file.read_text()))]
    targets = {
        target_of(node.module, PACKAGE) for node in nodes if isinstance(node, ast.ImportFrom) and node.module
    }

    assert targets & parts_of(PACKAGE) == {"errors", "formats", "model"}


def test_everything_below_the_composition_roots_imports_without_any_installed_package():
    """Tracing happens in the user's Python, where our dependencies may be missing."""
    modules = ", ".join(f"cotrace.{part}" for part in sorted(parts_of(PACKAGE) & MAY_IMPORT.keys()))
    code = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); import {modules}"

    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )

    assert run.stderr == ""


@pytest.mark.parametrize(
    ("file", "source", "offence"),
    [
        ("model/state.py", "import cotrace.tracing.capture", "model/state.py:1 imports tracing"),
        ("model/state.py", "from cotrace import tracing", "model/state.py:1 imports tracing"),
        ("model/state.py", "from ..tracing import capture", "model/state.py:1 imports tracing"),
        ("model/state.py", "from cotrace import Trace", "model/state.py:1 imports __init__"),
        ("model/state.py", "import numpy", "model/state.py:1 imports numpy"),
        ("tracing/diff.py", "def f():\n    import numpy as np", "tracing/diff.py:2 imports numpy"),
        (
            "tracing/diff.py",
            "class A:\n    from cotrace.grounding import check",
            "tracing/diff.py:2 imports grounding",
        ),
        (
            "grounding/check.py",
            "async def f():\n    import cotrace.narration",
            "grounding/check.py:2 imports narration",
        ),
        ("narration/plan.py", "import cotrace_widgets", "narration/plan.py:1 imports cotrace_widgets"),
        ("model/trace.py", "from cotrace.formats import to_html", "model/trace.py:1 imports formats"),
        ("errors.py", "import cotrace.model", "errors.py:1 imports model"),
    ],
)
def test_an_import_that_points_the_other_way_is_found(tmp_path, file, source, offence):
    tree(tmp_path, {file: source})

    assert offences(tmp_path, file.split("/")[0].removesuffix(".py")) == [offence]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (
            "model/state.py",
            "from .trace import Step\nfrom cotrace.errors import TraceError\nimport json, os.path",
        ),
        ("model/trace.py", "def to_html():\n    from cotrace.formats import to_html"),
        ("narration/plan.py", "import openai\nfrom cotrace.grounding import check"),
    ],
)
def test_an_import_to_the_left_a_seam_and_a_foreign_package_where_it_may_be_are_allowed(
    tmp_path, file, source
):
    tree(tmp_path, {file: source})

    assert offences(tmp_path, file.split("/")[0]) == []


def tree(root: Path, modules: dict[str, str]) -> None:
    """Write a package with an empty module in every part, and `modules`."""
    empty = {f"{part}/__init__.py": "" for part in MAY_IMPORT if part != "errors"} | {"errors.py": ""}
    for name, source in (empty | modules).items():
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source, encoding="utf-8")
