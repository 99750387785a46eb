"""What a front end gets of a trace says what the trace says."""

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import timeline_golden as golden
from cotrace.model.limits import Limits
from cotrace.model.trace import EventKind
from cotrace.tracing.tracer import Tracer
from cotrace_widgets.packing import Packing, as_json
from equality.engines import ENGINES, NATIVE
from random_traces import random_trace
from unpacking import Chunk, columns_of, seen_by_a_front_end, states_of

EVENTS = list(EventKind)


@pytest.fixture(params=golden.PROGRAMS, scope="module")
def trace(request):
    return golden.record(request.param)


@pytest.mark.parametrize("size", [1, 3, 16, 2048])
def test_any_chunk_rebuilds_the_state_at_each_of_its_steps(trace, size):
    packing = Packing(trace, chunk=size)
    for number in range(packing.chunks):
        for step, state in enumerate(states_of(packing, number), number * size):
            taken = trace.snapshot(step)
            assert seen_by_a_front_end(trace, state, step) == (taken.frames, taken.heap)


def test_the_last_chunk_ends_with_the_state_at_the_end(trace):
    packing = Packing(trace, chunk=16)
    *_, state = states_of(packing, packing.chunks - 1)
    state.fold(Chunk(packing, packing.chunks - 1).final)
    taken = trace.snapshot(len(trace.steps))
    assert seen_by_a_front_end(trace, state, len(trace.steps)) == (taken.frames, taken.heap)


def test_columns_hold_every_step_and_every_frame(trace):
    packing = Packing(trace)
    columns = columns_of(packing)
    steps = zip(*(columns[name] for name in ("line", "event", "frame", "depth")), strict=True)
    assert list(steps) == [(s.line, EVENTS.index(s.event), s.frame, s.depth) for s in trace.steps]
    codes = packing.head["codes"]
    parts = ("frame_code", "frame_parent", "frame_globals", "frame_start", "frame_end", "frame_thread")
    frames = zip(*(columns[name] for name in parts), strict=True)
    assert [(*codes[code], *rest) for code, *rest in frames] == [
        (f.kind, f.name, f.source, f.line, f.parent, f.globals, f.start, f.end, f.thread)
        for f in trace.frames
    ]


def test_entries_are_with_their_steps_in_the_order_of_evaluation(trace):
    packing = Packing(trace, chunk=16)
    read = []
    for number in range(packing.chunks):
        chunk = Chunk(packing, number)
        for place, source, span, value, ahead, *objects in chunk.raw["entries"]:
            step = chunk.first + place
            held = tuple(map(chunk.values.object, objects[0])) if objects else ()
            read.append((step, step + ahead, source, span, chunk.values.read(value), held))
    told = [(e.step, e.at, e.source, e.span, e.value, e.objects) for e in trace.entries]
    assert sorted(read, key=lambda entry: entry[0]) == sorted(told, key=lambda entry: entry[0])


def test_an_object_that_was_out_of_reach_for_a_while_is_told_again():
    """A front end may begin at any chunk: what a chunk speaks of is in it, though no frame reached it at its begin."""
    program = "box = {}\ndef keep(o): box['o'] = o\nxs = [1]\nkept = iter([xs])\ndel xs\n" + "n = 0\n" * 40
    program += "for xs in kept: xs.append(2)\n"
    tracer = Tracer(files=["hidden.py"], engine="reference")
    code = tracer.compile(program, "hidden.py")
    tracer.start()
    exec(code, {"__name__": "__main__"})
    trace = tracer.stop()
    packing = Packing(trace, chunk=8)
    for number in range(packing.chunks):
        for step, state in enumerate(states_of(packing, number), number * 8):
            taken = trace.snapshot(step)
            assert seen_by_a_front_end(trace, state, step) == (taken.frames, taken.heap)


def test_large_states_are_told_seldom_and_small_ones_in_every_chunk():
    def follows(size):
        tracer = Tracer(files=["p.py"], engine="reference")
        code = tracer.compile(f"xs = list(range({size}))\nfor i in range(200): xs[0] = i\n", "p.py")
        tracer.start()
        exec(code, {"__name__": "__main__"})
        packing = Packing(tracer.stop(), chunk=16)
        return [Chunk(packing, number).follows for number in range(packing.chunks)]

    assert not any(follows(2))
    assert 0 < follows(900)[1:].count(False) < len(follows(900)) / 2


@pytest.mark.parametrize("seed", range(40))
def test_head_and_columns_hold_whatever_a_trace_may_hold(seed):
    trace = random_trace(seed)
    packing = Packing(trace)
    assert json.loads(as_json(packing.head))["steps"] == len(trace.steps)
    assert columns_of(packing)["line"] == [step.line for step in trace.steps]


def test_a_head_can_stand_in_a_script_element():
    trace = golden.record("hostile_text")
    told = as_json(Packing(trace).head)
    assert not {"<", ">", "&"} & set(told)
    assert told.isascii()
    assert json.loads(told)["sources"][0]["text"] == trace.sources[0].text.rstrip("\n") + "\n"


