"""A trace survives being a file; a file that is cut, damaged or foreign is told as such, and never believed."""

import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from cotrace.errors import FileFormatError, NewerVersionError
from cotrace.model.codec import content_hash, decode, encode
from cotrace.model.state import Atom, Bind
from cotrace.model.trace import EventKind, Outcome, Output, Step
from cotrace.tracing.tracer import Tracer
from example_trace import EXAMPLE, streamed
from hypothesis import given
from hypothesis import strategies as st
from random_traces import random_trace

GOLDEN = Path(__file__).parents[2] / "golden" / "traces"
EXAMPLES = Path(__file__).parents[3] / "kernel_ext" / "cotrace" / "examples"

RAW = streamed(EXAMPLE)
HEADER, RUN = (line + b"\n" for line in RAW.split(b"\n")[:2])


def body_of(packed):
    return zlib.decompress(packed.split(b"\n", 1)[1])


def with_steps(*events, delta=()):
    """A trace of one frame with these events and a delta at the last."""
    steps = [Step(index, EventKind(event), 0, 1, 0) for index, event in enumerate(events)]
    steps[-1] = replace(steps[-1], delta=delta)
    return replace(EXAMPLE, frames=EXAMPLE.frames[:1], steps=tuple(steps), entries=(), final=())


class TestRoundTrip:
    def test_a_packed_trace_comes_back_equal(self):
        """`decode` undoes `encode`, whatever kinds of values, deltas and lines there are."""
        assert decode(encode(EXAMPLE)) == EXAMPLE

    def test_a_streamed_trace_comes_back_equal(self):
        """What a recorder writes line by line as things happen is the same trace."""
        assert decode(RAW) == EXAMPLE

    def test_both_forms_pack_to_the_same_bytes(self):
        """A trace has one packed file, however it was read."""
        assert encode(decode(RAW)) == encode(EXAMPLE) == encode(decode(encode(EXAMPLE)))

    def test_every_file_is_ascii_lines_of_json(self):
        """Another program needs zlib and a JSON parser, and no knowledge of encodings."""
        lines = body_of(encode(EXAMPLE)).decode("ascii").splitlines()

        assert {type(json.loads(line)) for line in lines} == {list}

    @pytest.mark.parametrize(
        "text",
        ["", "\ud83d", "\ude00\ud83d", "a\ud83d\ude00\ud83d\ude00b", "🚀\x00\u2028\r\n\\"],
    )
    def test_any_text_comes_back_as_it_was(self, text):
        """Also one that UTF-8 can't hold, and two halves of a pair that JSON readers would make one character of."""
        trace = with_steps("line", delta=(Bind(0, text, Atom("str", text), -1),))

        assert decode(encode(replace(trace, call=text, truncated=text))) == replace(
            trace, call=text, truncated=text
        )

    @pytest.mark.parametrize(
        "atom",
        [
            *(
                Atom("int", text)
                for text in ("0", "-0", "-7", "007", "+1", "1_0", "٣", "9" * 15, "9" * 16, "9" * 5000)
            ),
            *(Atom("float", text) for text in ("1.0", "-inf", "nan", "'1'", "b'1'", "")),
            *(Atom("bytes", text) for text in ("b'x'", 'b"x"', "b", "x")),
            *(Atom("str", text) for text in ("'x'", '"x"', "x", "b'x'")),
            *(Atom(kind, text) for kind in ("bool", "NoneType", "") for text in ("True", "None", "", "x")),
            *(Atom(kind, text) for kind in ("float", "T") for text in ("\ud83d\ude00", "x\ud83d\ude00")),
            Atom("str", "'\ud83d\ude00'"),
            Atom("str", "'x'", length=0),
            Atom("int", "1" * 60, length=90),
        ],
        ids=lambda atom: ascii(f"{atom.type} {atom.text[:20]} {atom.length}"),
    )
    def test_any_atom_comes_back_as_it_was(self, atom):
        """Also one whose type and text do not go together, and numbers that JSON readers can't hold."""
        trace = with_steps("line", delta=(Bind(0, "x", atom, -1),))

        assert decode(encode(trace)) == trace

    def test_an_endless_time_limit_comes_back(self):
        """JSON has no infinity, and `Limits` may."""
        trace = replace(EXAMPLE, limits=replace(EXAMPLE.limits, seconds=float("inf")))

        assert decode(encode(trace)).limits.seconds == float("inf")

    def test_the_order_of_writing_comes_back(self):
        """With ``print(f(x))`` the earlier step writes last."""
        late, early = Output(0, "stdout", "late", at=2), Output(1, "stdout", "early", at=2)
        steps = with_steps("line", "line").steps
        trace = replace(
            with_steps("line"), steps=(replace(steps[0], output=(late,)), replace(steps[1], output=(early,)))
        )
        later = replace(trace, steps=(replace(steps[0], output=(replace(late, at=3),)), trace.steps[1]))

        assert decode(encode(trace)).stdout == "lateearly"
        assert decode(encode(later)) == later
        assert decode(encode(later)).stdout == "earlylate"

    def test_a_long_value_is_written_once(self):
        """A text that is looked at again and again costs its length once."""
        atom = Atom("str", repr("abc" * 1_000))
        trace = with_steps(*["line"] * 50, delta=tuple(Bind(0, f"x{i}", atom, -1) for i in range(50)))

        assert body_of(encode(trace)).count(b"abcabcabc" * 100) == 3
        assert decode(encode(trace)) == trace

    def test_a_line_may_be_longer_than_what_is_read_at_once(self):
        """A program of several megabytes is one line."""
        text = "".join(f"x{number} = {number}\n" for number in range(200_000))
        trace = replace(EXAMPLE, sources=(replace(EXAMPLE.sources[0], text=text), EXAMPLE.sources[1]))

        assert decode(encode(trace)) == trace == decode(streamed(trace))

    def test_more_long_values_than_the_encoder_remembers_come_back(self):
        """Its memory is bounded; what it forgot, it writes again."""
        atoms = [Atom("str", repr(f"{number:050}")) for number in range(5_000)]
        trace = with_steps("line", delta=tuple(Bind(0, "x", atom, -1) for atom in [*atoms, atoms[0]]))

        assert decode(encode(trace)) == trace


