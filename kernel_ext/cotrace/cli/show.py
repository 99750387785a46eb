"""``cotrace show``: a recording to step through, as a table, the state at one step, or for programs and pages.

A person in a terminal who asks for nothing else steps by keyboard. Whatever reads or writes through a pipe, and whoever
names a form, gets text.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cotrace import files
from cotrace.cli import render, traces
from cotrace.cli.terminal import Terminal, drawing
from cotrace.errors import UsageError
from cotrace.formats import FORMATS, to_html, to_text
from cotrace.formats.table import ROWS, to_table
from cotrace.model.trace import Trace
from cotrace.settings import load

DRAWN = 5_000
"""A table of more steps than this has no colours: drawing it would take longer than anyone waits."""


def arguments(_name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "In a terminal, without any option, it steps by keyboard: ? there tells the keys."
    traces.add_argument(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plain", action="store_true", help="print the table, also in a terminal")
    how.add_argument("--format", choices=FORMATS, help="print it as a table, as jsonl, or as next")
    how.add_argument("--step", type=int, metavar="N", help="show the state at step N; -1 is the end")
    how.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page that needs nothing but a browser"
    )
    how.add_argument("--svg", type=Path, metavar="FILE", help="write the table as a picture")
    how.add_argument("--json", action="store_true", help="print what was recorded as JSON, without the steps")
    parser.add_argument("--all", action="store_true", help=f"show every row, also beyond {ROWS}")
    parser.add_argument(
        "--rows", type=int, metavar="N", help=f"fold the table to about N rows (default {ROWS})"
    )
    parser.set_defaults(run=command)


def command(options: argparse.Namespace, terminal: Terminal) -> int:
    """Show the trace in the way that was asked for."""
    trace = traces.opened(options.trace, load()).trace
    rows = None if options.all else ROWS if options.rows is None else options.rows
    form = options.format or "table"
    if options.json:
        terminal.json(traces.outcome_fields(trace))
    elif options.step is not None:
        terminal.show(render.state(trace, existing_step(trace, options.step)))
    elif options.html is not None:
        files.write(options.html, to_html(trace).encode())
        terminal.say(f"written: {options.html}")
    elif options.svg is not None:
        files.write(options.svg, drawing(render.timeline(trace, rows), trace.call).encode())
        terminal.say(f"written: {options.svg}")
    elif form != "table":
        terminal.raw(to_text(trace, form))
    elif _is_for_a_person(options, terminal):
        from cotrace.cli.stepper.run import step_through  # it needs what only a terminal's system has

        step_through(trace, terminal.out)
    elif terminal.out.is_terminal and (rows is not None or len(trace.steps) <= DRAWN):
        terminal.show(render.timeline(trace, rows))
    else:
        terminal.raw(to_table(trace, rows))
    return 0


def _is_for_a_person(options: argparse.Namespace, terminal: Terminal) -> bool:
    """Tell whether to step by keyboard: nothing was asked for, and there is a terminal to read from and draw on."""
    asked = options.plain or options.all or options.rows is not None or options.format is not None
    return not asked and terminal.is_interactive


def existing_step(trace: Trace, step: int) -> int:
    """Return the step that is meant. Raises UsageError if there is none."""
    last = len(trace.steps)
    if step == -1:
        return last
    if not 0 <= step <= last:
        raise UsageError(f"expected --step from 0 to {last}, or -1 for the end, found {step}")
    return step
