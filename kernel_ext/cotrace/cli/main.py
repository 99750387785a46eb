"""The command line: arguments in, one call each, an exit code out.

Exit codes: 0 it is done; 1 it is done and found something (a claim that is wrong, a record that is not valid, a program
of which nothing could be recorded); 2 it could not be done as asked. A mistake of the user's is told in one message;
a traceback here is a fault of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from cotrace.cli.parser import Parser, sentence
from cotrace.errors import CotraceError

DONE, FOUND, REFUSED = 0, 1, 2
INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `cotrace`. Its module is imported when it is asked for, so that `cotrace --help` is quick."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("demo", "demo", "trace a small program, tell it in words, check the words, keep a record"),
    Command("trace", "trace", "run a program or one call and record it"),
    Command(
        "show",
        "show",
        "step through a recording by keyboard, or print it: all its steps, or the state at one",
    ),
    Command("narrate", "reasoning", "tell a recording in words"),
    Command("check", "reasoning", "check a text against a recording"),
    Command("dataset", "dataset", "keep checked reasoning as records in a JSONL file"),
    Command("lab", "lab", "open JupyterLab with an example notebook"),
    Command("info", "info", "say which engine runs and why, the settings and their origin, the folders"),
    Command("clean", "info", "empty the trace store"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what the encoding lacks is spelled, not refused
    try:
        return _carried_out(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. What is still in the buffer must not complain when Python ends.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _carried_out(given: list[str]) -> int:
    own, rest = _divided(["--help"] if given == ["help"] else given)
    parser = _parser(own)
    options, unknown = parser.parse_known_args(own)
    if unknown:
        options.parser.refuse_unknown(unknown)
    options.rest = rest
    if options.command is None:
        parser.print_help()
        return REFUSED
    from cotrace.cli.terminal import Terminal

    terminal = Terminal()
    try:
        code: int = options.run(options, terminal)
        sys.stdout.flush()
        return code
    except CotraceError as error:
        terminal.error(str(error))
        return REFUSED


def _divided(given: list[str]) -> tuple[list[str], list[str]]:
    """Return the words for us, and those for the program that the command runs: all after the first ``--``."""
    if given[:1] not in (["trace"], ["lab"]) or "--" not in given:
        return given, []
    place = given.index("--")
    return given[:place], given[place + 1 :]


def _parser(given: Sequence[str]) -> Parser:
    """Return the parser; only the command that is asked for says what it takes, the others their summary."""
    parser = Parser(
        prog="cotrace",
        description="Record how Python really ran, walk through it, and check reasoning about it sentence by sentence.",
        epilog="Begin with: cotrace demo",
    )
    parser.add_argument("--version", action=_Version)
    parser.set_defaults(parser=parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    asked = next((word for word in given if not word.startswith("-")), None)
    for command in COMMANDS:
        described = commands.add_parser(
            command.name, help=command.summary, description=sentence(command.summary)
        )
        described.set_defaults(parser=described)
        if command.name == asked:
            importlib.import_module(f"cotrace.cli.{command.module}").arguments(command.name, described)
    return parser


class _Version(argparse.Action):
    """Prints the version; found only when asked, for reading it takes longer than everything else here."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: object) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse's signature
        values: object,  # noqa: ARG002
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        from importlib.metadata import version

        print(f"cotrace {version('cotrace')}")  # noqa: T201 - what was asked for
        parser.exit()