class TestCutFiles:
    def test_a_raw_file_cut_anywhere_is_a_shorter_recording(self):
        """Whatever was written before the process died can be looked at."""
        for length in range(len(HEADER), len(RAW)):
            cut = decode(RAW[:length])

            assert cut.outcome.kind == "killed"
            assert [s.event for s in cut.steps] == [s.event for s in EXAMPLE.steps[: len(cut.steps)]]
            assert [s.delta for s in cut.steps] == [s.delta for s in EXAMPLE.steps[: len(cut.steps)]]
            assert cut.entries == EXAMPLE.entries[: len(cut.entries)]
            assert EXAMPLE.stdout.startswith(cut.stdout)

    def test_a_line_counts_once_it_is_whole(self):
        """The step is there with its line feed and not before."""
        end = RAW.index(b"\n", RAW.index(b'["return"'))

        assert len(decode(RAW[: end + 1]).steps) == 5
        assert len(decode(RAW[:end]).steps) == 4

    def test_a_cut_recording_says_why_it_ends(self):
        """Its message is for whoever looks at it; frames that were alive have no end."""
        cut = decode(RAW[: RAW.index(b'["return"')])

        assert "process ended before the recording did" in cut.outcome.message
        assert [frame.end for frame in cut.frames] == [-1, -1]
        assert decode(encode(cut)) == cut

    def test_a_packed_file_cut_anywhere_is_refused(self):
        """It is written whole or not at all, so something happened to it."""
        packed = encode(EXAMPLE)
        for length in range(len(packed)):
            with pytest.raises(FileFormatError):
                decode(packed[:length])


