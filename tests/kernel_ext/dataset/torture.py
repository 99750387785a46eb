"""Writers that append to one dataset while they are killed; run as ``python torture.py FOLDER KILLS SEED KIND...``.

Eight writers are forked from this small process, each doing one kind of work over and over:

append
    adds a record, now and then a big one
update
    adds a record and changes it a few times
undo
    adds records and takes the last ones back

Before it begins a thing and after it is done, a writer says so in its journal, with one write: what it has said
before the kill stands. A writer is killed at a random moment and another takes its place. A reader reads all along.
In the end the file is compared with the journals, and the figures are printed as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from cotrace.dataset import Dataset
from cotrace.model.record import Record

WRITERS = 8
SIZES = [200] * 80 + [20_000] * 14 + [400_000] * 5 + [1_500_000]
SMALL = [200] * 95 + [20_000] * 5  # a change writes the whole file: a big one leaves time for few


class Writer:
    """One process that writes; everything it says goes to its journal."""

    def __init__(self, folder, name, sizes):
        self.dataset = Dataset(folder / "examples.jsonl")
        self.name = name
        self.random = random.Random(name)
        self.journal = os.open(folder / f"{name}.journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.sizes = sizes
        self.count = 0

    def say(self, *words):
        os.write(self.journal, (" ".join(map(str, words)) + "\n").encode())

    def append(self):
        self.count += 1
        token = f"{self.name}-{self.count}"
        record = Record(call=token, code="x" * self.random.choice(self.sizes))
        done = self.dataset.append(record)
        self.say("appended", done.id, token)
        return done.id

    def update(self):
        record = self.dataset[self.append()]
        for _ in range(3):
            record = self.dataset.update(replace(record, tags=(*record.tags, "more")))
            self.say("updated", record.id, record.rev)

    def undo(self):
        for _ in range(4):
            self.append()
        for _ in range(2):
            self.say("undoing")
            self.say("undone", self.dataset.undo().id)


def fork(work):
    """Run `work` in a child until it is killed; any exception of its own is a failure of the test."""
    pid = os.fork()
    if pid == 0:
        try:
            while True:
                work()
        finally:
            os._exit(3)
    return pid


def start_writer(folder, kind, name, sizes):
    writer = Writer(folder, name, sizes)
    pid = fork(getattr(writer, kind))
    os.close(writer.journal)
    return pid


def said(folder):
    """All that was said, by writer."""
    return {
        path.stem: [line.split() for line in path.read_text().split("\n")[:-1]]
        for path in folder.glob("*.journal")
    }


def start_reader(folder):
    """Read over and over: no damaged line, and every record that was acknowledged before the reading began."""
    report = os.open(folder / "reader", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def read():
        known = expectations(said(folder))["must"]
        present, damaged = set(), 0
        for line in Dataset(folder / "examples.jsonl").lines():
            damaged += line.record is None
            present.add(line.record.id if line.record else "")
        os.write(report, f"{damaged} {len(known - present - removable(folder))}\n".encode())

    return fork(read)


def removable(folder):
    """What undo may have taken out while the reader read."""
    told = said(folder)
    return {words[1] for lines in told.values() for words in lines if words[0] == "undone"} | expectations(
        told
    )["may"]


def expectations(told):
    """What must be in the file, may be or not, and must not be; and the revisions that were acknowledged."""
    must, may, gone, revisions = {}, set(), set(), {}
    for lines in told.values():
        mine = []
        for words in lines:
            if words[0] == "appended":
                mine.append(words[1])
                must[words[1]] = words[2]
            elif words[0] == "updated":
                revisions[words[1]] = int(words[2])
            elif words[0] == "undone":
                mine.remove(words[1])
                gone.add(words[1])
        if lines and lines[-1][0] == "undoing":
            may.add(mine[-1])
    return {
        "must": must.keys() - may - gone,
        "may": may,
        "gone": gone,
        "revisions": revisions,
        "tokens": must,
    }


def lock_holders(folder):
    """The processes that hold the dataset's lock, where the platform tells; waits a little for one."""
    for _ in range(50):
        inode = (
            (folder / ".examples.jsonl.lock").stat().st_ino
            if (folder / ".examples.jsonl.lock").exists()
            else 0
        )
        locks = Path("/proc/locks")
        rows = [line.split() for line in locks.read_text().splitlines()] if locks.exists() else []
        if pids := [int(row[4]) for row in rows if row[3] == "WRITE" and row[5].endswith(f":{inode}")]:
            return pids
    return []


def fire(folder, kills, kinds, rng):
    """Keep the writers busy and kill them one after another; return how many ended by themselves."""
    writers = {}
    failed = 0
    only_appends = set(kinds) == {"append"}
    sizes, pause = (SIZES, 0.03) if only_appends else (SMALL, 0.05)
    reader = start_reader(folder)
    for number in range(kills + WRITERS):
        if number >= WRITERS:
            time.sleep(rng.uniform(0.0, pause))
            # Many kills are aimed at who is writing: the others mostly meet a writer that waits.
            victim = rng.choice(list(writers))
            if number % 2 and (only_appends or number % 4 == 1):
                victim = next((pid for pid in lock_holders(folder) if pid in writers), victim)
            os.kill(victim, signal.SIGKILL)
            failed += os.WIFEXITED(os.waitpid(victim, 0)[1])
            kind = writers.pop(victim)
        else:
            kind = kinds[number % len(kinds)]
        writers[start_writer(folder, kind, f"w{number:04}", sizes)] = kind
    for pid in (*writers, reader):
        os.kill(pid, signal.SIGKILL)
        failed += os.WIFEXITED(os.waitpid(pid, 0)[1])
    return failed


def compare(folder):
    """Compare the file with what was said."""
    dataset = Dataset(folder / "examples.jsonl")
    dataset.append(Record(call="last"))
    lines = list(dataset.lines())
    records = [line.record for line in lines if line.record]
    ids = [record.id for record in records]
    tokens = [record.call for record in records]
    wanted = expectations(said(folder))
    by_id = {record.id: record for record in records}
    readings = [tuple(map(int, line.split())) for line in (folder / "reader").read_text().split("\n")[:-1]]
    torn = folder / "examples.jsonl.torn"
    return {
        "acknowledged": len(wanted["tokens"]),
        "lost": sorted(
            name for name in wanted["must"] if name not in by_id or by_id[name].call != wanted["tokens"][name]
        ),
        "damaged": [line.problem for line in lines if line.record is None],
        "doubled": sorted({name for name in ids if ids.count(name) > 1} if len(set(ids)) < len(ids) else ()),
        "doubled_work": len(tokens) - len(set(tokens)),
        "not_gone": sorted(wanted["gone"] & by_id.keys()),
        "lost_updates": sorted(
            name
            for name, rev in wanted["revisions"].items()
            if name in by_id and by_id[name].rev not in (rev, rev + 1)
        ),
        "updates": sum(rev - 1 for rev in wanted["revisions"].values()),
        "undone": len(wanted["gone"]),
        "readings": len(readings),
        "readings_damaged": sum(damaged for damaged, _ in readings),
        "readings_lost": sum(lost for _, lost in readings),
        "torn": torn.read_bytes().count(b"\n") if torn.exists() else 0,
        "megabytes": dataset.path.stat().st_size >> 20,
    }


def main():
    folder, kills, seed, *kinds = sys.argv[1:]
    began = time.monotonic()
    failed = fire(Path(folder), int(kills), kinds, random.Random(int(seed)))
    took = time.monotonic() - began
    print(json.dumps({"failed": failed, "seconds": round(took, 1), **compare(Path(folder))}))


if __name__ == "__main__":
    main()
