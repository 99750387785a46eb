"""Both sources of events give the same steps, with the same states, wherever a Python has both.

Below Python 3.12 there is only one. The named exceptions are programs in which what a trace function is differs from
what `sys.monitoring` is, not what is made of their events.
"""

import sys

import pytest
from fuzz.generator import program as random_program
from hostile.reading import FOLDER, read
from kernel_ext.tracing.running import HAS_MONITORING, events_from, record

pytestmark = pytest.mark.skipif(not HAS_MONITORING, reason="Python 3.11 has one source of events only")
SHORT = {
    "loops on one line": "n = 3\nwhile n: n -= 1\nfor i in range(3): n += i\n",
    "comprehensions": """\
def f():
    for i in range(3): x = [[j for j in range(2)] for k in range(2)]
    return x
f()
""",
    "empty loops": """\
def f(n):
    while n:
        n -= 1
        if n: continue
    for i in range(2): pass
f(3)
""",
    "generators": """\
def g():
    x = yield 1
    yield x
it = g()
next(it)
it.send(2)
it.close()
y = list(g())
""",
    "delegation": "def g():\n    yield from 'a'\n    return 3\ndef h():\n    yield (yield from g())\ny = list(h())\n",
    "exceptions": """\
def f():
    try:
        1 / 0
    finally:
        x = 1
try:
    f()
except ZeroDivisionError as e:
    y = 2
""",
    "multi-line expressions": "def f(*a):\n    return sum(a)\nx = f(\n    1,\n    f(2,\n      3),\n)\n",
    "with": "import contextlib\nwith contextlib.suppress(KeyError):\n    {}[1]\nx = 1\n",
    "match": """\
for v in (1, [2], {'k': 3}):
    match v:
        case [x]: y = x
        case {'k': x}: y = x
        case _: y = v
""",
    "async": "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 1\nx = asyncio.run(f())\n",
    "recursion": "def f(n):\n    return n and f(n - 1) + 1\nx = f(20)\n",
}
DIFFERENT_ON_312 = {
    "a kept dictionary of locals": "def f():\n    d = locals()\n    x = 1\n    return x\nf()\n",
    "a comprehension outside of functions": "for i in range(3): x = [[j for j in range(2)] for k in range(2)]\n",
}
"""Python 3.12 itself brings a frame's `f_locals` up to date for a trace function and writes them back after it."""

HOSTILE = (
    "closures_and_cells", "collections_zoo", "decorators_and_caches", "operators_mutate", "self_containing",
    "walrus_and_chains", "yield_from_games",
)  # fmt: skip
WITH_COMPREHENSIONS = (
    "class_bodies", "comprehensions_nested", "context_managers", "exception_flow", "loops_of_every_shape",
    "match_statements",
)  # fmt: skip
"""These have comprehensions outside of functions: equal from Python 3.13 on."""

ENDED_FROM_OUTSIDE = ("async_gather", "generators_closed_early")
"""An exception that ends a suspended frame from outside comes into view a step earlier with one source than with the
other, so that objects have other numbers; the steps themselves are the same."""


def both(source, *, ledger=True):
    """Return what each source gives: the steps, the frames, the changes after the last, the values of expressions."""
    traces = []
    for events in ("sys.monitoring", "sys.settrace"):
        with events_from(events):
            trace = record(source, ledger=ledger).trace
        assert events in trace.engine
        traces.append((trace.steps, trace.frames, trace.final, trace.entries, trace.outcome.kind))
    return traces


def assert_same(source, *, ledger=True):
    one, other = both(source, ledger=ledger)
    for place, (a, b) in enumerate(zip(one[0], other[0], strict=False)):
        assert a == b, f"step {place}"
    assert one == other


@pytest.mark.parametrize("ledger", [True, False], ids=["ledger", "lines only"])
@pytest.mark.parametrize("name", SHORT)
def test_a_short_program_has_the_same_steps_from_both(name, ledger):
    assert_same(SHORT[name], ledger=ledger)


@pytest.mark.filterwarnings("ignore:assigning None to unbound local:RuntimeWarning")
@pytest.mark.parametrize("name", DIFFERENT_ON_312)
def test_what_python_312_does_for_a_trace_function_is_all_that_differs(name):
    one, other = both(DIFFERENT_ON_312[name])

    assert (one == other) is (sys.version_info >= (3, 13))
    assert [(s.event, s.line, s.depth) for s in one[0]] == [(s.event, s.line, s.depth) for s in other[0]]


@pytest.mark.parametrize("seed", range(500, 506))
def test_a_random_program_has_the_same_steps_from_both(seed):
    assert_same(random_program(seed), ledger=seed % 2 == 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE if sys.version_info < (3, 13) else (*HOSTILE, *WITH_COMPREHENSIONS))
def test_a_hostile_program_has_the_same_steps_from_both(name):
    assert_same(read(FOLDER / f"{name}.py").source)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDED_FROM_OUTSIDE)
def test_an_exception_from_outside_is_all_that_shows_at_another_step(name):
    one, other = both(read(FOLDER / f"{name}.py").source)

    assert [(s.event, s.frame, s.line, s.depth) for s in one[0]] == [
        (s.event, s.frame, s.line, s.depth) for s in other[0]
    ]
