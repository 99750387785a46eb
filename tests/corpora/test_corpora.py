"""Real programs run the same under the tracer, and are recorded as the oracle sees them.

A twentieth of the programs is traced here, drawn by a fixed seed, and the first steps of each are compared;
`make corpora` traces them all and compares a hundred times as many steps.
"""

import random

import pytest
from corpora.judging import findings, folder, judge_all, programs, summary

LOOKS = 1_000
PARTS = 4
SHARE = 0.05
PATIENCE = 10
"""Seconds for one program; most take a tenth of one."""


@pytest.fixture(scope="module")
def items():
    place = folder()
    if place is None:
        pytest.skip("the corpora are not here: COTRACE_CORPORA names their folder, else ../shared/corpora")
    found = programs(place)
    random.Random(20_24).shuffle(found)
    return found[: int(len(found) * SHARE)]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_programs_run_the_same_and_are_recorded_as_the_oracle_sees_them(part, items, capsys):
    mine = items[part::PARTS]

    judged = judge_all(mine, looks=LOOKS, steps=LOOKS, seconds=PATIENCE, workers=1)

    with capsys.disabled():
        print("", *summary(judged), sep="\n")
    assert findings(judged) == []
    assert sum(one.verdict == "same" for one in judged) > len(mine) * 0.8
