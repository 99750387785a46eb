"""A value is shown as Python would, within a budget, and what is left out is counted."""

from __future__ import annotations

import collections
import enum
from typing import NamedTuple

import cotrace
import pytest
from cotrace.formats.values import NARROW, WHOLE, Budget, exact, show
from cotrace.model.state import Atom, HeapObject, Ref
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work may be going on
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(SCALARS, inner)
        | st.sets(SCALARS)
        | st.frozensets(SCALARS)
    ),
    max_leaves=20,
)


def recorded(heap_class, value):
    heap = heap_class()
    return heap.take(value), heap


@PATIENT
@given(value=PLAIN)
def test_exact_is_what_repr_gives_for_plain_values(heap_class, value):
    taken, heap = recorded(heap_class, value)

    assert exact(taken, heap) == repr(value)


@PATIENT
@given(value=PLAIN)
def test_a_value_within_its_budget_is_shown_as_repr_has_it(heap_class, value):
    taken, heap = recorded(heap_class, value)

    assert show(taken, heap, WHOLE) == repr(value)


@PATIENT
@given(value=PLAIN, characters=st.integers(1, 200))
def test_the_text_is_never_much_longer_than_its_budget(heap_class, value, characters):
    """A mark or two may come on top at each level, the brackets too."""
    taken, heap = recorded(heap_class, value)

    shown = show(taken, heap, Budget(characters, depth=3))

    assert len(shown) <= len(repr(value)) + 40
    assert len(shown) <= 2 * characters + 120


@PATIENT
@given(value=st.lists(st.integers(0, 999), min_size=1), characters=st.integers(1, 100))
def test_what_is_left_out_of_a_list_is_counted(heap_class, value, characters):
    taken, heap = recorded(heap_class, value)

    shown = show(taken, heap, Budget(characters))

    told, _, mark = shown.strip("[]").partition("… ")
    count = len([text for text in told.split(", ") if text])
    assert count + int(mark.split()[0] if mark else 0) == len(value)
    assert count >= 1


def test_a_long_list_shows_its_head_and_counts_the_rest(heap):
    assert show(heap.take(list(range(1000))), heap, Budget(30)) == "[0, 1, 2, … 997 more]"


def test_a_list_cut_at_capture_shows_both_its_ends(heap):
    ends = tuple(Atom("int", str(n)) for n in (0, 1, 98, 99))
    ref = heap.put(
        kind="list", type="list", elements=ends, positions=(0, 1, 98, 99), length=100, cut="length"
    )

    assert show(ref, heap) == "[0, 1, … 96 more, 98, 99]"
    assert exact(ref, heap) is None


def test_a_long_string_is_cut_inside_its_quotes_and_the_rest_counted(heap):
    assert show(heap.take("it was a dark and stormy night" * 9), heap, NARROW) == (
        "'it was a dark and stormy nightit was a'… 232 more"
    )


def test_a_string_cut_at_capture_tells_its_true_length(heap):
    assert show(Atom("str", "'abc'", length=5000), heap) == "'abc'… 4997 more"


def test_a_huge_number_keeps_its_first_digits(heap):
    assert show(heap.take(-(10**99)), heap, NARROW) == "-100000000000000000000000000000000000000… 61 more"


def test_a_list_inside_itself_is_shown_as_repr_shows_it(heap):
    value: list[object] = [1]
    value.append(value)

    assert show(heap.take(value), heap) == repr(value)
    assert exact(heap.take(value), heap) is None


def test_an_instance_inside_itself_is_shown_by_its_number(heap):
    heap[1] = HeapObject(1, "instance", "Node", attributes=(("value", Atom("int", "3")), ("next", Ref(1))))

    assert show(Ref(1), heap) == "Node(value=3, next=o1)"


def test_an_object_that_is_there_twice_is_shown_by_number_when_asked(heap):
    row = [0]

    shared = heap.take([row, row])

    assert show(shared, heap) == "[[0], [0]]"
    assert show(shared, heap, numbers=True) == "[o2=[0], o2]"


def test_a_container_too_deep_shows_how_much_it_holds(heap):
    assert show(heap.take([[[1, 2], []]]), heap, Budget(depth=2)) == "[[[… 2 more], []]]"


