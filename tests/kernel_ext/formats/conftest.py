"""Values and traces for the tests of the formats, made by hand so that these tests need no tracer."""

from __future__ import annotations

import pytest
from cotrace.model.state import Atom, HeapObject, Ref, Value


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
