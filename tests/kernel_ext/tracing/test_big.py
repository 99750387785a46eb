"""What is kept of a container over the size limit follows every change, and each change is told by itself."""

import copy
from collections import deque

import pytest
from cotrace.model.limits import Limits
from cotrace.model.replay import State
from cotrace.model.state import Atom, Become, Ref, SetElement, Splice
from cotrace.tracing.capture import Capture
from cotrace.tracing.secrets import Redactor
from hypothesis import given
from hypothesis import strategies as st

LIMITS = Limits(elements=12, edge=2)


class Watched:
    """One object in view from event to event, and the state that the deltas told of it fold to."""

    def __init__(self, value):
        self.value = value
        self.capture = Capture(LIMITS, Redactor({}))
        self.state = State()
        self.look()

    def look(self):
        """Be at an event; return the deltas told there."""
        deltas = []
        self.capture.begin()
        self.capture.root(self.value)
        self.capture.finish(0, deltas)
        for delta in deltas:
            self.state.apply(delta)
        return deltas

    def changed_by(self, change):
        """Return the deltas told after a change."""
        change(self.value)
        return self.look()

    @property
    def known(self):
        """What is known of the object by the deltas: its elements by place."""
        seen = self.state.heap[1]
        return dict(zip(seen.positions or range(seen.length), seen.elements, strict=True))


def numbers(*values):
    return tuple(Atom("int", str(value)) for value in values)


def put(place, value):
    """Return the delta of one element."""
    return SetElement(1, place, Atom("int", str(value)), 0)


KINDS = pytest.mark.parametrize("kind", [list, deque])


@KINDS
def test_an_element_stored_at_an_unknown_place_is_told_by_itself(kind):
    watched = Watched(kind(range(20)))

    assert watched.changed_by(lambda x: x.__setitem__(9, -1)) == [put(9, -1)]
    assert list(watched.known) == [0, 1, 9, 18, 19]


@KINDS
def test_elements_stored_together_are_told_in_order_and_many_of_them_whole(kind):
    watched = Watched(kind(range(20)))

    def store(count):
        return lambda x: [x.__setitem__(place, -count) for place in reversed(range(5, 5 + count))]

    assert watched.changed_by(store(8)) == [put(place, -8) for place in range(5, 13)]
    assert [type(delta) for delta in watched.changed_by(store(9))] == [Become]
    assert [place for place in watched.known if 2 <= place < 18] == list(range(5, 14))


@KINDS
def test_of_more_stores_than_the_limit_of_elements_none_becomes_known(kind):
    watched = Watched(kind(range(40)))
    watched.changed_by(lambda x: x.__setitem__(9, -1))

    deltas = watched.changed_by(lambda x: [x.__setitem__(place, -2) for place in range(3, 37)])
    assert deltas == [put(9, -2)]


@KINDS
def test_an_append_is_one_splice_and_every_end_stays_known(kind):
    watched = Watched(kind(range(20)))

    assert watched.changed_by(lambda x: x.append(-1)) == [Splice(1, 20, 0, numbers(-1), 0)]
    assert watched.changed_by(lambda x: x.extend((-2, -3))) == [Splice(1, 21, 0, numbers(-2, -3), 0)]
    assert list(watched.known) == [0, 1, 18, 19, 20, 21, 22]


@KINDS
def test_a_pop_is_a_splice_and_the_element_that_becomes_the_end(kind):
    watched = Watched(kind(range(20)))

    assert watched.changed_by(lambda x: x.pop()) == [Splice(1, 19, 1, (), 0), put(17, 17)]


@KINDS
def test_what_is_known_behind_an_insertion_moves_along(kind):
    watched = Watched(kind(range(20)))
    watched.changed_by(lambda x: x.__setitem__(9, -1))

    assert watched.changed_by(lambda x: x.insert(5, -2)) == [Splice(1, 5, 0, numbers(-2), 0)]
    assert list(watched.known) == [0, 1, 5, 10, 19, 20]
    assert watched.changed_by(lambda x: x.__delitem__(10)) == [Splice(1, 10, 1, (), 0)]
    assert list(watched.known) == [0, 1, 5, 18, 19]


@KINDS
def test_a_stretch_longer_than_the_limit_is_told_by_the_ends_and_what_was_known(kind):
    watched = Watched(kind(range(20)))
    watched.changed_by(lambda x: x.__setitem__(9, -1))

    assert [type(delta) for delta in watched.changed_by(lambda x: x.extend(range(13)))] == [Become]
    assert list(watched.known) == [0, 1, 9, 18, 19, 31, 32]


def test_a_look_in_passing_leaves_what_the_next_event_tells():
    watched = Watched(list(range(20)))
    watched.value.append(-1)
    _, (seen,) = watched.capture.observe(watched.value, at=1)

    assert seen.length == 21
    told = watched.changed_by(lambda x: x.pop(0))
    assert told == [put(0, 1), put(1, 2), put(18, 19), put(19, -1)]


def test_a_cut_list_that_shrinks_and_grows_again_begins_anew():
    watched = Watched(list(range(20)))
    watched.changed_by(lambda x: x.__setitem__(9, -1))
    watched.changed_by(lambda x: x.__delitem__(slice(12, None)))
    watched.changed_by(lambda x: x.extend(range(12, 20)))

    assert list(watched.known) == [0, 1, 18, 19]


def test_objects_in_a_cut_list_are_told_when_they_become_known_and_while_they_are():
    held = [[place] for place in range(20)]
    watched = Watched(held)
    new = ["new"]
    watched.changed_by(lambda x: x.__setitem__(9, new))

    assert watched.known[9] == Ref(6)
    assert watched.changed_by(lambda _: new.append(1)) == [Splice(6, 1, 0, numbers(1), 0)]


PLACES = st.integers(0, 39)
ATOMS = st.integers(-5, 5)
STRETCHES = st.tuples(PLACES, st.integers(0, 20), st.lists(ATOMS, max_size=20))
CHANGES = st.one_of(
    st.tuples(st.just("set"), st.lists(st.tuples(PLACES, ATOMS), min_size=1, max_size=15)),
    st.tuples(st.just("splice"), st.lists(STRETCHES, min_size=1, max_size=2)),
    st.tuples(st.just("look"), st.just([])),
)


def apply(value, change):
    """Make one change to a list or deque, where its places are there."""
    what, parts = change
    for part in parts:
        if what == "set" and part[0] < len(value):
            value[part[0]] = part[1]
        elif what == "splice":
            whole = list(value)
            whole[part[0] : part[0] + part[1]] = part[2]
            value.clear()
            value.extend(whole)


@KINDS
@given(size=st.integers(10, 40), changes=st.lists(CHANGES, max_size=12))
def test_the_deltas_fold_to_what_a_look_gives(kind, size, changes):
    """After each change: what is known is there, the ends are known, and a look in passing sees the same."""
    watched = Watched(kind(range(100, 100 + size)))
    for at, change in enumerate(changes):
        apply(watched.value, change)
        if change[0] == "look":
            watched.capture.observe(watched.value, at)
        before = copy.copy(watched.value)
        watched.look()
        seen, length = watched.state.heap[1], len(before)
        assert (seen.length, seen.cut) == (length, "length" if length > LIMITS.elements else "")
        assert watched.known == {place: Atom("int", str(before[place])) for place in watched.known}
        ends = {0, 1, length - 2, length - 1} if seen.cut else set(range(length))
        assert ends <= set(watched.known)
        assert seen == watched.capture._by_number[1].seen
