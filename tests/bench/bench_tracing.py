"""`make bench`: what a traced line costs, beside the least it could cost and beside other tracers.

Everything takes turns in one run, by CPU time of the thread, and the least of the rounds is printed: what else the
machine does can only add to it. A figure is what a run took over the same run untraced, divided by the lines it
executed; slow tracers get a smaller size of the same programs. What must hold is printed last, each with a mark.

    python tests/bench/bench_tracing.py [--quick] [--rounds N] [--json]
"""

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OUTDATED_IGNORE", "1")  # birdseye would ask an index for a newer version of itself
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cotrace.tracing.choice import choose
from progress import Progress
from rich.console import Console
from rich.table import Table
from tracers import FLOORS, MONITORING, NATIVE, OTHERS, REFERENCE, lines_of, untraced
from workloads import ALIVE, SIX, sample

SAMPLE = "sample"
KEYS = ("over_ns", "alone_ns", "lines", "bytes", "steps")
MARKS = {True: "met", False: "NOT MET", None: "not measured"}
PATIENCE_NS = 2_000_000_000
"""A way that has spent so much on one workload is not asked for another round of it."""

STARTING = Path(__file__).with_name("starting.py")


def ways():
    """Return the ways to run that there are here, saying aloud which are not."""
    if MONITORING is None:
        sys.exit("expected Python 3.12 or later: lines are counted by sys.monitoring")
    can = choose("native")
    if can.engine != "native":
        print(f"native engine left out: {can.why}; {can.advice}", file=sys.stderr)
    return [*FLOORS, *(NATIVE if can.engine == "native" else ()), *REFERENCE, *OTHERS]


# --- measuring --------------------------------------------------------------------------------------------------------


class Bench:
    """Runs workloads in turns, and keeps what each way took."""

    def __init__(self, folder, rounds, progress):
        self.folder, self.rounds, self.progress = folder, rounds, progress
        self.failed = {}
        """Ways that could not run a workload, with the error."""

    def measure(self, workload, chosen, *, slow_rounds=2):
        """Return for each way its figures on a workload."""
        path = self.folder / f"{workload.name.replace(' ', '_').replace('/', '_')}.py"
        path.write_text(workload.source)
        sizes = {workload.size, workload.small}
        lines = {size: lines_of(path, workload.arguments(size)) for size in sizes}
        spent = {way.name: [] for way in chosen}
        base = {size: [] for size in sizes}
        for round_ in range(self.rounds):
            for size in sizes:
                base[size].append(untraced(path, workload.arguments(size)).ns)
            for way in chosen:
                enough = sum(each.ns for each in spent[way.name]) > PATIENCE_NS
                if not enough and (not way.is_slow or round_ < slow_rounds):
                    self._run(way, path, workload, spent[way.name])
        return {
            way.name: self._figures(way, workload, spent[way.name], lines, base)
            for way in chosen
            if spent[way.name]
        }

    def _run(self, way, path, workload, spent):
        self.progress.step(f"{workload.name}, {way.name}")
        size = workload.small if way.is_slow else workload.size
        try:
            spent.append(way.run(path, workload.arguments(size)))
        except Exception as error:  # noqa: BLE001 - another tool's failure is told below the table
            self.failed[way.name, workload.name] = f"{type(error).__name__}: {error}"[:100]

    @staticmethod
    def _figures(way, workload, spent, lines, base):
        size = workload.small if way.is_slow else workload.size
        alone, took = min(base[size]), min(s.ns for s in spent)
        return {
            "over_ns": took - alone,
            "alone_ns": alone,
            "lines": lines[size],
            "bytes": spent[-1].bytes,
            "steps": spent[-1].steps,
        }


def summed(each):
    """Return the figures of several workloads as those of one; a way that failed in one is told for the others."""
    names = {name for figures in each for name in figures}
    return {name: {key: sum(f[name][key] for f in each if name in f) for key in KEYS} for name in names}


def per_line(figures):
    return figures["over_ns"] / figures["lines"]


def slowdown(figures):
    return 1 + figures["over_ns"] / figures["alone_ns"]


def per_step(figures):
    return figures["bytes"] / figures["steps"] if figures["bytes"] else None


