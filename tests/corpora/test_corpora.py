"""Real programs run the same under the tracer, and are recorded by both engines alike and as the oracle sees them.

On the newest Python all programs are traced and the first 10,000 steps of each are compared; on the others a
twentieth, drawn by a fixed seed, and fewer steps. `make corpora` compares ten times as many. What became of how many
programs is printed when pytest ends.
"""

import random

import pytest
from corpora.items import ABSENT, ARE_HERE, programs
from corpora.judging import findings, judge
from oracle.zygote import Zygote

STEPS = 10_000
PATIENCE = 60
"""Seconds for one program; most take a tenth of one, a few half a minute on a busy machine."""

SAMPLE = 100
SAMPLE_STEPS = 1_000

ITEMS = {item["id"]: item for item in programs()} if ARE_HERE else {}
NOTHING = pytest.param("", marks=pytest.mark.skip(reason=ABSENT))


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as running:
        yield running


def judged(name, zygote, steps, record_property):
    """Judge a program; what became of it is told when pytest ends."""
    one = judge(zygote, ITEMS[name], looks=steps, steps=steps, seconds=PATIENCE)
    record_property("corpora", (one.verdict, one.steps, one.compared))
    if one.verdict.startswith("skipped: "):
        pytest.skip(one.verdict.removeprefix("skipped: "))
    return one


@pytest.mark.slow
@pytest.mark.newest
@pytest.mark.parametrize("name", list(ITEMS) or [NOTHING])
def test_a_program_runs_the_same_and_both_engines_record_what_the_oracle_sees(name, zygote, record_property):
    assert findings([judged(name, zygote, STEPS, record_property)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", random.Random(20_24).sample(list(ITEMS), SAMPLE) if ITEMS else [NOTHING])
def test_a_sample_of_them_does_so_on_every_python(name, zygote, record_property):
    assert findings([judged(name, zygote, SAMPLE_STEPS, record_property)]) == []
