"""The columns that are read from a log hold the numbers of the very steps and frames that are decoded from it."""

import sys
from functools import partial
from random import Random

import pytest
from cotrace.errors import TraceError
from cotrace.model.columns import Columns, columns_of
from cotrace.model.limits import Limits
from cotrace.model.trace import Outcome, Trace
from cotrace.tracing.lazy import Decoding, LazyParts, LazySteps, decoder_for
from cotrace.tracing.tracer import Tracer
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_ext.tracing.random_parts import atom_of, random_parts

if sys.version_info < (3, 12):
    pytest.skip("the native engine needs Python 3.12: it has no compiled core here", allow_module_level=True)

PROGRAM = """
def walk(n):
    yield n
    if n:
        yield from walk(n - 1)

def fail(n):
    print("at", n)
    return 1 / n if n < 1 else fail(n - 1)

class Kept:
    total = sum(x for x in walk(3))

try:
    fail(2)
except ZeroDivisionError:
    pass
"""


def new_decoder(written):
    return decoder_for(written.objects, written.codes, written.types, atom_of, lambda kept, _: atom_of(kept))


def trace_of(written, frames, steps, entries, final):
    log = Decoding(written.log, partial(new_decoder, written), {})
    lazy = Trace(
        (), LazyParts(log, "frames"), LazySteps(log, len(steps)), (), (), Outcome("returned"), Limits(), ""
    )
    return lazy, Trace(
        (), tuple(frames), tuple(steps), tuple(entries), tuple(final), Outcome("returned"), Limits(), ""
    )


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_columns_of_a_log_are_those_of_its_steps(seed):
    frames, steps, entries, final, _, written = random_parts(Random(seed))
    lazy, whole = trace_of(written, frames, steps, entries, final)

    assert columns_of(lazy) == columns_of(whole)


def test_a_recording_tells_its_columns_and_outputs_without_being_decoded():
    tracer = Tracer(files=["<b>"], engine="native")
    code = tracer.compile(PROGRAM, "<b>")
    tracer.start()
    exec(code, {})
    trace = tracer.stop()
    columns, outputs = trace.steps.columns(), trace.outputs

    assert isinstance(columns, Columns)
    assert not trace.steps._decoding.done
    trace.steps[0]
    assert trace.steps.columns() is None
    assert columns == columns_of(trace)
    assert outputs == [out for step in trace.steps for out in step.output]


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_damaged_log_is_refused_as_the_decoder_refuses_it(seed):
    random = Random(seed)
    *_, written = random_parts(random, steps=20)
    log = bytearray(written.log[: random.randint(0, len(written.log))])
    for _ in range(random.randint(0, 3)):
        if log:
            log[random.randrange(len(log))] = random.randrange(256)

    assert refusal(lambda: new_decoder(written).columns(log)) == refusal(
        lambda: new_decoder(written).feed(log, 0, len(log))
    )


def refusal(read):
    try:
        read()
    except TraceError as error:
        return str(error)
    return ""
