"""``cotrace demo``: the whole way, in an empty folder, with what it claims checked here."""

import json
import socket
import subprocess
from importlib import import_module

import pytest
from cotrace.dataset import Dataset
from cotrace.demo import spoilt

pytestmark = pytest.mark.slow


def test_the_demo_shows_the_run_the_words_the_verdicts_and_what_next(cotrace, own_folders):
    ran = cotrace("demo")

    assert (ran.code, ran.err) == (0, "")
    assert "hand.insert(place, card)" in ran.out
    assert "✓ supported" in ran.out
    assert "✗ contradicted: So the answer is ([2, 4, 5], 3)" in ran.out
    assert [line.split()[1] for line in ran.out.splitlines() if line.startswith("cotrace ")] == [
        "trace",
        "show",
        "dataset",
    ]


def test_the_demo_leaves_a_record_that_is_valid_and_gives_its_answer_again(cotrace, own_folders):
    cotrace("demo")

    dataset = Dataset(own_folders / "demo.jsonl")
    (record,) = dataset
    assert (record.review.status, record.answer) == ("approved", "([2, 4, 5], 2)")
    assert record.grounding.counts.contradicted == 0
    assert dataset.validate(run=True) == []


def test_a_second_demo_finds_the_record_there_and_adds_none(cotrace, own_folders):
    cotrace("demo")

    again = cotrace("demo")

    assert (again.code, len(Dataset(own_folders / "demo.jsonl"))) == (0, 1)
    assert "demo.jsonl has this record already, approved" in again.out


def test_the_last_advice_deletes_all_that_the_demo_made(cotrace, own_folders):
    told = cotrace("demo").out
    assert list(own_folders.iterdir())

    subprocess.run(told.splitlines()[-1], shell=True, check=True)

    assert list(own_folders.iterdir()) == []


def test_the_three_next_commands_work(cotrace, own_folders):
    import shlex

    for line in cotrace("demo").out.splitlines():
        if line.startswith("cotrace "):
            assert cotrace(*shlex.split(line)[1:]).code == 0


def test_the_demo_asks_no_network(cotrace, monkeypatch):
    def refuse(*_):
        raise AssertionError("the demo wanted to connect")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert cotrace("demo").code == 0


def test_the_demo_as_json(cotrace):
    made = json.loads(cotrace("demo", "--json").out)

    assert made["claims"]["contradicted"] == 0
    assert made["outcome"]["told"] == "returned ([2, 4, 5], 2)"


@pytest.mark.parametrize(("text", "wrong"), [("It is 41.", "It is 42."), ("19, so 9 here", "19, so 0 here")])
def test_a_slip_changes_the_last_digit_only(text, wrong):
    assert spoilt(text) == wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "bank",
        "binary_search",
        "change",
        "hanoi",
        "insertion_sort",
        "matrix",
        "primes",
        "roman",
        "shortest_path",
        "word_count",
    ],
)
def test_every_example_is_traced_told_and_supported(cotrace, name):
    """The programs that ship are the first that anyone tries."""
    example = import_module("cotrace.demo").EXAMPLE.with_name(f"{name}.py")
    ran = cotrace("trace", str(example))
    assert ran.code == 0
    assert "ended early" not in ran.err

    told = cotrace("narrate", "--check").out

    assert "✗ 0 contradicted" in told
