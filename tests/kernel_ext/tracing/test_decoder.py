"""The decoder makes of a log the very parts that were written, and of what is no log an error."""

import gc
import sys
import tracemalloc
from contextlib import suppress
from itertools import pairwise
from random import Random

import pytest
from cotrace.errors import TraceError
from cotrace.model.state import NO_CAUSE, Atom, Bind
from cotrace.tracing.lazy import MODEL
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_ext.tracing.random_parts import atom_of, random_parts
from kernel_ext.tracing.writing_logs import Written, sv, uv

if sys.version_info < (3, 12):
    pytest.skip("the native engine needs Python 3.12: it has no compiled core here", allow_module_level=True)

from cotrace.tracing._core import Decoder

seeds = st.integers(0, 2**32)
ONE_FRAME = Written(b"", ["module"], [("f", 0, 10, ("x", "y"))], [("list", "list")], [])
BEGIN = bytes([10, 0, 9, 0, 0, 0, 0, 0])
"""A globals frame, and a function's frame in it."""


def decoder_for(written, atom=atom_of):
    return Decoder(
        written.objects, written.codes, written.types, atom,
        lambda kept, length: Atom("str", repr(kept), length), MODEL,
    )  # fmt: skip


def decoded(log, objects=("module",)):
    decoder = decoder_for(ONE_FRAME._replace(objects=list(objects)))
    decoder.feed(log, 0, len(log))
    return decoder


def told(decoder):
    return [decoder.frames, decoder.steps, decoder.entries, decoder.final, decoder.result]


class TestARecording:
    @given(seeds)
    @settings(max_examples=60, deadline=None)
    def test_is_decoded_to_the_parts_that_were_written(self, seed):
        *parts, written = random_parts(Random(seed))
        decoder = decoder_for(written)
        decoder.feed(written.log, 0, len(written.log))

        assert told(decoder) == parts
        assert decoder.next == len(written.log)

    @given(seeds)
    @settings(max_examples=20, deadline=None)
    def test_may_be_fed_record_by_record(self, seed):
        *parts, written = random_parts(Random(seed))
        decoder = decoder_for(written)
        for start, end in pairwise(written.ends):
            decoder.feed(written.log, start, end)

        assert told(decoder) == parts

    def test_has_parts_that_work_like_those_made_in_python(self):
        *parts, written = random_parts(Random(7), steps=300)
        decoder = decoder_for(written)
        decoder.feed(written.log, 0, len(written.log))

        assert hash(tuple(decoder.steps)) == hash(tuple(parts[1]))
        assert repr(told(decoder)) == repr(parts)

    def test_has_its_frames_end_in_their_place_in_the_list(self):
        decoder = decoded(BEGIN)
        before = decoder.frames[1]
        decoder.feed(b"\x0b\x01\x06", 0, 3)

        assert (before.end, decoder.frames[1].end) == (-1, 5)


class TestTheCauseOfAChange:
    def test_is_the_last_line_of_the_frame_that_runs(self):
        log = BEGIN + bytes([3, 0, 0x80 | 65, 4, 2, 20, 0, 0, 20, 1, 0, 0x80 | 65])

        assert [bound.cause for bound in decoded(log).steps[-1].delta] == [1, 1]

    def test_is_nobody_before_the_frames_first_line(self):
        assert decoded(BEGIN + bytes([20, 0, 0, 5, 0])).steps[0].delta[0].cause == NO_CAUSE

    def test_may_be_told_for_some_and_left_to_the_step_for_others(self):
        log = BEGIN + bytes([3, 0, 0x80 | 65, 24, 1, 20, 0, 0, 25, 20, 1, 0, 0x80 | 65])

        assert [bound.cause for bound in decoded(log).steps[-1].delta] == [0, 1]

    def test_is_forgotten_with_the_step_it_was_told_for(self):
        log = BEGIN + bytes([3, 0, 24, 0, 0x80 | 65, 20, 0, 0, 0x80 | 65])

        assert decoded(log).steps[-1].delta[0].cause == 1


