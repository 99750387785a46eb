"""The parts of any recording that the compiled engine's log can hold, made by chance, and their log."""

from dataclasses import replace
from typing import NamedTuple, get_args

from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    HeapObject,
    ObjectKind,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import Entry, EventKind, Frame, Step
from kernel_ext.tracing.writing_logs import KINDS, LogWriter, Written

LITERALS = [
    0, 1, -1, 1.0, -0.0, 1e300, float("nan"), float("inf"), None, True, False, ..., "", "x", "é🚀\ud83d", "'",
    "True", b"", b"\xff", 1j, 10**30, -(2**63), 2**63 - 1, 2**63, 223, 222, 224, -16, -17, 300,
]  # fmt: skip
NAMES = ["x", "y", "total", "été", "self", "n", "i", "__class__"]


class Parts(NamedTuple):
    """What a decoder should make of a log."""

    frames: list[Frame]
    steps: list[Step]
    entries: list[Entry]
    final: list
    result: object
    written: Written


def random_parts(random, steps=30):
    """Return the parts of a recording of so many steps, and their log."""
    return _Run(random).parts(steps)


def atom_of(value):
    """Return what the callback of a decoder should make of a literal."""
    return Atom("ellipsis" if value is ... else type(value).__name__, repr(value))


class _Run:
    def __init__(self, random):
        self.random = random
        self.writer = LogWriter(random)
        self.frames, self.steps, self.entries = [], [], []
        self.names = {}

    def parts(self, steps):
        self.begin_frame()
        while len(self.steps) < steps:
            kinds = [self.step, self.begin_frame, self.end_frame, self.entry]
            self.random.choices(kinds, [8, 1, 0.5, 3])[0]()
        final, result = self.deltas(), self.random.choice([None, self.value(), atom_of(222)])
        self.writer.final(final, result)
        return Parts(self.frames, self.steps, self.entries, list(final), result, self.writer.written())

    # --- what happens -------------------------------------------------------------------------------------------

    def begin_frame(self):
        number, start = len(self.frames), len(self.steps)
        if number == 0 or self.random.random() < 0.2:
            frame = Frame(number, "globals", self.name(), -1, 0, -1, number, start, -1, 0)
        else:
            kind, line, parent = (
                self.random.choice(KINDS[:-1]),
                self.random.randint(1, 3000),
                self.number(-1, number - 1),
            )
            owner, source = self.number(0, number - 1), self.number(-1, 3)
            frame = Frame(
                number, kind, self.name(), source, line, parent, owner, start, -1, self.number(0, 2)
            )
        slots = 0 if frame.kind == "globals" else self.number(0, 5)
        self.names[number] = self.random.sample(NAMES, slots)
        self.writer.frame(frame, self.names[number])
        self.frames.append(frame)

    def end_frame(self):
        number, step = self.number(0, len(self.frames) - 1), self.number(-1, len(self.steps))
        self.writer.end_frame(number, step)
        self.frames[number] = replace(self.frames[number], end=step)

    def step(self):
        number, event = self.number(0, len(self.frames) - 1), self.random.choice(list(EventKind))
        frame, (_, line) = self.frames[number], self.writer.last[number]
        if event is EventKind.LINE:
            line = max(0, line + self.random.choice([1, 0, -1, 63, -64, 64, -65, 5000]))
        value = None
        if event in (EventKind.RETURN, EventKind.YIELD, EventKind.RAISE, EventKind.UNWIND):
            value = self.value()
        line = frame.line if event is EventKind.START else line
        step = Step(len(self.steps), event, number, line, self.number(0, 3), self.deltas(), value)
        self.writer.step(step)
        self.steps.append(step)

    def entry(self):
        number = self.number(0, len(self.frames) - 1)
        objects = self.many(self.object)
        if self.random.random() < 0.1:
            entry = Entry(self.number(-1, 9), self.number(0, 9), self.number(0, 9), 3, self.value(), objects)
            self.writer.entry(entry, None)
        else:
            last, source = self.writer.last[number][0], self.frames[number].source
            entry = Entry(last, len(self.steps), source, self.number(0, 500), self.value(), objects)
            self.writer.entry(entry, number)
        self.entries.append(entry)

    # --- small parts --------------------------------------------------------------------------------------------

    def number(self, least, most):
        return self.random.randint(least, most)

    def name(self):
        return self.random.choice(NAMES)

    def many(self, make):
        return tuple(make() for _ in range(self.number(0, 3)))

    def value(self):
        kind = self.random.random()
        if kind < 0.2:
            return Ref(self.number(0, 5000))
        if kind < 0.3:
            return Atom("int", repr(self.number(-(10**19), 10**19)))
        if kind < 0.4:
            return Atom("str", repr("head"), 20_000 + self.number(0, 9))
        if kind < 0.5:
            return Atom("datetime.date", "datetime.date(2024, 1, 1)")
        return atom_of(self.random.choice(LITERALS))

    def object(self):
        positions = tuple(sorted({self.number(0, 5000) for _ in range(4)}))
        return HeapObject(
            self.number(1, 5000),
            self.random.choice(get_args(ObjectKind)),
            self.name(),
            self.many(self.value),
            self.many(lambda: (self.value(), self.value())),
            self.many(lambda: (self.name(), self.value())),
            self.number(-1, 5000),
            self.random.choice([None, (), positions]),
            self.random.choice(["", "length", "depth"]),
            self.random.choice(["", "a preview"]),
        )

    def deltas(self):
        return self.many(self.delta)

    def delta(self):
        cause, number = self.number(-1, len(self.steps) - 1), self.number(1, 5000)
        frame = self.number(0, len(self.frames) - 1)
        name = self.random.choice(self.names[frame] or NAMES)
        index, value = self.number(0, 300), self.value()
        return self.random.choice(
            [
                Bind(frame, name, value, cause),
                Unbind(frame, name, cause),
                Appear(self.object(), cause),
                Become(self.object(), cause),
                SetElement(number, index, value, cause),
                Splice(number, index, self.number(0, 300), self.many(self.value), cause),
                SetEntry(number, self.value(), value, cause),
                DeleteEntry(number, value, cause),
                SetAttribute(number, name, value, cause),
                DeleteAttribute(number, name, cause),
            ]
        )
