"""The trace that a command is about: a file that was named, or the latest one that was recorded here."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cotrace.errors import UsageError
from cotrace.formats.telling import ending, warnings
from cotrace.model.reasoning import Reasoning
from cotrace.model.trace import Trace
from cotrace.settings import Settings
from cotrace.store import TraceStore
from cotrace.store import load as load_trace


@dataclass(frozen=True, slots=True)
class Opened:
    """A trace, and the file it came from."""

    trace: Trace
    path: Path


def add_argument(parser: argparse.ArgumentParser, *, option: bool = False) -> None:
    """Declare the TRACE argument, or ``--trace`` where other things come by place."""
    text = "a .cotrace file; the latest one that was recorded, if left out"
    if option:
        parser.add_argument("--trace", type=Path, metavar="TRACE", help=text)
    else:
        parser.add_argument("trace", type=Path, nargs="?", metavar="TRACE", help=text)


def opened(path: Path | None, settings: Settings) -> Opened:
    """Return the trace at `path`, or the latest in the store. Raises TraceError, or UsageError where there is none."""
    if path is None:
        store = TraceStore(settings)
        stored = store.latest()
        if stored is None:
            raise UsageError(
                f"expected a recording in {store.folder}, found none: make one with cotrace trace FILE, "
                "or name a .cotrace file"
            )
        path = store.path(stored)
    elif path.suffix == ".py":
        raise UsageError(
            f"{path}: expected a .cotrace file, found a program: record it with cotrace trace {path}"
        )
    return Opened(load_trace(path), path)


def told(trace: Trace, settings: Settings, seed: int = 0) -> Reasoning:
    """Return the trace in words, in the style that is set."""
    from cotrace.narration import narrate

    return narrate(trace, settings.style, seed)


def outcome_fields(trace: Trace) -> dict[str, Any]:
    """Return what a program wants to know of a recording first, as values of JSON."""
    outcome = trace.outcome
    return {
        "call": trace.call,
        "steps": len(trace.steps),
        "frames": len(trace.frames),
        "outcome": {
            "kind": outcome.kind,
            "exception": outcome.exception,
            "message": outcome.message,
            "told": ending(trace),
        },
        "truncated": trace.truncated,
        "warnings": warnings(trace),
        "engine": trace.engine,
        "python": trace.python,
    }