class TestForeignFiles:
    @pytest.mark.parametrize(
        "content", [b"", b"cotr", b"\x00" * 50, b"cotrace\n", b"cotrace x zlib\n", b"{}\n"]
    )
    def test_a_file_that_is_no_trace_is_told_so(self, content):
        """The message says what a trace begins with, and what was found."""
        with pytest.raises(
            FileFormatError, match=r"expected a first line such as 'cotrace 1 zlib', found b'"
        ):
            decode(content)

    def test_a_newer_file_asks_for_an_update(self):
        """The rest of the file is not looked at: its form may be anything."""
        with pytest.raises(NewerVersionError, match=r"version 1 or older, found version 2: .*update"):
            decode(b"cotrace 2 quantum 17\nwhatever")

    @pytest.mark.parametrize(
        "header", [b"cotrace 0 raw\n", b"cotrace 1 lzma\n", b"cotrace 1\n", b"cotrace 1 raw x\n"]
    )
    def test_an_unknown_form_is_refused(self, header):
        """Version 1 has two forms."""
        with pytest.raises(FileFormatError, match="line 1: expected 'cotrace 1' and raw or zlib"):
            decode(header)

    def test_a_body_that_ends_too_late_is_refused(self):
        """Two files in one, or a line after the end."""
        with pytest.raises(FileFormatError, match="expected the end of the file, found 3 more bytes"):
            decode(encode(EXAMPLE) + b"abc")
        with pytest.raises(FileFormatError, match="expected nothing after the line 'end'"):
            decode(RAW + RUN)

    def test_a_packed_file_without_end_is_refused(self):
        """Only a raw file may stop in the middle of things."""
        with pytest.raises(FileFormatError, match="line 3: expected the line 'end'"):
            decode(b"cotrace 1 zlib\n" + zlib.compress(RUN))
        with pytest.raises(FileFormatError, match="last line to end with a line feed"):
            decode(b"cotrace 1 zlib\n" + zlib.compress(RUN + b"[1"))


class TestDamagedLines:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (b"", "expected an array in JSON"),
            (b'["note","a","b"', "expected an array in JSON"),
            (b"[" * 100_000, "expected an array in JSON"),
            (b"9" * 5_000, "expected an array in JSON"),
            (b"{}", "expected an array, found {}"),
            (b"[]", "list index out of range"),
            (b'["jump",0,1,0]', "'jump' is unknown here"),
            (b'[["line"],0,1,0]', "unhashable"),
            (b'["line",0,1]', "not enough values"),
            (b'["line",0,1,0,[],1,2]', "6 members at most, found 7"),
            (b'["line",7,1,0]', "expected a frame that is there"),
            (b'["line",0,1.0,0]', "expected a frame that is there"),
            (b'["line",0,1,0,[["bind",9,0,"x",1]]]', "expected a number from 0 to 5, found -4"),
            (b'["line",0,1,0,[["bind",1,2,"x",1]]]', "expected a number from 0 to 1, found 2"),
            (b'["line",0,1,0,[["bind",1,0,7,1]]]', "expected an array, found 7"),
            (b'["line",0,1,0,[["bind",1,0,"x",1.5]]]', "expected a value, found 1.5"),
            (b'["line",0,1,0,[["bind",1,0,"x",""]]]', "found an empty text"),
            (b'["line",0,1,0,[["bind",1,0,"x",{"atom":9}]]]', "expected a number from 0 to"),
            (b'["line",0,1,0,[["set_element",1,99,0,1]]]', "object 99 has not appeared"),
            (b'["line",0,1,0,[["appear",1,[9,"bag","list",{}]]]]', "expected one of array, class"),
            (b'["line",0,1,0,[["appear",1,[9,"list","list",[]]]]]', "parts as a JSON object"),
            (b'["line",0,1,0,[["appear",1,[9,"list","list",{"size":1}]]]]', "'size' is unknown here"),
            (b'["entry",1,0,9,1]', "a step, a source and a span that are there"),
            (b'["entry",6,0,0,1]', "a step, a source and a span that are there"),
            (b'["entry",1,0,0,1,0,[],1]', "7 members at most, found 8"),
            (b'["stdout",0,"text"]', "expected a number from 0 to 4, found 5"),
            (b'["stdout",1,"text",1]', "expected true or false and a number after the text"),
            (b'["stdout",1,"text",true,0,0]', "expected true or false and a number after the text"),
            (b'["frame","globals","m",-1,1,5,0,0,-1,0]', "expected a number from -1 to 1, found 5"),
            (b'["frame_end",true,1]', "expected a whole number, found True"),
            (b'["run","","","",{"steps":1}]', "expected the limits elements, edge"),
            (b'["end",[],"vanished","","",""]', "expected one of exited, interrupted"),
        ],
    )
    def test_the_message_has_the_line_what_was_expected_and_what_was_found(self, line, message):
        """A person can find the place with any editor."""
        start = RAW.index(b'["end"')
        with pytest.raises(FileFormatError) as caught:
            decode(RAW[:start] + line + b"\n" + RAW[start:])

        assert message in str(caught.value)
        assert str(caught.value).startswith(f"line {len(RAW[:start].splitlines()) + 1}: ")

    def test_the_line_number_is_right_in_a_long_file(self):
        """Lines are read in blocks, and counted across them."""
        lines = [b'["line",0,1,0]\n'] * 200_000
        lines[150_000] = b'["line",0,1,"0"]\n'
        frame = b'["frame","globals","m",-1,1,-1,0,0,-1,0]\n'

        with pytest.raises(FileFormatError, match=r"^line 150004: "):
            decode(HEADER + RUN + frame + b"".join(lines))


