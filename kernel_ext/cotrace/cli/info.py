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
from cotrace.model.trace import EngineName
from cotrace.settings import Settings, config_folder, load, state_folder
from cotrace.store import TraceStore
from cotrace.tracing.choice import choose, core_fact
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
    engine = found["engine"]
    own += [("engine", engine["name"]), *(("", engine[key]) for key in ("why", "advice") if engine[key])]
    own += [("compiled core", engine["core"])]
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
        "engine": {**engine_facts(settings.engine), "core": core_fact()},
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


def engine_facts(wanted: EngineName) -> dict[str, str]:
    """Return which engine a recording would use here, why, and what to do to have a faster one."""
    chosen = choose(wanted)
    if wanted == "native" != chosen.engine:
        return {"name": "none", "why": chosen.why, "advice": f'{chosen.advice}, or set engine = "auto"'}
    return {"name": Tracer(engine=chosen.engine).engine, "why": chosen.why, "advice": chosen.advice}


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
