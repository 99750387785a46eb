"""``cotrace narrate`` and ``cotrace check``: a recording in words, and words against a recording."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from cotrace import files
from cotrace.cli import render, traces
from cotrace.cli.terminal import Terminal
from cotrace.errors import UsageError
from cotrace.model.grounding import Grounding, Judged
from cotrace.model.reasoning import Reasoning
from cotrace.settings import STYLES, load

MOSTLY = 0.6
"""A text is an edit of the offline telling if more than this share of the telling's sentences is still in it."""


def arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what each of the two commands takes."""
    if name == "check":
        parser.add_argument("reasoning", metavar="TEXT", help="a text file, or - for stdin")
        parser.add_argument("--all", action="store_true", help="show the claims that are supported as well")
    traces.add_argument(parser)
    if name == "narrate":
        parser.add_argument("--style", choices=STYLES, help="how much is told (default: normal)")
        parser.add_argument(
            "--seed", type=int, default=0, metavar="N", help="another wording of the same facts"
        )
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the text to this file")
        parser.add_argument("--check", action="store_true", help="mark each sentence with the verdict on it")
    parser.add_argument("--json", action="store_true", help="print it as JSON, with steps and places")
    parser.set_defaults(run=narrate if name == "narrate" else check)


def narrate(options: argparse.Namespace, terminal: Terminal) -> int:
    """Tell the trace in words."""
    from cotrace.grounding import check as check_against

    settings = load({"style": options.style})
    trace = traces.opened(options.trace, settings).trace
    told = traces.told(trace, settings, options.seed)
    if options.output is not None:
        files.write(options.output, f"{told.text}\n".encode())
        terminal.say(
            f"written: {options.output}; check it after editing with: cotrace check {options.output}"
        )
    elif options.json:
        terminal.json(reasoning_fields(told))
    elif options.check:
        checked = check_against(told, trace)
        terminal.show(render.reasoning(told, checked))
        terminal.show(render.counts(checked))
    else:
        terminal.text(told.text)
    return 0


def check(options: argparse.Namespace, terminal: Terminal) -> int:
    """Check a text against the trace; 1 if the recording contradicts it."""
    from cotrace.grounding import check as check_against

    settings = load()
    text = read_text(options.reasoning)
    trace = traces.opened(options.trace, settings).trace
    checked = check_against(as_written(text, traces.told(trace, settings)), trace)
    if options.json:
        terminal.json(grounding_fields(checked))
    else:
        terminal.show(render.grounding(checked, everything=options.all))
    return 0 if checked.ok else 1


def as_written(text: str, told: Reasoning) -> Reasoning:
    """Return a person's text as reasoning.

    If it is the offline telling with some edits, its sentences get back the steps they speak of, and what is left out
    counts as left out. Another text stands for itself: it may speak of any steps, and of as few as it likes.
    """
    edited = told.edited(text)
    spoken_of = {step for sentence in edited.sentences for step in sentence.anchor}
    kept = [sentence for sentence in told.sentences if spoken_of.issuperset(sentence.anchor)]
    return edited if len(kept) > len(told.sentences) * MOSTLY else Reasoning.of(text)


def read_text(name: str) -> str:
    """Return the text of a file, or what comes on stdin for ``-``. Raises UsageError where there is none."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{name}: expected a text file, found nothing there: check the path") from error
    except OSError as error:
        raise UsageError(f"{name}: expected a text file that can be read, found: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: expected text in UTF-8, found other bytes: name a text file") from error
    if not text.strip():
        where = "on stdin" if name == "-" else f"in {name}"
        raise UsageError(
            f"expected a text {where}, found nothing: cotrace narrate -o FILE writes one to begin with"
        )
    return text


def reasoning_fields(told: Reasoning) -> dict[str, Any]:
    """Return a reasoning as values of JSON."""
    sentences = [
        {
            "text": sentence.text,
            "steps": list(sentence.anchor),
            "start": start,
            "end": end,
            "origin": sentence.origin,
        }
        for sentence, (start, end) in zip(told.sentences, told.spans(), strict=True)
    ]
    return {
        "text": told.text,
        "style": told.style,
        "seed": told.seed,
        "generator": told.generator,
        "sentences": sentences,
    }


def grounding_fields(checked: Grounding) -> dict[str, Any]:
    """Return a check as values of JSON."""
    return {
        "ok": checked.ok,
        "checker": checked.checker,
        "counts": dict(checked.counts),
        "coverage": {"told": checked.coverage.told, "total": checked.coverage.total},
        "claims": [_judged(judged) for judged in checked.claims],
        "untold": [{"step": change.step, "text": change.text} for change in checked.coverage.untold],
    }


def _judged(judged: Judged) -> dict[str, Any]:
    claim = judged.claim
    return {
        "kind": claim.kind,
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "verdict": judged.verdict.value,
        "reason": judged.reason,
        "steps": list(judged.evidence.steps),
        "fix": judged.fix,
        "fix_span": judged.fix_span and list(judged.fix_span),
    }
