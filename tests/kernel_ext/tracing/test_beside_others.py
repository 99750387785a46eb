"""A recording beside other tools that watch the same program: each gets what it gets alone, and so do we.

Coverage, a profiler and another tool of `sys.monitoring`, with each engine. A debugger: test_beside_debugger.py.
"""

import cProfile
import functools
import sys
import threading
from collections import Counter
from dataclasses import replace

import pytest
from cotrace.errors import TraceError
from cotrace.model.codec import encode
from cotrace.model.trace import EventKind
from cotrace.tracing.choice import choose
from cotrace.tracing.tracer import Tracer
from equality.engines import ENGINES
from kernel_ext.tracing.running import HAS_MONITORING, record

PROGRAM = """\
def squares(n):
    for i in range(n):
        yield i * i

def total(n):
    found = []
    for s in squares(n): found.append(s)
    try: found[99]
    except IndexError: found.append(-1)
    return sum(found)

answer = total(4) + total(2)
"""


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


def recorded(engine):
    """Return a trace of the program, by lines: a tool sees the probes of expressions as part of the program."""
    tracer = Tracer(engine=engine, files=["<program>"])
    return record(PROGRAM, ledger=False, tracer=tracer).trace


def alone():
    exec(compile(PROGRAM, "<program>", "exec"), {})


def same(one, other):
    return encode(replace(one, engine="")) == encode(replace(other, engine=""))


def profiled(run):
    """Return how often each function of the program was called, as a profiler counts."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        run()
    finally:
        profile.disable()
    return {
        entry.code.co_qualname: entry.callcount
        for entry in profile.getstats()
        if not isinstance(entry.code, str) and entry.code.co_filename == "<program>"
    }


def test_a_profiler_counts_the_calls_it_counts_alone(engine):
    before = recorded(engine)
    traces = []

    beside = profiled(lambda: traces.append(recorded(engine)))

    assert beside == profiled(alone)
    assert beside["total"] == 2
    assert same(traces[0], before)


class Counting:
    """Another tool of sys.monitoring, which counts the events in the program."""

    def __init__(self):
        self.counts = Counter()
        self.tool = next(number for number in (1, 2, 5) if sys.monitoring.get_tool(number) is None)

    def __enter__(self):
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(self.tool, "counting")
        self.wanted = {
            name: getattr(events, name) for name in ("LINE", "PY_START", "PY_RETURN", "PY_YIELD", "RAISE")
        }
        for name, event in self.wanted.items():
            sys.monitoring.register_callback(self.tool, event, functools.partial(self.count, name))
        sys.monitoring.set_events(self.tool, sum(self.wanted.values()))
        return self

    def count(self, name, code, *rest):
        if code.co_filename == "<program>":
            self.counts[name, code.co_qualname, rest[0]] += 1

    def __exit__(self, *_):
        sys.monitoring.set_events(self.tool, 0)
        for event in self.wanted.values():
            sys.monitoring.register_callback(self.tool, event, None)
        sys.monitoring.free_tool_id(self.tool)


@pytest.mark.skipif(not HAS_MONITORING, reason="Python 3.11 has no sys.monitoring")
def test_another_tool_counts_the_events_it_counts_alone(engine):
    before = recorded(engine)
    with Counting() as without:
        alone()

    with Counting() as beside:
        trace = recorded(engine)

    assert beside.counts == without.counts
    assert same(trace, before)


@pytest.mark.skipif(
    not HAS_MONITORING, reason="on Python 3.11 coverage holds the one trace function there is"
)
@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_coverage_finds_the_lines_it_finds_alone(engine, core, tmp_path, monkeypatch):
    coverage = pytest.importorskip("coverage", reason="coverage is in the development environment only")
    monkeypatch.setenv("COVERAGE_CORE", core)
    path = tmp_path / "covered.py"
    path.write_text(PROGRAM)

    def covered(run):
        watcher = coverage.Coverage(data_file=None, include=[str(path)], config_file=False)
        watcher.start()
        try:
            run()
        finally:
            watcher.stop()
        return sorted(watcher.get_data().lines(str(path)) or [])

    def run_recorded():
        tracer = Tracer(engine=engine, files=[str(path)])
        traces.append(tracer.run(lambda: exec(compile(PROGRAM, str(path), "exec"), {"__name__": "covered"})))

    traces = []
    run_recorded()
    without = covered(lambda: exec(compile(PROGRAM, str(path), "exec"), {}))
    beside = covered(run_recorded)

    assert beside == without
    assert len(beside) > 8
    assert same(traces[0], traces[1])


@pytest.fixture
def all_ids_taken():
    taken = [number for number in range(6) if sys.monitoring.get_tool(number) is None]
    for number in taken:
        sys.monitoring.use_tool_id(number, "another tool")
    yield
    for number in taken:
        sys.monitoring.free_tool_id(number)


@pytest.mark.skipif(not HAS_MONITORING, reason="Python 3.11 has no tool ids")
def test_without_a_free_tool_id_the_reference_engine_records_and_says_so(all_ids_taken):
    trace = recorded("auto")

    assert trace.engine == "reference on sys.settrace"
    assert trace.outcome.kind == "returned"
    assert choose("auto").engine == "reference"
    with pytest.raises(TraceError, match="native"):
        Tracer(engine="native")


def test_the_steps_of_every_thread_are_there_and_none_is_mixed_up(engine):
    text = (
        "import threading\ndef work(n):\n    total = 0\n    for i in range(30):\n"
        "        total += n\n    done.append(total)\n"
        "done = []\nthreads = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
        "for t in threads: t.start()\nfor t in threads: t.join()\n"
    )
    others = threading.enumerate()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        trace = record(text, tracer=Tracer(engine=engine, files=["<program>"])).trace
    finally:
        sys.setswitchinterval(before)
    frames = [frame for frame in trace.frames if frame.name == "work"]

    assert len({frame.thread for frame in frames}) == 4
    for frame in frames:
        steps = [step for step in trace.steps if step.frame == frame.id]
        assert Counter(s.line for s in steps if s.event is EventKind.LINE) == {3: 1, 4: 31, 5: 30, 6: 1}
        n = int(trace.snapshot(frame.start).frames[frame.id]["n"].text)
        assert trace.snapshot(steps[-1].index).frames[frame.id]["total"].text == str(30 * n)
        assert all(step.depth == 0 for step in steps)
    assert set(threading.enumerate()) <= set(others), "a thread is left"
