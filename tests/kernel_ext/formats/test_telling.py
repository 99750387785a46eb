"""One step told by itself: what `tell` says of it after folding the whole run, at the cost of a few states."""

import pytest
from cotrace.formats.telling import tell, tell_at
from cotrace.model.replay import Replay
from stepped import PROGRAMS, record, recorded


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_step_told_by_itself_is_told_as_among_all(name):
    trace = record(name)
    rows, replay = tell(trace), Replay(trace)

    for step in [*range(len(trace.steps)), *reversed(range(len(trace.steps)))]:
        assert tell_at(trace, step, replay) == rows[step]


def test_what_a_long_call_returned_is_told_of_the_line_that_called():
    trace = recorded("def f(n):\n    for i in range(n): pass\n    return [n]\nx = f(700)\ny = 1\n")
    calling = next(step.index for step in trace.steps if step.line == 4)
    row = tell_at(trace, calling, Replay(trace))

    assert [str(change) for change in row.changes] == ["x = [700]"]
    assert [str(part) for part in row.computed if part.source == "f(700)"] == ["f(700) → [700]"]


def test_the_last_line_of_a_run_that_was_cut_is_told_from_what_was_seen_at_the_end():
    trace = recorded("x = []\nx.append(1)\nx[3]\n")
    rows, replay = tell(trace), Replay(trace)

    assert all(tell_at(trace, step, replay) == rows[step] for step in range(len(trace.steps)))
