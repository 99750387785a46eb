"""What the native engine recorded is decoded when it is first asked for, once, and is like any other trace."""

import pickle
import sys
from dataclasses import replace
from functools import partial
from random import Random
from threading import Thread

import pytest
from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.model.state import Atom
from cotrace.model.trace import Outcome, Output, Trace
from cotrace.tracing.lazy import Decoding, LazyParts, decoder_for
from kernel_ext.tracing.random_parts import atom_of, random_parts

if sys.version_info < (3, 12):
    pytest.skip("the native engine needs Python 3.12: it has no compiled core here", allow_module_level=True)

PARTS = random_parts(Random(11), steps=40)


def decoding(atom=atom_of, outputs=()):
    written = PARTS.written
    new_decoder = partial(
        decoder_for,
        written.objects,
        written.codes,
        written.types,
        atom,
        lambda kept, length: Atom("str", repr(kept), length),
    )
    return Decoding(written.log, new_decoder, dict(outputs))


def trace_of(frames, steps, entries, final):
    return Trace((), frames, steps, entries, final, Outcome("returned"), Limits(), "f()")


def test_nothing_is_decoded_before_it_is_asked_for():
    log = decoding()
    steps = LazyParts(log, "steps", 40)

    assert (len(steps), log.done) == (40, False)
    assert (steps[-1], log.done) == (PARTS.steps[-1], True)


def test_all_is_decoded_once():
    asked = []
    log = decoding(lambda held: asked.append(held) or atom_of(held))
    steps, entries = LazyParts(log, "steps"), LazyParts(log, "entries")
    first = len(entries), steps[0], len(asked)

    assert (len(entries), steps[0], len(asked)) == first
    assert steps[0] is steps[0]


@pytest.mark.parametrize("name", ["frames", "steps", "entries", "final"])
def test_parts_are_like_their_tuple(name):
    parts, expected = LazyParts(decoding(), name), tuple(getattr(PARTS, name))

    assert parts == expected
    assert expected == parts
    assert parts == LazyParts(decoding(), name)
    assert parts != [*expected]
    assert (hash(parts), repr(parts), parts[1:3]) == (hash(expected), repr(expected), expected[1:3])
    assert pickle.loads(pickle.dumps(parts)) == expected


def test_a_trace_of_them_is_the_same_and_is_written_the_same():
    log = decoding()
    names = ("frames", "steps", "entries", "final")
    lazy = trace_of(*(LazyParts(log, name) for name in names))
    plain = trace_of(*(tuple(getattr(PARTS, name)) for name in names))

    assert encode(lazy) == encode(plain)
    assert lazy == plain
    assert replace(lazy, call="g()").steps is lazy.steps


def test_a_step_has_what_was_written_while_it_ran():
    written = Output(3, "stdout", "hello\n", at=5)
    steps = LazyParts(decoding(outputs={3: [written], 99: [written]}), "steps")

    assert steps[3] == replace(PARTS.steps[3], output=(written,))
    assert steps[4] == PARTS.steps[4]


def test_ctrl_c_on_the_way_loses_nothing():
    moods = [None, KeyboardInterrupt]

    def atom(held):
        if moods and (mood := moods.pop(0)):
            raise mood
        return atom_of(held)

    steps = LazyParts(decoding(atom), "steps")
    with pytest.raises(KeyboardInterrupt):
        steps[0]
    assert steps == tuple(PARTS.steps)


def test_two_threads_may_ask_at_once():
    steps, seen = LazyParts(decoding(), "steps"), []
    threads = [Thread(target=lambda: seen.append(steps[:])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [tuple(PARTS.steps)] * 4
    assert all(one is seen[0] for one in seen)
