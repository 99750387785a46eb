"""What is wrong with a dataset file is said with file, line and id, and what to do."""

import json
from dataclasses import replace

import pytest
from cotrace.model.record import Anchor, GroundingSummary, Message, Review, TraceReference, VerdictCounts

SHA = "ab" * 32
APPROVED = Review("approved")


def told(dataset, **options):
    """The findings, as line and text."""
    return [(finding.line, str(finding).partition(": ")[2]) for finding in dataset.validate(**options)]


def edit(dataset, **changes):
    """Change fields of the first row in the file, as an editor would."""
    first, *rest = dataset.path.read_text().splitlines(keepends=True)
    dataset.path.write_text("".join([json.dumps({**json.loads(first), **changes}) + "\n", *rest]))


def test_a_good_dataset_has_no_findings(dataset, make):
    """Drafts and approved records, with and without recordings."""
    dataset.append(make(1, review=APPROVED, trace=TraceReference(sha256=SHA)), b"recording")
    dataset.append_many([make(2), make(3, review=Review("rejected"))])

    assert dataset.validate(run=True) == []


def test_a_finding_has_its_place(dataset, make):
    """File, line and id are fields; as text it is a line that editors can jump to."""
    done = dataset.append(make(1))
    edit(dataset, answer="other")

    [finding] = dataset.validate()

    assert (finding.file, finding.line, finding.id, finding.severity) == (dataset.path, 1, done.id, "warning")
    assert str(finding).startswith(f"{dataset.path}:1: warning: edited outside cotrace")
    assert finding.what_to_do


class TestLines:
    def test_damage(self, dataset, make):
        dataset.append(make(1))
        with dataset.path.open("a") as file:
            file.write("not json\n\n{}\n")

        (line_2, damaged), (line_4, empty) = told(dataset)

        assert (line_2, line_4) == (2, 4)
        assert damaged.startswith("error: expected one JSON object, found text that is not JSON")
        assert empty.startswith("error: schema: expected a whole number from 1, found None")

    def test_one_id_twice(self, dataset, make):
        dataset.append(make(1))
        dataset.path.write_bytes(dataset.path.read_bytes() * 2)

        assert told(dataset) == [
            (2, "error: line 1 has the same id: give one of them another id"),
            (2, "warning: line 1 asks the same question about the same code: keep the better one"),
        ]

    def test_a_torn_end(self, dataset, make):
        dataset.append(make(1))
        with dataset.path.open("a") as file:
            file.write('{"id":"x')

        [(line, text)] = told(dataset)

        assert (line, text) == (
            0,
            "warning: ends with 8 bytes of a torn line: the next append moves them to examples.jsonl.torn",
        )

    def test_foreign_fields(self, dataset, make):
        dataset.append(make(1))
        edit(dataset, curator="Ada")

        assert "warning: has fields that are not a record's: curator" in told(dataset)[1][1]

    def test_a_newer_schema(self, dataset, make):
        dataset.append(make(1))
        edit(dataset, schema=9)

        assert told(dataset)[0][1].startswith("error: expected schema 1 or older, found 9: a newer cotrace")

    def test_no_file(self, dataset):
        assert told(dataset) == [
            (0, "warning: there is no such file: correct the path, or append a record to make it")
        ]


class TestRecords:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"answer": ""}, "error: is approved, but has no answer"),
            (
                {"messages": (Message("user", "?"),)},
                "error: is approved, but its messages are user: expected",
            ),
            (
                {"grounding": GroundingSummary(counts=VerdictCounts(contradicted=2))},
                "warning: is approved, but its trace contradicts 2 of its claims",
            ),
        ],
    )
    def test_approved_ones_must_be_whole(self, dataset, make, fields, text):
        """What a draft may lack, an approved record may not."""
        draft, approved = make(1, **fields), make(2, **fields, review=APPROVED)
        dataset.append_many([draft, approved])

        [(line, found)] = told(dataset)

        assert line == 2
        assert found.startswith(text)

    def test_anchors_lie_within_the_reasoning(self, dataset, make):
        record = make(1)
        length = len(record.messages[-1].reasoning_content)
        dataset.append(replace(record, anchors=(Anchor(0, length),)))
        dataset.append(make(2, anchors=(Anchor(0, length + 1),)))

        [(line, text)] = told(dataset)

        assert (line, text[:50]) == (2, "warning: has anchors or edits outside the reasoning"[:50])


class TestRecordings:
    def test_missing_ones_are_named(self, dataset, make):
        dataset.append(make(1, trace=TraceReference(sha256=SHA)), b"recording")
        dataset.append(make(2, trace=TraceReference(sha256="cd" * 32)))

        [(line, text)] = told(dataset)

        assert (line, text[:68]) == (
            2,
            "warning: its recording examples.traces/cdcdcdcdcdcd... is missing: put"[:68],
        )

    def test_a_missing_folder_is_one_finding(self, dataset, make):
        """A file that was sent on without its recordings does not complain on every line."""
        dataset.append_many(
            [make(number, trace=TraceReference(sha256=f"{number:064}")) for number in range(5)]
        )

        [(line, text)] = told(dataset)

        assert line == 0
        assert "its 5 recordings are not in examples.traces" in text

    def test_unused_ones_are_counted(self, dataset, make):
        dataset.append(make(1, trace=TraceReference(sha256=SHA)), b"recording")
        dataset.undo()

        [(line, text)] = told(dataset)

        assert (line, text[:56]) == (0, "warning: examples.traces has 1 recordings that no record"[:56])

    def test_a_hash_that_is_none_is_an_error(self, dataset, make):
        dataset.append(make(1, trace=TraceReference(sha256="../../secret")))

        [(line, text)] = told(dataset)

        assert (line, text[:52]) == (1, "error: trace.sha256: expected 64 hexadecimal digits,"[:52])


def test_approved_records_give_their_answer_when_they_run(dataset, make):
    """With run, an approved record whose answer is wrong is an error; drafts are not run."""
    dataset.append_many(
        [make(1, answer="wrong"), make(2, review=APPROVED), make(3, answer="7", review=APPROVED)]
    )

    assert dataset.validate() == []
    assert told(dataset, run=True) == [
        (
            3,
            (
                "error: run again, it does not give its answer: expected 7, found the value 6: "
                "correct the code, input or answer, or make it a draft"
            ),
        )
    ]
