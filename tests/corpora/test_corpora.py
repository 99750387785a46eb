"""Real programs run the same under the tracer, and are recorded as the oracle sees them.

On the newest Python all programs are traced and the first 10,000 steps of each are compared; on the others a
twentieth, drawn by a fixed seed, and fewer steps. `make corpora` compares ten times as many. What became of how many
programs is printed when pytest ends.
"""

import random

import pytest
from corpora.judging import findings, folder, judge_all, programs

PARTS = 200
STEPS = 10_000
PATIENCE = 60
"""Seconds for one program; most take a tenth of one, a few half a minute on a busy machine."""

SAMPLE = 100
SAMPLE_STEPS = 1_000


@pytest.fixture(scope="module")
def items():
    place = folder()
    if place is None:
        pytest.skip("the corpora are not here: COTRACE_CORPORA names their folder, else ../shared/corpora")
    found = programs(place)
    random.Random(20_24).shuffle(found)
    return found


def judged(items, steps, record_property):
    """Judge the items one after the other; what became of them is told when pytest ends."""
    found = judge_all(items, looks=steps, steps=steps, seconds=PATIENCE, workers=1)
    record_property("corpora", [(one.verdict, one.steps, one.compared) for one in found])
    return found


@pytest.mark.slow
@pytest.mark.newest
@pytest.mark.parametrize("part", range(PARTS))
def test_programs_run_the_same_and_are_recorded_as_the_oracle_sees_them(part, items, record_property):
    found = judged(items[part::PARTS], STEPS, record_property)

    assert findings(found) == []
    assert len([one for one in found if "left out" in one.verdict]) <= 2


@pytest.mark.slow
def test_some_programs_run_the_same_on_every_python(items, record_property):
    found = judged(items[:SAMPLE], SAMPLE_STEPS, record_property)

    assert findings(found) == []
    assert sum(one.verdict == "same" for one in found) > SAMPLE * 0.8
