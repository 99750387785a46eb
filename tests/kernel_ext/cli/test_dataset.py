"""``cotrace dataset``: what is written, what is said before, and what is refused."""

import json
import os
import stat
import sys

import pytest
from cotrace.dataset import Dataset

pytestmark = pytest.mark.slow


@pytest.fixture
def double(cotrace, own_folders):
    (own_folders / "f.py").write_text("def double(n):\n    twice = n * 2\n    return twice\n")
    assert cotrace("trace", "f.py::double", "--call", "double(21)").code == 0
    return own_folders / "dataset.jsonl"


@pytest.fixture
def added(cotrace, double):
    """An approved record in a dataset."""
    assert cotrace("dataset", "add", "--approve", "--tag", "first").code == 0
    return double


@pytest.fixture
def editor(own_folders, monkeypatch):
    """Return a function that makes $EDITOR replace one text by another in what it is given."""

    def use(old, new, code=0):
        script = own_folders / "editor.py"
        script.write_text(
            "import pathlib, sys\n"
            "path = pathlib.Path(sys.argv[1])\n"
            f"path.write_text(path.read_text().replace({old!r}, {new!r}))\n"
            f"sys.exit({code})\n"
        )
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")

    return use


# --- add ----------------------------------------------------------------------------------------------------------


def test_a_record_is_shown_and_appended_with_its_recording(cotrace, double):
    ran = cotrace("dataset", "add", "--approve", "--tag", "a", "--tag", "b")

    assert ran.code == 0
    assert "`double(21)`" in ran.out
    (record,) = Dataset(double)
    assert (record.answer, record.tags, record.review.status) == ("42", ("a", "b"), "approved")
    assert Dataset(double).trace_path(record).exists()
    assert Dataset(double).validate(run=True) == []


def test_the_same_example_is_told_before_anything_is_written(cotrace, added):
    before = added.read_bytes()

    ran = cotrace("dataset", "add")

    assert ran.code == 1
    assert "has a record of this example already" in ran.err
    assert added.read_bytes() == before
    assert cotrace("dataset", "add", "--again").code == 0
    assert len(Dataset(added)) == 2


def test_no_trace_keeps_no_recording(cotrace, double):
    cotrace("dataset", "add", "--no-trace")

    (record,) = Dataset(double)
    assert record.trace.sha256
    assert not Dataset(double).traces.exists()


def test_a_question_in_one_s_own_words_makes_a_task(cotrace, double):
    cotrace("dataset", "add", "--question", "What is twice 21?")

    (record,) = Dataset(double)
    assert (record.question.kind, record.question.text) == ("task", "What is twice 21?")
    assert record.messages[0].content == "What is twice 21?"


def test_one_s_own_reasoning_is_checked_and_a_wrong_one_not_approved(cotrace, double, own_folders):
    (own_folders / "mine.txt").write_text("21 * 2 = 43. So the answer is 43.")

    ran = cotrace("dataset", "add", "--reasoning", "mine.txt", "--approve")

    assert ran.code == 1
    assert "the recording contradicts" in ran.err
    assert not double.exists()
    assert cotrace("dataset", "add", "--reasoning", "mine.txt").code == 0
    (record,) = Dataset(double)
    assert record.review.status == "draft"
    assert record.grounding.counts.contradicted > 0


def test_the_answer_can_be_a_variable_of_a_script(cotrace, own_folders):
    (own_folders / "s.py").write_text("total = 0\nfor n in [1, 2, 3]:\n    total += n\n")
    cotrace("trace", "s.py")

    assert cotrace("dataset", "add", "--answer", "total", "--approve").code == 0

    (record,) = Dataset(own_folders / "dataset.jsonl")
    assert record.answer == "6"


def test_json_says_what_was_added(cotrace, double):
    told = json.loads(cotrace("dataset", "add", "--json", "--dataset", "other.jsonl").out)

    (record,) = Dataset("other.jsonl")
    assert (told["id"], told["status"], told["shortcomings"]) == (record.id, "draft", [])


# --- list and show --------------------------------------------------------------------------------------------------


def test_records_are_listed(cotrace, added):
    listed = cotrace("dataset", "list").out

    assert "double(21)" in listed
    assert "approved" in listed
    assert json.loads(cotrace("dataset", "list", "--json").out)[0]["answer"] == "42"


