"""The raw file is read as it is by `datasets`, whichever kinds of records come first."""

import json

import pytest
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
