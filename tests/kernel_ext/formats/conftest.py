"""Values and traces for the tests of the formats, made by hand so that these tests need no tracer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cotrace.model.limits import Limits
from cotrace.model.source import Source, Span
from cotrace.model.state import Atom, Bind, Delta, HeapObject, Ref, Value
from cotrace.model.trace import Entry, EventKind, Frame, Outcome, Output, Step, Trace


class Heap(dict[int, HeapObject]):
    """A heap that takes in plain Python values, one object number for each object."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[int, int] = {}
        self._kept: list[object] = []  # alive, so that no other object gets its id

    def take(self, value: object) -> Value:
        """Return `value` as a recorded value, its containers put into this heap."""
        if not isinstance(value, (list, tuple, set, frozenset, dict)):
            return Atom(type(value).__name__, repr(value))
        if id(value) in self._numbers:
            return Ref(self._numbers[id(value)])
        number = self._numbers[id(value)] = len(self._numbers) + 1
        self._kept.append(value)
        kind = type(value).__name__
        if isinstance(value, dict):
            entries = tuple((self.take(key), self.take(held)) for key, held in value.items())
            self[number] = HeapObject(number, kind, kind, entries=entries, length=len(value))
        else:
            elements = tuple(self.take(held) for held in value)
            self[number] = HeapObject(number, kind, kind, elements=elements, length=len(value))
        return Ref(number)

    def put(self, **content: object) -> Ref:
        """Add an object with this content and return the reference to it."""
        number = len(self._numbers) + 1
        self._numbers[-number] = number
        self[number] = HeapObject(id=number, **content)
        return Ref(number)


@pytest.fixture
def heap() -> Heap:
    return Heap()


@pytest.fixture(scope="session")
def heap_class() -> type[Heap]:
    """Give the class itself to properties: a fixture is made once for all their examples."""
    return Heap


class Story:
    """Makes a trace by hand: its frames and steps in the order in which they are told."""

    def __init__(self, text: str, call: str = "") -> None:
        self.heap = Heap()
        self.call = call
        self.sources = [Source("story.py", text)]
        self.frames = [Frame(0, "globals", "__main__", -1, 0, -1, 0, 0, -1)]
        self.steps: list[Step] = []
        self.entries: list[Entry] = []

    def frame(self, name: str, line: int, *, kind: str = "function", parent: int = -1) -> int:
        """Add a frame that begins at the next step, and return its number."""
        number, start = len(self.frames), len(self.steps)
        self.frames.append(Frame(number, kind, name, 0, line, parent, 0, start, -1))
        return number

    def step(
        self, event: str, frame: int, line: int, *delta: Delta, value: object = None, out: str = ""
    ) -> int:
        """Add a step and return its index; `value` is a recorded value or a plain one."""
        index, depth, parent = len(self.steps), -1, frame
        while parent >= 0:
            depth, parent = depth + 1, self.frames[parent].parent
        held = value if isinstance(value, Atom | Ref | None) else self.heap.take(value)
        written = (Output(index, "stdout", out),) if out else ()
        kind = EventKind(event)
        self.steps.append(Step(index, kind, frame, line, depth, delta, held, written))
        return index

    def bind(self, frame: int, name: str, value: object, cause: int) -> Bind:
        """Return the delta that gives a variable a plain value."""
        return Bind(frame, name, self.heap.take(value), cause)

    def computed(self, step: int, source: str, value: object, *, kind: str = "BinOp") -> None:
        """Add a ledger entry for the first place where `source` stands on the step's line."""
        line = self.steps[step].line
        column = self.sources[0].line(line).index(source)
        span = Span(kind, line, column, line, column + len(source))
        self.sources[0] = replace(self.sources[0], spans=(*self.sources[0].spans, span))
        place = len(self.sources[0].spans) - 1
        self.entries.append(Entry(step, len(self.steps), 0, place, self.heap.take(value)))

    def trace(self, **more: object) -> Trace:
        """Return the trace; `more` are fields of `Trace` that differ from those of a run that simply ended."""
        fields = {
            "final": (),
            "outcome": Outcome("returned"),
            "limits": Limits(),
            "call": self.call,
            **more,
        }
        return Trace(tuple(self.sources), tuple(self.frames), self.steps, self.entries, **fields)


TOTAL = """\
def total(n):
    sum = 0
    for i in range(n):
        sum += i
    return sum
"""


@pytest.fixture
def make_total() -> Callable[..., Trace]:
    """Return a function that makes the trace of ``total(n)``, as an engine would record it."""

    def make(n: int, **more: object) -> Trace:
        story = Story(TOTAL, f"total({n})")
        f = story.frame("total", 1)
        story.step("start", f, 1, story.bind(f, "n", n, -1))
        last = story.step("line", f, 2)
        change = ("sum", 0)
        for i in range(n):
            head = story.step("line", f, 3, story.bind(f, *change, last))
            last = story.step("line", f, 4, story.bind(f, "i", i, head))
            change = ("sum", i * (i + 1) // 2)
        head = story.step("line", f, 3, story.bind(f, *change, last))
        story.step("line", f, 5)
        story.step("return", f, 5, value=change[1])
        return story.trace(**{"outcome": Outcome("returned", Atom("int", str(change[1]))), **more})

    return make


@pytest.fixture
def story() -> type[Story]:
    return Story
