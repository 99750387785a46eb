"""A record's text in the user's own editor: one file with two headings, taken back when the editor ends."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cotrace.errors import UsageError

HEADING = re.compile(r"^== (question|reasoning) ==[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edited:
    """What can be edited of a record."""

    question: str
    reasoning: str


def edited_in_editor(old: Edited, name: str) -> Edited:
    """Open the text in $VISUAL or $EDITOR and return what was saved.

    Raises UsageError where there is no editor, it fails, or what it saved has lost its headings; the text is then left
    in a file that the message names.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not command:
        raise UsageError(
            "expected an editor in $EDITOR, found none: set it, as in EDITOR=nano, or give the text with --reasoning"
        )
    descriptor, path = tempfile.mkstemp(prefix=f"cotrace-{name[:12]}-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text_of(old))
    try:
        status = subprocess.run([*command, path], check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        Path(path).unlink()
        raise UsageError(
            f"expected $EDITOR to start, but {command[0]}: {error.strerror}: correct $EDITOR"
        ) from error
    if status != 0:
        Path(path).unlink()
        raise UsageError(f"{command[0]} ended with {status}, so nothing was changed")
    new = parsed(Path(path).read_text(encoding="utf-8"))
    if new is None:
        raise UsageError(
            "expected the lines == question == and == reasoning ==, each once, found others: nothing was changed, and "
            f"your text is in {path}"
        )
    Path(path).unlink()
    return new


def text_of(old: Edited) -> str:
    """Return the file's text."""
    return f"== question ==\n{old.question}\n\n== reasoning ==\n{old.reasoning}\n"


def parsed(text: str) -> Edited | None:
    """Return what a file's text says, or None if it lost its form."""
    parts = HEADING.split(text)
    if len(parts) != 5 or parts[0].strip() or (parts[1], parts[3]) != ("question", "reasoning"):
        return None
    return Edited(parts[2].strip(), parts[4].strip())