def test_columns_of_places_count_as_a_browser_does():
    trace = golden.record("hostile_text")
    source = Packing(trace).head["sources"][0]
    line = source["text"].split("\n")[1].encode("utf-16-le", "surrogatepass")
    texts = [
        line[2 * first : 2 * last].decode("utf-16-le", "surrogatepass")
        for _, row, first, _, last, *_ in source["spans"]
        if row == 2
    ]
    assert {"name", '"\U0001f600"'} <= set(texts)
    lengths = [sum(row[1::2]) for row in source["tokens"]]
    assert all(length <= len(text.encode("utf-16-le", "surrogatepass")) // 2
               for length, text in zip(lengths, source["text"].split("\n"), strict=True))  # fmt: skip


def test_a_recording_without_a_step_has_one_empty_chunk():
    trace = replace(golden.record("early_return"), steps=(), entries=(), frames=(), final=())
    packing = Packing(trace)
    assert packing.chunks == 1
    assert Chunk(packing, 0).steps == []
    with pytest.raises(IndexError, match="has 1"):
        packing.chunk(1)


def test_a_short_way_through_large_numbers_keeps_them():
    limits = Limits(steps=50)
    tracer = Tracer(files=["p.py"], engine="reference", limits=limits)
    code = tracer.compile("n = 0\nwhile n < 10**20: n += 10**17\n", "p.py")
    tracer.start()
    exec(code, {"__name__": "__main__"})
    trace = tracer.stop()
    packing = Packing(trace)
    *_, state = states_of(packing, 0)
    assert (
        seen_by_a_front_end(trace, state, len(trace.steps) - 1)[0]
        == trace.snapshot(len(trace.steps) - 1).frames
    )


@pytest.mark.parametrize("name", golden.PROGRAMS)
@pytest.mark.newest
def test_golden_files_are_what_is_packed_today(name):
    """They are what the TypeScript of the timeline is tested with: ``python tests/timeline_golden.py`` writes them."""
    assert (golden.FOLDER / f"{name}.json").read_text() == golden.text_of(name)


def test_chunks_that_several_threads_ask_for_are_the_same_as_for_one():
    trace = golden.record("generators")
    packing, alone = Packing(trace, chunk=1), Packing(trace, chunk=1)
    numbers = [*range(packing.chunks)] * 4
    with ThreadPoolExecutor(8) as pool:
        made = [*pool.map(packing.chunk, reversed(numbers))]

    assert made == [alone.chunk(number) for number in reversed(numbers)]


LATE = """\
def deep(n):
    return n if n == 0 else 1 + deep(n - 1)

xs = [0]
for i in range(8):
    xs[0] = deep(i)
"""


@pytest.fixture(scope="module")
def late():
    """A recording whose lines call much, so that what they evaluate comes long after their steps."""

    def record(engine):
        tracer = Tracer(files=["late.py"], engine=engine)
        code = tracer.compile(LATE, "late.py")
        tracer.start()
        exec(code, {"__name__": "__main__"})
        return tracer.stop()

    return record


def entries_of(packing, number):
    return sorted(map(repr, Chunk(packing, number).raw["entries"]))


@pytest.mark.parametrize("order", [[3, 1, 0, 2], [5, 4, 3, 2, 1, 0], [0, 1, 5, 2, 3, 4], [2, 5, 0, 1, 3, 4]])
def test_chunks_say_the_same_in_whatever_order_they_are_made(late, order):
    trace = late("auto")
    size = len(trace.steps) // 6 + 1
    in_order, asked = Packing(trace, chunk=size), Packing(late("auto"), chunk=size)
    for number in order:
        asked.chunk(number)

    for number in range(in_order.chunks):
        whole = trace.snapshot(number * size)
        first = next(states_of(asked, number))
        assert seen_by_a_front_end(trace, first, number * size) == (whole.frames, whole.heap)
        assert entries_of(asked, number) == entries_of(in_order, number)


@pytest.mark.skipif(NATIVE not in ENGINES, reason="only a log is read stretch by stretch")
def test_a_recording_is_packed_without_being_decoded(late):
    trace, plain = late("native"), late("reference")
    packing, expected = Packing(trace, chunk=16), Packing(plain, chunk=16)
    for number in reversed(range(packing.chunks)):
        assert packing.chunk(number) == expected.chunk(number)

    assert not trace.steps._decoding.done


@pytest.mark.skipif(NATIVE not in ENGINES, reason="only a log is read stretch by stretch")
@pytest.mark.parametrize("order", [[3, 2, 1, 0], [0, 1, 2, 3], [2, 0, 3, 1]])
@pytest.mark.parametrize("before", range(4))
def test_a_recording_may_be_decoded_between_two_chunks(late, order, before):
    trace, plain = late(NATIVE), late("reference")
    size = len(trace.steps) // 4 + 1
    packing, expected = Packing(trace, chunk=size), Packing(plain, chunk=size)
    for place, number in enumerate(order):
        if place == before:
            assert len(trace.entries) == len(plain.entries)
        assert entries_of(packing, number) == entries_of(expected, number)
        assert packing.chunk(number) == packing.chunk(number)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_early_chunk_lacks_only_what_was_evaluated_later(late, engine):
    trace = late(engine)
    packing = Packing(trace, chunk=len(trace.steps) // 2)
    early, whole = json.loads(zlib.decompress(packing.early)), Chunk(packing, 0).raw

    assert {**early, "entries": []} == {**whole, "entries": []}
    if engine == NATIVE:
        early_ones = [entry for entry in whole["entries"] if entry[0] + entry[4] <= len(whole["steps"])]
        assert early["entries"] == early_ones
        assert len(early["entries"]) < len(whole["entries"])
