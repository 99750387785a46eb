"""`make bench`: what a traced line costs, by thread CPU time over the same program untraced.

Three columns are ours: lines only, with the expression ledger, and end to end (from the call to the text that a
person reads). Beside them stand snoop and PySnooper, end to end as well, on a smaller size of the same programs.
All of them take turns in one run, and the median of the rounds is printed, so that a busy machine is busy for all.
"""

import argparse
import io
import linecache
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pysnooper
import snoop
from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer
from progress import Progress
from workloads import WORKLOADS

LIMITS = Limits(steps=1_000_000)


def plain(workload, size):
    """Run without any tracer."""
    run = made(workload, compile(workload.source, name_of(workload), "exec"))
    return timed(lambda: run(size))


def lines_only(workload, size):
    """Record lines and state, without the expression ledger."""
    tracer = Tracer(limits=LIMITS, files=[name_of(workload)])
    run = made(workload, compile(workload.source, name_of(workload), "exec"))
    return timed(lambda: tracer.run(lambda: run(size)))


def with_ledger(workload, size):
    """Record lines, state and the value of every sub-expression."""
    tracer = Tracer(limits=LIMITS, files=[name_of(workload)])
    run = made(workload, tracer.compile(workload.source, name_of(workload)))
    return timed(lambda: tracer.run(lambda: run(size)))


def end_to_end(workload, size):
    """Record everything, and make the text."""
    tracer = Tracer(limits=LIMITS, files=[name_of(workload)])
    run = made(workload, tracer.compile(workload.source, name_of(workload)))
    return timed(lambda: tracer.run(lambda: run(size)).to_text())


def by_snoop(workload, size):
    """Let snoop write its text, into memory."""
    run = made(workload, compile(workload.source, name_of(workload), "exec"))
    tracer = snoop.Config(out=io.StringIO()).snoop(depth=3)
    return timed(lambda: tracer(run)(size))


def by_pysnooper(workload, size):
    """Let PySnooper write its text, into memory."""
    run = made(workload, compile(workload.source, name_of(workload), "exec"))
    tracer = pysnooper.snoop(io.StringIO(), depth=3)
    return timed(lambda: tracer(run)(size))


OURS = {"lines only": lines_only, "with ledger": with_ledger}
PEERS = {"snoop": by_snoop, "PySnooper": by_pysnooper}
CALLED = "cotrace to text"
BESIDE = {CALLED: end_to_end, **PEERS}


def name_of(workload):
    return f"<bench {workload.name}>"


def made(workload, code):
    """Return the program's `run`, made anew."""
    text = workload.source
    linecache.cache[name_of(workload)] = (len(text), None, text.splitlines(keepends=True), name_of(workload))
    namespace = {"__name__": "bench"}
    exec(code, namespace)
    return namespace["run"]


def timed(action):
    began = time.thread_time_ns()
    action()
    return time.thread_time_ns() - began


def lines_of(workload, size):
    """Count the line steps of one run."""
    tracer = Tracer(limits=LIMITS, files=[name_of(workload)])
    run = made(workload, compile(workload.source, name_of(workload), "exec"))
    trace = tracer.run(lambda: run(size))
    own = [s for s in trace.steps if trace.sources[trace.frames[s.frame].source].name == name_of(workload)]
    return sum(step.event.value == "line" for step in own)


def measure(workload, size, columns, rounds, progress):
    """Return nanoseconds over the untraced run, per line, for each column: medians of interleaved rounds."""
    lines = lines_of(workload, size)
    spent = {name: [] for name in columns}
    for _ in range(rounds):
        progress.step(workload.name)
        base = plain(workload, size)
        for name, column in columns.items():
            spent[name].append((column(workload, size) - base) / lines)
    return lines, {name: statistics.median(values) for name, values in spent.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    progress = Progress(2 * len(WORKLOADS) * rounds)
    print(f"Python {sys.version.split()[0]}, {Tracer().engine}")
    print("ns of thread CPU time a line, over the untraced run")
    heading("recording", OURS)
    for workload in WORKLOADS:
        row(workload, *measure(workload, workload.size, OURS, rounds, progress), progress)
    ratios = [f"{peer} / ours" for peer in PEERS]
    heading("end to end", [*BESIDE, *ratios])
    for workload in WORKLOADS:
        lines, cost = measure(workload, workload.small, BESIDE, rounds, progress)
        row(workload, lines, cost, progress, [cost[peer] / cost[CALLED] for peer in PEERS])
    return 0


def heading(title, columns):
    print(f"\n{title:12}{'lines':>8}" + "".join(f"{name:>18}" for name in columns))


def row(workload, lines, cost, progress, ratios=()):
    progress.clear()
    figures = [*(f"{ns:,.0f}" for ns in cost.values()), *(f"{ratio:.2f}" for ratio in ratios)]
    print(f"{workload.name:12}{lines:>8}" + "".join(f"{text:>18}" for text in figures), flush=True)


if __name__ == "__main__":
    sys.exit(main())
