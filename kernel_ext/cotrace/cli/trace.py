"""``cotrace trace``: run a program or one call, record it, and say how it went.

The program's own output passes as it is. What cotrace has to say goes to stderr, so a pipe gets the program's output
and nothing else; with ``--json`` stdout is one JSON value and the program's stdout goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from cotrace import files
from cotrace.cli import render
from cotrace.cli.terminal import Terminal
from cotrace.cli.traces import outcome_fields, told
from cotrace.errors import TraceError, UsageError
from cotrace.formats.telling import never_ran
from cotrace.model.codec import encode
from cotrace.model.trace import Trace
from cotrace.runner import Progress, run
from cotrace.settings import STYLES, Settings, load
from cotrace.store import TraceStore
from cotrace.tracing.program import Program

SECONDS = 10.0
"""How long a program may run where nobody said otherwise."""

FIRST_WORD = 1.0
"""Seconds after which a program that is still running is told of; then each time twice as many."""


def arguments(_name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.usage = "cotrace trace FILE[::FUNCTION] [options] [-- ARGUMENTS OF THE PROGRAM]"
    parser.epilog = (
        "FILE runs as __main__, with your Python and your environment. "
        "FILE::FUNCTION imports it and makes one call."
    )
    parser.add_argument("target", metavar="FILE[::FUNCTION]", help="what to run")
    parser.add_argument("--call", default="", metavar="CALL", help='the call to make, such as "f(3)"')
    parser.add_argument(
        "-o", "--output", type=Path, metavar="TRACE", help="write the recording to this file as well"
    )
    parser.add_argument(
        "--seconds", type=float, metavar="N", help=f"stop it after N seconds (default {SECONDS:g}; 0: never)"
    )
    parser.add_argument(
        "--max-steps", type=int, metavar="N", help="end the recording, not the program, after N steps"
    )
    parser.add_argument("--depth", type=int, metavar="N", help="look into objects N references deep")
    parser.add_argument(
        "--include", action="append", metavar="MODULE", help="trace this module too; may be given again"
    )
    parser.add_argument("--narrate", action="store_true", help="tell the run in words")
    parser.add_argument("--style", choices=STYLES, help="how much the words tell")
    parser.add_argument("--json", action="store_true", help="print what was recorded as JSON")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run, record, keep, tell; 1 if nothing could be recorded."""
    settings = load(
        {
            "limits.seconds": options.seconds,
            "limits.steps": options.max_steps,
            "limits.depth": options.depth,
            "include": options.include,
            "style": options.style,
        }
    )
    program = asked_program(options, settings)
    try:
        trace = run(
            program, watcher=_watcher(terminal, program), stdout=sys.stderr.fileno() if options.json else None
        )
    except TraceError as error:
        terminal.error(str(error))
        return 1
    for unseen in never_ran(trace, options.include or ()):
        terminal.warn(unseen)
    kept = kept_trace(trace, options, settings, terminal)
    if options.json:
        terminal.json({"trace": kept and str(kept), **outcome_fields(trace)})
    else:
        _tell(trace, kept, options, terminal)
    if options.narrate:
        terminal.text(told(trace, settings).text)
    return 0


def asked_program(options: argparse.Namespace, settings: Settings) -> Program:
    """Return what to run. Raises UsageError where the file can't be meant."""
    file, separator, qualname = options.target.rpartition("::")
    if not separator:
        file, qualname = options.target, ""
    elif not qualname:
        raise UsageError(
            f"expected FILE::FUNCTION, found {options.target!r}: name a function, or leave out the ::"
        )
    require_source(file)
    if "(" in qualname:
        raise UsageError(
            f"expected the name of a function after ::, found {qualname}: "
            f"cotrace trace {file} --call {shlex.quote(qualname)}"
        )
    if options.rest and (qualname or options.call):
        raise UsageError(
            "expected no arguments after -- with a call: give the call its own, as in --call 'f(3)'"
        )
    return Program(
        file=file,
        arguments=tuple(options.rest),
        qualname=qualname,
        call=options.call,
        limits=settings.limits(seconds=SECONDS),
        include=settings.include,
        redact_names=settings.redact_names,
        engine=settings.engine,
        ledger=settings.ledger,
    )


def require_source(file: str) -> None:
    """Raise UsageError if `file` is not a source file that can be read."""
    path = Path(file)
    if path.is_dir():
        inside = path / "__main__.py"
        advice = f"name {inside}" if inside.exists() else "name a source file in it"
        raise UsageError(f"{file}: expected a source file, found a folder: {advice}")
    if not path.exists():
        raise UsageError(f"{file}: expected a source file, found nothing there: check the path")
    if path.suffix == ".ipynb":
        raise UsageError(
            f"{file}: expected a source file, found a notebook: put %%cotrace at the top of a cell in it "
            "(cotrace lab shows how)"
        )
    if path.suffix == ".cotrace":
        raise UsageError(
            f"{file}: expected a source file, found a recording: look at it with cotrace show {file}"
        )
    if not os.access(path, os.R_OK):
        raise UsageError(f"{file}: expected a source file, but you may not read it: change its permissions")


def kept_trace(
    trace: Trace, options: argparse.Namespace, settings: Settings, terminal: Terminal
) -> Path | None:
    """Keep the recording where it was asked for and in the store; return where it is."""
    saved = TraceStore(settings).save(trace)
    if saved.note is not None:
        terminal.warn(f"{saved.note.subject}: {saved.note.reason}; {saved.note.advice}")
    if options.output is not None:
        files.write(options.output, encode(trace), mode=files.PRIVATE)
        return Path(options.output)
    if saved.path is None and not options.json:
        terminal.warn("the recording is not kept: give it a file with -o t.cotrace, or set store = true")
    return saved.path


def _tell(trace: Trace, kept: Path | None, options: argparse.Namespace, terminal: Terminal) -> None:
    terminal.say(render.headline(trace))
    for line in render.missing(trace):
        terminal.say(line)
    if options.output is not None:
        terminal.say(f"recorded in {kept}; see it with: cotrace show {kept}")
    elif kept is not None:
        terminal.say("see it with: cotrace show")


def _watcher(terminal: Terminal, program: Program) -> Callable[[Progress], None] | None:
    """Return what tells of a run that takes long, to a person at a terminal.

    The program writes to the same terminal, so nothing is drawn over: a line each time, at 1, 2, 4 ... seconds, and
    only if steps were made since, for a program that waits for input must not be talked over.
    """
    if not terminal.err.is_terminal:
        return None
    next_word = [FIRST_WORD]
    steps = [0]
    limit = program.limits.seconds
    until = f" (stopped at {limit:g} s)" if limit is not None else ""

    def watch(progress: Progress) -> None:
        if progress.seconds >= next_word[0] and progress.steps > steps[0]:
            steps[0] = progress.steps
            next_word[0] = progress.seconds * 2
            terminal.say(f"cotrace: {progress.steps:,} steps after {progress.seconds:.0f} s{until}")

    return watch
