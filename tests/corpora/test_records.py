"""Real programs become records that stand on their own: recorded, told, checked, kept, and run again.

A sample of the programs, drawn by a fixed seed, goes all the way that a curator's example goes. What was approved is
then read back from the file and run once more, in a fresh process and from the record alone.
"""

import contextlib
import io
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import cotrace
import pytest
from corpora.items import ABSENT, ARE_HERE, programs, runs_within
from cotrace.dataset import Dataset, compose, rerun
from recorded import Recorded

MANY = 200
LONGEST = 1_000
"""Lines that a program of the sample runs; the recording of a longer one would be cut, and its record a draft."""

APPROVED = 0.95


@pytest.fixture(scope="module")
def items():
    if not ARE_HERE:
        pytest.skip(ABSENT)
    return random.Random(20_26).sample([item for item in programs() if runs_within(item, LONGEST)], MANY)


@pytest.fixture(scope="module")
def composed(items, tmp_path_factory):
    """What `compose` made of each item, to be approved if nothing speaks against it."""
    place = tmp_path_factory.mktemp("programs")
    # All are recorded before the first is composed: threads that run meanwhile would be recorded too.
    traces = [trace_of(item, place / str(number)) for number, item in enumerate(items)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(record_of, traces))


def trace_of(item, place):
    """Record a program in this process, as the Python API does, and see that it did what it does alone."""
    quiet = warnings.catch_warnings(action="ignore")  # of the programs' own odd escapes and comparisons
    with quiet, contextlib.redirect_stdout(io.StringIO()), pytest.MonkeyPatch.context() as patch:
        trace = Recorded(place, patch).call(item["code"], item["call"], steps=10 * LONGEST)
    assert trace.exception is None, f"{item['id']}: {trace.exception}"
    return trace


def record_of(trace):
    return compose(trace, cotrace.narrate(trace), status="approved", tags=["corpora"])


@pytest.mark.slow
def test_nearly_all_are_approved_and_give_their_answers_again_and_a_draft_says_why(
    items, composed, tmp_path, capsys
):
    dataset = Dataset(tmp_path / "corpora.jsonl")
    for made in composed:
        dataset.append(made)
    approved = [record for record in dataset if record.review.status == "approved"]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(rerun, approved))
    why = {
        item["id"]: made.shortcomings
        for item, made in zip(items, composed, strict=True)
        if made.record.review.status == "draft"
    }

    with capsys.disabled():
        print(f"\n{len(approved)} of {MANY} programs became approved records; drafts:")
        print(*(f"{name}: {'; '.join(reasons)}" for name, reasons in why.items()), sep="\n")
    assert [found.message for found in results if not found.agrees] == []
    assert len(approved) + len(why) == len(dataset) == MANY
    assert all(why.values())
    assert len(approved) >= APPROVED * MANY
