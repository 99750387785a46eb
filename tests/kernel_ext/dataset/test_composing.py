"""What makes a record of a recording: the question, the conversation, and what is told of how it was made."""

import json
from dataclasses import replace

import cotrace
import pytest
from cotrace.dataset import Dataset, compose, reasoning_of, rerun, revised
from cotrace.errors import UsageError
from cotrace.model.codec import content_hash, decode
from cotrace.model.reasoning import Reasoning
from recorded import Recorded, approved, composed, draft

SQUARES = """\
def squares(numbers):
    total = 0
    for number in numbers:
        total += number * number
    return total
"""


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    return Recorded(tmp_path, monkeypatch)


@pytest.fixture
def squares(recorded):
    return recorded.call(SQUARES, "squares([1, 2, 3])")


class TestAQuestion:
    def test_for_an_output_shows_the_code_and_the_call(self, squares):
        record = approved(squares)

        assert (
            record.question.text
            == f"What does `squares([1, 2, 3])` return or raise?\n\n```python\n{SQUARES}```"
        )
        assert (record.call, record.answer) == ("squares([1, 2, 3])", "14")

    def test_for_an_input_leaves_the_arguments_open(self, squares):
        record = approved(squares, kind="input")

        assert record.question.text.startswith(
            "What can stand in place of `??`, so that `squares(??) == 14` is true?"
        )
        assert (record.call, record.answer) == ("squares(??) == 14", "[1, 2, 3]")
        assert "[1, 2, 3]" not in record.question.text

    def test_for_a_task_is_the_curators_own(self, squares):
        record = approved(squares, kind="task", question="Add the squares of 1, 2 and 3.")

        assert record.question.text == "Add the squares of 1, 2 and 3."
        assert "def squares" in record.code

    def test_for_a_task_has_to_be_given(self, squares):
        with pytest.raises(UsageError, match="give a question"):
            compose(squares, kind="task")

    def test_of_an_exception_does_not_tell_that_there_was_one(self, recorded):
        fine = approved(recorded.call("def f(x):\n    return 1 // x\n", "f(1)"))
        record = approved(recorded.call("def f(x):\n    return 1 // x\n", "f(0)"))

        assert record.answer == "ZeroDivisionError: integer division or modulo by zero"
        assert record.question.text == fine.question.text.replace("f(1)", "f(0)")

    def test_keeps_its_fences_apart_from_those_in_the_code(self, recorded):
        code = 'def f(s):\n    """Call it so:\n\n    ```\n    f("`")\n    ```\n    """\n    return s\n'
        record = approved(recorded.call(code, "f('`')"))

        assert "What does ``f('`')`` return or raise?\n\n````python\n" in record.question.text
        assert record.question.text.endswith("\n````")


class TestAConversation:
    def test_is_the_question_then_the_reasoning_and_the_answer(self, squares):
        told = cotrace.narrate(squares)
        user, assistant = approved(squares, reasoning=told).messages

        assert (user.role, assistant.role) == ("user", "assistant")
        assert assistant.content == "14"
        assert assistant.reasoning_content == told.text
        assert told.text.endswith("14.")

    def test_has_anchors_that_lead_back_to_the_sentences(self, squares):
        told = cotrace.narrate(squares)
        record = approved(squares, reasoning=told)

        assert reasoning_of(record) == replace(told, seed=record.provenance.seed)
        assert len(record.anchors) == len(told.sentences)

    def test_can_have_another_reasoning_which_is_checked_anew(self, squares):
        record = approved(squares, reasoning=cotrace.narrate(squares))
        changed = revised(record, Reasoning.of("So the answer is 15."), squares)

        assert changed.grounding.counts.contradicted == 1
        assert changed.messages[1].reasoning_content == "So the answer is 15."
        assert (changed.answer, changed.code) == (record.answer, record.code)


class TestAReview:
    def test_is_a_draft_unless_it_was_asked_for(self, squares):
        made = compose(squares)

        assert (made.record.review.status, made.record.review.at, made.shortcomings) == ("draft", "", ())

    def test_stays_a_draft_where_the_recording_contradicts_the_reasoning(self, squares):
        assert "contradicts 1 of its claims" in draft(squares, reasoning=Reasoning.of("The answer is 15."))

    def test_stays_a_draft_where_a_fresh_process_gives_another_answer(self, recorded):
        code = "import time\ndef f():\n    return time.time()\n"

        assert "run again in a fresh process it does not give its answer" in draft(recorded.call(code, "f()"))

    def test_stays_a_draft_where_not_all_was_recorded(self, recorded):
        trace = recorded.call("def f(n):\n    while n:\n        n -= 1\n    return n\n", "f(90)", steps=50)

        assert "not all of the run is recorded" in draft(trace)

    def test_rejected_needs_no_run(self, squares):
        assert composed(squares, status="rejected", note="dull").record.review.note == "dull"


def test_the_recording_goes_with_the_record(squares):
    made = composed(squares)

    assert content_hash(decode(made.trace_bytes)) == made.record.trace.sha256 == content_hash(squares)
    assert made.record.trace.steps == len(squares.steps)


def test_a_record_that_was_read_again_runs_from_its_row_alone(squares, tmp_path):
    dataset = Dataset(tmp_path / "d.jsonl")
    dataset.append(composed(squares))

    (row,) = (json.loads(line) for line in dataset.path.read_text().splitlines())
    (record,) = dataset
    assert row["call"] == "squares([1, 2, 3])"
    assert rerun(record).agreement == "exact"


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_all_kinds_of_records_load_together(recorded, squares, tmp_path):
    from datasets import load_dataset

    traces = [squares, recorded.cell("x = 3", "x + 1"), recorded.command("print(input())", stdin="a\n")]
    dataset = Dataset(tmp_path / "d.jsonl")
    for trace in traces:
        dataset.append(composed(trace, reasoning=cotrace.narrate(trace)))
    dataset.append(composed(squares, kind="input"))
    dataset.append(composed(squares, kind="task", question="Add squares."))
    dataset.append(composed(recorded.call("def f(x):\n    return x\n", "f(object())")))

    rows = load_dataset(
        "json",
        data_files=str(dataset.path),
        split="train",
        cache_dir=str(tmp_path / "cache"),
        keep_in_memory=True,
    )

    assert [row["question"]["kind"] for row in rows] == ["output"] * 3 + ["input", "task", "output"]
    assert [row["review"]["status"] for row in rows] == ["approved"] * 5 + ["draft"]
    assert rows[1]["input"] == [{"name": "x", "value": "3"}]
