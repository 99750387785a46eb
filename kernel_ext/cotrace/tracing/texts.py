"""The source texts of one recording: which text a piece of code belongs to, and which spans may tell a secret."""

from __future__ import annotations

import linecache
import re
from typing import TYPE_CHECKING, NamedTuple

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

    from cotrace.model.source import Source, Span
    from cotrace.tracing.recording import Recording
    from cotrace.tracing.secrets import Redactor

__builtins__ = BUILTINS

READING = frozenset({"Name", "Attribute", "Subscript"})
READ_NAME = re.compile(r"""([A-Za-z_]\w*)(?:["']\])?\Z""")
"""What an expression of those kinds reads: its last name, or the text in its brackets."""

DISTURBING = frozenset(
    {"Call", "Await", "Yield", "YieldFrom", "ListComp", "SetComp", "DictComp", "GeneratorExp", "JoinedStr"}
)
"""Expressions whose evaluation may change objects with no event of ours: they may run code that is not traced."""

MAKING = frozenset({"List", "Dict", "Set", "ListComp", "DictComp", "SetComp"})
"""Expressions whose value is a new object each time."""

MAKING_ALONE = frozenset({"BinOp"})
"""Those whose value is new, if it is a list, dict or set, where no code was seen to run since the last operand was
evaluated: an operator of a class may return a list that was there before."""

DISTURBS, DISTURBS_IF_MISSING, TELLS, MAKES, MAKES_ALONE = 1, 2, 4, 8, 16
"""What the compiled core is told of a span: its evaluation may change objects in view, or may where a look-up makes an
entry; it reads something whose name says that it is secret; its value is a new object, or is one where no
other code was seen to run."""


def flags_of(kind: str) -> int:
    """Return what the compiled core is told of a span of that kind."""
    makes = MAKES if kind in MAKING else MAKES_ALONE if kind in MAKING_ALONE else 0
    if kind in DISTURBING:
        return makes | DISTURBS
    return makes | (DISTURBS_IF_MISSING if kind == "Subscript" else 0)


class SpanFacts(NamedTuple):
    """What is found out about the spans of a text, once in a process: there are thousands in a large module."""

    spans: tuple[Span, ...]
    text: str
    flags: bytes
    """Of each span, what `flags_of` says of its kind."""

    readers: dict[str, list[int]]
    """The spans that read something of a name, by that name."""


MOST_FACTS = 64
_span_facts: dict[int, SpanFacts] = {}
"""By the id of the tuple of spans, which is kept; as many as a program has modules in use."""


def span_facts(source: Source) -> SpanFacts:
    """Return the facts of a source's spans."""
    known = _span_facts.get(id(source.spans))
    if known is None or known.spans is not source.spans or known.text != source.text:
        if len(_span_facts) >= MOST_FACTS:
            _span_facts.clear()
        flags = bytes(flags_of(span.kind) for span in source.spans)
        known = _span_facts[id(source.spans)] = SpanFacts(source.spans, source.text, flags, _readers(source))
    return known


def _readers(source: Source) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, span in enumerate(source.spans):
        name = READ_NAME.search(source.text_of(span)) if span.kind in READING else None
        if name is not None:
            found.setdefault(name[1], []).append(place)
    return found


class Texts:
    """Adds texts to a recording, and knows them again."""

    def __init__(self, recording: Recording, redactor: Redactor, masked: Callable[[str], str]) -> None:
        """`masked` takes the secrets out of a text, when it has learned those that are written down in it."""
        self._recording = recording
        self._redactor = redactor
        self._masked = masked
        self._indexes: dict[str, int] = {}
        self.telling: dict[int, dict[int, str]] = {}
        """By source: the spans that read something whose name says that it is secret, with that name."""

    def add(self, name: str, text: str, spans: Sequence[Span] = ()) -> int:
        """Add a text and return its index; code with that file name belongs to it."""
        index = self._indexes[name] = self._recording.add_source(name, self._masked(text), spans)
        self.telling[index] = self._telling_spans(self._recording.sources[index])
        return index

    def index_of(self, code: CodeType, find: Callable[[], int | None]) -> int:
        """Return the index of the text that `code` belongs to; `find` is asked for one that has spans."""
        index = self._indexes.get(code.co_filename)
        if index is not None and self._recording.sources[index].spans:
            return index
        found = find()
        if found is not None:
            return found
        return self.add(code.co_filename, text_of_file(code.co_filename)) if index is None else index

    def _telling_spans(self, source: Source) -> dict[int, str]:
        readers = span_facts(source).readers if source.spans else {}
        return {
            place: name
            for name, places in readers.items()
            if self._redactor.is_telling(name)
            for place in places
        }


def text_of_file(name: str) -> str:
    """Return the text of a source file as Python knows it; "" where there is none."""
    return "".join(linecache.getlines(name))
