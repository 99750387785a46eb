"""Trace the programs of the corpora and judge each.

Each must show the same result, output and exception as alone, must be recorded as the oracle sees it, and two traces
of it must be the same, byte for byte.

The corpora are not part of this repository: `COTRACE_CORPORA` names their folder, else ../shared/corpora beside the
clone. Each program runs in a child of its own with a time limit, two at a time.
"""

import json
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from oracle.zygote import Zygote

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("cruxeval", "humaneval", "mbpp", "pyedu_toy")


@dataclass
class Judged:
    """What became of one program."""

    id: str
    verdict: str
    """``same``, perhaps with what was left out and why; ``different`` or ``failed``, which are findings;
    ``skipped: REASON``."""

    problems: list = field(default_factory=list)
    steps: int = 0
    compared: int = 0


def folder():
    """Return where the corpora are, or None."""
    place = Path(os.environ.get("COTRACE_CORPORA") or ROOT.parent / "shared" / "corpora")
    return place if all((place / f"{name}.jsonl").is_file() for name in NAMES) else None


def programs(place, names=NAMES):
    """Return the items of these corpora, in order."""
    return [
        json.loads(line)
        for name in names
        for line in (place / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def judge_all(items, *, looks, seconds, steps, workers=2, report=lambda judged: None):
    """Judge every item, `workers` at a time; return the judgements in the order of the items."""
    waiting = iter(list(enumerate(items)))
    found = [None] * len(items)
    lock = threading.Lock()

    def work():
        with Zygote() as zygote:
            while True:
                with lock:
                    place, item = next(waiting, (None, None))
                if item is None:
                    return
                found[place] = judge(zygote, item, looks=looks, seconds=seconds, steps=steps)
                report(found[place])

    workers = [threading.Thread(target=work) for _ in range(workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def judge(zygote, item, *, looks, seconds, steps):
    """Judge one item: the first `looks` steps under the oracle, within `seconds`.

    Where the oracle needs more time or memory than there is, the program is judged without it, in three times the
    time, and that is told.
    """
    reason = reason_to_skip(item)
    if reason:
        return Judged(item["id"], f"skipped: {reason}")
    asked = {
        "source": item["code"],
        "call": item["call"],
        "limits": {"steps": steps},
        "same": "multiprocessing"
        not in item["code"],  # it numbers its processes: the second run's have others
        "most": looks,
        "patience": seconds / 3,
        "seconds": seconds,
    }
    answer, without = zygote.ask("judge", **asked), ""
    if answer["status"] == "timeout":
        without = f", the oracle left out: not done after {seconds:g} seconds"
    elif "MemoryError" in answer.get("problem", ""):
        without = ", the oracle left out: it needs more memory than a child has"
    if without:
        answer = zygote.ask("judge", **asked | {"seconds": 3 * seconds}, oracle=False)
    if answer["status"] == "timeout":
        return Judged(item["id"], f"skipped: its recording is not done after {3 * seconds:g} seconds")
    if answer["status"] != "ok":
        return Judged(item["id"], "failed", [str(answer)])
    if answer["is_random"]:
        without += ", what it shows left out: that differs from run to run even alone"
    verdict = "different" if answer["problems"] else f"same{without}"
    return Judged(item["id"], verdict, answer["problems"], answer["steps"], answer["compared"])


def reason_to_skip(item):
    """Return why an item says nothing about us: it does not run by itself; "" if it does."""
    status = item["check"]["status"]
    if status == "timeout":
        return "takes more than 5 seconds even alone"
    return "needs a module that is not there" if "ModuleNotFoundError" in status else ""


def summary(judged):
    """Return the counts as lines for a person to read."""
    verdicts = Counter(one.verdict for one in judged)
    lines = [f"{count:6} {verdict}" for verdict, count in sorted(verdicts.items())]
    steps, compared = sum(one.steps for one in judged), sum(one.compared for one in judged)
    return [*lines, f"{steps:,} steps recorded, {compared:,} of them compared with the oracle"]


def findings(judged):
    """Return those that say that we are wrong."""
    return [one for one in judged if one.verdict in ("different", "failed")]
