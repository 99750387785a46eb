"""What commands print, and where: results on stdout, words about them on stderr.

A pipe gets plain text without colour or cut lines; so does a terminal where NO_COLOR is set. Everything printed goes
through rich without its markup, so text of the user's is never taken for it, and without control characters, so it
can't drive the terminal.
"""

from __future__ import annotations

import io
import json
import re
import sys
from importlib.util import find_spec
from typing import TextIO

from rich.console import Console, RenderableType
from rich.terminal_theme import MONOKAI
from rich.text import Text

from cotrace.cli.render import plain

FETCHED_FONT = re.compile(r"@font-face \{[^}]*\}\s*")

PIPE_WIDTH = 10_000
"""Columns of what is written to a file or pipe: no need to break lines there."""


class Terminal:
    """Where one command's words go."""

    def __init__(self, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.out = _console(stdout or sys.stdout)
        self.err = _console(stderr or sys.stderr)

    @property
    def is_interactive(self) -> bool:
        """True if a person can be asked for keys, and shown a picture that changes in place."""
        streams = (sys.stdin, self.out.file)
        is_typed = all(stream is not None and stream.isatty() for stream in streams)
        return is_typed and not self.out.is_dumb_terminal and find_spec("termios") is not None

    def show(self, result: RenderableType) -> None:
        """Print a result."""
        if self.out.is_terminal:
            self.out.print(result)
            return
        with self.out.capture() as captured:
            self.out.print(result)
        self.raw("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

    def text(self, result: str) -> None:
        """Print a result that is text as it is meant to be read, however long its lines."""
        self.out.print(plain(result, keep="\n\t"), soft_wrap=True)

    def raw(self, result: str) -> None:
        """Print text that is made for a program: as it is, to the last character."""
        self.out.file.write(result)

    def json(self, result: object) -> None:
        """Print a result for a program: one JSON value, in ASCII."""
        self.out.file.write(json.dumps(result, indent=2) + "\n")

    def say(self, words: RenderableType) -> None:
        """Tell the person something that is not the result."""
        if isinstance(words, str):
            words = plain(words, keep="\n\t")
        self.err.print(words, soft_wrap=isinstance(words, Text))

    def warn(self, words: str) -> None:
        """Tell the person of something that may not be as they think."""
        self.say(Text.assemble(("note: ", "bold yellow"), plain(words, keep="\n\t")))

    def error(self, words: str) -> None:
        """Tell the person why the command could not be carried out."""
        self.say(Text.assemble(("cotrace: ", "bold red"), plain(words, keep="\n\t")))


def _console(stream: TextIO) -> Console:
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def drawing(result: RenderableType, title: str) -> str:
    """Return a result as an SVG picture of a terminal, which needs no network to be looked at."""
    console = Console(
        file=io.StringIO(), record=True, width=110, force_terminal=True, markup=False, highlight=False
    )
    console.print(result)
    # rich would have the viewer fetch a font; without it the viewer's own fixed-width one does as well.
    return FETCHED_FONT.sub("", console.export_svg(title=title, theme=MONOKAI))
