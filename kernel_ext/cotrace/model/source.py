"""Source texts and the places in them that a trace speaks of.

A `Source` is one text that was compiled and ran: a file, a notebook cell, the text of a function. A `Span` is one
sub-expression in it whose value the expression ledger records. Lines are 1-based and columns are UTF-8 byte
offsets, as in `ast`; each front end converts once, at its edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Span:
    """One sub-expression of a source text."""

    kind: str
    """The name of its `ast` class, such as ``BinOp``."""

    line: int
    column: int
    end_line: int
    end_column: int

    role: str = "value"
    """Which entries it has. ``value``: its value; ``target``: the same, inside a store target; ``truth``: only whether
    it is true.

    These have no entry of their own. ``derived`` and ``test``: the value, or the truth, follows from the entries of
    the spans inside. ``constant``: it is written there. ``store``: what is stored to. ``callee``: the function of a
    call. ``unrecorded``: a probe there would change what the program does.
    """

    parent: int = -1
    """Index of the enclosing span in the same source's table; -1 for an outermost one."""


@dataclass(frozen=True, slots=True)
class Source:
    """One text that ran, with the spans whose values were recorded."""

    name: str
    """The file name it was compiled under."""

    text: str
    """The whole text; empty where it could not be had (code made by `exec` of a string)."""

    spans: tuple[Span, ...] = ()

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its end, or "" where the text does not reach that far."""
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    @property
    def lines(self) -> list[str]:
        """The text's lines as Python's tokenizer counts them: split at line feeds only."""
        return _lines(self.text)

    def text_of(self, span: Span) -> str:
        """Return the text that `span` covers, line ends included."""
        rows = [*_rows(self.text)[span.line - 1 : span.end_line]]
        if not rows:
            return ""
        rows[-1] = rows[-1][: span.end_column]
        rows[0] = rows[0][span.column :]
        return b"\n".join(rows).decode(errors="replace")


@lru_cache(maxsize=32)
def _rows(text: str) -> tuple[bytes, ...]:
    """Return the lines of a text, encoded: a large text is asked for thousands of spans."""
    return tuple(row.encode() for row in _lines(text))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
