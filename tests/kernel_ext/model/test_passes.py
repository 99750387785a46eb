"""Loops and their passes: what a reader counts in the text, and what any run of nested loops must give."""

import textwrap
from random import Random

import pytest
from cotrace.model.passes import Loop, Passes, loops_of, passes_at
from cotrace.model.source import Source
from cotrace.model.trace import EventKind
from stepped import PROGRAMS, record, recorded


def loops(text):
    return loops_of(Source("x.py", textwrap.dedent(text)))


def told(text):
    """For each LINE step, the line and the (pass, of how many) of the loops around it."""
    trace = recorded(text)
    return [
        (step.line, [(found.current, len(found.run.starts)) for found in passes_at(trace, step.index)])
        for step in trace.steps
        if step.event is EventKind.LINE
    ]


def test_a_loop_is_its_header_its_body_and_no_else():
    found = loops("""\
        for x in [
            1,
        ]:
            while x: x -= 1
            y = (x,
                 x)
        else:
            z = 1
        """)

    assert found == [Loop("for", 1, 3, 4, 6), Loop("while", 4, 4, 4, 4)]
    assert [loop.is_joined for loop in found] == [False, True]


def test_loops_of_an_indented_text_have_its_own_lines():
    assert loops_of(Source("m", "    def f(self):\n        for x in y:\n            z\n")) == [
        Loop("for", 2, 2, 3, 3)
    ]


def test_a_text_that_is_no_program_has_no_loops():
    assert loops("%%magic\nfor x in y: z\n") == []


def test_a_header_counts_to_the_pass_it_begins_and_to_the_last_where_it_ends_the_loop():
    assert told("for i in (1, 2):\n    x = i\ny = 1\n") == [
        (1, [(1, 2)]), (2, [(1, 2)]), (1, [(2, 2)]), (2, [(2, 2)]), (1, [(2, 2)]), (3, []),
    ]  # fmt: skip


def test_each_run_of_an_inner_loop_is_counted_by_itself():
    found = told("for i in (2, 0, 1):\n    for j in range(i):\n        x = j\n")

    assert [passes for line, passes in found if line == 2] == [
        [(1, 3), (1, 2)], [(1, 3), (2, 2)], [(1, 3), (2, 2)], [(2, 3), (0, 0)], [(3, 3), (1, 1)], [(3, 3), (1, 1)],
    ]  # fmt: skip


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_a_loop_on_one_line_has_a_pass_for_each_turn(turns):
    counted = [(k, turns) for k in range(1, turns + 1)]

    assert told(f"n = {turns}\nwhile n: n -= 1\n")[1:] == [(2, [each]) for each in counted]
    assert told(f"for i in range({turns}): n = i\n") == [(1, [each]) for each in [*counted, (turns, turns)]]


def test_a_loop_on_one_line_over_nothing_has_no_pass():
    assert told("for i in (): n = i\nx = 1\n") == [(1, [(0, 0)]), (2, [])]


def test_a_header_of_many_lines_or_turns_is_one_look():
    text = "for x in [\n    y for y in (5, 6)\n    if y\n]:\n    z = x\n"

    assert [(line, passes) for line, passes in told(text) if line == 5] == [
        (5, [(1, 2)]), (5, [(2, 2)]),
    ]  # fmt: skip


def test_a_break_a_continue_and_an_endless_header_are_counted_as_they_ran():
    text = "n = 0\nwhile True:\n    n += 1\n    if n == 2:\n        continue\n    if n > 2:\n        break\nx = 1\n"

    assert [passes for line, passes in told(text) if line == 3] == [[(1, 3)], [(2, 3)], [(3, 3)]]
    assert told(text)[-1] == (8, [])


def test_a_call_in_a_loop_has_only_the_loops_of_its_own_frame():
    text = "def f(n):\n    for k in range(n):\n        x = k\nfor i in (1, 2):\n    f(i)\n"

    assert [passes for line, passes in told(text) if line == 3] == [[(1, 1)], [(1, 2)], [(2, 2)]]


def test_the_pass_begins_at_the_step_that_is_said():
    trace = record("nested")
    passes = Passes(trace)
    for position in range(len(trace.steps) + 1):
        assert passes.at(position) == passes_at(trace, position)
        for found in passes.at(position):
            assert found.run.begin <= position <= found.run.end
            assert found.current == sum(start <= position for start in found.run.starts)
            for start in found.run.starts:
                assert trace.steps[start].line in range(
                    found.run.loop.header_line, found.run.loop.header_end_line + 1
                )


@pytest.mark.parametrize("name", PROGRAMS)
def test_at_the_end_and_outside_of_loops_there_is_none(name):
    trace = record(name)

    assert passes_at(trace, len(trace.steps)) == []
    assert passes_at(trace, 0) == []


@pytest.mark.parametrize("seed", range(30))
def test_the_program_itself_counts_the_same_passes(seed):
    """Random nested loops, with breaks and continues, that print their own counters in the innermost body."""
    draw = Random(seed)
    trace = recorded(nest(draw, 1, ""))
    printed = [out for out in trace.outputs if out.text.strip()]
    counted = [[str(found.current) for found in passes_at(trace, out.step)] for out in printed]

    assert [out.text.split() for out in printed] == counted


def nest(draw, depth, indent):
    """A loop, whose body counts its passes, and after that perhaps leaves early or holds another loop."""
    name = f"p{depth}"
    inside = f"{indent}    "
    counters = " ".join(f"{{p{n}}}" for n in range(1, depth + 1))
    lines = [
        f"{indent}{name} = 0",
        f"{indent}for x{depth} in range({draw.randrange(4)}):",
        f"{inside}{name} += 1",
    ]
    if draw.random() < 0.5:
        lines += [
            f"{inside}if {name} == {draw.randrange(1, 4)}:",
            f"{inside}    {draw.choice(['break', 'continue'])}",
        ]
    if depth < 3:
        lines += [nest(draw, depth + 1, inside)]
    if depth < 3 and draw.random() < 0.4:
        lines += [nest(draw, depth + 1, inside)]
    lines += [f"{inside}print(f'{counters}')"]
    return "\n".join(lines)
