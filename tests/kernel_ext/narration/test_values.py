"""Values as sentences show them: the repr where it is short, the two ends and the length where it is not."""

from cotrace.model.state import Atom, HeapObject, Ref
from cotrace.narration.values import is_plain, shown, whole


def number(n):
    return Atom("int", str(n))


def listing(number_of_object, *elements, **more):
    return HeapObject(number_of_object, "list", "list", tuple(elements), length=len(elements), **more)


def test_a_short_value_is_its_repr():
    """Nested values too."""
    heap = {
        1: listing(1, number(1), Ref(2)),
        2: HeapObject(2, "tuple", "tuple", (Atom("str", "'a'"),), length=1),
    }

    assert shown(Ref(1), heap, 40) == "[1, ('a',)]"


def test_a_long_list_has_its_first_elements_its_last_and_its_length():
    """What is left out is said."""
    heap = {1: listing(1, *map(number, range(100)))}

    assert shown(Ref(1), heap, 20) == "[0, 1, 2, 3, 4, 5, …, 99] (100 elements)"


def test_a_long_string_has_its_two_ends_and_its_length():
    """In one pair of quotes."""
    text = Atom("str", repr("abc" * 100))

    assert shown(text, {}, 40) == "'abcabcabcabc…abcabcabcabc' (300 characters)"


def test_a_long_dictionary_has_its_first_entries_and_its_last():
    """Entries are counted as entries."""
    entries = tuple((number(n), number(n * n)) for n in range(50))
    heap = {1: HeapObject(1, "dict", "dict", (), entries, length=50)}

    assert shown(Ref(1), heap, 24) == "{0: 0, 1: 1, …, 49: 2401} (50 entries)"


def test_an_object_that_holds_itself_ends():
    """As Python's own repr does."""
    heap = {1: listing(1, number(1), Ref(1))}

    assert whole(Ref(1), heap) == "[1, [...]]"


def test_an_instance_is_its_type_and_number_and_has_no_address():
    """Its own repr was never called, and an address means nothing."""
    heap = {
        4: HeapObject(4, "instance", "shop.Till"),
        5: HeapObject(5, "function", "function", text="f at 0x7fcd2968f560"),
    }

    assert whole(Ref(4), heap) == "<Till o4>"
    assert whole(Ref(5), heap) == "<function f>"


def test_empty_sets_and_subclasses_are_written_as_python_does():
    """So that they can be read back."""
    heap = {
        1: HeapObject(1, "set", "set", length=0),
        2: HeapObject(2, "dict", "collections.Counter", (), ((Atom("str", "'a'"), number(2)),), length=1),
        3: HeapObject(3, "deque", "collections.deque", (number(1),), length=1),
    }

    assert [whole(Ref(n), heap) for n in heap] == ["set()", "Counter({'a': 2})", "deque([1])"]


def test_only_whole_values_of_built_in_types_are_plain():
    """What is cut, or is the program's own, has no repr that could be vouched for."""
    heap = {1: listing(1), 2: listing(2, cut="length"), 3: HeapObject(3, "instance", "Till")}

    assert [is_plain(Ref(n), heap) for n in heap] == [True, False, False]
