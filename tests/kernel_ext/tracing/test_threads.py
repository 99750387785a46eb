"""Every thread's steps are recorded: none lost, none taken for another thread's."""

import sys
import threading
from collections import Counter

import pytest
from cotrace.model.trace import EventKind
from kernel_ext.tracing.running import SOURCES, events_from, record

WORKERS, TURNS = 4, 25
WORK = f"""\
import threading

def work(number):
    total = 0
    for i in range({TURNS}):
        total += number
    totals[number] = total

totals = {{}}
threads = []
for n in range({WORKERS}): threads.append(threading.Thread(target=work, args=(n,)))
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.fixture(params=SOURCES)
def worked(request):
    """A recording of workers that take turns often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with events_from(request.param):
            yield record(WORK).trace
    finally:
        sys.setswitchinterval(before)


def workers(trace):
    """Return the frames of the threads' own function."""
    return [frame for frame in trace.frames if frame.name == "work"]


def test_each_thread_has_a_number_of_its_own(worked):
    threads = [frame.thread for frame in workers(worked)]

    assert len(threads) == len(set(threads)) == WORKERS
    assert 0 not in threads


def test_no_step_of_any_thread_is_lost(worked):
    for frame in workers(worked):
        steps = [s for s in worked.steps if s.frame == frame.id]
        lines = Counter(s.line for s in steps if s.event is EventKind.LINE)

        assert lines == {4: 1, 5: TURNS + 1, 6: TURNS, 7: 1}
        assert (steps[0].event, steps[-1].event) == (EventKind.START, EventKind.RETURN)


def test_what_a_thread_computes_is_put_down_to_its_own_lines(worked):
    for frame in workers(worked):
        number = int(worked.snapshot(frame.start).frames[frame.id]["number"].text)
        told = worked.history("total", frame=frame.id)

        assert [value.text for _, value in told] == [str(number * i) for i in range(TURNS + 1)][: len(told)]
        causes = {
            d.cause for _, d in worked.deltas() if getattr(d, "name", "") == "total" and d.frame == frame.id
        }
        assert {worked.steps[cause].frame for cause in causes} == {frame.id}


def test_the_steps_of_a_thread_have_the_depth_of_its_own_stack(worked):
    numbers = {frame.id for frame in workers(worked)}

    assert {step.depth for step in worked.steps if step.frame in numbers} == {0}


def test_all_results_are_there_at_the_end(worked):
    last = worked.snapshot(len(worked.steps))
    totals = last.heap[last.frames[0]["totals"].id]

    found = {key.text: value.text for key, value in totals.entries}
    assert found == {str(n): str(n * TURNS) for n in range(WORKERS)}


def test_a_thread_that_follows_another_is_not_taken_for_it():
    """The system may give a thread the identity of one that has ended."""
    text = (
        "import threading\ndef work(): pass\nfor i in range(5):\n"
        "    thread = threading.Thread(target=work)\n    thread.start()\n    thread.join()\n"
    )
    trace = record(text).trace

    assert [frame.thread for frame in trace.frames if frame.name == "work"] == [1, 2, 3, 4, 5]


def test_an_exception_that_ends_a_thread_is_recorded_and_the_rest_goes_on():
    text = (
        "import threading\nthreading.excepthook = lambda raised: None\ndef work(): 1 / 0\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\nend = 1\n"
    )
    hook = threading.excepthook
    try:
        run = record(text)
    finally:
        threading.excepthook = hook

    assert [event for event, _ in run.lines("work")] == ["start", "line", "raise", "unwind"]
    assert run.trace.outcome.kind == "returned"
    assert ("line", 7) in run.lines()
