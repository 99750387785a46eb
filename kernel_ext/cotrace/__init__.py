"""cotrace: record how Python really ran, step through it, and turn it into reasoning that is checked against the run.

::

    import cotrace

    t = cotrace.trace(fn, 3)                 # record one call
    r = cotrace.narrate(t)                   # reasoning in words
    g = cotrace.check(r, t)                  # a verdict for every claim
    cotrace.Dataset("d.jsonl").append(cotrace.record(t, r))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotrace.dataset import Dataset
from cotrace.dataset import compose as record
from cotrace.errors import CotraceError
from cotrace.grounding import check
from cotrace.model.grounding import Grounding, Verdict
from cotrace.model.limits import Limits
from cotrace.model.reasoning import Reasoning, Sentence
from cotrace.model.record import Record
from cotrace.model.trace import EventKind, Trace
from cotrace.narration import narrate
from cotrace.store import load
from cotrace.tracing.calls import trace, traced, tracing

__all__ = [
    "CotraceError",
    "Dataset",
    "EventKind",
    "Grounding",
    "Limits",
    "Reasoning",
    "Record",
    "Sentence",
    "Trace",
    "Verdict",
    "check",
    "load",
    "narrate",
    "record",
    "trace",
    "traced",
    "tracing",
]

if TYPE_CHECKING:
    from cotrace.notebook.shell import Shell


def load_ipython_extension(shell: Shell) -> None:
    """Put ``%%cotrace`` into an IPython shell: what ``%load_ext cotrace`` calls."""
    from cotrace.notebook.magic import load

    load(shell)


def unload_ipython_extension(shell: Shell) -> None:
    """Take it out again: what ``%unload_ext cotrace`` calls."""
    from cotrace.notebook.magic import unload

    unload(shell)
