"""Each limit is held, and the trace says that it was."""

import pytest
from cotrace.model.state import Atom
from kernel_ext.tracing.running import record


def object_of(run, name):
    """Return what a global name refers to at the end: the heap object."""
    last = run.trace.snapshot(len(run.trace.steps))
    return last.heap[last.frames[0][name].id]


def test_recording_ends_at_the_limit_of_steps_and_the_program_runs_on():
    run = record("n = 0\nfor i in range(100):\n    n += i\nprint(n)\n", steps=20)

    assert len(run.trace.steps) == 20
    assert run.trace.truncated.startswith("recording ended after 20 steps (limits.steps)")
    assert (run.printed, run.trace.outcome.kind) == ("4950\n", "returned")


def test_recording_ends_at_the_limit_of_bytes_and_the_program_runs_on():
    run = record("n = []\nfor i in range(100):\n    n.append(i)\nprint(len(n))\n", bytes=5_000)

    assert 5 < len(run.trace.steps) < 100
    assert run.trace.truncated.startswith("recording ended at about 5,000 bytes (limits.bytes)")
    assert (run.printed, run.trace.outcome.kind) == ("100\n", "returned")


def test_a_bigger_limit_of_bytes_lets_more_be_recorded():
    text = "n = []\nfor i in range(200):\n    n.append(i)\n"

    assert len(record(text, bytes=5_000).trace.steps) < len(record(text, bytes=20_000).trace.steps)


def test_the_state_at_the_end_is_told_where_recording_ended():
    run = record("n = 0\nfor i in range(9):\n    n += 1\n", steps=7)

    known = run.trace.snapshot(len(run.trace.steps)).frames[0]
    assert known["n"].text in {"1", "2", "3"}


def test_a_run_without_a_limit_that_is_reached_says_nothing():
    run = record("x = [1, 'a']\n")

    assert run.trace.truncated == ""
    assert run.trace.notes == ()


def test_output_over_its_limit_is_cut_and_said_to_be():
    run = record("for i in range(10): print('x' * 10)\n", output=25)

    kept = "".join(part.text for step in run.trace.steps for part in step.output)
    assert kept == ("x" * 10 + "\n") * 2 + "xxx"
    assert len(run.printed) == 110
    assert any("limits.output" in note.advice for note in run.trace.notes)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("'a' * 50", "'aaaaaaaaaa"), ("b'a' * 50", "b'aaaaaaaaaa"), ("10 ** 50", "1000000000")],
    ids=["string", "bytes", "number"],
)
def test_a_long_atom_is_cut_and_keeps_its_length(value, shown):
    run = record(f"x = {value}\n", ledger=False, string=10)

    atom = run.trace.snapshot(len(run.trace.steps)).frames[0]["x"]
    assert type(atom) is Atom
    assert atom.text.startswith(shown)
    assert len(atom.text) < 20
    assert atom.length >= 40


def test_an_atom_as_long_as_the_limit_is_whole():
    run = record("x = 'a' * 10\n", string=10)

    atom = run.trace.snapshot(len(run.trace.steps)).frames[0]["x"]
    assert (atom.text, atom.length) == (repr("a" * 10), -1)


@pytest.mark.parametrize("kind", ["list", "tuple", "set", "dict"])
def test_a_container_over_the_limit_keeps_its_length_and_is_cut(kind):
    made = "dict.fromkeys(range(50))" if kind == "dict" else f"{kind}(range(50))"
    found = object_of(record(f"x = {made}\n", elements=20, edge=2), "x")

    assert found.length == 50
    assert found.cut
    assert len(found.elements) + len(found.entries) <= 20


def test_a_container_as_big_as_the_limit_is_whole():
    found = object_of(record("x = list(range(20))\n", elements=20, edge=2), "x")

    assert [atom.text for atom in found.elements] == [str(i) for i in range(20)]
    assert found.cut == ""


def test_a_cut_list_keeps_its_head_its_tail_and_what_is_stored():
    found = object_of(record("x = list(range(50))\nx[30] = 'stored'\ny = 1\n", elements=20, edge=2), "x")

    kept = dict(zip(found.positions, (atom.text for atom in found.elements), strict=True))
    assert kept == {0: "0", 1: "1", 30: "'stored'", 48: "48", 49: "49"}


def test_what_lies_deeper_than_the_limit_is_named_and_not_looked_into():
    run = record("x = [[[[1]]]]\n", depth=2)

    last = run.trace.snapshot(len(run.trace.steps))
    outer = last.heap[last.frames[0]["x"].id]
    inner = last.heap[last.heap[outer.elements[0].id].elements[0].id]
    assert (inner.type, inner.elements) == ("list", ())
    assert inner.cut


ENDLESS = {
    "a loop": "while True: pass",
    "sleeping": "import time\nwhile True: time.sleep(0.01)",
    "called from C": "class E:\n    __iter__ = lambda self: self\n    __next__ = lambda self: 0\nsum(E())",
}


@pytest.mark.parametrize("body", ENDLESS)
def test_a_run_is_stopped_at_the_limit_of_seconds(body):
    run = record(ENDLESS[body] + "\n", seconds=0.2, steps=10**9, bytes=10**12)

    assert run.trace.outcome.kind == "stopped"
    assert run.trace.truncated == "stopped after 0.2 seconds (limits.seconds)"


def test_a_run_is_stopped_after_its_recording_has_ended():
    run = record("n = 0\nwhile True:\n    n += 1\n", steps=10, seconds=0.3)

    assert len(run.trace.steps) == 10
    assert run.trace.outcome.kind == "stopped"
    assert "limits.seconds" in run.trace.outcome.message
    assert "limits.steps" in run.trace.truncated


def test_an_instance_with_more_attributes_than_elements_are_kept_is_said_to_be_cut():
    text = "class Many: pass\nm = Many()\nfor i in range(5): setattr(m, f'a{i}', i)\n"

    cut = object_of(record(text, elements=3), "m")
    whole = object_of(record(text, elements=5), "m")

    assert [name for name, _ in cut.attributes] == ["a0", "a1", "a2"]
    assert (len(whole.attributes), cut.cut, whole.cut) == (5, "length", "")