def test_the_list_can_be_narrowed(cotrace, added):
    assert json.loads(cotrace("dataset", "list", "--status", "draft", "--json").out) == []
    assert len(json.loads(cotrace("dataset", "list", "--tag", "first", "--json").out)) == 1


def test_a_record_is_found_by_the_beginning_of_its_id(cotrace, added):
    (record,) = Dataset(added)

    assert record.id in cotrace("dataset", "show", record.id[:10]).out
    assert json.loads(cotrace("dataset", "show", "--json").out)["id"] == record.id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--dataset", "nothing.jsonl"], "nothing.jsonl: expected a dataset, found nothing there"),
        (["show", "zzz"], "expected one record whose id begins with 'zzz', found none"),
        (["frob"], "expected ACTION to be one of add, list, show"),
    ],
)
def test_what_is_not_there_is_told(cotrace, added, arguments, message):
    ran = cotrace("dataset", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


# --- edit -----------------------------------------------------------------------------------------------------------


def test_an_edit_is_checked_and_the_sentence_marked_as_a_person_s(cotrace, added, editor):
    editor("42", "43")

    ran = cotrace("dataset", "edit")

    assert ran.code == 1
    assert "✗ contradicted" in ran.out
    assert "it is a draft again" in ran.err
    (record,) = Dataset(added)
    assert (record.rev, record.review.status) == (2, "draft")
    assert "43" in record.messages[1].reasoning_content
    assert record.provenance.edited_spans


def test_a_new_question_is_asked_in_the_message_too(cotrace, added, editor):
    editor("== question ==\n", "== question ==\nTell me: ")

    ran = cotrace("dataset", "edit")

    assert ran.code == 0
    (record,) = Dataset(added)
    assert record.question.text.startswith("Tell me: ")
    assert record.messages[0].content == record.question.text
    assert record.review.status == "approved"


def test_an_editor_that_changes_nothing_writes_nothing(cotrace, added, editor):
    editor("", "")
    before = added.read_bytes()

    assert "nothing was changed" in cotrace("dataset", "edit").err
    assert added.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("== reasoning ==", "reasoning", 0, "expected the lines == question == and == reasoning =="),
        ("", "", 3, "ended with 3, so nothing was changed"),
    ],
)
def test_an_editor_that_fails_changes_nothing(cotrace, added, editor, old, new, code, message):
    editor(old, new, code)
    before = added.read_bytes()

    ran = cotrace("dataset", "edit")

    assert ran.code == 2
    assert message in ran.err
    assert added.read_bytes() == before


def test_no_editor_is_told(cotrace, added, monkeypatch):
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)

    assert "expected an editor in $EDITOR, found none" in cotrace("dataset", "edit").err
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    assert "expected $EDITOR to start" in cotrace("dataset", "edit").err


def test_review_and_tags_are_set_without_an_editor(cotrace, added):
    ran = cotrace("dataset", "edit", "--reject", "--note", "too easy", "--tag", "b", "--untag", "first")

    assert ran.code == 0
    (record,) = Dataset(added)
    assert (record.review.status, record.review.note, record.tags) == ("rejected", "too easy", ("b",))


def test_a_record_that_does_not_give_its_answer_is_not_approved(cotrace, own_folders, double):
    cotrace("dataset", "add")
    double.write_text(double.read_text().replace("n * 2", "n * 3"))

    ran = cotrace("dataset", "edit", "--approve")

    assert ran.code == 1
    assert "it can't be approved: run again in a fresh process it does not give its answer" in ran.err


# --- validate and undo ----------------------------------------------------------------------------------------------


def test_a_valid_dataset_has_no_findings(cotrace, added):
    ran = cotrace("dataset", "validate", "--run")

    assert (ran.code, ran.out) == (0, "")
    assert "1 record, 0 findings" in ran.err


def test_damage_is_found_with_its_line(cotrace, added):
    with added.open("a") as opened:
        opened.write("{not json}\n")

    ran = cotrace("dataset", "validate")

    assert ran.code == 1
    assert f"{added}:2: error: " in ran.out
    assert json.loads(cotrace("dataset", "validate", "--json").out)[0]["line"] == 2


def test_undo_takes_back_the_last_one(cotrace, added):
    cotrace("dataset", "add", "--again")

    assert cotrace("dataset", "undo").code == 0

    (record,) = Dataset(added)
    assert record.tags == ("first",)


def test_a_dataset_is_made_with_the_umask_s_permissions(cotrace, added):
    assert stat.S_IMODE(added.stat().st_mode) == 0o666 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
