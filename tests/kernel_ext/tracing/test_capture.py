"""Values are captured by structure: what they hold, who shares it, and without running code of theirs."""

import pytest
from cotrace.model.state import Atom, Ref
from kernel_ext.tracing.running import record


def at_end(source, name="x"):
    """Return what a global name is bound to at the end, and the heap."""
    trace = record(source).trace
    last = trace.snapshot(len(trace.steps))
    return last.frames[0][name], last.heap


ATOMS = ["None", "True", "-3", "1.5", "1j", "'text'", "b'bytes'", "...", "10 ** 30", "float('inf')", "''"]


@pytest.mark.parametrize("text", ATOMS)
def test_an_atom_is_kept_by_its_repr(text):
    value, _ = at_end(f"x = {text}\n")

    assert value == Atom(type(eval(text)).__name__, repr(eval(text)))


CONTAINERS = {
    "list": ("[1, 2]", "list"),
    "tuple": ("(1, 2)", "tuple"),
    "set": ("{1, 2}", "set"),
    "frozenset": ("frozenset({1, 2})", "frozenset"),
    "deque": ("__import__('collections').deque([1, 2])", "collections.deque"),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_container_keeps_its_elements(kind):
    text, type_name = CONTAINERS[kind]
    value, heap = at_end(f"x = {text}\n")

    found = heap[value.id]
    assert found.type == type_name
    assert sorted(atom.text for atom in found.elements) == ["1", "2"]
    assert (found.length, found.cut) == (2, "")


def test_a_dictionary_keeps_its_keys_in_order():
    value, heap = at_end("x = {'b': 1, 'a': 2}\n")

    assert [(key.text, held.text) for key, held in heap[value.id].entries] == [("'b'", "1"), ("'a'", "2")]


@pytest.mark.parametrize("slots", ["", "    __slots__ = ('a', 'b')\n"], ids=["dictionary", "slots"])
def test_an_object_keeps_its_attributes(slots):
    value, heap = at_end(f"class C:\n{slots}    def __init__(self): self.a, self.b = 1, [2]\nx = C()\n")

    attributes = dict(heap[value.id].attributes)
    assert attributes["a"] == Atom("int", "1")
    assert heap[attributes["b"].id].elements == (Atom("int", "2"),)


def test_two_names_of_one_object_refer_to_one():
    trace = record("x = [1]\ny = x\nz = [1]\nx.append(2)\nend = 1\n").trace
    last = trace.snapshot(len(trace.steps))

    names = last.frames[0]
    assert names["x"] == names["y"] != names["z"]
    assert len(last.heap[names["y"].id].elements) == 2


def test_an_object_shared_by_two_containers_is_one():
    value, heap = at_end("shared = []\nx = [shared, {'k': shared}]\n")

    first, second = heap[value.id].elements
    assert heap[second.id].entries == ((Atom("str", "'k'"), first),)


def test_a_list_that_holds_itself_refers_to_itself():
    value, heap = at_end("x = []\nx.append(x)\n")

    assert heap[value.id].elements == (Ref(value.id),)


def test_objects_in_a_circle_are_each_captured_once():
    value, heap = at_end("class C: pass\nx = C()\nx.other = C()\nx.other.other = x\n")

    other = dict(heap[value.id].attributes)["other"]
    assert dict(heap[other.id].attributes) == {"other": value}


COUNTED = (
    "__repr__", "__str__", "__eq__", "__hash__", "__len__", "__iter__", "__bool__", "__getattr__", "__getattribute__",
    "__contains__", "__getitem__", "__reduce_ex__", "__format__", "__sizeof__", "__dir__", "__length_hint__",
)  # fmt: skip


@pytest.mark.parametrize("base", ["object", "list", "dict", "int", "str", "Exception"])
def test_no_code_of_a_value_is_called_while_it_is_captured(base):
    methods = "".join(f"    def {name}(self, *a): called.append({name!r})\n" for name in COUNTED)
    methods += "    p = property(lambda self: called.append('p'))\n"
    source = f"called = []\nclass C({base}):\n{methods}x = C()\ny = [x]\nz = 1\n"
    run = record(source + "print(len(called))\n")

    assert run.printed == "0\n"
    assert not run.trace.truncated
    assert len(run.trace.steps) > 10


def test_a_change_inside_an_object_is_seen_through_every_alias():
    trace = record("inner = [1]\nx = {'k': inner}\ninner[0] = 5\nend = 1\n").trace
    last = trace.snapshot(len(trace.steps))

    ((_, held),) = last.heap[last.frames[0]["x"].id].entries
    assert last.heap[held.id].elements == (Atom("int", "5"),)


def test_tracing_a_program_twice_gives_the_same_objects():
    source = "x = [[1], {2: (3,)}]\nclass C: pass\ny = C()\ny.x = x\n"

    one, other = record(source).trace, record(source).trace
    assert (one.steps, one.final) == (other.steps, other.final)


def test_new_objects_are_numbered_by_the_number_of_what_holds_them_and_not_by_its_name():
    older_last = "a = []\nb = []\nc = a\ndel a\nb.append([1]); c.append([2])\n"
    trace = record(older_last, ledger=False).trace
    seen = trace.snapshot(len(trace.steps))

    assert [seen.frames[0][name] for name in "bc"] == [Ref(2), Ref(1)]
    assert [seen.heap[number].elements for number in (1, 2)] == [(Ref(3),), (Ref(4),)]


def test_changes_of_one_step_are_told_by_level_and_then_by_number():
    changing = "a = [[0]]\nb = []\nc = a\ndel a\nb.append(1); c.append(2); c[0][0] = 3\n"
    returning = record(changing, ledger=False).trace.steps[-1]

    assert [delta.id for delta in returning.delta] == [1, 3, 2]


ARRAYS = {
    "an element": ("np.zeros(3)", "x[0] = 5", ["5.0", "0.0", "0.0"]),
    "minus nothing": ("np.zeros(2)", "x[1] = -0.0", ["0.0", "-0.0"]),
    "through an alias": ("np.zeros(2)", "y = [x]; y[0] += 1", ["1.0", "1.0"]),
    "by a method": ("np.zeros(2, int)", "x.fill(3)", ["3", "3"]),
    "of a series": ("pd.Series([1, 2])", "x.iat[1] = 7", ["1", "7"]),
}


@pytest.mark.parametrize("change", ARRAYS)
def test_a_change_of_an_array_is_seen(change):
    made, changing, elements = ARRAYS[change]
    trace = record(f"import numpy as np\nimport pandas as pd\nx = {made}\n{changing}\ndone = 1\n").trace
    before, after = (trace.snapshot(at) for at in (len(trace.steps) - 3, len(trace.steps) - 2))
    number = after.frames[0]["x"].id

    assert trace.steps[-2].line == 5
    assert [atom.text for atom in after.heap[number].elements] == elements
    assert before.heap[number].elements != after.heap[number].elements


def test_a_change_of_a_data_frame_is_seen():
    value, heap = at_end("import pandas as pd\nx = pd.DataFrame({'a': [1, 2]})\nx.iat[0, 0] = 7\n")

    assert "a int64 [7, 2]" in heap[value.id].text
