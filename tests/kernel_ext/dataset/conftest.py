"""A small language for tests of datasets: `make` an example, and a dataset in a fresh folder to put it in."""

import pytest
from cotrace.dataset import Dataset
from cotrace.model.record import Message, Question, Record


def make_example(number=1, **fields):
    """A record that asks for twice a number; any field may be given instead."""
    text = f"What is f({number})?"
    answer = repr(number * 2)
    return Record(
        **{
            "question": Question("output", text),
            "messages": (
                Message("user", text),
                Message("assistant", answer, f"{number} doubled is {answer}."),
            ),
            "code": "def f(n):\n    return n * 2\n",
            "call": f"f({number})",
            "answer": answer,
            **fields,
        }
    )


@pytest.fixture
def make():
    return make_example


@pytest.fixture
def dataset(tmp_path):
    return Dataset(tmp_path / "examples.jsonl")