def test_what_capture_did_not_look_into_is_marked(heap):
    ref = heap.put(kind="list", type="list", length=7, cut="depth")
    point = heap.put(kind="instance", type="Point", cut="depth")

    assert show(ref, heap) == "[… 7 more]"
    assert show(point, heap) == "Point(…)"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ({"kind": "instance", "type": "shapes.make.<locals>.Point"}, "Point(x=1)"),
        ({"kind": "function", "type": "function", "text": "f"}, "<function f>"),
        ({"kind": "class", "type": "type", "text": "Point"}, "<class Point>"),
        ({"kind": "opaque", "type": "socket.socket"}, "<socket o1>"),
    ],
)
def test_objects_without_a_plain_repr_are_described(heap, content, shown):
    attributes = (("x", Atom("int", "1")),) if content["kind"] == "instance" else ()
    ref = heap.put(**content, attributes=attributes)

    assert show(ref, heap) == shown
    assert exact(ref, heap) is None


@pytest.mark.parametrize(
    ("kind", "type_", "shown"),
    [
        ("deque", "collections.deque", "deque([1, 2])"),
        ("list", "Stack", "Stack([1, 2])"),
        ("set", "Bag", "Bag({1, 2})"),
        ("tuple", "Pair", "Pair(1, 2)"),
        ("array", "numpy.ndarray", "<int64 array: 1, 2>"),
    ],
)
def test_elements_are_shown_under_the_name_of_their_class(heap, kind, type_, shown):
    elements = (Atom("int", "1"), Atom("int", "2"))
    text = "int64 array" if kind == "array" else ""

    assert show(heap.put(kind=kind, type=type_, elements=elements, length=2, text=text), heap) == shown


class Colour(enum.Enum):
    RED = 1


class Level(int):
    pass


class Point(NamedTuple):
    x: int
    y: int


class RefusedError(ValueError):
    def __init__(self, code):
        super().__init__("no", code)
        self.code = code


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (KeyError("k"), "KeyError('k')"),
        (RefusedError(7), "RefusedError('no', 7, code=7)"),
        (Colour.RED, "Colour.RED"),
        (Level(3), "Level(3)"),
        (Point(1, 2), "Point(x=1, y=2)"),
        (collections.deque([1, 2]), "deque([1, 2])"),
        (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (range(3), "range(0, 3)"),
        (len, "<function len>"),
        (OSError, "<class OSError>"),
    ],
)
def test_what_a_tracer_captures_is_shown_as_one_would_write_it(value, shown):
    trace = cotrace.trace(lambda: value)

    assert show(trace.outcome.value, trace.snapshot(len(trace.steps)).heap) == shown


def test_an_integer_too_long_for_repr_is_shown_by_its_first_digits(heap):
    trace = cotrace.trace(lambda: 16**50_000 - 1)
    value = trace.outcome.value

    shown = show(value, heap, NARROW)

    assert shown.startswith("0xffff")
    assert shown.endswith("more")
    assert exact(value, heap) is None


def test_a_dict_of_a_subclass_is_named_and_not_exact(heap):
    pair = (Atom("str", "'a'"), Atom("int", "1"))
    ref = heap.put(kind="dict", type="collections.Counter", entries=(pair,), length=1)

    assert show(ref, heap) == "Counter({'a': 1})"
    assert exact(ref, heap) is None


def test_a_secret_stays_redacted_and_is_never_exact(heap):
    secret = Atom("redacted", "<redacted API_KEY>")

    assert show(secret, heap) == "<redacted API_KEY>"
    assert exact(secret, heap) is None


def test_standard_values_with_a_fixed_repr_are_exact(heap):
    assert exact(Atom("datetime.date", "datetime.date(2024, 1, 31)"), heap) == "datetime.date(2024, 1, 31)"


def test_exact_refuses_a_text_that_would_explode(heap):
    """Twenty nested pairs of one object are a few hundred bytes of heap and a million brackets of text."""
    value: list[object] = []
    for _ in range(20):
        value = [value, value]

    assert exact(heap.take(value), heap, characters=1000) is None
    assert len(show(heap.take(value), heap)) < 250


def test_names_cannot_act_on_a_terminal(heap):
    assert show(heap.put(kind="opaque", type="\x1b[31mEvil"), heap) == r"<\x1b[31mEvil o1>"
