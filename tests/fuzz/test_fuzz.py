"""Random programs are recorded as the oracle sees them. `python tests/fuzz/run_fuzz.py N SEED` tries many more."""

import sys

import pytest
from fuzz import language
from fuzz.run_fuzz import judged
from fuzz.shrinking import shrunk
from oracle.zygote import Zygote

PUT_OFF = pytest.mark.xfail(
    sys.version_info[:2] == (3, 11),
    reason="on 3.11 the oracle's look puts off the end of a generator that is dropped",
)
SEEDS = [pytest.param(seed, marks=PUT_OFF) if seed == 48 else seed for seed in range(60)]


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_program_is_recorded_as_the_oracle_sees_it(seed, zygote):
    answer = judged(zygote, seed)

    assert answer["status"] == "ok", answer
    assert answer["problems"] == []
    assert answer["compared"] == answer["steps"] > 0


def test_every_program_can_be_compiled_and_is_told_by_its_seed():
    texts = [language.program(seed) for seed in range(200)]

    for text in texts:
        compile(text, "<program>", "exec")
    assert texts == [language.program(seed) for seed in range(200)]
    assert len(set(texts)) == 200


def test_a_program_is_made_small_while_it_shows_the_fault():
    text = (
        "a = 1\nfor k in range(3):\n    try:\n        a = a / 0\n    except Exception:\n        pass\nb = 2\n"
    )

    assert shrunk(text, lambda t: "a / 0" in t) == "a = a / 0\n"
    assert shrunk(text, lambda t: "absent" in t) == text