class TestContentHash:
    def test_who_recorded_it_and_where_does_not_matter(self):
        """The same run of the same code on another machine is the same content."""
        elsewhere = replace(
            EXAMPLE,
            sources=(replace(EXAMPLE.sources[0], name=r"C:\Users\bob\f.py"), EXAMPLE.sources[1]),
            engine="native",
            python="3.12.1",
            notes=(),
        )

        assert content_hash(elsewhere) == content_hash(EXAMPLE)

    def test_a_file_that_was_run_is_known_by_its_name(self):
        """`call` names the file where a file ran."""
        here, there = (
            replace(EXAMPLE, call=name, sources=(replace(EXAMPLE.sources[0], name=name), EXAMPLE.sources[1]))
            for name in ("/home/ada/f.py", "/tmp/f.py")
        )

        assert content_hash(here) == content_hash(there)

    @pytest.mark.parametrize(
        "change",
        [
            {"call": "f(4)"},
            {"outcome": Outcome("returned")},
            {"final": ()},
            {"steps": EXAMPLE.steps[:-1]},
            {"truncated": ""},
            {"sources": (replace(EXAMPLE.sources[0], text="# other"), EXAMPLE.sources[1])},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_what_happened_matters(self, change):
        """Any other content has another hash."""
        assert content_hash(replace(EXAMPLE, **change)) != content_hash(EXAMPLE)

    def test_it_is_the_same_for_ever(self):
        """Datasets name traces by it, so it may not depend on the machine, the day or the version of cotrace."""
        assert content_hash(EXAMPLE) == (GOLDEN / "version-1.sha256").read_text().strip()


class TestVersion1:
    """Files that version 1 wrote are read by every later one. The golden files are never written anew."""

    def test_a_packed_file_is_read(self):
        assert decode((GOLDEN / "version-1.cotrace").read_bytes()) == EXAMPLE

    def test_a_raw_file_is_read(self):
        assert decode((GOLDEN / "version-1-raw.cotrace").read_bytes()) == EXAMPLE

    def test_the_lines_written_are_those_of_the_golden_file(self):
        """An accidental change of the format is seen; packed bytes may differ between builds of zlib."""
        assert body_of(encode(EXAMPLE)) == body_of((GOLDEN / "version-1.cotrace").read_bytes())
        assert (GOLDEN / "version-1-raw.cotrace").read_bytes() == RAW


# --- any trace and any damage ---------------------------------------------------------------------------


TRACES = st.integers(0, 2**32).map(random_trace)


class TestAnyTrace:
    @given(TRACES)
    def test_it_comes_back_equal_from_both_forms(self, trace):
        """Any trace the model allows, streamed or packed; packing what was read gives the same file."""
        packed = encode(trace)

        assert decode(packed) == trace == decode(streamed(trace))
        assert encode(decode(packed)) == packed

    @given(TRACES)
    def test_equal_content_has_an_equal_hash(self, trace):
        """The hash is that of the content, however it travelled."""
        assert content_hash(decode(encode(trace))) == content_hash(trace)

    @given(TRACES, st.data())
    def test_a_raw_file_cut_anywhere_is_a_prefix(self, trace, data):
        """A cut never raises, and never invents a step."""
        raw = streamed(trace)
        cut = decode(raw[: data.draw(st.integers(len(HEADER), len(raw)))])

        assert [(s.event, s.delta, s.value) for s in cut.steps] == [
            (s.event, s.delta, s.value) for s in trace.steps[: len(cut.steps)]
        ]
        assert cut.entries == trace.entries[: len(cut.entries)]


class TestRealTraces:
    @pytest.mark.parametrize("program", sorted(EXAMPLES.glob("[!_]*.py")), ids=lambda path: path.stem)
    def test_what_a_recorder_streams_is_the_trace_it_returns(self, program, tmp_path, capfd):
        """For every example program; packed, it takes a small part of what it streams."""
        streamed_file = tmp_path / "streamed.cotrace"
        with streamed_file.open("wb") as stream:
            tracer = Tracer(files=[str(program)], call=str(program), stream=stream.fileno())
            code = tracer.compile(program.read_text(encoding="utf-8"), str(program))
            trace = tracer.run(lambda: exec(code, {"__name__": "__main__"}))

        assert trace.stdout == capfd.readouterr().out
        assert decode(streamed_file.read_bytes()) == trace == decode(encode(trace))
        assert len(encode(trace)) < streamed_file.stat().st_size / 3


class TestAnyDamage:
    @pytest.mark.parametrize("content", [RAW, encode(EXAMPLE)], ids=["raw", "packed"])
    @given(data=st.data())
    def test_changed_bytes_never_raise_another_error(self, content, data):
        """A disk error, an editor, a transfer as text: told as a damaged file, or not noticed, but never a crash."""
        place = data.draw(st.integers(0, len(content)))
        damaged = (
            content[:place]
            + data.draw(st.binary(max_size=4))
            + content[place + data.draw(st.integers(0, 4)) :]
        )

        assert read_or_refused(damaged)

    @given(st.sampled_from([line for line in RAW.splitlines()[1:] if line]), st.data())
    def test_changed_fields_never_raise_another_error(self, line, data):
        """Any part of a line replaced by any other JSON, as a hostile file would have it."""
        anything = st.recursive(
            st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text(max_size=2),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
            ),
            max_leaves=4,
        )
        row = json.loads(line)
        holder, key = data.draw(st.sampled_from(list(places(row))))
        holder[key] = data.draw(anything)

        assert read_or_refused(RAW.replace(line, json.dumps(row).encode()))


def places(row):
    """Every (container, key) in a JSON value."""
    for key, inner in row.items() if isinstance(row, dict) else enumerate(row):
        yield row, key
        if isinstance(inner, list | dict):
            yield from places(inner)


def read_or_refused(content):
    """Decode; a trace that is read can be packed again."""
    try:
        trace = decode(content)
    except (FileFormatError, NewerVersionError) as error:
        return str(error)
    return decode(encode(trace)) == trace
