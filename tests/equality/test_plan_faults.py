"""A wrong plan of a line makes a wrong recording, and the comparison of the engines says so."""

import pytest
from equality.engines import needs_both
from equality.pair import difference
from equality.plan_faults import PLAN_FAULTS
from fuzz.run_fuzz import chosen

pytestmark = [pytest.mark.slow, needs_both]

PROGRAM = """
import collections

def shared(n):
    total = [n]
    def add(k):
        nonlocal n
        n = k
        total.append(k)
        return n
    add(4)
    n = 7
    return add(5)

def stores(xs, d):
    xs[0] = 1
    xs[1] = xs
    d["a"]
    xs.append(2)
    i, k = 3, 4
    k = 5
    i = k
    return i

def loops(xs):
    for x in xs:
        pass
    return x

shared(1)
stores([0, 0, 0], collections.defaultdict(list))
loops([1, 2])
"""
RANDOM = 40
"""Among so many random programs there is one that shows the mistake."""

RARE = {"a look-up is taken to make no entry"}
"""What takes a line of a certain kind, which few random programs have."""


@pytest.mark.parametrize("ledger", [True, False], ids=["with expressions", "by line"])
def test_right_plans_make_equal_recordings(ledger, zygote):
    assert difference(zygote, PROGRAM, ledger=ledger) == ""


@pytest.mark.parametrize("fault", PLAN_FAULTS)
def test_a_wrong_plan_is_found_by_line(fault, zygote):
    assert difference(zygote, PROGRAM, ledger=False, fault=fault)


@pytest.mark.parametrize("fault", sorted(PLAN_FAULTS.keys() - RARE))
def test_a_wrong_plan_is_found_by_a_random_program(fault, zygote):
    programs = map(chosen, range(RANDOM))

    assert any(difference(zygote, text, fault=fault, **options) for text, options in programs)
