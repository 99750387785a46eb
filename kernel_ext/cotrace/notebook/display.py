"""Show a trace below a cell: in a terminal with colours, in a notebook as HTML with the same in plain text beside it.

The HTML needs no scripts, so it reads the same in a notebook that is reopened without a kernel, and in one
that is not trusted. Where the package `cotrace_widgets` is installed, front ends that can show its timeline do
so in the table's place; the table stays in the saved notebook. This is the one module that knows of it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cotrace.formats.escape import html, visible
from cotrace.formats.page import fragment_of
from cotrace.formats.table import rows_of, table_of
from cotrace.notebook.words import words_html, words_text

if TYPE_CHECKING:
    from cotrace.model.grounding import Grounding
    from cotrace.model.reasoning import Reasoning
    from cotrace.model.trace import Trace
    from cotrace.notebook.shell import Shell

ROWS = 100
"""How many rows the table has before it is folded: what one still scrolls through."""


def show(
    shell: Shell,
    trace: Trace,
    reasoning: Reasoning | None = None,
    grounding: Grounding | None = None,
) -> None:
    """Show a trace, and with it the reasoning with its verdicts."""
    if is_terminal(shell):
        _print(trace, reasoning, grounding)
        return
    shell.display_pub.publish({**_timeline(trace), **bundle(trace, reasoning, grounding)})


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
    trace: Trace, reasoning: Reasoning | None = None, grounding: Grounding | None = None
) -> dict[str, str]:
    """Return the same as HTML and as plain text, by MIME type."""
    lines = rows_of(trace, ROWS)
    texts = [table_of(trace, lines)]
    parts = [fragment_of(trace, lines)]
    if reasoning is not None and grounding is not None:
        texts.append(words_text(reasoning, grounding))
        parts.append(words_html(reasoning, grounding))
    return {"text/plain": "\n".join(texts).rstrip(), "text/html": "\n".join(parts)}


def _timeline(trace: Trace) -> dict[str, object]:
    """Return the interactive timeline by MIME type; nothing where its package is not installed."""
    try:
        from cotrace_widgets import Timeline  # type: ignore[import-not-found] # a package of its own
    except ImportError:
        return {}
    found: dict[str, object] = Timeline(trace)._repr_mimebundle_()
    return found


def _print(trace: Trace, reasoning: Reasoning | None, grounding: Grounding | None) -> None:
    from rich.console import Console

    from cotrace.cli import render

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(render.timeline(trace, ROWS))
    if reasoning is not None:
        console.print(render.reasoning(reasoning, grounding))
    if grounding is not None:
        console.print(render.grounding(grounding))
