"""What a zygote's children can be asked to do. Every answer is JSON."""

import sys
from dataclasses import replace

from cotrace.model.codec import decode, encode
from cotrace.model.limits import Limits
from equality.engines import REFERENCE
from equality.pair import first_difference
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
    engine=REFERENCE,
):
    """Run a program alone, traced, and traced under the oracle; answer what is wrong, and how the trace ended.

    Leaves out what is not wished for: `alone`; `oracle`; that two traces are the `same`. The oracle looks at `most`
    steps, and looks and compares for `patience` seconds each. `engine` records the first trace, and where it is not
    the reference engine another one; the oracle's is always the reference engine's.
    """
    if "hread" in source:  # threads are to take turns where they wait: two runs can be compared
        sys.setswitchinterval(1000)
    options = {"limits": Limits(**(limits or {})), "filename": "<program>", "ledger": ledger}
    shown = run_alone(source, call) if alone else None
    plain = run_traced(source, call, engine=engine, **options)
    problems = []
    is_random = shown not in (None, plain.shown) and run_alone(source, call) != shown
    if shown not in (None, plain.shown) and not is_random:
        problems.append(f"traced it shows {plain.shown}, alone {shown}")
    compared, others = 0, []
    if oracle:
        watched = run_traced(
            source, call, observed=True, holds=holds, most=most, patience=patience, **options
        )
        others.append((REFERENCE, watched.trace))
        try:
            compared = Comparison(watched.trace, watched.observer).run(patience)
        except AssertionError as found:
            problems.append(f"oracle: {found}")
    if engine != REFERENCE:
        others += ((name, run_traced(source, call, engine=name, **options).trace)
                   for name in ([engine] if oracle else [engine, REFERENCE]))  # fmt: skip
    if same and not is_random:
        problems += filter(None, (difference(plain.trace, engine, *other) for other in others))
    return {**told(plain), "compared": compared, "is_random": is_random, "problems": problems}


def difference(one, engine, name, other):
    """Say where two engines' traces differ first, or two of one engine; "" where they are the same bytes."""
    files = [encode(replace(trace, engine="")) for trace in (one, other)]
    if files[0] == files[1]:
        return ""
    names = (engine, name) if name != engine else ("one", "other")
    return f"two traces of it differ: {first_difference(*map(decode, files), names)}"[:3000]


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
