"""Each row of the event table in `cotrace.model.trace`, on the engine that this Python gets."""

import functools
import sys

import pytest
from cotrace.model.state import NO_CAUSE, Bind
from cotrace.model.trace import EventKind
from cotrace.tracing.tracer import Tracer


def steps_of(source, name=None):
    """Return (event, line) of a program's steps, or of those in frames called `name`; and the trace."""
    tracer = Tracer(files=["<program>"])
    code = tracer.compile(source, "<program>")
    trace = tracer.run(functools.partial(exec, code, {"__name__": "program"}))
    chosen = [s for s in trace.steps if name in (None, trace.frames[s.frame].name)]
    return [(step.event.value, step.line) for step in chosen], trace


def test_a_line_is_a_step_before_it_runs():
    steps, trace = steps_of("x = 1\nx = 2\n")

    assert steps == [("start", 1), ("line", 1), ("line", 2), ("return", 2)]
    assert "x" not in trace.snapshot(1).frames[0]
    assert trace.snapshot(2).frames[0]["x"].text == "1"


def test_each_turn_of_a_loop_on_one_line_is_a_step():
    steps, _ = steps_of("n = 3\nwhile n: n -= 1\n")

    assert steps.count(("line", 2)) == 3


def test_a_call_starts_a_frame_and_its_return_has_the_value():
    steps, trace = steps_of("def f(a):\n    b = a\n    return b\nx = f(5)\n", "f")

    assert steps == [("start", 1), ("line", 2), ("line", 3), ("return", 3)]
    returned = next(s for s in trace.steps if s.event is EventKind.RETURN)
    assert returned.value.text == "5"


def test_a_yield_suspends_and_a_resume_goes_on_at_the_same_line():
    steps, _ = steps_of("def g():\n    x = yield 1\n    yield x\nit = g()\nnext(it)\nit.send(2)\n", "g")

    assert steps == [("start", 1), ("line", 2), ("yield", 2), ("resume", 2), ("line", 3), ("yield", 3)]


def test_an_exception_passes_in_each_frame_and_unwinds_those_that_do_not_handle_it():
    source = "def f():\n    1 / 0\ntry:\n    f()\nexcept ZeroDivisionError:\n    pass\n"
    steps, trace = steps_of(source)

    raised = steps.index(("raise", 2))
    assert steps[raised : raised + 4] == [("raise", 2), ("unwind", 2), ("raise", 4), ("line", 5)]
    assert trace.handled_at(raised) is None
    assert trace.handled_at(raised + 2) == raised + 3


def test_an_exception_thrown_into_a_generator_that_has_not_started_is_its_start():
    source = "def g():\n    yield 1\nit = g()\ntry:\n    it.throw(KeyError)\nexcept KeyError:\n    pass\n"
    steps, _ = steps_of(source, "g")

    assert steps[0] == ("start", 1)
    assert steps[-1] == ("unwind", 1)


def test_a_generator_that_is_closed_without_running_code_makes_no_step_and_is_gone_at_the_next():
    source = "def g():\n    yield 1\n    yield 2\nit = g()\nnext(it)\nit.close()\nx = 1\n"
    _, trace = steps_of(source)

    frame = next(f for f in trace.frames if f.name == "g")
    after = next(s.index for s in trace.steps if s.line == 7)
    if sys.version_info >= (3, 13):
        assert not any(s.event is EventKind.UNWIND for s in trace.steps)
    assert frame.end < after


def test_a_parameter_is_bound_at_the_start_by_the_line_of_the_call():
    _, trace = steps_of("def f(a):\n    return a\nx = f(1)\n")

    start = next(s for s in trace.steps if trace.frames[s.frame].name == "f")
    call = next(s.index for s in trace.steps if (s.event, s.line) == (EventKind.LINE, 3))
    assert [d.cause for d in start.delta if isinstance(d, Bind) and d.name == "a"] == [call]


def test_what_a_call_gives_is_seen_after_it_and_caused_by_the_line_that_made_the_call():
    _, trace = steps_of("def f():\n    return 1\nx = f()\ny = 2\n")

    call = next(s.index for s in trace.steps if (s.event, s.line) == (EventKind.LINE, 3))
    seen, delta = next((i, d) for i, d in trace.deltas() if isinstance(d, Bind) and d.name == "x")
    assert seen > call + 1
    assert delta.cause == call


def test_a_global_that_was_there_before_has_no_cause():
    tracer = Tracer(files=["<program>"])
    code = tracer.compile("y = limit\n", "<program>")
    trace = tracer.run(functools.partial(exec, code, {"__name__": "program", "limit": 3}))

    bound = next(d for _, d in trace.deltas() if isinstance(d, Bind) and d.name == "limit")
    assert bound.cause == NO_CAUSE


@pytest.mark.parametrize("ending", ["\n", "\n\n"])
def test_recording_leaves_no_hook_behind(ending):
    steps_of("x = 1" + ending)

    assert sys.gettrace() is None
    if hasattr(sys, "monitoring"):
        assert sys.monitoring.get_tool(3) is None


def test_an_exception_in_the_place_of_one_that_ended_is_another():
    """`kept` is the last to hold the first one, which can't be held; the second may get its memory."""
    text = """\
def f():
    try: [].nothing
    except AttributeError as error: kept = error
    try: kept = None; {}.nothing
    except AttributeError: pass
f()
"""
    _, trace = steps_of(text, "f")

    raised = [step.value for step in trace.steps if step.event is EventKind.RAISE]
    assert len(set(raised)) == len(raised) == 2
