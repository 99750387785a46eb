"""One hand-made trace that holds every kind of thing a trace can hold, and the raw file a program would stream."""

from cotrace.model.codec import StreamEncoder
from cotrace.model.limits import Limits
from cotrace.model.source import Source, Span
from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import Entry, EventKind, Frame, Note, Outcome, Output, Step, Trace


def integer(number):
    return Atom("int", str(number))


LONG = Atom("str", repr("long " * 3), length=10_000)
TEXT = "def f(n):\n    return n * 'é'\n"

EXAMPLE = Trace(
    sources=(
        Source(
            "/home/ada/work/f.py",
            TEXT,
            (Span("BinOp", 2, 11, 2, 19), Span("Name", 2, 11, 2, 12, "derived", 0)),
        ),
        Source("<string>", ""),
    ),
    frames=(
        Frame(0, "globals", "__main__", -1, 1, -1, 0, 0, -1),
        Frame(1, "function", "f", 0, 1, -1, 0, 0, 4, thread=1),
    ),
    steps=(
        Step(
            0,
            EventKind.START,
            1,
            1,
            0,
            delta=(
                Bind(1, "n", integer(3), -1),
                Bind(0, "whole", Ref(1), -1),
                Appear(HeapObject(1, "list", "list", (integer(0), Atom("float", "nan")), length=2), -1),
                Appear(
                    HeapObject(2, "dict", "dict", entries=((Atom("NoneType", "None"), Ref(1)),), length=1), -1
                ),
                Appear(
                    HeapObject(3, "instance", "shop.Till", attributes=(("open", Atom("bool", "True")),)), -1
                ),
                Appear(
                    HeapObject(4, "list", "list", (LONG,), length=5_000, positions=(7,), cut="length"), -1
                ),
                Appear(HeapObject(5, "array", "numpy.ndarray", text="float64, shape (3,)"), -1),
            ),
        ),
        Step(
            1,
            EventKind.LINE,
            1,
            2,
            0,
            delta=(
                SetElement(1, 0, Atom("bytes", "b'\\x00'"), 0),
                Splice(1, 1, 1, (LONG, LONG), 0),
                SetEntry(2, Atom("str", "'é'"), Atom("complex", "1j"), 0),
                DeleteEntry(2, Atom("NoneType", "None"), 0),
                SetAttribute(3, "total", Atom("int", "1" * 30), 0),
                DeleteAttribute(3, "open", 0),
                Become(HeapObject(5, "opaque", "set"), 0),
            ),
            output=(
                Output(1, "stdout", "snow ☃, rocket 🚀 and halves \ud83d\ude00\n", at=2),
                Output(1, "stderr", "too much", cut=True, at=2),
            ),
        ),
        Step(2, EventKind.RAISE, 1, 2, 0, value=Ref(3)),
        Step(3, EventKind.LINE, 1, 2, 0, delta=(Unbind(0, "whole", 1),)),
        Step(4, EventKind.RETURN, 1, 2, 0, value=Atom("float", "1.5")),
    ),
    entries=(
        Entry(1, 2, 0, 1, integer(-3)),
        Entry(1, 4, 0, 0, Ref(1), (HeapObject(1, "list", "list", (integer(7),), length=1),)),
    ),
    final=(Bind(0, "later", Atom("datetime.date", "datetime.date(2026, 1, 2)"), 4),),
    outcome=Outcome("raised", Ref(3), "ValueError", 'it\'s "so"'),
    limits=Limits(steps=5, seconds=2.5),
    call="f(3)",
    notes=(Note("g", "it has no source", "keep its file"),),
    truncated="5 steps",
    engine="reference",
    python="3.13.0",
)


def streamed(trace):
    """The raw file that a recorder streams while `trace` happens: frames without ends, entries when they come."""
    encoder = StreamEncoder()
    lines = [encoder.header(), encoder.run(trace.call, trace.limits, trace.engine, trace.python)]
    lines += map(encoder.source, trace.sources)
    for frame in trace.frames:
        lines.append(encoder.frame(Frame(**{**fields_of(frame), "end": -1})))
    entries = list(trace.entries)
    for step in trace.steps:
        while entries and entries[0].at <= step.index:
            lines.append(encoder.entry(entries.pop(0)))
        lines.append(encoder.step(step))
        lines += map(encoder.output, step.output)
        lines += [encoder.frame_end(frame.id, frame.end) for frame in trace.frames if frame.end == step.index]
    lines += map(encoder.entry, entries)
    lines += map(encoder.note, trace.notes)
    lines.append(encoder.end(trace.outcome, trace.final, trace.truncated))
    return b"".join(lines)


def fields_of(frame):
    return {name: getattr(frame, name) for name in Frame.__slots__}
