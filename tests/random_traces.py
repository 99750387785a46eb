"""Any trace that the model allows, made from a number: not what a program does, but what a file must hold.

Plain `random` and not hypothesis' own strategies, which take a tenth of a second for something of this size.
"""

from random import Random
from typing import get_args

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
    ObjectKind,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
)
from cotrace.model.trace import (
    Entry,
    EventKind,
    Frame,
    FrameKind,
    Note,
    Outcome,
    OutcomeKind,
    Output,
    Step,
    Trace,
)

PIECES = [
    "",
    "x",
    "é",
    "\n",
    "\0",
    "🚀",
    "\ud83d",
    "\ude00",
    "'",
    '"',
    "\\",
    "b'",
    "1",
    "-0",
    "nan",
    "7" * 20,
    "w" * 41,
]
TYPES = ("int", "str", "float", "bool", "NoneType", "bytes", "complex", "decimal.Decimal", "")
OBJECTS = 5


def random_trace(seed):
    return _Maker(Random(seed)).trace()


class _Maker:
    def __init__(self, random):
        self.random = random

    # --- small parts --------------------------------------------------------------------------------------------

    def chance(self):
        return self.random.random() < 0.5

    def text(self):
        return "".join(self.random.choices(PIECES, k=self.random.randint(0, 4)))

    def number(self, least=-1, most=99):
        return self.random.randint(least, most)

    def many(self, make, most=3):
        return tuple(make() for _ in range(self.number(0, most)))

    def one_of(self, literal):
        return self.random.choice(get_args(literal))

    def value(self):
        kind = self.number(0, 3)
        if kind == 0:
            return Ref(self.number(0))
        if kind == 1:
            literal = self.random.choice(
                [self.number(-(10**20), 10**20), self.text(), self.random.random(), None, True, b"\0"]
            )
            return Atom(type(literal).__name__, repr(literal))
        return Atom(self.random.choice(TYPES), self.text(), self.number() if self.chance() else -1)

    def maybe_value(self):
        return self.value() if self.chance() else None

    def object(self):
        return HeapObject(
            self.number(1, OBJECTS),
            self.one_of(ObjectKind),
            self.text(),
            self.many(self.value),
            self.many(lambda: (self.value(), self.value())),
            self.many(lambda: (self.text(), self.value())),
            self.number(),
            self.many(self.number) if self.chance() else None,
            self.text(),
            self.text(),
        )

    # --- parts of a trace ---------------------------------------------------------------------------------------

    def delta(self, step):
        cause, number = self.number(-1, step), self.number(1, OBJECTS)
        return self.random.choice(
            [
                lambda: Bind(self.number(0, self.frames - 1), self.text(), self.value(), cause),
                lambda: Unbind(self.number(0, self.frames - 1), self.text(), cause),
                lambda: Appear(self.object(), cause),
                lambda: Become(self.object(), cause),
                lambda: SetElement(number, self.number(0), self.value(), cause),
                lambda: Splice(number, self.number(0), self.number(0), self.many(self.value), cause),
                lambda: SetEntry(number, self.value(), self.value(), cause),
                lambda: DeleteEntry(number, self.value(), cause),
                lambda: SetAttribute(number, self.text(), self.value(), cause),
                lambda: DeleteAttribute(number, self.text(), cause),
            ]
        )()

    def source(self):
        return Source(self.text(), self.text(), self.many(self.span))

    def span(self):
        return Span(self.text(), *(self.number() for _ in range(4)), self.text(), self.number())

    def frame(self, number):
        return Frame(
            number,
            self.one_of(FrameKind),
            self.text(),
            self.number(-1, len(self.sources) - 1),
            self.number(),
            self.number(-1, number - 1),
            self.number(0, number),
            self.number(),
            self.number(-1, self.steps - 1),
            self.number(),
        )

    def step(self, index):
        # Objects have to appear before they change.
        first = tuple(Appear(HeapObject(number, "list", "list"), -1) for number in range(1, OBJECTS + 1))
        return Step(
            index,
            self.random.choice(list(EventKind)),
            self.number(0, self.frames - 1),
            self.number(),
            self.number(),
            (first if index == 0 else ()) + self.many(lambda: self.delta(index)),
            self.maybe_value(),
            self.outputs(index),
        )

    def outputs(self, step):
        ats = sorted(self.many(self.number))
        streams = [self.random.choice(["stdout", "stderr"]) for _ in ats]
        return tuple(
            Output(step, *part, self.text(), self.chance(), at)
            for *part, at in zip(streams, ats, strict=True)
        )

    def entry(self, source, span):
        at = self.number(1, self.steps)
        return Entry(self.number(0, at - 1), at, source, span, self.value(), self.many(self.object, 1))

    def trace(self):
        self.sources = self.many(self.source)
        self.frames = self.number(1, 4)
        self.steps = self.number(1, 6)
        spans = [(at, span) for at, source in enumerate(self.sources) for span in range(len(source.spans))]
        return Trace(
            sources=self.sources,
            frames=tuple(map(self.frame, range(self.frames))),
            steps=tuple(map(self.step, range(self.steps))),
            entries=self.many(lambda: self.entry(*self.random.choice(spans)), 6) if spans else (),
            final=self.many(lambda: self.delta(self.steps)),
            outcome=Outcome(
                self.one_of(OutcomeKind), self.value() if self.chance() else None, self.text(), self.text()
            ),
            limits=Limits(steps=self.number(), seconds=self.random.choice([None, 1, 0.1, 1e-9])),
            call=self.text(),
            notes=self.many(lambda: Note(self.text(), self.text(), self.text())),
            truncated=self.text(),
            engine=self.text(),
            python=self.text(),
        )
