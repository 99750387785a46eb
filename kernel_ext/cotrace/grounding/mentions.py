"""Values that a text names in passing: one that is nearly a value of the run is a slip of the pen.

A list or string that never occurred proves nothing: it may be the writer's own. But one that differs from a recorded
value in a single place, while it was itself never there, is that value written wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from cotrace.grounding.index import Index
from cotrace.grounding.templates import masked
from cotrace.grounding.values import Thing, UnreadableError, same, shown, written

SHORTEST = 3
"""Shorter values differ from too many others in one place."""

_LITERAL = re.compile(r"(?<![\w\])])\[\x01+\]|(?<![\w\])])\(\x01+\)|(?<!\w)'\x01+'|(?<!\w)\"\x01+\"")


class Mentions:
    """The values of one run that a text may name."""

    def __init__(self, index: Index) -> None:
        self.index = index

    @cached_property
    def values(self) -> list[Sequence[object]]:
        """The sequences and strings that occurred, each once."""
        found: dict[str, Sequence[object]] = {}
        for value in self._recorded():
            for part in _parts(value):
                found.setdefault(f"{type(part).__name__} {shown(part)}", part)
        return list(found.values())

    def _recorded(self) -> Iterator[object]:
        for frame, name in self.index.variables:
            for _, _, value in self.index.held(frame, name):
                yield value
        for step in self.index.steps:
            yield from (value for _, value in self.index.entries(step.index))
            if step.value is not None:
                yield self.index.step_value(step.index)
        for code in self.index.codes:
            for node in ast.walk(code.tree):
                if isinstance(node, ast.Constant):
                    yield node.value

    def slips(self, text: str) -> Iterator[tuple[int, int, object]]:
        """Yield (start, end, what is meant) for each value in a text that is nearly one of the run."""
        for match in _LITERAL.finditer(masked(text)):
            try:
                value = written(text[match.start() : match.end()])
            except UnreadableError:
                continue
            if isinstance(value, (list, tuple, str)) and len(value) >= SHORTEST and not self._occurs(value):
                meant = next(
                    (v for v in self.values if type(v) is type(value) and is_one_slip(value, v)), None
                )
                if meant is not None:
                    yield match.start(), match.end(), meant

    def _occurs(self, value: Sequence[object]) -> bool:
        if isinstance(value, str):
            return any(value in text for text in self._texts)
        return any(same(value, v) is not False for v in self.values)

    @cached_property
    def _texts(self) -> list[str]:
        """Everything that a quoted word may be: recorded strings, and any words of the source."""
        return [v for v in self.values if isinstance(v, str)] + [
            code.source.text for code in self.index.codes
        ]


def _parts(value: object) -> Iterator[Sequence[object]]:
    """Yield a value and what it holds, where that is a sequence of some length."""
    if isinstance(value, (list, tuple, str)):
        if len(value) >= SHORTEST - 1:
            yield value
        inside = [] if isinstance(value, str) else value[:50]
    elif isinstance(value, dict):
        inside = [part for pair in list(value.items())[:50] for part in pair]
    else:
        inside = list(value.attributes.values()) if isinstance(value, Thing) else []
    for part in inside:
        if isinstance(part, (list, tuple, str)):
            yield from _parts(part)


def is_one_slip(said: Sequence[object], meant: Sequence[object]) -> bool:
    """Tell whether one element was changed, left out, added, or exchanged with its neighbour."""
    if abs(len(said) - len(meant)) > 1 or len(meant) < SHORTEST - 1:
        return False
    at = next(
        (n for n, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), min(len(said), len(meant))
    )
    if len(said) > len(meant):
        return said[at + 1 :] == meant[at:]
    if len(said) < len(meant):
        return said[at:] == meant[at + 1 :]
    swapped = said[at : at + 2] == meant[at : at + 2][::-1] and said[at + 2 :] == meant[at + 2 :]
    return said[at + 1 :] == meant[at + 1 :] or swapped
