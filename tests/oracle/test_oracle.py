"""The oracle agrees with the engine on programs of every kind, and catches an engine that is wrong."""

from dataclasses import replace

import pytest
from cotrace.model.limits import Limits
from cotrace.model.state import Appear, Atom, Bind, Ref, SetElement, Splice, Unbind
from cotrace.model.trace import EventKind
from cotrace.tracing.capture import Capture
from cotrace.tracing.recording import Recording
from cotrace.tracing.reference import ReferenceEngine
from oracle.compare import Comparison, Difference
from oracle.events import generator_with
from oracle.programs import judge, run_traced

ALIASES = """
a = [1, 2]
b = a
b.append([3])
c = [a, a[2], (a,)]
c[1].append(c)
del a
b[0] = True
b = None
d = {"k": c, 1: [c[0]]}
d["k"][0].pop()
c[2][0].insert(1, "x")
del d["k"]
c[0] = 1
"""
GENERATORS = """
def count(n):
    held = []
    for i in range(n):
        held.append(i)
        yield held

def use():
    g = count(3)
    first = next(g)
    first.append("mine")
    g.close()
    done = True
    total = 0
    for part in count(2):
        total += len(part)
    return total, done

use()
"""
OBJECTS = """
class Node:
    def __init__(self, value, below=None):
        self.value = value
        self.below = below

top = None
for n in range(3):
    top = Node([n], top)
top.below.value.append(top)
top.below, top.below.below = top.below.below, top
try:
    top.missing
except AttributeError as error:
    kind = type(error)
rows = [[0] * 2 for _ in range(2)]
rows[1][0] = rows
s = {(1, 2), frozenset({3})}
s.add(4)
"""
PROGRAMS = {"aliases": ALIASES, "generators": GENERATORS, "objects": OBJECTS}


@pytest.mark.parametrize("holds", [True, False], ids=["holding", "not holding"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_engine_records_what_the_oracle_sees(name, holds):
    trace = judge(PROGRAMS[name], holds=holds)

    assert len(trace.steps) > 10


def test_the_oracle_looks_at_every_step_and_at_the_end():
    run = run_traced(ALIASES, observed=True)

    assert Comparison(run.trace, run.observer).run() == len(run.trace.steps)
    assert run.observer.recorded[-1].event is None


def test_the_oracle_hears_a_text_each_time_that_it_is_executed():
    """Their code objects are equal, and not the same."""
    text = "one = []\\none.append(two)"

    judge(f'try: exec("{text}")\nexcept NameError: pass\ntwo = 2\nexec("{text}")\n')


def test_the_oracle_keeps_no_frame_alive():
    """The lifetime of frames and generators is the program's business."""
    run = run_traced(GENERATORS, observed=True)

    assert [generator_with(run.observer.ear.activations, 0)] == [None]
    assert not run.observer.ear.activations


# --- engines that are wrong -----------------------------------------------------------------------------------------


def without(kind):
    """Return a fault: the first change of this kind is lost."""
    return once(lambda delta: isinstance(delta, kind), lambda delta: None)


def once(concerned, changed):
    """Return a fault: the first change that is `concerned` is told as `changed` makes it."""

    def fault(deltas, done=[]):  # noqa: B006 - remembers that it was done
        told = []
        for delta in deltas:
            is_first = not done and concerned(delta)
            done += [delta] if is_first else []
            now = changed(delta) if is_first else delta
            told += [now] if now is not None else []
        return told

    return fault


DELTA_FAULTS = {
    "a lost splice": (ALIASES, without(Splice)),
    "a lost element": (ALIASES, without(SetElement)),
    "a variable that never goes": (ALIASES, without(Unbind)),
    "an alias to another object": (
        ALIASES,
        once(lambda d: isinstance(d, Bind) and d.name == "b", lambda d: replace(d, value=Atom("str", "'a'"))),
    ),
    "True for 1": (
        ALIASES,
        once(lambda d: isinstance(d, SetElement), lambda d: replace(d, value=Atom("int", "1"))),
    ),
    "a change put down to the wrong line": (
        OBJECTS,
        once(lambda d: isinstance(d, Bind) and d.name == "rows", lambda d: replace(d, cause=d.cause - 1)),
    ),
    "an object that appears with another's content": (
        OBJECTS,
        once(
            lambda d: isinstance(d, Appear) and d.object.kind == "list" and d.object.elements,
            lambda d: replace(d, object=replace(d.object, elements=(*d.object.elements[::-1], Ref(1)))),
        ),
    ),
}


@pytest.mark.parametrize("name", DELTA_FAULTS)
def test_the_oracle_catches_a_wrong_change(name, monkeypatch):
    program, fault = DELTA_FAULTS[name]
    add_step = Recording.add_step

    def wrong(self, event, frame, line, depth, delta, value):
        return add_step(self, event, frame, line, depth, fault(delta), value)

    monkeypatch.setattr(Recording, "add_step", wrong)

    assert_caught(program)


def test_the_oracle_catches_a_line_that_is_no_step(monkeypatch):
    on_line = ReferenceEngine.on_line

    def forgetful(self, frame, code, line):
        if line != 5:
            on_line(self, frame, code, line)

    monkeypatch.setattr(ReferenceEngine, "on_line", forgetful)

    assert_caught(ALIASES)


def test_the_oracle_catches_a_wrong_line_depth_or_event(monkeypatch):
    add_step = Recording.add_step

    def wrong(self, event, frame, line, depth, delta, value):
        event = EventKind.LINE if event is EventKind.YIELD else event
        return add_step(self, event, frame, line, depth, delta, value)

    monkeypatch.setattr(Recording, "add_step", wrong)

    assert_caught(GENERATORS)


def test_the_oracle_catches_objects_that_lose_their_numbers(monkeypatch):
    """The content is right at every step, and yet nobody could follow an object from one to the next."""
    begin = Capture.begin

    def forgetful(self):
        self.forget()
        begin(self)

    monkeypatch.setattr(Capture, "begin", forgetful)

    assert_caught(OBJECTS)


def test_the_oracle_catches_a_frame_that_ends_too_late(monkeypatch):
    end_frame = Recording.end_frame
    monkeypatch.setattr(Recording, "end_frame", lambda self, number, step: end_frame(self, number, step + 1))

    assert_caught(GENERATORS)


def test_the_oracle_catches_a_store_into_the_middle_of_a_big_list(monkeypatch):
    add_step = Recording.add_step

    def wrong(self, event, frame, line, depth, delta, value):
        kept = [d for d in delta if not (line == 4 and isinstance(d, SetElement))]
        return add_step(self, event, frame, line, depth, kept, value)

    program = "big = list(range(100))\nbig[50] = 'x'\nbig[50] = 'y'\nend = 1\n"
    limits = Limits(elements=20, edge=2)
    judge(program, limits=limits)
    monkeypatch.setattr(Recording, "add_step", wrong)

    assert_caught(program, limits=limits)


def assert_caught(program, **options):
    run = run_traced(program, observed=True, **options)
    assert not run.trace.truncated
    with pytest.raises(Difference):
        Comparison(run.trace, run.observer).run()
