"""A record as one line: nothing is lost, every row has one schema, and what was written years ago is read.

``COTRACE_REWRITE_GOLDEN=1`` writes the golden file anew: look at the difference before you commit it.
"""

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import pytest
from cotrace.dataset import rows
from cotrace.errors import NewerVersionError, RecordError
from cotrace.model.record import (
    SCHEMA,
    Anchor,
    GroundingSummary,
    InputValue,
    Message,
    Provenance,
    Question,
    Record,
    Review,
    TextSpan,
    TraceReference,
    VerdictCounts,
)
from hypothesis import given
from hypothesis import strategies as st

GOLDEN = Path(__file__).parents[2] / "golden" / "records"

FULL = Record(
    id="018f2b6a7c1d-00112233445566ff",
    rev=3,
    question=Question("output", "What is best([3, 9, 2])?"),
    messages=(
        Message("system", "You run code in your head."),
        Message("user", "def best(xs): ...\n\nWhat is best([3, 9, 2])?"),
        Message("assistant", "9", "First 3 is the best. Then 9 is greater, so 9 is the best."),
    ),
    answer="9",
    code="def best(xs):\n    top = xs[0]\n    for x in xs:\n        if x > top:\n            top = x\n    return top\n",
    call="best(xs)",
    input=(InputValue("xs", "[3, 9, 2]"),),
    trace=TraceReference("5e" * 32, 11, "reference", "3.13.0"),
    anchors=(Anchor(0, 20, (1, 2), "offline"), Anchor(21, 58, (5, 6, 7, 10), "person")),
    grounding=GroundingSummary("cotrace 0.1", VerdictCounts(4, 0, 1, 0), 1.0),
    provenance=Provenance("offline", "", 7, "", (TextSpan(21, 25),)),
    review=Review("approved", "short and right", "2026-01-31 18:30:00 UTC"),
    tags=("loops", "easy"),
    split="train",
    dup_group="g1",
    tokens=57,
)
CELL = Record(
    id="018f2b6a7c1e-00112233445566ff",
    rev=1,
    question=Question("task", "How many r's are in strawberry? Ünïcödé: 草莓 🍓"),
    messages=(
        Message("user", "How many?"),
        Message("assistant", "3", "Lines end\u2028in many\x85ways\r\n\t\0\x7f."),
    ),
    answer="3",
    code='sum(letter == "r" for letter in "strawberry")\n',
)
INVERSE = Record(
    id="018f2b6a7c1f-00112233445566ff",
    rev=1,
    question=Question("input", "Which n makes f(n) 9?"),
    answer="3",
    code="def f(n):\n    return n * n\n",
    call="f(??) == 9",
    review=Review("rejected"),
)
RECORDS = [FULL, CELL, INVERSE]

WHOLE = st.integers(0, 2**63 - 1)
STEPS = st.lists(st.integers(0, 50)).map(tuple)


def several(cls, *fields):
    """A tuple of up to three values."""
    return st.lists(st.builds(cls, *fields), max_size=3).map(tuple)


