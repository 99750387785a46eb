"""Search in a recording: the steps with a text in their line, or in a name or value of what they made.

A change is found at the step whose line made it, as when one goes from change to change. Small letters find capital
ones too; a query with a capital letter means it. One look at all steps finds them all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property

from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
    Value,
)
from cotrace.model.trace import EventKind, Step, Trace


class Search:
    """One query over one trace."""

    def __init__(self, trace: Trace, query: str) -> None:
        self.query = query
        self.ignores_case = query == query.lower()
        self._trace = trace
        self._lines: dict[tuple[int, int], bool] = {}

    @cached_property
    def hits(self) -> list[int]:
        """The steps at which the query is found, in order."""
        found: set[int] = set()
        for step in self._trace.steps:
            if self._is_written(step) or self._is_told(step):
                found.add(step.index)
            found.update(self._made(step.delta, step.index))
        found.update(self._made(self._trace.final, len(self._trace.steps)))
        return sorted(found)

    def find(self, position: int, *, forward: bool) -> int | None:
        """Return the nearest hit after `position`, or before it; past one end of the recording, from the other."""
        if not self.hits:
            return None
        if forward:
            return self.hits[bisect_right(self.hits, position) % len(self.hits)]
        return self.hits[bisect_left(self.hits, position) - 1]

    def _is_written(self, step: Step) -> bool:
        if step.event is not EventKind.LINE:
            return False
        place = (self._trace.frames[step.frame].source, step.line)
        known = self._lines.get(place)
        if known is None:
            known = self._lines[place] = self._has(self._trace.line_text(step.index))
        return known

    def _is_told(self, step: Step) -> bool:
        """Tell whether the query is in what a step returned, yielded or raised, or in what its line wrote."""
        is_value = isinstance(step.value, Atom) and self._has(step.value.text)
        return is_value or any(self._has(out.text) for out in step.output)

    def _made(self, deltas: Iterable[Delta], seen: int) -> Iterable[int]:
        for delta in deltas:
            if any(self._has(text) for text in _texts(delta)):
                yield delta.cause if delta.cause >= 0 else seen

    def _has(self, text: str) -> bool:
        return self.query in (text.lower() if self.ignores_case else text)


def _texts(delta: Delta) -> Iterable[str]:
    """Yield the names and the plain values that a change speaks of."""
    if isinstance(delta, (Bind, Unbind, SetAttribute, DeleteAttribute)):
        yield delta.name
    if isinstance(delta, (Bind, SetElement, SetEntry, SetAttribute)):
        yield from _plain(delta.value)
    if isinstance(delta, (SetEntry, DeleteEntry)):
        yield from _plain(delta.key)
    if isinstance(delta, Splice):
        for value in delta.inserted:
            yield from _plain(value)
    if isinstance(delta, (Appear, Become)):
        yield from _inside(delta.object)


def _inside(seen: HeapObject) -> Iterable[str]:
    yield seen.text
    for value in seen.elements:
        yield from _plain(value)
    for key, value in seen.entries:
        yield from _plain(key)
        yield from _plain(value)
    for name, value in seen.attributes:
        yield name
        yield from _plain(value)


def _plain(value: Value) -> Iterable[str]:
    return (value.text,) if isinstance(value, Atom) else ()