def starting(rounds):
    """Return the medians of what starting costs in fresh processes; bytecode is kept, as where one has installed us."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder, "bytecode"))
        for _ in range(rounds + 1):
            ran = subprocess.run(
                [sys.executable, STARTING],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            found.append(json.loads(ran.stdout))
    return {key: statistics.median(f[key] for f in found[1:]) for key in found[0]}


# --- what must hold ---------------------------------------------------------------------------------------------------


def targets(table, alive, start):
    """Yield what is promised: in words, measured, whether it is met; None where it was not measured."""
    six = [w.name for w in SIX]
    lines = {name: f for name in six if (f := table[name].get("native, lines"))}
    if len(lines) == len(six):
        worst = max(map(per_line, lines.values()))
        yield "lines only, ns a line, worst of six: <= 200 (aim 130)", f"{worst:.0f}", worst <= 200
        sizes = [per_step(f) for f in lines.values()]
        words = "lines only, bytes a step, worst of six: <= 12 (aim 8)"
        yield (words, "-", None) if None in sizes else (words, f"{max(sizes):.1f}", max(sizes) <= 12)
        more = max(per_line(table[n]["native, all"]) - per_line(lines[n]) for n in six)
        yield "every expression, ns a line more, worst of six: <= 300", f"{more:.0f}", more <= 300
        floor = per_line(lines["loop"]) / per_line(table["loop"]["C callback"])
        yield "lines only over an empty C callback, on loop: aim <= 6", f"{floor:.1f}", floor <= 6
        if all("snoop" in table[n] for n in six):
            times = sorted(per_line(table[n]["snoop"]) / per_line(lines[n]) for n in six)
            yield "lines only below snoop, on five of six: >= 300 times", f"{times[1]:,.0f}", times[1] >= 300
            text = min(per_line(table[n]["snoop"]) / per_line(table[n]["native, to text"]) for n in six)
            yield "to text below snoop, on each of six: >= 20 times", f"{text:,.1f}", text >= 20
    if "native, lines" in alive:
        ns = per_line(alive["native, lines"])
        yield (
            "1,000 lists alive, an opaque call at every turn, ns a line: <= 2,000",
            f"{ns:,.0f}",
            ns <= 2_000,
        )
    yield "first trace in a process, ms: <= 5", f"{start['first_ms']:.1f}", start["first_ms"] <= 5
    yield "later traces of a small function, us: <= 50", f"{start['later_us']:.0f}", start["later_us"] <= 50


# --- printing ---------------------------------------------------------------------------------------------------------


def grid(title, chosen, table, figure, form):
    """Return a table with a row a way and a column a workload."""
    made = Table(title=title, title_justify="left")
    made.add_column("")
    for name in table:
        made.add_column(name, justify="right")
    for way in chosen:
        cells = [figure(f) if (f := table[name].get(way.name)) else None for name in table]
        if any(cell is not None for cell in cells):
            made.add_row(way.name, *("-" if cell is None else form.format(cell) for cell in cells))
    return made


def show(chosen, table, alive, start, failed):
    """Print everything."""
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    print(f"Python {platform.python_version()}; CPU time of the thread over the same program untraced")
    console.print(grid("ns a line", chosen, table, per_line, "{:,.0f}"))
    console.print(grid("times as slow as untraced", chosen, table, slowdown, "{:,.1f}"))
    console.print(grid("bytes of the log a step", chosen, table, per_step, "{:.1f}"))
    for way in chosen:
        console.print(f"{way.name}: {way.records}{' (smaller size)' if way.is_slow else ''}", markup=False)
    for (way, workload), why in failed.items():
        console.print(f"{way} can't run {workload} on this Python: {why}", markup=False)
    console.print(f"\nimport cotrace: {start['import_ms']:.0f} ms")
    console.print(f"a later trace in a module of 2,000 lines: {start['large_us']:.0f} us")
    promises = Table(title="what is promised", title_justify="left")
    for name in ("", "measured", ""):
        promises.add_column(name, justify="right" if name else "left")
    for words, measured, is_met in targets(table, alive, start):
        promises.add_row(words, measured, MARKS[is_met])
    console.print(promises)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="two rounds and a small sample")
    parser.add_argument("--json", action="store_true", help="figures for a program to read")
    options = parser.parse_args()
    rounds, count = (2, 3) if options.quick else (options.rounds, 12)
    chosen, programs = ways(), sample(count)
    if not programs:
        print("the corpora are not here: no sample of them is measured", file=sys.stderr)
    slow = sum(way.is_slow for way in chosen)
    one = rounds * (len(chosen) - slow) + min(rounds, 2) * slow
    gc.freeze()  # what the tracers are made of is no garbage of a run: a collection need not look at it
    progress = Progress(one * len(SIX) + 2 * len(chosen) * len(programs) + 2)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), rounds, progress)
        table = {workload.name: bench.measure(workload, chosen) for workload in SIX}
        bench.rounds = 2
        if programs:
            table[SAMPLE] = summed([bench.measure(each, chosen, slow_rounds=1) for each in programs])
        alive = bench.measure(ALIVE, [way for way in chosen if not way.is_slow])
    progress.clear()
    start = starting(2 if options.quick else 5)
    if options.json:
        kept = {"python": platform.python_version(), "figures": table, "alive": alive, "start": start}
        kept["promised"] = [
            {"what": w, "measured": m, "met": ok} for w, m, ok in targets(table, alive, start)
        ]
        print(json.dumps(kept, indent=1))
    else:
        show(chosen, table, alive, start, bench.failed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