ANY = {
    "schema": st.just(SCHEMA),
    "rev": WHOLE,
    "question": st.builds(Question, st.sampled_from(["output", "input", "task"]), st.text()),
    "messages": several(Message, st.just("assistant"), st.text(), st.text()),
    "answer": st.text(),
    "code": st.text(),
    "call": st.text(),
    "input": several(InputValue, st.text(min_size=1), st.text()),
    "anchors": several(Anchor, WHOLE, st.integers(1, 100), STEPS, st.text()),
    "grounding": st.builds(
        GroundingSummary,
        st.text(),
        st.just(VerdictCounts()),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    "provenance": st.builds(
        Provenance, st.text(), st.text(), WHOLE, st.text(), several(TextSpan, WHOLE, st.integers(1, 100))
    ),
    "tags": several(str, st.text(min_size=1)),
    "tokens": WHOLE,
}


def line_with(**changes):
    """The line of a record whose row was changed."""
    return json.dumps({**json.loads(rows.encode(FULL)), **changes}).encode()


class TestRoundTrip:
    @pytest.mark.parametrize("record", [*RECORDS, Record(id="least")])
    def test_a_record_comes_back_whole(self, record):
        assert replace(rows.decode(rows.encode(record)), crc="") == record

    @given(st.builds(Record, **{**ANY, "id": st.text(min_size=1)}))
    def test_any_record_comes_back_whole(self, record):
        """Whatever texts and numbers are in it."""
        line = rows.encode(record)

        assert replace(rows.decode(line), crc="") == record
        assert len(line.decode().splitlines()) == 1

    def test_a_row_is_one_line_whatever_the_text_holds(self):
        """No character that any program takes for a line break is in a row."""
        text = rows.encode(CELL).decode()

        assert text.endswith("}\n")
        assert len(text.splitlines()) == 1
        assert "草莓 🍓" in text

    def test_half_a_surrogate_pair_becomes_readable_text(self):
        """What has no UTF-8 is written as its escape, as repr shows it."""
        read = rows.decode(rows.encode(replace(FULL, answer="\ud83c!")))

        assert read.answer == "\\ud83c!"

    def test_steps_keep_their_order(self):
        """Runs of steps are short, and a step may be told before an earlier one."""
        record = replace(FULL, anchors=(Anchor(0, 1, (7, 3, 4, 5, 5, 0)),))

        line = rows.encode(record)

        assert json.loads(line)["anchors"][0]["steps"] == "7 3-5 5 0"
        assert rows.decode(line).anchors == record.anchors


class TestSchema:
    def test_every_field_has_one_type_in_all_rows(self):
        """Empty or full, a field is of one type, to the innermost value; nothing is null and no list is empty."""

        def types(value):
            if isinstance(value, dict):
                return {name: types(inner) for name, inner in value.items()}
            if isinstance(value, list):
                assert value, "an empty list has no type to read"
                assert all(types(element) == types(value[0]) for element in value)
                return [types(value[0])]
            return type(value)

        wanted = types(json.loads(rows.encode(FULL)))

        for record in (*RECORDS, Record(id="least")):
            assert types(json.loads(rows.encode(record))) == wanted

    def test_golden_rows_are_read_and_written_the_same(self):
        """A file of schema 1 is read for ever, and written byte for byte as long as 1 is the newest."""
        path = GOLDEN / "schema-1.jsonl"
        if os.environ.get("COTRACE_REWRITE_GOLDEN"):
            path.write_bytes(b"".join(map(rows.encode, RECORDS)))

        lines = path.read_bytes().splitlines(keepends=True)

        assert [replace(rows.decode(line), crc="") for line in lines] == RECORDS
        if SCHEMA == 1:
            assert [rows.encode(record) for record in RECORDS] == lines

    def test_older_rows_are_brought_up_one_schema_at_a_time(self):
        upgrades = {
            1: lambda row: {**row, "seen": ["1"]},
            2: lambda row: {**row, "seen": [*row["seen"], "2"]},
        }

        row = rows.upgraded({"schema": 1}, upgrades, newest=3)

        assert row == {"schema": 3, "seen": ["1", "2"]}

    def test_a_row_of_a_newer_cotrace_is_refused(self):
        with pytest.raises(
            NewerVersionError, match="expected schema 1 or older, found 2: a newer cotrace wrote"
        ):
            rows.decode(line_with(schema=2))


class TestRefusal:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"answer": None}, "answer: expected a text, found None"),
            ({"rev": True}, "rev: expected a whole number of at most 64 bits, found True"),
            (
                {"review": {"status": "fine", "note": "", "at": ""}},
                "review.status: expected one of draft, appr",
            ),
            (
                {"messages": [{"role": "user"}]},
                r"messages\[0\]: expected the fields .* found no content, reason",
            ),
            (
                {"anchors": [{"start": 0, "end": 1, "steps": "3-", "origin": ""}]},
                r"anchors\[0\].steps: expected st",
            ),
            (
                {"anchors": [{"start": 0, "end": 1, "steps": "0-99999999999", "origin": ""}]},
                "at most 10,000,000",
            ),
            ({"tags": "loops"}, "tags: expected a list, found 'loops'"),
            ({"grounding": 1}, "grounding: expected an object, found 1"),
            ({"schema": "1"}, "schema: expected a whole number from 1, found '1'"),
            ({"id": ""}, "id: expected a text that is not empty"),
        ],
    )
    def test_a_wrong_value_is_named_with_its_place(self, changes, message):
        with pytest.raises(RecordError, match=message):
            rows.decode(line_with(**changes))

    @pytest.mark.parametrize("line", [b"", b"{", b"[1]", b"\xff{}", b"[" * 100_000, b'{"a": NaN', b"\0\0\0"])
    def test_what_is_no_object_is_told(self, line):
        with pytest.raises(RecordError, match="expected one JSON object, found"):
            rows.decode(line)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"tokens": 2**63}, "tokens: expected a whole number of at most 64 bits"),
            ({"tags": ["a"]}, "tags: expected a tuple, found"),
            (
                {"anchors": (Anchor(0, 1, (-1,)),)},
                r"anchors\[0\].steps: expected a tuple of whole numbers from 0",
            ),
            ({"grounding": GroundingSummary(coverage=float("nan"))}, "grounding.coverage: expected a finite"),
            ({"question": Message()}, "question: expected a Question, found Message"),
        ],
    )
    def test_a_record_that_is_not_one_is_not_written(self, changes, message):
        with pytest.raises(RecordError, match=message):
            rows.encode(replace(FULL, **changes))


class TestChecksum:
    def test_a_row_as_written_has_its_checksum(self):
        for record in RECORDS:
            row = rows.parse(rows.encode(record))
            assert row["crc"] == rows.checksum(row)

    @pytest.mark.parametrize("name", [field.name for field in fields(Record) if field.name != "crc"])
    def test_a_change_of_any_field_changes_it(self, name):
        row = rows.parse(rows.encode(FULL))

        assert rows.checksum({**row, name: "other"}) != row["crc"]

    def test_spaces_between_values_do_not_count(self):
        """A program that writes the same values with other spaces and escapes has changed nothing."""
        row = json.loads(json.dumps(json.loads(rows.encode(CELL)), indent=2, ensure_ascii=True))

        assert row["crc"] == rows.checksum(row)


def test_ids_differ_within_one_millisecond():
    assert len({rows.new_id() for _ in range(10_000)}) == 10_000
