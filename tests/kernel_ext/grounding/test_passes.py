"""What a checker counts of loops: as the lines say, and on one line as it was."""

import pytest
from cotrace.grounding.index import Index
from cotrace.grounding.passes import count_passes
from cotrace.model.passes import passes_at
from stepped import PROGRAMS, record, recorded


def counted(text):
    return [run.passes for run in count_passes(Index(recorded(text))).runs]


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_step_is_in_the_passes_that_its_lines_say(name):
    passes = count_passes(Index(trace := record(name)))

    for step in range(len(trace.steps)):
        assert passes.path(step) == tuple(found.current for found in passes_at(trace, step))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("n = 2\nwhile n: n -= 1\n", [2]),
        ("n = 0\nwhile n: n -= 1\n", [0]),
        ("n = [1]\nwhile n: print(n.pop())\n", [1]),
        ("for n in (1, 2): m = n\n", [2]),
        ("for n in (): m = n\n", [0]),
        ("for n in (1, 2): break\n", [1]),
        ("def f(ns):\n    for n in ns: return n\nf([1, 2])\n", [1]),
    ],
)
def test_a_loop_on_one_line_has_the_passes_that_it_made(text, passes):
    assert counted(text) == passes


def test_a_generator_in_a_header_is_no_loop_of_its_own():
    assert counted("for x in (y for y in (1, 2)):\n    z = x\n") == [2]
