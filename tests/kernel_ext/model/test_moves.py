"""Moves through a recording: each against its definition, read out by brute force at every position."""

import pytest
from cotrace.model import moves
from cotrace.model.moves import Walk
from cotrace.model.trace import EventKind
from stepped import PROGRAMS, record, recorded


@pytest.fixture(scope="module", params=PROGRAMS)
def trace(request):
    return record(request.param)


def thread(trace, step):
    return trace.frames[step.frame].thread


def is_less_deep(step, here):
    """Outermost frames come one after the other: another one is as good as less deep."""
    return step.depth < here.depth or (step.depth == 0 and step.frame != here.frame)


def others(trace, position):
    here = trace.steps[position]
    return [step for step in trace.steps if thread(trace, step) == thread(trace, here)]


def test_over_and_out_are_the_first_step_ahead_that_their_definition_names(trace):
    for here in trace.steps:
        ahead = [step for step in others(trace, here.index) if step.index > here.index]
        over = [s.index for s in ahead if s.frame == here.frame or is_less_deep(s, here)]
        out = [s.index for s in ahead if is_less_deep(s, here)]

        assert moves.over(trace, here.index) == min(over, default=len(trace.steps))
        assert moves.out(trace, here.index) == min(out, default=len(trace.steps))


def test_back_and_out_back_are_the_last_step_before_that_their_definition_names(trace):
    for here in trace.steps:
        before = [step for step in others(trace, here.index) if step.index < here.index]
        back = [s.index for s in before if s.frame == here.frame or is_less_deep(s, here)]
        out = [s.index for s in before if is_less_deep(s, here)]

        assert moves.back(trace, here.index) == max(back, default=0)
        assert moves.out_back(trace, here.index) == max(out, default=0)


def test_the_end_is_left_by_the_last_step(trace):
    end = len(trace.steps)

    assert moves.over(trace, end) == moves.out(trace, end) == moves.following(trace, end) == end
    assert moves.back(trace, end) == moves.out_back(trace, end) == end - 1


def test_running_to_a_line_finds_the_nearest_step_that_is_about_to_run_it(trace):
    at = {(s.line, trace.frames[s.frame].source) for s in trace.steps if s.event is EventKind.LINE}
    for line, source in at:
        there = [
            s.index
            for s in trace.steps
            if s.event is EventKind.LINE and (s.line, trace.frames[s.frame].source) == (line, source)
        ]
        for position in range(len(trace.steps) + 1):
            forward = moves.run_to(trace, source, line, position)
            backward = moves.run_to(trace, source, line, position, forward=False)

            assert forward == min((s for s in there if s > position), default=None)
            assert backward == max((s for s in there if s < position), default=None)


@pytest.mark.parametrize("move", [moves.over, moves.out, moves.following])
def test_forward_then_back_is_where_one_was_from_every_position(trace, move):
    for position in range(len(trace.steps) + 1):
        walk = Walk(trace, position)
        if move(trace, position) == position:
            continue

        walk.forward(move)
        walk.back()

        assert walk.position == position
        assert walk.came_from == []


def test_every_move_forward_is_taken_back_in_turn(trace):
    walk = Walk(trace)
    way = []
    while walk.position < len(trace.steps):
        way.append(walk.position)
        walk.forward((moves.over, moves.following, moves.out)[len(way) % 3])

    for position in reversed(way):
        walk.back()
        assert walk.position == position


def test_going_elsewhere_forgets_the_way_and_keeps_within_the_recording():
    trace = record("recursion")
    walk = Walk(trace)
    walk.forward(moves.over)
    walk.go(10_000)

    assert walk.position == len(trace.steps)
    assert walk.came_from == []
    walk.go(-5)
    assert walk.position == 0


def test_a_recording_without_steps_has_one_position():
    trace = recorded("")
    empty = type(trace)(trace.sources, (), (), (), (), trace.outcome, trace.limits, "nothing")
    walk = Walk(empty)

    walk.forward(moves.over)
    walk.back()
    assert walk.position == moves.out(empty, 0) == moves.out_back(empty, 0) == 0
