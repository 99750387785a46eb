"""``cotrace demo``: show each part of the way on one small program, and say how to go on."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from rich.text import Text

from cotrace.cli import render
from cotrace.cli.terminal import Terminal
from cotrace.cli.traces import outcome_fields
from cotrace.demo import CALL, EXAMPLE, FUNCTION, Demo, demo
from cotrace.settings import load
from cotrace.store import TraceStore

DATASET = Path("demo.jsonl")


def arguments(_name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--dataset", type=Path, default=DATASET, metavar="FILE", help=f"default: {DATASET}")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace, terminal: Terminal) -> int:
    """Make the demo's recording and record; 1 if the record does not hold what a record promises."""
    made = demo(options.dataset)
    TraceStore(load()).save(made.trace)
    if options.json:
        terminal.json(
            {
                **outcome_fields(made.trace),
                "claims": dict(made.grounding.counts),
                "record": made.appended.id,
                "is_new": made.is_new,
                "dataset": str(made.appended.path),
            }
        )
    else:
        _tell(made, options.dataset, terminal)
    for problem in made.shortcomings:
        terminal.warn(problem)
    return 0 if made.grounding.ok and made.record.review.status == "approved" else 1


def _tell(made: Demo, dataset: Path, terminal: Terminal) -> None:
    _heading("1. The run, step by step", terminal)
    terminal.show(render.timeline(made.trace, None))
    _heading("2. The run in words, each sentence checked against the recording", terminal)
    terminal.show(render.reasoning(made.reasoning, made.grounding))
    terminal.show(render.counts(made.grounding))
    _heading("3. The same words with a slip in the last sentence", terminal)
    terminal.show(render.grounding(made.spoiled_grounding))
    _heading("4. The record", terminal)
    has = "has one more record" if made.is_new else "has this record already"
    terminal.show(
        Text(
            f"{made.appended.path.name} {has}, {made.record.review.status}: its code was run again in a "
            f"fresh process and gave {made.record.answer}."
        )
    )
    _heading("What next", terminal)
    terminal.text(
        "# record a call yourself: of this file, or of one of yours\n"
        f'cotrace trace {EXAMPLE}::{FUNCTION} --call "{CALL}"\n'
        "# look at one step of the latest recording\n"
        "cotrace show --step 20\n"
        "# see the record\n"
        f"cotrace dataset show --dataset {shlex.quote(str(dataset))}\n"
        "# delete all that the demo made here\n"
        f"rm -r {_made(dataset)}"
    )


def _made(dataset: Path) -> str:
    """Return the files and folders that come with a dataset, as a shell wants them."""
    traces, notes = dataset.with_suffix(".traces"), dataset.with_name(f".{dataset.name}.")
    return f"{shlex.quote(str(dataset))} {shlex.quote(str(traces))} {shlex.quote(str(notes))}*"


def _heading(words: str, terminal: Terminal) -> None:
    terminal.show(Text(f"\n{words}\n", "bold"))
