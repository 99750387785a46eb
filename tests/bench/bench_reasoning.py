"""Measures reasoning over corpora of programs: how well it is told, and how well errors in it are found.

For each program: trace it, narrate it offline, check the text, then check single-error mutants of it. Prints two
tables: what the narration costs and tells, and what the checker reaches with the narrator's own text, with other
wording at the same anchors, and with other wording and no anchors.

    python tests/bench/bench_reasoning.py [--programs N] [--style normal] [--corpus NAME ...] [--show N]

Corpora are JSON lines with ``code``, ``entry``, ``call`` and ``check``, in the folder that COTRACE_CORPORA names.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cotrace
from corpora import items as corpora
from cotrace.grounding import check
from cotrace.model.grounding import Grounding
from cotrace.model.reasoning import Reasoning, Sentence
from cotrace.model.state import Atom
from cotrace.model.trace import Trace
from cotrace.narration import narrate
from mutants import CLASSES, Excluded, Mutant, mutants
from progress import Progress

SECONDS = 5
MODES = ("offline", "anchored", "free")


@dataclass
class Tally:
    """The figures of one way of writing."""

    documents: int = 0
    flagged: int = 0
    claims: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)


@dataclass
class Figures:
    """Everything that is printed."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {mode: Tally() for mode in MODES})
    skipped: Counter[str] = field(default_factory=Counter)
    excluded: Excluded = field(default_factory=Excluded)
    milliseconds: list[tuple[int, int, float]] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


# --- programs -----------------------------------------------------------------------------------------------


