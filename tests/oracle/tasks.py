"""What a zygote's children can be asked to do. Every answer is JSON."""

import sys
from itertools import zip_longest

from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from equality.recording import record
from oracle.compare import Comparison
from oracle.programs import run_alone, run_traced


def judge(  # noqa: PLR0913 - each is a choice of what to do without
    source,
    call="",
    *,
    limits=None,
    alone=True,
    oracle=True,
    same=True,
    ledger=True,
    most=100_000,
    patience=600.0,
    holds=True,
):
    """Run a program alone, traced, and traced under the oracle; answer what is wrong, and how the trace ended.

    Leaves out what is not wished for: `alone`; `oracle`; that two traces are the `same`. The oracle looks at `most`
    steps, and looks and compares for `patience` seconds each.
    """
    if "hread" in source:  # threads are to take turns where they wait: two runs can be compared
        sys.setswitchinterval(1000)
    options = {"limits": Limits(**(limits or {})), "filename": "<program>", "ledger": ledger}
    shown = run_alone(source, call) if alone else None
    plain = run_traced(source, call, **options)
    problems = []
    is_random = shown not in (None, plain.shown) and run_alone(source, call) != shown
    if shown not in (None, plain.shown) and not is_random:
        problems.append(f"traced it shows {plain.shown}, alone {shown}")
    compared = 0
    if oracle:
        watched = run_traced(
            source, call, observed=True, holds=holds, most=most, patience=patience, **options
        )
        try:
            compared = Comparison(watched.trace, watched.observer).run(patience)
        except AssertionError as difference:
            problems.append(f"oracle: {difference}")
        if same and not is_random and encode(plain.trace) != encode(watched.trace):
            problems.append(f"two traces of it differ: {first_difference(plain.trace, watched.trace)}")
    return {**told(plain), "compared": compared, "is_random": is_random, "problems": problems}


def first_difference(one, other):
    """Say where two traces differ first."""
    for part in ("steps", "frames", "entries", "final", "notes", "sources"):
        for place, (a, b) in enumerate(zip_longest(getattr(one, part), getattr(other, part))):
            if a != b:
                return f"{part}[{place}]: {a} and {b}"[:1500]
    return f"{one.outcome} and {other.outcome}"


def told(run):
    """What a trace says of itself."""
    trace = run.trace
    return {
        "steps": len(trace.steps),
        "outcome": trace.outcome.kind,
        "truncated": trace.truncated,
        "notes": [f"{note.subject}: {note.reason}" for note in trace.notes],
        "output": run.shown.output[-2000:],
    }


TASKS = {"judge": judge, "record": record}
