"""What survives kills, cuts and full disks: every record that was acknowledged, and no line that is not one."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cotrace.dataset import Dataset

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="forks processes and kills them"),
]

DRIVER = Path(__file__).with_name("torture.py")
NOTHING_WRONG = {
    "failed": 0,
    "lost": [],
    "damaged": [],
    "doubled": [],
    "doubled_work": 0,
    "not_gone": [],
    "lost_updates": [],
    "readings_damaged": 0,
    "readings_lost": 0,
}


@pytest.fixture(params=[["append"], ["append", "update", "undo", "update"]], ids=["appends", "changes"])
def figures(request, tmp_path):
    """What eight writers and a reader made of one file under 500 kills."""
    command = [sys.executable, DRIVER, tmp_path, "500", "7", *request.param]
    run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    print(run.stdout)
    return json.loads(run.stdout)


def test_five_hundred_kills_lose_and_damage_nothing(figures):
    """Acknowledged records are there once, changes and undoings hold, and no reader met a damaged line."""
    found = {name: figures[name] for name in NOTHING_WRONG}

    assert found == NOTHING_WRONG
    assert figures["acknowledged"] > 100
    assert figures["readings"] > 0


def test_five_hundred_torn_tails_lose_nothing(dataset, make):
    """A file that ends anywhere within an append, cut or filled with zeros, keeps what was there before."""
    dataset.append_many([make(number) for number in range(10)])
    kept = dataset.path.read_bytes()
    batch = Dataset(dataset.path.with_name("batch.jsonl"))
    batch.append_many([make(number, code="x" * number * 50) for number in range(3)])
    torn = batch.path.read_bytes()
    whole_at = [index for index, byte in enumerate(torn, start=1) if byte == ord("\n")]
    rng = random.Random(1)

    for _ in range(500):
        end = rng.randrange(len(torn))
        dataset.path.write_bytes(kept + torn[:end] + bytes(rng.choice([0, 0, 100])))
        dataset.append(make(99))

        calls = [line.record and line.record.call for line in dataset.lines()]
        # A row whose newline alone is missing is whole; with zeros after it, it is not.
        assert calls[:10] == [f"f({number})" for number in range(10)]
        assert calls[-1] == "f(99)"
        assert len(calls) - 11 in {sum(at <= end for at in whole_at), sum(at <= end + 1 for at in whole_at)}


def in_small_memory_disk(program: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program whose working folder is a disk of 256 kB."""
    mount = f"mount -t tmpfs -o size=256k cotrace /mnt && cd /mnt && exec {sys.executable} -c '{program}'"
    flags = (
        "-m"
        if subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout == "0\n"
        else "-rm"
    )
    return subprocess.run(
        ["unshare", flags, "sh", "-c", mount], capture_output=True, text=True, timeout=60, check=False
    )


FULL_DISK = """
from dataclasses import replace
from cotrace.dataset import Dataset
from cotrace.errors import StorageError
from cotrace.model.record import Record
dataset = Dataset("examples.jsonl")
def told(action):
    before = dataset.path.read_bytes()
    try:
        action()
    except StorageError as error:
        assert "the disk is full: make room on it and try again" in str(error), error
    else:
        raise AssertionError("the disk was not full")
    assert dataset.path.read_bytes() == before
small = [dataset.append(Record(code="x" * 1000)).id for _ in range(100)]
told(lambda: dataset.append(Record(code="x" * 100_000)))
told(lambda: dataset.append_many([Record(code="x" * 5_000)] * 20))
told(lambda: dataset.update(replace(dataset[small[0]], tags=("a",))))
told(lambda: dataset.remove(small[0]))
told(lambda: dataset.append(Record(trace=replace(Record().trace, sha256="ab" * 32)), b"x" * 200_000))
import os
print(len(dataset), sorted(name for name in os.listdir() if name.endswith(".new")))
"""


def test_a_full_disk_leaves_the_file_as_it_was():
    """On a disk that is really full, appends, changes and recordings are refused and nothing is half there."""
    if shutil.which("unshare") is None or in_small_memory_disk("").returncode != 0:
        pytest.skip("may not mount a small disk here; the test with a limited file size covers the same path")

    run = in_small_memory_disk(FULL_DISK)

    assert (run.returncode, run.stderr, run.stdout) == (0, "", "100 []\n")


def test_a_size_limit_leaves_the_file_as_it_was(dataset, make):
    """Where a file may not grow any more, the append that would pass the limit is taken back, half-written as it is."""
    program = (
        "import resource, sys; from cotrace.dataset import Dataset; from cotrace.model.record import Record\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "Dataset(sys.argv[1]).append(Record(code='x' * 200_000))\n"
    )
    dataset.append(make(1))
    before = dataset.path.read_bytes()

    run = subprocess.run(
        [sys.executable, "-c", program, dataset.path], capture_output=True, text=True, timeout=60, check=False
    )

    assert (
        "can't append to it, the file would grow beyond the size allowed here: raise the limit" in run.stderr
    )
    assert dataset.path.read_bytes() == before
    assert len(dataset) == 1
