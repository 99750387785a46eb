"""The comparison finds nothing between two recordings by one engine, and finds every mistake that is planted."""

import pytest
from equality.engines import REFERENCE
from equality.faults import FAULTS
from equality.pair import difference

PROGRAM = """
def f(xs):
    done = True
    for x in xs:
        yield x + 1
    xs.append([done])

a = [1, 2]
b = [a, a]
total = sum(f(a))
a[0] = total
b[1] = None
print(total)
b = total
"""
SAME = REFERENCE, REFERENCE


def test_two_recordings_by_one_engine_are_the_same(zygote):
    assert difference(zygote, PROGRAM, engines=SAME) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_found(fault, zygote):
    told = difference(zygote, PROGRAM, engines=SAME, fault=fault)

    assert told
    assert "different bytes" not in told


def test_a_difference_names_the_line_both_changes_and_the_states(zygote):
    told = difference(zygote, PROGRAM, engines=SAME, fault="a list's mutation is missed")

    assert "ran f line 6 `xs.append([done])`" in told
    assert "! Splice(" in told
    assert "the states differ:" in told


def test_cells_share_a_namespace_and_each_has_a_trace(zygote):
    answer = zygote.ask("record", texts=["x = [1]\ndef f(): return x\n", "y = f() + [2]\n"], call="y")

    assert answer["status"] == "ok", answer
    assert len(answer["traces"]) == 2
    assert answer["shown"]["result"] == "[1, 2]"
