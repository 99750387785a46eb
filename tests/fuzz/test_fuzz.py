"""Random programs are recorded as the oracle sees them. `python tests/fuzz/run_fuzz.py N SEED` tries many more."""

import pytest
from fuzz.generator import program
from oracle.zygote import Zygote

COUNT = 25


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(COUNT))
def test_a_random_program_is_recorded_as_the_oracle_sees_it(seed, zygote):
    answer = zygote.ask("judge", source=program(seed), holds=seed % 2 == 0, seconds=30)

    assert answer["status"] == "ok", answer
    assert answer["problems"] == []
    assert answer["compared"] == answer["steps"] > 0
