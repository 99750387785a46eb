"""The raw file is read as it is by `datasets`, whichever kinds of records come first."""

import json
import subprocess
import sys
from dataclasses import replace

import cotrace
import pytest
from cotrace.dataset import compose
from cotrace.model.record import (
    Anchor,
    GroundingSummary,
    InputValue,
    Message,
    Provenance,
    Question,
    Review,
    TextSpan,
    TraceReference,
    VerdictCounts,
)

pytestmark = [pytest.mark.newest, pytest.mark.slow]

CHUNK = 10 << 20
"""`datasets` takes the types of all rows from the first this many bytes."""


def doubled(n):
    return n * 2


def rich(make, number):
    """A record in which no field is empty."""
    return make(
        number,
        input=(InputValue("n", str(number)),),
        trace=TraceReference("ab" * 32, 3, "reference", "3.13.0"),
        anchors=(Anchor(0, 4, (0, 1, 5)),),
        grounding=GroundingSummary("cotrace 1", VerdictCounts(1, 0, 0, 0), 0.5),
        provenance=Provenance("model", "small", 1, "cd" * 32, (TextSpan(0, 4),)),
        review=Review("approved", "2026-01-31", "2026-01-31 18:30:00 UTC"),
        tags=("loops",),
        split="train",
        dup_group="g1",
        tokens=3,
    )


def loaded(dataset, tmp_path):
    from datasets import load_dataset

    return load_dataset(
        "json",
        data_files=str(dataset.path),
        split="train",
        cache_dir=str(tmp_path / "cache"),
        keep_in_memory=True,
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("order", ["plain first", "rich first"])
def test_mixed_records_have_one_schema(dataset, make, tmp_path, order):
    """Chunks of only plain and only rich records load together, each value as it was written."""
    padding = (Message("user", "x" * 100_000),)
    plain = [
        make(number, messages=padding, question=Question("task", ""))
        for number in range(CHUNK // 100_000 + 2)
    ]
    full = [rich(make, number) for number in range(20)]
    dataset.append_many(plain + full if order == "plain first" else full + plain * 2)

    table = loaded(dataset, tmp_path)

    assert [dict(row) for row in table] == [
        json.loads(line) for line in dataset.path.read_text().split("\n") if line
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_file_that_was_worked_on_loads_as_it_stands(dataset, make, tmp_path):
    """Appended one by one and at once, by us and by another process, composed, changed, taken back, taken out."""
    ids = [dataset.append(make(number)).id for number in range(3)]
    dataset.append_many([rich(make, number) for number in range(3, 6)])
    trace = cotrace.trace(doubled, 21)
    composed = dataset.append(compose(trace, cotrace.narrate(trace), tags=["composed"])).id
    other = (
        "import sys; from cotrace.dataset import Dataset; from cotrace.model.record import Record\n"
        "Dataset(sys.argv[1]).append(Record(code='other'))"
    )
    subprocess.run([sys.executable, "-c", other, str(dataset.path)], check=True, timeout=60)
    changed = dataset.update(replace(dataset[ids[1]], split="test", tags=("a", "b"), tokens=12))
    dataset.update(replace(changed, review=Review("rejected", "too short", "2026-01-31 18:30:00 UTC")))
    dataset.append_many([make(number) for number in range(6, 9)])
    dataset.undo()
    dataset.remove(ids[0])

    table = [dict(row) for row in loaded(dataset, tmp_path)]

    assert table == [json.loads(line) for line in dataset.path.read_text().splitlines()]
    assert [row["call"] for row in table if row["code"] != "other"] == [
        "f(1)", "f(2)", "f(3)", "f(4)", "f(5)", "doubled(21)", "f(6)", "f(7)",
    ]  # fmt: skip
    assert {row["id"]: (row["rev"], row["split"], row["tags"]) for row in table if row["rev"] > 1} == {
        ids[1]: (3, "test", ["a", "b"])
    }
    assert composed in {row["id"] for row in table}
