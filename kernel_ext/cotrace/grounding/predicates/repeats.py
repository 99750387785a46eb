"""Calls that are told together: how many there were, and what they gave."""

from __future__ import annotations

from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.common import Slots, Written, no
from cotrace.grounding.templates import split_list
from cotrace.grounding.values import ELIDED, same, shown
from cotrace.grounding.window import Finding, Window
from cotrace.model.trace import EventKind


def repeated(window: Window, _: Phrase, slots: Slots) -> Finding:
    """Compare the calls of a function that its caller makes here with their number and their results."""
    frames = [frame for frame in window.called(slots["callee"].text) if frame.start in window]
    outer = min((window.index.steps[frame.start].depth for frame in frames), default=0)
    frames = [frame for frame in frames if window.index.steps[frame.start].depth == outer]
    if str(len(frames)) != slots["count"].text:
        return Finding(False, window.steps[:1], f"{len(frames)} calls", "count", str(len(frames)))
    found: list[object] = []
    for frame in frames:
        ending = window.index.ending(frame)
        if ending is None or ending.event is not EventKind.RETURN:
            return no("a call does not return", frame.start)
        found.append(window.index.step_value(ending.index))
    parts = split_list(slots["series"])
    said = [ELIDED if part.text == "…" else Written(part).value for part in parts]
    if same(said, found, strict=True):
        return Finding(True, window.steps[:1])
    return Finding(False, window.steps[:1], shown(found), "series", ", ".join(shown(v) for v in found[:12]))
