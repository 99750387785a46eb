"""What becomes of a cell's trace: it is kept, told in words, put into a dataset, and shown, as the options say."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from cotrace import settings
from cotrace.errors import DuplicateError
from cotrace.formats.telling import never_ran
from cotrace.notebook import display
from cotrace.store import TraceStore

if TYPE_CHECKING:
    from pathlib import Path

    from cotrace.model.grounding import Grounding
    from cotrace.model.reasoning import Reasoning, Style
    from cotrace.model.record import QuestionKind
    from cotrace.model.trace import Trace
    from cotrace.notebook.directive import Options
    from cotrace.notebook.shell import Shell


def deliver(shell: Shell, trace: Trace, options: Options) -> None:
    """Do with a finished trace what the cell's options ask for."""
    chosen = settings.load(options.settings)
    if options.name:
        shell.user_ns[options.name] = trace
    show_rest = None if options.quiet else display.show(shell, trace)
    kept = TraceStore(chosen).save(trace, file=_notebook(shell))
    messages = [f"{kept.note.reason}; {kept.note.advice}"] if kept.note is not None else []
    messages += never_ran(trace, options.include)
    reasoning, grounding = _told(trace, chosen.style) if options.tells else (None, None)
    if show_rest is not None:
        show_rest(reasoning, grounding)
    if options.dataset:
        messages += _appended(trace, reasoning, options, chosen.dataset)
    for message in messages if not options.quiet else []:
        say(shell, message)


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


def _appended(trace: Trace, reasoning: Reasoning | None, options: Options, path: Path) -> list[str]:
    """Append the run to a dataset, and return what there is to say about that.

    Raises DuplicateError where the same example is there already: a cell is often run twice.
    """
    from cotrace.dataset import Dataset, compose

    kind: QuestionKind = "task" if options.question else "output"
    composed = compose(trace, reasoning, kind=kind, question=options.question, answer=options.answer)
    dataset = Dataset(path)
    twins = dataset.duplicates_of(composed.record)
    if twins:
        names = ", ".join(twin.id for twin in twins[:3])
        raise DuplicateError(
            f"{path} has this example already ({names}), so nothing was added: "
            "edit that one, or take it out first with cotrace dataset"
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        added = dataset.append(composed)
    record = composed.record
    return [
        f"added to {path} as a {record.review.status}: {added.id}",
        f"its question: {record.question.text}",
        f"its answer: {record.answer}",
        *(f"it stays a draft: {reason}" for reason in composed.shortcomings),
        *(str(warning.message) for warning in caught),
    ]
