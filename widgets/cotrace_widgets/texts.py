"""The source texts of a trace as a front end has them: a text that was compiled in pieces is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cotrace.model.source import Source

from cotrace_widgets.highlighting import spans_of


class Texts:
    """The sources of a trace, those with the same name and text as one: their spans stand one behind the other."""

    def __init__(self, sources: Sequence[Source]) -> None:
        numbers: dict[tuple[str, str], int] = {}
        self.groups: list[list[Source]] = []
        self._places: list[tuple[int, int]] = []
        for source in sources:
            number = numbers.setdefault((source.name, source.text), len(numbers))
            if number == len(self.groups):
                self.groups.append([])
            self._places.append((number, sum(len(other.spans) for other in self.groups[number])))
            self.groups[number].append(source)

    def place(self, source: int) -> tuple[int, int]:
        """Return the number of a source for the front end, and how many spans stand before its own."""
        return self._places[source] if source >= 0 else (-1, 0)

    def spans(self, same: list[Source]) -> Iterator[list[Any]]:
        """Yield the spans of sources that are one."""
        before = 0
        for source in same:
            for *place, parent in spans_of(source):
                yield [*place, parent + before if parent >= 0 else -1]
            before += len(source.spans)
