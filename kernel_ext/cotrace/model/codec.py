"""The ``.cotrace`` file: a trace as bytes, and back.

A file is one header line and a body::

    cotrace 1 zlib          packed: the body is one zlib stream of lines; what `encode` writes
    cotrace 1 raw           raw: the body is the lines themselves; what a traced program streams as it runs

The number is the format's version: a newer one is refused, every older one is read. A line is a JSON array in
ASCII that begins with a tag. Numbers count from 0 in the order of the lines; *n* is the number of step lines
so far, and *back* counts back from it, so that ``n - back`` is a step::

    ["run", call, engine, python, {limits}]
    ["source", name, text, [[kind, line, column, end_line, end_column, role, parent], ...]]
    ["frame", kind, name, source, line, parent, globals, start, end, thread]
    ["frame_end", frame, step]                          its last step, where `end` was not yet known
    [event, frame, line, depth, [delta, ...], value]    a step; event: start, line, yield, resume, raise ...
    ["entry", back, source, span, value, ahead, [object, ...]]      `at` is n + ahead
    ["stdout" or "stderr", back, text, cut, ahead]
    ["atom", type, text, length]                        a value with a long text, for use in later lines
    ["note", subject, reason, advice]
    ["end", [delta, ...], kind, exception, message, truncated, value]

Members at the end that would be empty (no value, no deltas, 0 ahead, not cut) are left out. The parts:

- A *value* is a number (an int), null, true, false, a string (the text of a str, bytes or float, as `repr`
  gives it), ``[number]`` (a reference to an object), ``{"atom": number}`` (an atom line) or ``[type, text]``
  (any other atom).
- An *object* is ``[number, kind, type, {...}]``, with those of ``elements, entries, attributes, length,
  positions, cut, text`` that say something; entries and attributes are arrays of pairs.
- A *delta* is ``[tag, back, ...]``, its cause being ``n - back`` with the n before the step's own line, or
  null for none: ``bind frame name value``, ``unbind frame name``, ``appear object``, ``become object``, and
  for the object with a number ``set_element number index value``, ``splice number index removed [values]``,
  ``set_entry number key value``, ``delete_entry number key``, ``set_attribute number name value``,
  ``delete_attribute number name``.
- A *text* is a string; or an array of strings to be joined, where the text holds the two halves of a
  surrogate pair as two characters.

In a packed file the lines are in one canonical order (see `_lines`), frames have their ends and ``end`` is
there. A raw file may be cut anywhere, for its writer may be killed: its last line counts if it has its line
feed, and without ``end`` the outcome is ``killed``.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from cotrace.errors import FileFormatError, NewerVersionError
from cotrace.model.decoder import Decoder
from cotrace.model.encoder import VERSION, StreamEncoder
from cotrace.model.trace import Entry, Output, Trace

__all__ = ["VERSION", "StreamEncoder", "content_hash", "decode", "encode"]

_HEADER = re.compile(rb"cotrace ([0-9]{1,9})(?: [^\n]*)?\n")
_FORMS = ("raw", "zlib")
_BLOCK = 1 << 20


def encode(trace: Trace) -> bytes:
    """Return `trace` as a packed file. Equal traces give equal bytes (with the same zlib)."""
    encoder = StreamEncoder()
    packer = zlib.compressobj()
    packed = [packer.compress(line) for line in _lines(encoder, trace)]
    return b"".join([encoder.header("zlib"), *packed, packer.flush()])


def decode(content: bytes) -> Trace:
    """Return the trace that a packed or raw file holds.

    Raises FileFormatError where it is no such file or is damaged, NewerVersionError where it was written by a
    newer cotrace.
    """
    form, start = _header(content)
    decoder = Decoder()
    number = 2
    for block in _blocks(content, start, form):
        lines = block.split(b"\n")
        for place, row in enumerate(_rows(lines, number), number):
            try:
                decoder.read(row)
            except FileFormatError as error:
                raise FileFormatError(f"line {place}: {error}") from error
        number += len(lines)
    if form == "zlib" and not decoder.ended:
        raise FileFormatError(f"line {number}: expected the line 'end', found the end of the file")
    return decoder.trace()


def content_hash(trace: Trace) -> str:
    """Return the SHA-256, in hex, of what `trace` says of the program, whoever recorded it and wherever.

    It leaves out the engine, Python's version, notes on the recording, and the folders of sources. It is
    taken over the lines of format 1 and stays so, since datasets name traces by it.
    """
    sources = tuple(replace(source, name=_base_name(source.name)) for source in trace.sources)
    call = _base_name(trace.call) if trace.call in {source.name for source in trace.sources} else trace.call
    plain = replace(trace, sources=sources, call=call, engine="", python="", notes=(), live=None)
    digest = hashlib.sha256()
    for line in _lines(StreamEncoder(), plain):
        digest.update(line)
    return digest.hexdigest()


def _base_name(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


# --- writing ----------------------------------------------------------------------------------------


def _lines(encoder: StreamEncoder, trace: Trace) -> Iterator[bytes]:
    """Yield the body in its canonical order: each entry and each output as soon as its `at` allows."""
    yield encoder.run(trace.call, trace.limits, trace.engine, trace.python)
    yield from map(encoder.source, trace.sources)
    yield from map(encoder.frame, trace.frames)
    entries, outputs = deque(trace.entries), deque(trace.outputs)
    for step in trace.steps:
        yield from _due(encoder, entries, outputs, step.index)
        yield encoder.step(step)
    yield from _due(encoder, entries, outputs, None)
    yield from map(encoder.note, trace.notes)
    yield encoder.end(trace.outcome, trace.final, trace.truncated)


def _due(
    encoder: StreamEncoder, entries: deque[Entry], outputs: deque[Output], steps: int | None
) -> Iterator[bytes]:
    """Take away and yield what was seen before there were more than `steps` steps; None: whatever is left."""
    while outputs and (steps is None or max(outputs[0].at, outputs[0].step + 1) <= steps):
        yield encoder.output(outputs.popleft())
    while entries and (steps is None or entries[0].at <= steps):
        yield encoder.entry(entries.popleft())


# --- reading ----------------------------------------------------------------------------------------


def _header(content: bytes) -> tuple[str, int]:
    """Return the form of the body and where it begins."""
    found = _HEADER.match(content)
    if found is None:
        raise FileFormatError(
            f"expected a first line such as 'cotrace {VERSION} zlib', found {content[:40]!a}: "
            "this is not a .cotrace file, or only the beginning of one"
        )
    version = int(found[1])
    if version > VERSION:
        raise NewerVersionError(
            f"expected a .cotrace file of version {VERSION} or older, found version {version}: "
            "a newer cotrace wrote it; update this one (pip install -U cotrace)"
        )
    form = found[0].decode("ascii", "replace").rstrip("\n").split(" ", 2)[-1]
    if version < 1 or form not in _FORMS:
        raise FileFormatError(
            f"line 1: expected 'cotrace {VERSION}' and {' or '.join(_FORMS)}, found {form!a}"
        )
    return form, found.end()


def _blocks(content: bytes, start: int, form: str) -> Iterator[bytes]:
    """Yield the body in blocks of whole lines, without the last line feed of each."""
    rest: list[bytes] = []
    for part in _inflated(content, start) if form == "zlib" else _parts(content, start):
        whole, newline, tail = part.rpartition(b"\n")
        if newline:
            yield b"".join([*rest, whole])
            rest.clear()
        rest.append(tail)
    last = b"".join(rest)
    if last and form == "zlib":
        raise FileFormatError(f"expected the last line to end with a line feed, found {last[-40:]!a}")


def _parts(content: bytes, start: int) -> Iterator[bytes]:
    for begin in range(start, len(content), _BLOCK):
        yield content[begin : begin + _BLOCK]


def _inflated(content: bytes, start: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    waiting = content[start:]
    try:
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, _BLOCK)
            waiting = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise FileFormatError(f"the file is damaged: its body can't be unpacked ({error})") from error
    if not unpacker.eof:
        raise FileFormatError(
            "the file is cut short: expected more after its last byte; copy it or record it again"
        )
    if unpacker.unused_data:
        raise FileFormatError(f"expected the end of the file, found {len(unpacker.unused_data)} more bytes")


def _rows(lines: list[bytes], number: int) -> list[object]:
    """Read the lines as JSON, many at once since that is quicker; `number` is that of the first one."""
    try:
        rows: list[object] = json.loads(b"[%b]" % b",".join(lines))
    except (ValueError, RecursionError):
        rows = []
    if len(rows) == len(lines):
        return rows
    return [_row(line, place) for place, line in enumerate(lines, number)]


def _row(line: bytes, number: int) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"line {number}: expected an array in JSON, found {line[:60]!a}") from error
