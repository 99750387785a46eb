"""Objects while changes are folded in: many at once give what one after the other gives; each look is up to date."""

from random import Random

import pytest
from cotrace.model.heap import Heap, changed, folded
from cotrace.model.state import (
    Atom,
    DeleteAttribute,
    DeleteEntry,
    HeapObject,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
)

NAN = Atom("float", "nan")


def number(n):
    return Atom("int", str(n))


def sequence(draw, positions):
    """A list of ten, or what is known of a longer one; with changes that are possible one after the other."""
    length, changes = (10, []) if positions is None else (60, [])
    for turn in range(draw.randrange(1, 12)):
        index = draw.randrange(length)
        if draw.randrange(2):
            changes.append(SetElement(1, index, number(100 + turn), 0))
        else:
            removed = draw.randrange(min(3, length - index) + 1)
            inserted = tuple(number(200 + turn + n) for n in range(draw.randrange(1, 4)))
            changes.append(Splice(1, index, removed, inserted, 0))
            length += len(inserted) - removed
    known = tuple(number(n) for n in range(10))
    return HeapObject(
        1, "list", "list", known, length=10 if positions is None else 60, positions=positions
    ), changes


def pairs(draw):
    """A dict and an instance in one, with changes of both kinds of pairs."""
    keys = [number(n) for n in range(6)]
    changes = []
    for turn in range(draw.randrange(1, 12)):
        key = draw.choice(keys)
        kinds = (
            SetEntry(1, key, number(turn), 0),
            DeleteEntry(1, key, 0),
            SetAttribute(1, key.text, number(turn), 0),
            DeleteAttribute(1, key.text, 0),
        )
        changes.append(draw.choice(kinds))
    entries = tuple((key, key) for key in keys[:4])
    return HeapObject(1, "dict", "D", entries=entries, attributes=(("1", NAN), ("7", NAN)), length=4), changes


def one_by_one(seen, changes):
    for delta in changes:
        seen = changed(seen, delta)
    return seen


@pytest.mark.parametrize("positions", [None, (0, 1, 2, 3, 4, 55, 56, 57, 58, 59)])
@pytest.mark.parametrize("seed", range(40))
def test_changes_of_a_sequence_folded_at_once_give_what_they_give_one_by_one(seed, positions):
    seen, changes = sequence(Random(seed), positions)

    assert folded(seen, changes) == one_by_one(seen, changes)


@pytest.mark.parametrize("seed", range(40))
def test_changes_of_pairs_folded_at_once_give_what_they_give_one_by_one(seed):
    seen, changes = pairs(Random(seed))

    assert folded(seen, changes) == one_by_one(seen, changes)


def test_keys_that_look_alike_stay_two():
    """Two different nan are two keys of a dict, and have one text."""
    seen = HeapObject(1, "dict", "dict", entries=((NAN, number(1)), (NAN, number(2))), length=2)
    changes = [SetEntry(1, number(n), number(n), 0) for n in (5, 6)]

    after = folded(seen, changes)

    assert [key.text for key, _ in after.entries] == ["nan", "nan", "5", "6"]


def test_each_look_has_the_changes_so_far_and_a_copy_keeps_what_it_had():
    heap = Heap()
    heap.put(HeapObject(1, "list", "list", (number(1),), length=1))
    heap.change(SetElement(1, 0, number(2), 0))
    twin = heap.copy()
    heap.change(SetElement(1, 0, number(3), 0))

    assert (heap[1].elements, twin[1].elements) == ((number(3),), (number(2),))


def test_a_whole_content_takes_the_place_of_changes_that_wait():
    heap = Heap()
    heap.put(HeapObject(1, "list", "list", (number(1),), length=1))
    heap.change(SetElement(1, 0, number(2), 0))
    heap.put(HeapObject(1, "list", "list", (), length=0))

    assert heap[1].elements == ()


def test_a_change_of_an_object_that_was_never_seen_is_an_error():
    with pytest.raises(KeyError):
        Heap().change(SetElement(1, 0, number(2), 0))
