"""Values that places were given, and values they had."""

from __future__ import annotations

import ast
from collections.abc import Callable

from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.arithmetic import arithmetic, happened
from cotrace.grounding.predicates.common import (
    Candidate,
    Slots,
    Written,
    among,
    at_one,
    bindings,
    every,
    no,
    value_slot,
    worked,
)
from cotrace.grounding.templates import Slot
from cotrace.grounding.window import Finding, Window, place_tree, root_of
from cotrace.grounding.worded import sides
from cotrace.model.state import Ref


def sets(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that places were given values."""
    if phrase.name == "same-object":
        return _same_object(window, slots)
    if "bindings" in slots:
        return every(
            given_value(window, place, value, "bindings") for place, value in bindings(slots["bindings"])
        )
    place = place_tree(slots["place"].text)
    findings: list[Callable[[], Finding]] = []
    if "working" in slots:
        return at_one(window, lambda group: _set_working(group, slots, place))
    value = value_slot(slots, "value")
    findings.append(lambda: given_value(window, place, value, "value"))
    if "source" in slots:
        source = place_tree(slots["source"].text)
        findings.append(
            lambda: among(value, window.read(source), "value", f"{slots['source'].text} has no value here")
        )
        findings.append(lambda: mentions(window, source))
    return every(finding() for finding in findings)


def given_value(window: Window, place: ast.expr, value: Candidate, slot: str) -> Finding:
    """Find a value among those that the steps here gave a place."""
    name = ast.unparse(place)
    return among(value, window.given(place), slot, f"{name} gets no value here")


def mentions(window: Window, place: ast.expr) -> Finding:
    """Find a line here that uses the place by its name."""
    root = root_of(place)
    for step in window.steps:
        if window.mentions(step, root):
            return Finding(True, (step,))
    return no(f"the lines here do not use {root}", *window.steps[:1])


def _set_working(window: Window, slots: Slots, place: ast.expr) -> Finding:
    trees, _ = worked(slots["working"])
    value = Written(Slot("value", sides(slots["working"].text)[-1], 0, 0))
    checks = [given_value(window, place, value, "working"), arithmetic(trees)]
    if "old" in slots:
        checks.append(among(value_slot(slots, "old"), window.before(place), "old", "it had no value before"))
    checks.append(happened(window, trees))
    return every(checks)


def _same_object(window: Window, slots: Slots) -> Finding:
    first, second = place_tree(slots["place"].text), place_tree(slots["source"].text)
    for step in window.steps:
        frame, moment = window.index.steps[step].frame, window.index.after(step)
        one, other = window.raw(first, frame, moment), window.raw(second, frame, moment)
        if isinstance(one, Ref) and one == other:
            return Finding(True, (step,))
    return no("they are not one object here", *window.steps[:1])


def reads(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that places had values."""
    if phrase.name == "by-then":
        return _by_then(window, place_tree(slots["place"].text), value_slot(slots, "value"))
    if "bindings" in slots:
        pairs = bindings(slots["bindings"])
    else:
        value = slots.get("value", Slot("value", "None", 0, 0))
        pairs = [(place_tree(slots["place"].text), Written(value))]
    slot = "value" if "value" in slots else "bindings"
    return every(has(window, place, value, slot) for place, value in pairs)


def _by_then(window: Window, place: ast.expr, value: Candidate) -> Finding:
    """Look at what a place held when the steps here were over; where that is stands for all of them."""
    over = window.steps[-1] + 1
    found: list[tuple[int, object]] = []
    for frame in window.frames:
        try:
            found.append((window.steps[0], evaluate(place, window.index.names(frame, over))))
        except UnknownError:
            continue
    return among(value, found, "value", f"{ast.unparse(place)} has no value then")


def has(window: Window, place: ast.expr, value: Candidate, slot: str) -> Finding:
    """Look at each line that uses the place, before it and at what it gave; at one that only stores, at that alone."""
    root = root_of(place)
    best: Finding | None = None
    for step in window.steps:
        single = Window(window.index, window.passes, (step,))
        if not single.uses(step, place):
            continue
        candidates = list(single.given(place))
        if not candidates or (single.loads(step, root) and step > window.told.get(root, -1)):
            candidates += single.read(place)
        finding = among(value, candidates, slot, f"{ast.unparse(place)} has no value here")
        if finding.holds:
            return finding
        best = best if best is not None and best.right else finding
    return best or no(f"the lines here do not use {root}", *window.steps[:1])


def has_value(window: Window, place: ast.expr, value: Candidate, *, changes: bool) -> Finding | None:
    """Tell whether a place has a value at the steps of free text; None where they do not concern the place."""
    root = root_of(place)
    if not any(window.mentions(step, root) for step in window.steps):
        return None
    if changes and any(True for _ in window.given(place)):
        return given_value(window, place, value, "value")
    finding = has(window, place, value, "value")
    if finding.holds is False and not finding.right:
        return None
    return finding
