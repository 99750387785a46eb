"""cotrace: record how Python really ran, step through it, and turn it into reasoning that is checked against the run.

::

    import cotrace

    t = cotrace.trace(fn, 3)                 # record one call
    r = cotrace.narrate(t)                   # reasoning in words
    g = cotrace.check(r, t)                  # a verdict for every claim
    cotrace.Dataset("d.jsonl").append(cotrace.record(t, r))
"""

from cotrace.model.limits import Limits
from cotrace.model.trace import Trace
from cotrace.tracing.calls import trace, traced, tracing

__all__ = ["Limits", "Trace", "trace", "traced", "tracing"]
