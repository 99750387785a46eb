"""``cotrace info`` and ``cotrace clean``: what is in effect here and why, and the trace store emptied."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from cotrace.cli import render
from cotrace.cli.terminal import Terminal
from cotrace.model.limits import Limits
from cotrace.settings import Settings, config_folder, load, state_folder
from cotrace.store import TraceStore
from cotrace.tracing.tracer import Tracer

OPTIONAL = {
    "jupyterlab": "cotrace lab needs it: pip install 'cotrace[lab]'",
    "ipykernel": "notebooks need it: pip install 'cotrace[lab]'",
    "datasets": "reads and exports datasets: pip install 'cotrace[data]'",
}
"""Packages that some commands need, and what to do about a missing one."""


def arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what each of the two commands takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=info if name == "info" else clean)


def info(options: argparse.Namespace, terminal: Terminal) -> int:
    """Say which engine runs and why, which settings hold and who set them, and which folders are in use."""
    settings = load()
    found = facts(settings)
    if options.json:
        terminal.json(found)
        return 0
    own = [("cotrace", found["cotrace"]), ("Python", found["python"]), ("interpreter", found["interpreter"])]
    own += [("engine", found["engine"]["name"]), ("", found["engine"]["why"])]
    rows = [(row["key"], f"{row['value']}", row["origin"], row["doc"]) for row in found["settings"]]
    terminal.show(
        Group(
            render.facts(own),
            _heading("settings"),
            render.table(("setting", "value", "set by", "meaning"), rows),
            _heading("folders"),
            render.facts(found["folders"].items()),
            _heading("optional packages"),
            render.facts(found["packages"].items()),
        )
    )
    return 0


def facts(settings: Settings) -> dict[str, Any]:
    """Return all of it as values of JSON."""
    store = TraceStore(settings)
    stored = store.entries()
    return {
        "cotrace": version("cotrace"),
        "python": f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}",
        "interpreter": sys.executable,
        "engine": {"name": Tracer(limits=Limits()).engine, "why": why_engine()},
        "settings": [
            {"key": row.key, "value": _plain(row.value), "origin": row.origin, "doc": row.doc}
            for row in settings.effective()
        ],
        "folders": {
            "package": str(Path(__file__).parent.parent),
            "settings": str(config_folder()),
            "state": str(state_folder()),
            "trace store": f"{store.folder} ({len(stored)} traces, {sum(row.bytes for row in stored):,} bytes)",
        },
        "packages": {name: _package(name, advice) for name, advice in OPTIONAL.items()},
    }


def why_engine() -> str:
    """Return the reason for the engine that a recording would use here."""
    if sys.version_info < (3, 12):
        return f"Python {platform.python_version()} has no sys.monitoring, which came with 3.12"
    holders = {number: sys.monitoring.get_tool(number) for number in range(6)}
    taken = [f"{name} has tool id {number}" for number, name in holders.items() if name]
    others = f" ({', '.join(taken)})" if taken else ""
    return f"sys.monitoring has a free tool id{others}"


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _package(name: str, advice: str) -> str:
    try:
        return version(name) if find_spec(name) is not None else f"not installed; {advice}"
    except PackageNotFoundError:
        return "there, without a version"


def _heading(words: str) -> Text:
    return Text(f"\n{words}", "bold")


def clean(options: argparse.Namespace, terminal: Terminal) -> int:
    """Empty the trace store, and say how much that was."""
    store = TraceStore(load())
    cleared = store.clear()
    if options.json:
        terminal.json({"folder": str(store.folder), "traces": cleared.traces, "bytes": cleared.bytes})
    else:
        many = f"{cleared.traces:,} trace{'' if cleared.traces == 1 else 's'}"
        terminal.say(f"deleted {many}, {cleared.bytes:,} bytes, from {store.folder}")
    return 0
