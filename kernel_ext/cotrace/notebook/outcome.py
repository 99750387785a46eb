"""What becomes of a cell's trace: it is kept, told in words, put into a dataset, and shown, as the options say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cotrace import settings
from cotrace.notebook import display
from cotrace.store import TraceStore

if TYPE_CHECKING:
    from cotrace.model.grounding import Grounding
    from cotrace.model.reasoning import Reasoning, Style
    from cotrace.model.trace import Trace
    from cotrace.notebook.directive import Options
    from cotrace.notebook.shell import Shell


def deliver(shell: Shell, trace: Trace, options: Options) -> None:
    """Do with a finished trace what the cell's options ask for."""
    chosen = settings.load(options.settings)
    if options.name:
        shell.user_ns[options.name] = trace
    kept = TraceStore(chosen).save(trace, file=_notebook(shell))
    reasoning, grounding = _told(trace, chosen.style) if options.tells else (None, None)
    if not options.quiet:
        display.show(shell, trace, reasoning, grounding)
        if kept.note is not None:
            say(shell, f"{kept.note.reason}; {kept.note.advice}")


def say(shell: Shell, message: str) -> None:
    """Tell the user something in one line."""
    display.say(shell, f"cotrace: {message}")


def _notebook(shell: Shell) -> str | None:
    """Return the path of the notebook that the cell is in, where the front end says it."""
    path = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return path if isinstance(path, str) else None


def _told(trace: Trace, style: Style) -> tuple[Reasoning, Grounding]:
    from cotrace.grounding import check
    from cotrace.narration import narrate

    reasoning = narrate(trace, style)
    return reasoning, check(reasoning, trace)
