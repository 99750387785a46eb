"""A second writer of the compiled engine's log, in Python: it begins with the parts of a trace and ends with bytes.

Where the log has several ways to say a thing, chance picks one: the decoder must read them all alike.
"""

import struct
from itertools import pairwise
from typing import NamedTuple

from cotrace.model.state import (
    NO_CAUSE,
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import EventKind

KINDS = ["function", "generator", "coroutine", "async_generator", "class", "module", "block", "globals"]
CONSTANTS = {"None": 0, "True": 1, "False": 2, "Ellipsis": 9}
EVENTS = {EventKind.RETURN: 5, EventKind.YIELD: 6, EventKind.RAISE: 7, EventKind.UNWIND: 8}
I64 = range(-(2**63), 2**63)


def uv(number):
    """Return an unsigned number, seven bits a byte."""
    assert number >= 0
    least = bytes([number & 0x7F]) if number < 0x80 else bytes([number & 0x7F | 0x80])
    return least if number < 0x80 else least + uv(number >> 7)


def sv(number):
    """Return a signed number: zigzag."""
    return uv(2 * number if number >= 0 else -2 * number - 1)


class Written(NamedTuple):
    """A log and the lists that go with it."""

    log: bytes
    objects: list
    codes: list
    types: list
    ends: list
    """Where each record ends."""


class LogWriter:
    """Writes the parts of one trace, in the order in which a recording gets them."""

    def __init__(self, random):
        self.random = random
        self.objects, self.codes, self.types = [], [], []
        self.records = []
        self.frames, self.last, self.depths = [], {}, {}
        self.steps = 0
        self.current = None

    def written(self):
        ends = [0]
        for record in self.records:
            ends.append(ends[-1] + len(record))
        return Written(b"".join(self.records), self.objects, self.codes, self.types, ends)

    # --- parts --------------------------------------------------------------------------------------------------

    def frame(self, frame, names=()):
        if frame.kind == "globals":
            self.record(10, uv(self.place(frame.name)))
        else:
            self.codes.append((frame.name, frame.source, frame.line, tuple(names)))
            numbers = [len(self.codes) - 1, frame.parent + 1, frame.globals, frame.thread]
            self.record(9, *map(uv, numbers), bytes([KINDS.index(frame.kind)]))
            self.current = frame.id
        self.frames.append((frame, tuple(names)))
        self.last[frame.id] = (NO_CAUSE, frame.line)
        self.depths[frame.id] = 0

    def end_frame(self, number, step):
        self.record(11, uv(number), uv(step + 1))

    def step(self, step):
        self.go_to(step.frame)
        if step.depth != self.depths[step.frame]:
            self.record(12, uv(step.depth))
            self.depths[step.frame] = step.depth
        before, line = self.last[step.frame]
        own = before
        if step.event in (EventKind.START, EventKind.RESUME):
            own = self.random.randint(NO_CAUSE, self.steps - 1)
        self.deltas(step.delta, own)
        if step.event is EventKind.LINE:
            self.line(step.line - line)
        elif step.event in (EventKind.START, EventKind.RESUME):
            self.record(3 if step.event is EventKind.START else 4, uv(own + 1))
        else:
            self.record(EVENTS[step.event], self.value(step.value))
        if step.event in (EventKind.START, EventKind.LINE):
            self.last[step.frame] = (step.index, step.line)
        self.steps += 1

    def entry(self, entry, frame):
        """Write an entry of the ledger; `frame` is the one that it is of where it belongs to a frame's last line."""
        if frame is None:
            return self.record(42, uv(self.place(entry)))
        self.go_to(frame)
        kept = [uv(entry.span), self.value(entry.value)]
        if not entry.objects and self.random.random() < 0.5:
            return self.record(40, *kept)
        return self.record(41, *kept, *self.many(entry.objects, self.object))

    def final(self, deltas, result):
        self.deltas(deltas, NO_CAUSE)
        self.record(13, b"\xfe" if result is None else self.value(result, but=0xFE))

    # --- changes ------------------------------------------------------------------------------------------------

    def deltas(self, deltas, own):
        cause = own
        for delta in deltas:
            if self.random.random() < 0.1:
                self.record(38, uv(self.place(delta)))
                continue
            if delta.cause != cause:
                self.record(25) if delta.cause == own else self.record(24, uv(delta.cause + 1))
                cause = delta.cause
            self.record(*self.delta(delta))

    def delta(self, delta):
        value, name = self.value, lambda text: uv(self.place(text))
        match delta:
            case Bind(frame, variable, bound, _):
                return [*self.variable(frame, variable, 20, 26, 21), value(bound)]
            case Unbind(frame, variable, _):
                return self.variable(frame, variable, 22, 27, 23)
            case Appear(seen, _):
                return [30, self.object(seen)]
            case Become(seen, _):
                return [31, self.object(seen)]
            case SetElement(number, index, element, _):
                return [32, uv(number), uv(index), value(element)]
            case Splice(number, index, removed, inserted, _):
                return [33, uv(number), uv(index), uv(removed), *self.many(inserted, value)]
            case SetEntry(number, key, held, _):
                return [34, uv(number), value(key), value(held)]
            case DeleteEntry(number, key, _):
                return [35, uv(number), value(key)]
            case SetAttribute(number, attribute, held, _):
                return [36, uv(number), name(attribute), value(held)]
            case DeleteAttribute(number, attribute, _):
                return [37, uv(number), name(attribute)]
        raise AssertionError(delta)

    def variable(self, frame, name, in_current, in_frame, by_name):
        names = self.frames[frame][1]
        if name not in names or self.random.random() < 0.2:
            return [by_name, uv(frame), uv(self.place(name))]
        if frame == self.current and self.random.random() < 0.7:
            return [in_current, uv(names.index(name))]
        return [in_frame, uv(frame), uv(names.index(name))]

    def object(self, seen):
        flags, parts = 0, []

        def told(flag, part):
            nonlocal flags
            flags |= flag
            parts.extend(part)

        if seen.elements:
            told(1, self.many(seen.elements, self.value))
        if seen.entries:
            told(2, self.many(seen.entries, lambda pair: self.value(pair[0]) + self.value(pair[1])))
        if seen.attributes:
            told(4, self.many(seen.attributes, lambda pair: uv(self.place(pair[0])) + self.value(pair[1])))
        if seen.length >= 0:
            told(8, [uv(seen.length)])
        if seen.positions is not None:
            told(16, self.many([b - a for a, b in pairwise([0, *seen.positions])], uv))
        if seen.cut:
            told(32, [bytes([["length", "depth"].index(seen.cut) + 1])])
        if seen.text:
            told(64, [uv(self.place(seen.text))])
        self.types.append((seen.kind, seen.type))
        return b"".join([uv(seen.id), uv(len(self.types) - 1), bytes([flags]), *parts])

    # --- values -------------------------------------------------------------------------------------------------

    def value(self, value, but=None):
        """Return a value; `but` is a first byte that it must not have."""
        if isinstance(value, Ref):
            return b"\x08" + uv(value.id)
        if value.type == "str" and value.cut and self.random.random() < 0.9:
            return b"\x0a" + uv(self.place(Atom("str", value.text).value)) + uv(value.length)
        if not value.literal or self.random.random() < 0.1:
            return b"\x06" + uv(self.place(value))
        if value.text in CONSTANTS and value.type != "str":
            return bytes([CONSTANTS[value.text]])
        return self.literal(value, value.value, but)

    def literal(self, atom, value, but):
        if atom.type == "int" and value in I64 and self.random.random() < 0.95:
            small = value + 32
            return bytes([small]) if 16 <= small <= 255 and small != but else b"\x03" + sv(value)
        if atom.type == "float":
            return b"\x04" + struct.pack("<d", value)
        return (b"\x05" if atom.type == "str" else b"\x07") + uv(self.place(value))

    # --- bytes --------------------------------------------------------------------------------------------------

    def record(self, opcode, *operands):
        self.records.append(bytes([opcode]) + b"".join(operands))

    def line(self, distance):
        if -64 <= distance <= 63 and self.random.random() < 0.9:
            self.record(0x80 | distance + 64)
        else:
            self.record(1, sv(distance))

    def many(self, things, write):
        return [uv(len(things)), *map(write, things)]

    def place(self, thing):
        self.objects.append(thing)
        return len(self.objects) - 1

    def go_to(self, frame):
        if frame != self.current:
            self.record(2, uv(frame))
            self.current = frame
