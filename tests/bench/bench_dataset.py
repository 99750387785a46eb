"""What keeping records costs: one append, many at once, reading, a change, and running a record again.

Run it as ``python tests/bench/bench_dataset.py [--rounds N]``; it prints figures and fails if an append takes longer or
a batch is slower than promised. The figures are the best of several rounds, since other work on the machine only ever
adds to them. The first line says how fast this machine is at the moment.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cotrace.dataset import Dataset, rerun
from cotrace.model.record import Anchor, Message, Question, Record, TraceReference
from progress import Progress

APPEND_MS = 5.0
BATCH_ROWS = 5_000
BATCH = 500

CODE = "def total(ns):\n    found = 0\n    for n in ns:\n        if n % 2:\n            found += n\n    return found\n"
SENTENCE = "The next number is 3, which is odd, so it is added and the total so far becomes 4. "
RECORD = Record(
    question=Question("output", "What is total([1, 2, 3])?"),
    messages=(
        Message("user", CODE + "\nWhat is total([1, 2, 3])?"),
        Message("assistant", "4", SENTENCE * 12),
    ),
    answer="4",
    code=CODE,
    call="total([1, 2, 3])",
    anchors=tuple(
        Anchor(len(SENTENCE) * n, len(SENTENCE) * (n + 1) - 1, (n, n + 1, n + 5)) for n in range(12)
    ),
)
"""A record as the narrator makes them: a dozen sentences, about 2.5 kB."""


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def machine():
    """Nanoseconds for one turn of an empty loop: about 15 on a free machine of our day."""
    return min(seconds(lambda: [None for _ in range(100_000)]) for _ in range(20)) * 1e4


def appends(folder, trace=None):
    """The median milliseconds of one append."""
    dataset = Dataset(folder / "one.jsonl")

    def append(number):
        named = replace(RECORD, trace=TraceReference(sha256=f"{number:064x}")) if trace else RECORD
        dataset.append(named, trace)

    return statistics.median(seconds(lambda n=n: append(n)) for n in range(200)) * 1e3


def measured(folder, rounds, progress):
    """Return what each kind of work takes: its name, the figure, and the one that is promised, if any."""
    progress.step("appending one by one")
    one = min(appends(folder) for _ in range(min(5, rounds)))
    progress.step("appending with a recording")
    kept = appends(folder, b"x" * 20_000)
    progress.step("appending many at once")
    many = Dataset(folder / "many.jsonl")
    batch = BATCH / min(seconds(lambda: many.append_many([RECORD] * BATCH)) for _ in range(rounds))
    progress.step("reading")
    rows = rounds * BATCH
    read = rows / min(seconds(lambda: list(many)) for _ in range(2))
    progress.step("changing")
    last = list(many)[-1]
    change = seconds(lambda: many.update(replace(last, split="test"))) * 1e3
    undo = seconds(many.undo) * 1e3
    progress.step("running a record again")
    again = min(seconds(lambda: rerun(RECORD)) for _ in range(10)) * 1e3
    progress.clear()
    return one, batch, [
        ("append, median", f"{one:.2f} ms", f"at most {APPEND_MS:g} ms"),
        ("append with a recording", f"{kept:.2f} ms", ""),
        (f"append in batches of {BATCH}", f"{batch:,.0f} rows/s", f"at least {BATCH_ROWS:,} rows/s"),
        ("read", f"{read:,.0f} rows/s", ""),
        (f"change one of {rows:,}", f"{change:.0f} ms", ""),
        (f"undo one of {rows:,}", f"{undo:.0f} ms", ""),
        ("run a record again", f"{again:.0f} ms", ""),
    ]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    print(f"{'a dataset':28}{'measured':>16}{'promised':>24}")
    print(f"{'one turn of an empty loop':28}{f'{machine():.1f} ns':>16}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        one, batch, table = measured(Path(name), rounds, Progress(6))
    for what, figure, promised in table:
        print(f"{what:28}{figure:>16}{promised:>24}")
    return 0 if one <= APPEND_MS and batch >= BATCH_ROWS else 1


if __name__ == "__main__":
    sys.exit(main())
