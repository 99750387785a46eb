"""Show a trace below a cell: in a terminal with colours, in a notebook as a timeline that outlives the kernel.

A notebook gets two outputs. The first is the timeline as a live widget. The second is HTML with the same in plain text
beside it: a player of its own for the notebook that is opened again, which hides while the widget lives, around a
table for the notebook that is not trusted, where no script runs. Without the package `cotrace_widgets` the table is
all there is. This is the one module of the notebook's that knows of it.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING

from cotrace.formats.escape import html, visible
from cotrace.formats.page import fragment_of
from cotrace.formats.table import rows_of, table_of
from cotrace.notebook.words import words_html, words_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotrace.model.grounding import Grounding
    from cotrace.model.reasoning import Reasoning
    from cotrace.model.trace import Trace
    from cotrace.notebook.shell import Shell

ROWS = 100
"""How many rows the table has before it is folded: what one still scrolls through."""


def prepare(shell: Shell) -> None:
    """Load what shows a timeline, so that the first one is there as soon as the others."""
    if not is_terminal(shell):
        with contextlib.suppress(ImportError):
            importlib.import_module("cotrace_widgets.timeline")


def show(shell: Shell, trace: Trace) -> Callable[[Reasoning | None, Grounding | None], None]:
    """Show a trace as a live timeline, where that can be.

    Returns what shows the rest, which takes longer: what a notebook keeps of the trace, and the reasoning with its
    verdicts.
    """
    if is_terminal(shell):
        return partial(_print, trace)
    widget, saved = _timeline(trace)
    if widget:
        shell.display_pub.publish(widget)
    return lambda reasoning, grounding: shell.display_pub.publish(
        bundle(trace, reasoning, grounding, saved=saved)
    )


def say(shell: Shell, message: str) -> None:
    """Tell one line, apart from what the cell writes."""
    if is_terminal(shell):
        sys.stderr.write(visible(message) + "\n")
        return
    shell.display_pub.publish({"text/plain": visible(message), "text/html": f"<p>{html(message)}</p>"})


def is_terminal(shell: Shell) -> bool:
    """Tell whether the shell shows plain text only; else a front end of Jupyter's shows what it likes best."""
    return not hasattr(shell, "kernel")


def bundle(
    trace: Trace,
    reasoning: Reasoning | None = None,
    grounding: Grounding | None = None,
    *,
    saved: Callable[[str], str] = str,
) -> dict[str, str]:
    """Return the same as HTML and as plain text, by MIME type; `saved` makes of the table's HTML what is shown."""
    lines = rows_of(trace, ROWS)
    texts = [table_of(trace, lines)]
    parts = [saved(fragment_of(trace, lines))]
    if reasoning is not None and grounding is not None:
        texts.append(words_text(reasoning, grounding))
        parts.append(words_html(reasoning, grounding))
    return {"text/plain": "\n".join(texts).rstrip(), "text/html": "\n".join(parts)}


def _timeline(trace: Trace) -> tuple[dict[str, object], Callable[[str], str]]:
    """Return the live timeline by MIME type, and what puts the saved player around the HTML of a table.

    Without the package that has them, there is no timeline, and the table stays as it is.
    """
    try:
        from cotrace_widgets import Timeline
        from cotrace_widgets.packing import Packing
        from cotrace_widgets.page import fragment
    except ImportError:
        return {}, str
    packing, pair = Packing(trace), token_hex(8)
    shown = Timeline(packing, pair=pair)._repr_mimebundle_() or ({}, {})
    # Plain text is in the other output: here it would only name a class.
    widget = {kind: content for kind, content in shown[0].items() if kind != "text/plain"}
    return widget, lambda table: fragment(packing, table, pair)


def _print(trace: Trace, reasoning: Reasoning | None, grounding: Grounding | None) -> None:
    from rich.console import Console

    from cotrace.cli import render

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(render.timeline(trace, ROWS))
    if reasoning is not None:
        console.print(render.reasoning(reasoning, grounding))
    if grounding is not None:
        console.print(render.grounding(grounding))