def programs(names: list[str], most: int) -> Iterator[dict[str, object]]:
    """Yield up to `most` programs of each corpus that ran well when the corpus was made."""
    for name in names:
        items = corpora.programs([name])
        fit = [
            i
            for i in items
            if i["check"]["status"] == "ok" and i["check"]["steps"] <= 300 and i["kind"] == "call"
        ]
        stride = max(1, len(fit) // most)
        yield from fit[::stride][:most]


class TooLongError(Exception):
    """A program did not end in time."""


def _stop(_signal: int, _frame: object) -> None:
    raise TooLongError


def traced(item: dict[str, object]) -> Trace:
    """Run one program's call under the tracer."""
    namespace: dict[str, object] = {"__name__": "program"}
    path = Path(
        tempfile.gettempdir(), f"cotrace-bench-{os.getpid()}", re.sub(r"\W", "_", str(item["id"])) + ".py"
    )
    path.parent.mkdir(exist_ok=True)
    path.write_text(str(item["code"]))  # the ledger needs the source of what is traced
    exec(compile(str(item["code"]), str(path), "exec"), namespace)
    arguments: dict[str, object] = {}
    exec("def arguments(*a, **k): return a, k", arguments)
    call = str(item["call"]).replace(str(item["entry"]), "arguments", 1)
    positional, named = eval(call, {**namespace, **arguments})
    return cotrace.trace(namespace[str(item["entry"])], *positional, **named)


# --- other wording ------------------------------------------------------------------------------------------

WORDINGS = (
    (r"\b(becomes|is set to|gets the value) (?=[-'\"\[({\dTFN])", "ends up as "),
    (r"\bthis makes (\S+) (?=[-'\"\[({\dTFN])", r"so \1 is updated to "),
    (r"\b(goes|changes|moves) from (\S+) to ", r"starts at \2 and is now "),
    (r"^Pass (\d+): ", r"In iteration \1, "),
    (r"\b(?:does not hold|fails|comes out false)(?=[.;,]|$)", "is false"),
    (r"\b(?:holds|comes out true)(?=[.;,]|$)", "is true"),
    (r" − ", " - "),
    (r" × ", " times "),
    (r" ÷ ", " divided by "),
    (r" \+ ", " plus "),
    (r" ≤ ", " <= "),
    (r" ≥ ", " >= "),
    (r" ≠ ", " != "),
    (r"\bis appended to\b", "is then added to"),
    (r"; ", ", and then "),
    (r"\bgives back\b", "returns"),
    (r"^So the answer is\b", "The final answer is"),
)


def reworded(text: str) -> str:
    """Say a sentence of the offline narrator in other words and signs; what is in strings stays."""
    pieces = re.split(r"('(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")", text)
    text = "\x00".join(pieces[::2])
    for old, new in WORDINGS:
        text = re.sub(old, new, text)
    parts = text.split("\x00")
    strings = [*pieces[1::2], ""]
    return (
        "".join(p + s for p, s in zip(parts, strings, strict=False))
        if len(parts) == len(pieces[::2])
        else "".join(pieces)
    )


def written(mode: str, base: Reasoning, texts: tuple[str, ...], order: tuple[int, ...]) -> Reasoning:
    """Return a document in one way of writing."""
    if mode == "offline":
        kept = [replace(base.sentences[n], text=text) for n, text in zip(order, texts, strict=True)]
        return replace(base, sentences=tuple(kept))
    if mode == "anchored":
        other = [
            Sentence(text, base.sentences[n].anchor, "person") for n, text in zip(order, texts, strict=True)
        ]
        return replace(base, sentences=tuple(other))
    return Reasoning(tuple(Sentence(text) for text in texts), generator="person")


# --- measuring ----------------------------------------------------------------------------------------------


def measure(item: dict[str, object], figures: Figures, style: str) -> None:
    """Take all figures of one program."""
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trace = traced(item)
    except TooLongError:
        figures.skipped["too long"] += 1
        return
    except Exception as error:  # noqa: BLE001 - whatever the tracer or the program does, the next one is measured
        figures.skipped[f"not traced: {type(error).__name__}"] += 1
        return
    finally:
        signal.alarm(0)
    reasoning = narrate(trace, style)  # type: ignore[arg-type]
    telling(item, trace, reasoning, figures)
    for mode in MODES:
        checking(mode, item, trace, reasoning, figures)


def telling(item: dict[str, object], trace: Trace, reasoning: Reasoning, figures: Figures) -> None:
    """Count what the narration costs and what it tells."""
    start = time.perf_counter()
    grounding = check(reasoning, trace)
    figures.milliseconds.append(
        (len(trace.steps), len(reasoning.sentences), 1000 * (time.perf_counter() - start))
    )
    if 20 <= len(trace.steps) <= 300:
        figures.tokens.append((len(re.findall(r"\w+|[^\w\s]", reasoning.text)), len(trace.steps)))
    figures.told.append((grounding.coverage.told, grounding.coverage.total))
    expected = str(item.get("expected_repr"))
    figures.answers["in the text" if expected in reasoning.sentences[-1].text else "not in the text"] += 1


def checking(
    mode: str, item: dict[str, object], trace: Trace, reasoning: Reasoning, figures: Figures
) -> None:
    """Check a text and its mutants in one way of writing."""
    tally = figures.tallies[mode]
    texts = [s.text if mode == "offline" else reworded(s.text) for s in reasoning.sentences]
    right = check(written(mode, reasoning, tuple(texts), tuple(range(len(texts)))), trace)
    tally.documents += 1
    tally.claims.update(right.counts)
    if flagged(right):
        tally.flagged += 1
        tally.alarms.append(f"{item['id']}: {_why(right)}")
    names = sorted({n for f in trace.frames for n in _names(trace, f.id)})
    for mutant in mutants(texts, names, literals(trace), hash_of(str(item["id"])), figures.excluded):
        tally.made[mutant.kind] += 1
        wrong = check(written(mode, reasoning, mutant.sentences, mutant.order), trace)
        if flagged(wrong):
            tally.found[mutant.kind] += 1
        else:
            tally.missed.append(f"{item['id']} {mutant.kind}: {_difference(mutant)}")


def flagged(grounding: Grounding) -> bool:
    """Tell whether a reader is warned."""
    return not grounding.ok


def _why(grounding: Grounding) -> str:
    judged = grounding.refuted[0]
    return f"{judged.claim.text[:90]} | {judged.reason[:140]}"


def _difference(mutant: Mutant) -> str:
    return f"{mutant.before[:110]} => {mutant.after[:110]}"


def _names(trace: Trace, frame: int) -> set[str]:
    from cotrace.model.state import Bind

    return {d.name for _, d in trace.deltas() if isinstance(d, Bind) and d.frame == frame}


def literals(trace: Trace) -> list[str]:
    """Return the short literals that occurred in the run."""
    found = {
        v.text for e in trace.entries if isinstance(v := e.value, Atom) and v.literal and len(v.text) < 60
    }
    return sorted(found)


def hash_of(text: str) -> int:
    """Return a number that stays the same from run to run."""
    return sum(ord(c) * (n + 1) for n, c in enumerate(text))


# --- printing -----------------------------------------------------------------------------------------------


def share(part: float, whole: float) -> str:
    """Return a percentage."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def show(figures: Figures, style: str, shown: int) -> None:
    """Print the tables."""
    tokens, steps = sum(t for t, _ in figures.tokens), sum(s for _, s in figures.tokens)
    ordered = sorted(t for t, _ in figures.tokens) or [0]
    told, changes = sum(t for t, _ in figures.told), sum(c for _, c in figures.told)
    offline = figures.tallies["offline"]
    print(
        f"\n| offline narration ({style}, {offline.documents} programs) | measured | goal |\n| --- | --- | --- |"
    )
    print(
        f"| words and signs per executed step (20 to 300 steps) | {tokens / max(steps, 1):.1f} | <= 8 tokens |"
    )
    print(
        f"| p99 words and signs per narration | {ordered[int(0.99 * (len(ordered) - 1))]} | <= 600 tokens |"
    )
    print(f"| state changes told | {share(told, changes)} | 100 % full, >= 90 % normal |")
    print(
        "| answer in the last sentence as the corpus has it | "
        f"{share(figures.answers['in the text'], offline.documents)} | 100 % |"
    )
    print(
        f"| passes its own check | {share(offline.documents - offline.flagged, offline.documents)} | 100 % |"
    )
    header = "| checker | offline narrator | other words, anchored | other words, free |"
    print(f"\n{header}\n| --- | --- | --- | --- |")
    tallies = [figures.tallies[mode] for mode in MODES]
    rows = {
        "mutants detected": [share(sum(t.found.values()), sum(t.made.values())) for t in tallies],
        "documents falsely flagged": [share(t.flagged, t.documents) for t in tallies],
        "claims checkable": [
            share(t.claims.total() - t.claims["uncheckable"], t.claims.total()) for t in tallies
        ],
        "claims supported": [share(t.claims["supported"], t.claims.total()) for t in tallies],
    }
    for kind in CLASSES:
        rows[kind] = [
            f"{t.found[kind]}/{t.made[kind]} ({share(t.found[kind], t.made[kind])})" for t in tallies
        ]
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")
    times = sorted(ms for _, _, ms in figures.milliseconds) or [0.0]
    big = [ms for steps, _, ms in figures.milliseconds if steps >= 200] or [0.0]
    print(
        f"\nchecking: median {statistics.median(times):.1f} ms, longest {times[-1]:.1f} ms; "
        f"200 to 300 steps: longest {max(big):.1f} ms"
    )
    print(
        f"mutants left out because they stay true: {figures.excluded.count}; programs skipped: {dict(figures.skipped)}"
    )
    for mode in MODES if shown else ():
        for title, lines in (
            ("missed", figures.tallies[mode].missed),
            ("false alarms", figures.tallies[mode].alarms),
        ):
            print(f"\n{mode}: {title} ({len(lines)})")
            print("\n".join(f"  {line}" for line in _spread(lines, shown)))


def _spread(lines: list[str], most: int) -> list[str]:
    """Return lines of every kind in turn."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        by_kind[line.partition(":")[0].rpartition(" ")[2]].append(line)
    picked = [group[n] for n in range(most) for group in by_kind.values() if n < len(group)]
    return picked[:most]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=150, help="how many of each corpus")
    parser.add_argument("--style", default="normal")
    parser.add_argument("--corpus", nargs="*", default=["cruxeval", "humaneval", "mbpp"])
    parser.add_argument(
        "--show", type=int, default=0, help="how many misses and false alarms to show of each kind of text"
    )
    options = parser.parse_args()
    if not corpora.ARE_HERE:
        print(corpora.ABSENT)
        return 2
    signal.signal(signal.SIGALRM, _stop)
    figures = Figures()
    chosen = list(programs(options.corpus, options.programs))
    progress = Progress(len(chosen))
    try:
        for item in chosen:
            progress.step(str(item["id"]))
            measure(item, figures, options.style)
    finally:
        progress.clear()
        shutil.rmtree(Path(tempfile.gettempdir(), f"cotrace-bench-{os.getpid()}"), ignore_errors=True)
    show(figures, options.style, options.show)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
