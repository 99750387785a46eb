"""Programs meant to break a recorder run as if alone, end in time, and are recorded as the oracle sees them.

Each program counts for itself what of it was called; that its output is the same with and without a recording says
that nothing of it was called by us. What else a program asks for stands in its comments: see reading.py.
"""

import importlib.util
import sys

import pytest
from hostile.reading import hostile_programs
from oracle.zygote import Zygote

HANGING = 60
"""Seconds after which a program counts as hung."""

PROGRAMS = {program.name: program for program in hostile_programs()}


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as running:
        yield running


def why_not(program):
    """Return why a program can't run here; "" if it can."""
    needed = program.says.get("needs", "sys").split(",")[0]
    if needed == "monitoring":
        return "" if hasattr(sys, "monitoring") else "needs Python 3.12 or later"
    return "" if importlib.util.find_spec(needed) else f"needs {needed}"


def is_watched(program):
    wish = program.says.get("oracle", "yes")
    return not wish.startswith("no") and (hasattr(sys, "monitoring") or "monitoring" not in wish)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_hostile_program_is_recorded_and_notices_nothing(name, zygote):
    program = PROGRAMS[name]
    if why_not(program):
        pytest.skip(why_not(program))
    says = program.says

    answer = zygote.ask(
        "judge",
        source=program.source,
        limits=program.limits,
        alone="alone" not in says,
        oracle=is_watched(program),
        most=int(says.get("looks", 100_000)),
        ledger="ledger" not in says,
        same="differs" not in says and program.ends != "stopped",
        seconds=HANGING,
    )

    assert answer["status"] == "ok", answer
    assert answer["problems"] == []
    assert answer["outcome"] == program.ends
    assert says.get("prints", "") in answer["output"]
    told = [answer["truncated"], *answer["notes"]]
    if program.limits:
        assert any(says.get("says", "") in line for line in told)
    elif "settrace" in says and not hasattr(sys, "monitoring"):
        assert says["settrace"] in answer["truncated"]
    else:
        assert not answer["truncated"]


def test_there_are_many_of_them_and_each_says_what_it_is_about():
    assert len(PROGRAMS) >= 60
    assert all(program.about for program in PROGRAMS.values())