class TestAnAtom:
    def test_is_one_and_the_same_wherever_the_same_int_stands(self):
        first, second = (bytes([20, 0, 3]) + sv(10**12) for _ in range(2))
        one, other = decoded(BEGIN + first + second + b"\x05\x00").steps[0].delta

        assert one.value == Atom("int", "1000000000000")
        assert one.value is other.value

    def test_of_an_object_is_asked_for_once(self):
        asked = []
        decoder = decoder_for(
            ONE_FRAME._replace(objects=["module", b"!"]), lambda held: asked.append(held) or atom_of(held)
        )
        log = BEGIN + bytes([20, 0, 7, 1, 20, 1, 7, 1, 5, 7, 1])
        decoder.feed(log, 0, len(log))

        assert asked == [b"!"]
        assert decoder.steps[0].value == Atom("bytes", "b'!'")

    def test_is_asked_for_again_once_it_was_forgotten(self):
        """Also where the callback itself learns a secret and says so."""
        asked = []

        def atom(held):
            asked.append(held)
            decoder.forget_atoms()
            return Atom("redacted", "<redacted>") if len(asked) == 2 else atom_of(held)

        decoder, log = decoder_for(ONE_FRAME, atom), BEGIN + bytes([5, 5, 0])
        decoder.feed(log, 0, len(log))
        decoder.forget_atoms()
        decoder.feed(log, len(BEGIN), len(log))

        assert asked == ["module", "module"]
        assert [step.value.text for step in decoder.steps] == ["'module'", "<redacted>"]

    def test_that_is_none_is_refused(self):
        decoder = decoder_for(ONE_FRAME, repr)

        with pytest.raises(TypeError, match="expected an Atom"):
            decoder.feed(BEGIN + b"\x05\x05\x00", 0, len(BEGIN) + 3)

    def test_may_be_made_in_a_second_try(self):
        """Ctrl-C may come while an atom is made; nothing is lost or told twice."""
        moods = [KeyboardInterrupt, None]

        def atom(held):
            if mood := moods.pop(0):
                raise mood
            return atom_of(held)

        decoder, log = decoder_for(ONE_FRAME, atom), BEGIN + bytes([20, 1, 0, 20, 0, 5, 0, 5, 0])
        with pytest.raises(KeyboardInterrupt):
            decoder.feed(log, 0, len(log))
        decoder.feed(log, decoder.next, len(log))

        assert decoder.steps[0].delta == (
            Bind(1, "y", Atom("NoneType", "None"), -1), Bind(1, "x", Atom("str", "'module'"), -1),
        )  # fmt: skip

    def test_can_not_feed_the_decoder_that_asks_for_it(self):
        decoder = decoder_for(ONE_FRAME, lambda held: decoder.feed(b"", 0, 0))

        with pytest.raises(TraceError, match="one feed at a time"):
            decoder.feed(BEGIN + b"\x05\x05\x00", 0, len(BEGIN) + 3)


