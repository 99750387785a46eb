"""Trace the programs of the corpora and judge each.

Each must show the same result, output and exception as alone, must be recorded as the oracle sees it, and three
traces of it must be the same, byte for byte: two of the native engine, where that can record, and one of the reference.

Each program runs in a child of its own with a time limit, two at a time.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field

from equality.engines import HAS_NATIVE, NATIVE, REFERENCE
from oracle.zygote import Zygote


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

    Where that takes longer, or more memory than a child has, a tenth of the steps is judged, and if need be without
    the oracle; the verdict tells. One that does not come back even so is a finding: it hangs.
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
        "engine": NATIVE if HAS_NATIVE else REFERENCE,
    }
    answer, told = zygote.ask("judge", **asked), ""
    fewer = asked | {"limits": {"steps": steps // 10}, "most": looks // 10, "seconds": 1.5 * seconds}
    if needs_too_much(answer):
        answer, told = zygote.ask("judge", **fewer), f", only the first {looks // 10:,} steps"
    if needs_too_much(answer):
        answer, told = zygote.ask("judge", **fewer, oracle=False), ", the oracle left out: it needs too much"
    if answer["status"] != "ok":
        return Judged(item["id"], "failed", [str(answer)])
    if answer["is_random"]:
        told += ", what it shows left out: that differs from run to run even alone"
    verdict = "different" if answer["problems"] else f"same{told}"
    return Judged(item["id"], verdict, answer["problems"], answer["steps"], answer["compared"])


def needs_too_much(answer):
    return answer["status"] == "timeout" or "MemoryError" in answer.get("problem", "")


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
