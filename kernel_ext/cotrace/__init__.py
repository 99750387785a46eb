"""cotrace: record how Python really ran, step through it, and turn it into reasoning that is checked against the run.

::

    import cotrace

    t = cotrace.trace(fn, 3)                 # record one call
    r = cotrace.narrate(t)                   # reasoning in words
    g = cotrace.check(r, t)                  # a verdict for every claim
    cotrace.Dataset("d.jsonl").append(cotrace.record(t, r))

Only what records is imported with the package; the rest is imported when it is first asked for, so that the process
of a traced program stays as light as it can be.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cotrace.errors import CotraceError
from cotrace.model.limits import Limits
from cotrace.model.trace import EventKind, Trace
from cotrace.tracing.calls import trace, traced, tracing

if TYPE_CHECKING:
    from cotrace.dataset import Dataset
    from cotrace.dataset import compose as record
    from cotrace.grounding import check
    from cotrace.model.grounding import Grounding, Verdict
    from cotrace.model.reasoning import Reasoning, Sentence
    from cotrace.model.record import Record
    from cotrace.narration import narrate
    from cotrace.store import load

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

_LATER = {
    "Dataset": "cotrace.dataset:Dataset",
    "Grounding": "cotrace.model.grounding:Grounding",
    "Reasoning": "cotrace.model.reasoning:Reasoning",
    "Record": "cotrace.model.record:Record",
    "Sentence": "cotrace.model.reasoning:Sentence",
    "Verdict": "cotrace.model.grounding:Verdict",
    "check": "cotrace.grounding:check",
    "load": "cotrace.store:load",
    "narrate": "cotrace.narration:narrate",
    "record": "cotrace.dataset:compose",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'cotrace' has no attribute {name!r}")
    module, _, attribute = _LATER[name].partition(":")
    found = globals()[name] = getattr(import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Put ``%%cotrace`` into an IPython shell: what ``%load_ext cotrace`` calls."""
    from cotrace.notebook.magic import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take it out again: what ``%unload_ext cotrace`` calls."""
    from cotrace.notebook.magic import unload

    unload(shell)
