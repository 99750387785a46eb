"""When a variable changed: against the states themselves, looked at one by one."""

from itertools import pairwise

import pytest
from cotrace.formats.values import WHOLE, show
from cotrace.model.changes import change_steps
from cotrace.model.replay import reachable
from cotrace.model.state import Become, Bind, Unbind
from stepped import PROGRAMS, record, recorded


def named(trace):
    """Every variable that any frame had."""
    return {(d.frame, d.name) for _, d in trace.deltas() if isinstance(d, Bind)}


def by_looking(trace, frame, name):
    """The definition, at each step from a snapshot of its own."""
    end = trace.frames[frame].end
    found = set()
    for seen, delta in trace.deltas():
        if 0 <= end < seen:
            continue
        if isinstance(delta, (Bind, Unbind)):
            counts = (delta.frame, delta.name) == (frame, name)
        else:
            before = trace.snapshot(seen - 1) if seen else None
            value = before and before.frames.get(frame, {}).get(name)
            number = getattr(delta, "id", None) or (delta.object.id if isinstance(delta, Become) else -1)
            counts = value is not None and number in reachable(before.heap, {}, [value])
        if counts:
            found.add(delta.cause if delta.cause >= 0 else seen)
    return sorted(found)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_changes_of_every_variable_are_those_that_a_look_at_each_state_finds(name):
    trace = record(name)

    for frame, variable in named(trace):
        assert change_steps(trace, frame, variable) == by_looking(trace, frame, variable)


def test_a_list_changes_for_every_name_it_has_and_no_longer_for_one_that_let_go():
    trace = recorded("a = [1]\nb = a\nb.append(2)\na = 0\nb.append(3)\n")
    lines = {name: lines_of(trace, change_steps(trace, 0, name)) for name in "ab"}

    assert lines == {"a": [1, 3, 4], "b": [2, 3, 5]}


def test_what_came_to_be_inside_counts_from_then_on():
    trace = recorded("inner = []\nouter = {}\ninner.append(1)\nouter['x'] = inner\ninner.append(2)\n")

    assert lines_of(trace, change_steps(trace, 0, "outer")) == [2, 4, 5]


def test_a_variable_that_never_was_did_not_change():
    assert change_steps(record("nested"), 0, "nobody") == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_where_a_value_looks_different_one_of_the_changes_seen_there_was_its(name):
    """A check from another side: what is shown of a variable at two steps in a row."""
    trace = record(name)
    made_by = {}
    for seen, delta in trace.deltas():
        made_by.setdefault(seen, set()).add(delta.cause if delta.cause >= 0 else seen)
    for frame, variable in named(trace):
        steps = change_steps(trace, frame, variable)
        shown = [text_of(trace, frame, variable, at) for at in range(len(trace.steps) + 1)]
        for seen, (before, after) in enumerate(pairwise(shown), 1):
            if before and after and before != after:
                assert made_by[seen] & {*steps}


def text_of(trace, frame, name, position):
    taken = trace.snapshot(position)
    value = taken.frames.get(frame, {}).get(name)
    return value and show(value, taken.heap, WHOLE)


def lines_of(trace, steps):
    return [trace.steps[step].line for step in steps]
