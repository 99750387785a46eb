"""The line at the top of a cell that asks for a recording: ``%%cotrace --narrate`` or ``# cotrace: --narrate``. Pure.

The second form is a comment, so that the cell stays plain Python to every other tool. Only the first line of
a cell that is not empty can be a directive.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from cotrace.cli.parser import explained
from cotrace.errors import UsageError

STYLES = ("brief", "normal", "full")

_LINE = re.compile(r"(?:%%cotrace(?![\w?])|#[ \t]*cotrace:)(?P<options>[^\r\n]*)")
_OPTION = re.compile(r"(--[\w-]*)(=?)\s*")
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|\S+")
_OTHER_MAGIC = re.compile(r"%%(?P<name>\w+)(?!.*\?\s*$)")


@dataclass(frozen=True, slots=True)
class Options:
    """What a directive asks for. None and "" mean: not said."""

    function: str = ""
    max_steps: int | None = None
    seconds: float | None = None
    depth: int | None = None
    include: tuple[str, ...] = ()
    narrate: bool = False
    style: str | None = None
    question: str = ""
    answer: str = ""
    dataset: str = ""
    name: str = ""
    quiet: bool = False
    expression: str = ""
    """What is left of a line magic's line after the options."""

    @property
    def settings(self) -> Mapping[str, object]:
        """What was said of the things that settings decide otherwise, under their keys."""
        return {
            "limits.steps": self.max_steps,
            "limits.seconds": self.seconds,
            "limits.depth": self.depth,
            "style": self.style,
            "include": list(self.include) or None,
            "dataset": self.dataset or None,
        }

    @property
    def tells(self) -> bool:
        """True if the run is to be told in words."""
        return self.narrate or bool(self.dataset)


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive as it was found in a cell."""

    place: int
    """Index of its line in the cell."""

    line: str
    """Its options, as they were written."""

    magic: str = ""
    """The name of the other cell magic that runs this cell, if one does: ``bash`` for ``%%bash`` below it."""

    @property
    def options(self) -> Options:
        """What it asks for. Raises UsageError."""
        return parse(self.line)


def find(cell: str) -> Directive | None:
    """Return the directive at the top of a cell, if there is one."""
    lines = cell.splitlines()
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return None
    found = _LINE.match(lines[first])
    if found is None:
        return None
    after = next((line for line in lines[first + 1 :] if line.strip()), "")
    other = _OTHER_MAGIC.match(after)
    return Directive(first, found["options"].strip(), other["name"] if other else "")


def parse(line: str, *, expression: bool = False) -> Options:
    """Return what a directive's options say; with `expression`, they are followed by one.

    Raises UsageError that names the option and what there is.
    """
    words, rest = _split(line) if expression else (_words(line), "")
    found = vars(_PARSER.parse_args(words))
    return Options(**{**found, "include": tuple(found["include"])}, expression=rest)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"%%cotrace: expected every quote to be closed, found {line!r} ({error})") from error


def _split(line: str) -> tuple[list[str], str]:
    """Cut the options off the front of a line magic's line; an expression never begins with two dashes."""
    words: list[str] = []
    rest = line.strip()
    while option := _OPTION.match(rest):
        words.append(option[1])
        rest = rest[option.end() :]
        if option[2] or option[1] in _TAKES_VALUE:
            value = _VALUE.match(rest)
            words += _words(value[0]) if value else []
            rest = rest[value.end() :] if value else rest
        rest = rest.lstrip()
    return words, rest


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong by raising, where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        unknown = re.match(r"unrecognized arguments: (\S+)", message)
        near = get_close_matches(unknown[1], OPTIONS, n=1) if unknown else []
        if unknown is None:
            raise UsageError(f"%%cotrace: {explained(message)}")
        hint = f"Did you mean {near[0]}?" if near else f"Its options are {', '.join(OPTIONS)}."
        raise UsageError(f"%%cotrace: {message}. {hint}")


_HELP = {
    "--function NAME": "record only what happens in calls of this function",
    "--max-steps N": "end the recording after N steps; the cell runs on",
    "--seconds S": "stop the cell after S seconds",
    "--depth N": "look N references deep into values",
    "--include MODULE": "trace this module too; may be repeated",
    "--narrate": "tell the run in words, each claim checked against it",
    "--style STYLE": f"how much the words tell: {', '.join(STYLES)}",
    "--question TEXT": "the task that the cell solves, in your own words",
    "--answer NAME": "the variable that holds the answer",
    "--dataset FILE": "append the run, told and checked, to this dataset",
    "--name NAME": "keep the trace in this variable",
    "--quiet": "record without showing anything",
}
OPTIONS = [usage.split()[0] for usage in _HELP]
_TAKES_VALUE = {usage.split()[0] for usage in _HELP if " " in usage}
_KINDS: dict[str, dict[str, Any]] = {
    "--max-steps": {"type": int},
    "--seconds": {"type": float},
    "--depth": {"type": int},
    "--include": {"action": "append", "default": []},
    "--style": {"choices": STYLES},
}


def _make_parser() -> _Parser:
    parser = _Parser(prog="%%cotrace", add_help=False, allow_abbrev=False)
    for option in OPTIONS:
        usual: dict[str, Any] = {"default": ""} if option in _TAKES_VALUE else {"action": "store_true"}
        parser.add_argument(option, **_KINDS.get(option, usual))
    return parser


_PARSER = _make_parser()


def help_text() -> str:
    """Return the options with what they mean, one a line."""
    return "\n".join(f"  {usage:18} {meaning}" for usage, meaning in _HELP.items())
