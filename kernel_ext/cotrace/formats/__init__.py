"""A trace as text that people and programs read. Pure: values in, text out.

`to_text` writes a table, JSON Lines or NExT's annotated source; `to_html` a page that needs no scripts, and
`html_fragment` the same for a place inside another page. `values` puts single values into words for
everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from cotrace.errors import UsageError
from cotrace.formats.inline import to_next
from cotrace.formats.jsonl import to_jsonl
from cotrace.formats.page import html_fragment, to_html
from cotrace.formats.table import to_table
from cotrace.formats.values import exact, show
from cotrace.model.trace import Trace

__all__ = ["FORMATS", "exact", "html_fragment", "show", "to_html", "to_text"]

FORMATS: dict[str, Callable[[Trace], str]] = {"table": to_table, "jsonl": to_jsonl, "next": to_next}
"""The formats of `to_text` by name."""


def to_text(trace: Trace, format: str = "table") -> str:  # noqa: A002 - the public contract names it so
    """Return the trace in one of the `FORMATS`. Raises UsageError for another name."""
    if format not in FORMATS:
        near = get_close_matches(format, FORMATS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"There is no text format {format!r}; there are {', '.join(FORMATS)}.{hint}")
    return FORMATS[format](trace)
