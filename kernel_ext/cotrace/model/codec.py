"""The ``.cotrace`` file: a trace as bytes, and back.

A file is one header line in ASCII and a body::

    cotrace 1 zlib          the body is one zlib stream of lines: *packed*, what `encode` writes
    cotrace 1 raw           the body is the lines themselves: what a traced program streams as it runs
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from cotrace.model.encoder import VERSION, StreamEncoder
from cotrace.model.trace import Trace

__all__ = ["VERSION", "StreamEncoder", "encode"]


def encode(trace: Trace) -> bytes:
    """Return `trace` as a packed file. Equal traces give equal bytes (with the same zlib)."""
    encoder = StreamEncoder()
    packer = zlib.compressobj()
    packed = [packer.compress(line) for line in _lines(encoder, trace)]
    return b"".join([encoder.header("zlib"), *packed, packer.flush()])


def _lines(encoder: StreamEncoder, trace: Trace) -> Iterator[bytes]:
    """Yield the body in its canonical order: each entry as soon as its `at` allows, output after its step."""
    yield encoder.run(trace.call, trace.limits, trace.engine, trace.python)
    yield from map(encoder.source, trace.sources)
    yield from map(encoder.frame, trace.frames)
    waiting = iter(trace.entries)
    entry = next(waiting, None)
    for step in trace.steps:
        while entry is not None and entry.at <= step.index:
            yield encoder.entry(entry)
            entry = next(waiting, None)
        yield encoder.step(step)
        yield from map(encoder.output, step.output)
    while entry is not None:
        yield encoder.entry(entry)
        entry = next(waiting, None)
    yield from map(encoder.note, trace.notes)
    yield encoder.end(trace.outcome, trace.final, trace.truncated)