class TestADamagedLog:
    @pytest.mark.parametrize(
        ("log", "expected"),
        [
            (b"\x00", "the first byte of a record, found 0"),
            (b"\x7f", "the first byte of a record, found 127"),
            (b"\x05\x00", "a frame before what happens in it"),
            (BEGIN + b"\x05\x0b", "the first byte of a value, found 11"),
            (BEGIN + b"\x05\x05\x01", "the place of an object, found 1"),
            (BEGIN + b"\x05\x06\x00", "the place of an Atom, found 0"),
            (BEGIN + b"\x14\x02\x00", "the slot of a variable, found 2"),
            (BEGIN + b"\x1b\x00\x00", "the slot of a variable, found 0"),
            (BEGIN + b"\x26\x00", "the place of a change, found 0"),
            (BEGIN + b"\x2a\x00", "the place of an entry, found 0"),
            (BEGIN + b"\x18\x02", "a cause among the steps so far, found 2"),
            (BEGIN + b"\x02\x02", "the number of a frame, found 2"),
            (BEGIN + b"\x1e\x01\x00\x80", "the flags of an object, found 128"),
            (BEGIN + b"\x1e\x01\x00\x20\x03", "why an object is cut"),
            (BEGIN + b"\x1e\x00\x00", "the place of an object's description, found 0"),
            (BEGIN + b"\x1e\x01\x01\x00", "the number of a type, found 1"),
            (BEGIN + b"\x21\x01\x00\x00" + uv(2**62), "as many parts as there is room for"),
            (BEGIN + b"\x01" + sv(2**40), "a line"),
            (BEGIN + b"\x04", "a whole record"),
            (BEGIN + b"\x05\x03" + b"\xff" * 12, "a whole record"),
        ],
    )
    def test_is_refused_with_what_was_expected(self, log, expected):
        with pytest.raises(
            TraceError, match=f"at byte {8 if log.startswith(BEGIN) else 0}: expected {expected}"
        ):
            decoded(log)

    def test_of_any_bytes_ends_in_parts_or_in_an_error_of_ours(self):
        random = Random(1)
        for _ in range(10_000):
            log = BEGIN * random.randint(0, 1) + random.randbytes(random.randint(0, 60))
            decoder = decoder_for(ONE_FRAME._replace(objects=["module", 3, Atom("int", "1")]))
            with suppress(TraceError):
                decoder.feed(log, 0, len(log))
            repr(told(decoder))

    @pytest.mark.parametrize("seed", range(10))
    def test_of_a_real_one_with_one_byte_changed_too(self, seed):
        random, written = Random(seed), random_parts(Random(seed), steps=8).written
        for _ in range(200):
            log = bytearray(written.log)
            log[random.randrange(len(log))] = random.randrange(256)
            decoder = decoder_for(written)
            with suppress(TraceError):
                decoder.feed(log, 0, len(log))
            repr(told(decoder))

    def test_that_is_cut_short_keeps_what_came_before(self):
        written = random_parts(Random(3)).written
        whole = decoder_for(written)
        whole.feed(written.log, 0, len(written.log))
        for end in range(len(written.log)):
            decoder = decoder_for(written)
            if end in written.ends:
                decoder.feed(written.log, 0, end)
            else:
                with pytest.raises(TraceError, match=r"a whole record|as many parts"):
                    decoder.feed(written.log, 0, end)
            assert decoder.steps == whole.steps[: len(decoder.steps)]
            assert decoder.next == max(known for known in written.ends if known <= end)

    @pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 4)])
    def test_a_part_outside_of_it_is_refused(self, start, end):
        with pytest.raises(ValueError, match="expected a part of a log of 3 bytes"):
            decoder_for(ONE_FRAME).feed(b"\x00\x00\x00", start, end)


class TestMemory:
    def test_is_given_back_whole(self):
        parts = [random_parts(Random(seed), steps=20).written for seed in range(20)]

        def rounds(n):
            for _ in range(n):
                for written in parts:
                    decoder = decoder_for(written)
                    decoder.feed(written.log, 0, len(written.log))

        tracemalloc.start()
        rounds(50)  # until Python's own lists of free tuples are as long as they get
        grown = []
        for _ in range(3):  # once in a while something else of the process grows meanwhile
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            rounds(50)
            gc.collect()
            grown.append(tracemalloc.get_traced_memory()[0] - before)
        tracemalloc.stop()
        assert min(grown) < 20_000  # an object lost by each decoder would be 30,000

    def test_is_given_back_after_errors_too(self):
        written = random_parts(Random(5), steps=10).written

        def rounds(n):
            for _ in range(n):
                for end in sorted(set(range(len(written.log))) - set(written.ends)):
                    with pytest.raises(TraceError):
                        decoder_for(written).feed(written.log, 0, end)

        rounds(2)
        counts = [sys.getrefcount(thing) for thing in written.objects]
        rounds(5)
        assert [sys.getrefcount(thing) for thing in written.objects] == counts

    def test_of_a_decoder_in_a_cycle_is_found_by_the_collector(self):
        class Owner:
            def atom(self, held):
                return atom_of(held)

        owner = Owner()
        owner.decoder = decoder_for(ONE_FRAME, owner.atom)
        gc.collect()
        del owner
        assert gc.collect() > 0

    def test_needs_no_collector_for_what_was_made(self):
        *_, written = random_parts(Random(1))
        decoder = decoder_for(written)
        decoder.feed(written.log, 0, len(written.log))

        ready = set(map(id, written.objects))
        made = [part for part in (*decoder.steps, *decoder.frames, *decoder.entries) if id(part) not in ready]
        assert len(made) > 30
        assert not any(map(gc.is_tracked, made))
