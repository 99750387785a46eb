"""Functions of the program: how they are called, what they return or yield, which exceptions pass through them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.arithmetic import arithmetic, happened
from cotrace.grounding.predicates.common import Slots, Written, among, bindings, every, no, value_slot, worked
from cotrace.grounding.templates import Slot
from cotrace.grounding.values import Thing, shown
from cotrace.grounding.window import Finding, Window, place_tree, root_of
from cotrace.grounding.worded import sides
from cotrace.model.trace import EventKind, Frame


def calls(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a function was called with these parameters."""
    callee = slots["callee"].text
    said = bindings(slots["bindings"]) if "bindings" in slots else []
    best: Finding | None = None
    for frame in window.called(callee):
        finding = parameters(window, frame, said)
        if finding.holds:
            return finding
        best = finding
    return best or no(f"{callee} is not called here", *window.steps[:1])


def parameters(window: Window, frame: Frame, said: list[tuple[ast.expr, Written]]) -> Finding:
    """All that is said must be parameters, each once, and all parameters must be said if any is."""
    given = window.index.parameters(frame)
    names = [root_of(place) for place, _ in said]
    if len({ast.unparse(place) for place, _ in said}) < len(said):
        return no("a parameter is told twice", frame.start)
    missing = next((name for name in names if name not in given), None)
    if missing is not None:
        return no(f"{missing} is no parameter", frame.start)
    finding = every(
        among(value, _at(place, window, frame), "bindings", f"{ast.unparse(place)} is no parameter")
        for place, value in said
    )
    return finding if said else Finding(True, (frame.start,))


def _at(place: ast.expr, window: Window, frame: Frame) -> Iterator[tuple[int, object]]:
    try:
        yield frame.start, evaluate(place, window.index.names(frame.id, frame.start))
    except UnknownError:
        return


def returns(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a call of a function ended with a value."""
    callee = slots["callee"].text
    checks: list[Finding] = []
    if "working" in slots:
        trees, _ = worked(slots["working"])
        result = Written(Slot("value", sides(slots["working"].text)[-1], 0, 0))
        checks = [arithmetic(trees), happened(window, trees)]
    else:
        result = value_slot(slots, "result")
    said = bindings(slots["bindings"]) if "bindings" in slots else []
    best: Finding | None = None
    for frame in window.ended(callee):
        ending = window.index.ending(frame)
        if ending is None or ending.event is not EventKind.RETURN:
            continue
        found = window.index.step_value(ending.index)
        alike = result.same(found)
        finding = Finding(
            alike,
            (ending.index,),
            shown(found),
            "" if alike else "working" if "working" in slots else "result",
            shown(found),
        )
        if "source" in slots:
            finding = every([finding, _returned_from(window, slots["source"], result, frame, ending.index)])
        finding = every([finding, parameters(window, frame, said), *checks])
        if finding.holds:
            return finding
        best = best or finding
    return best or no(f"no call of {callee} ends here with a value", *window.steps[:1])


def _returned_from(window: Window, slot: Slot, result: Written, _frame: Frame, ending: int) -> Finding:
    """The place that is said to be returned must be named by the line that returned, and hold the result."""
    place = place_tree(slot.text)
    before = window.index.trace.previous_in_frame(ending)
    line = ending if before is None else before
    if not window.mentions(line, root_of(place)):
        return no(f"the line that returns does not use {root_of(place)}", line)
    return among(
        result, Window(window.index, window.passes, (line, ending)).read(place), "result", "it has no value"
    )


def yields(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a generator handed out a value, went on, or was exhausted; that a coroutine waited."""
    callee = slots["callee"].text
    kinds = {
        "yield": (EventKind.YIELD,),
        "wait": (EventKind.YIELD,),
        "resume": (EventKind.RESUME, EventKind.START),
    }.get(phrase.name, (EventKind.RETURN, EventKind.UNWIND))
    best: Finding | None = None
    for step in near(window):
        frame = window.index.frame(window.index.steps[step].frame)
        if window.index.steps[step].event not in kinds or callee not in (
            frame.name,
            frame.name.rpartition(".")[2],
        ):
            continue
        if phrase.name == "wait" and frame.kind not in ("coroutine", "async_generator"):
            continue
        if "result" not in slots:
            return Finding(True, (step,))
        found = window.index.step_value(step)
        alike = value_slot(slots, "result").same(found)
        if alike:
            return Finding(True, (step,), shown(found))
        best = best or Finding(alike, (step,), shown(found), "result", shown(found))
    return best or no(f"{callee} does not do so here", *window.steps[:1])


def near(window: Window) -> Iterator[int]:
    """Yield the steps here, and the events in their frames up to the next line: what a line brought about."""
    for step in window.steps:
        yield step
        following = window.index.trace.next_in_frame(step)
        while following is not None and window.index.steps[following].event not in (
            EventKind.LINE,
            EventKind.START,
        ):
            if following not in window:
                yield following
            following = window.index.trace.next_in_frame(following)


def raises(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that an exception was raised, with its message."""
    best: Finding | None = None
    for step in near(window):
        if window.index.steps[step].event not in (EventKind.RAISE, EventKind.UNWIND):
            continue
        kind, message = exception_at(window, step)
        if kind.rpartition(".")[2] != slots["type"].text.rpartition(".")[2]:
            best = best or Finding(False, (step,), kind, "type", kind)
            continue
        if "message" not in slots:
            return Finding(True, (step,), kind)
        alike = value_slot(slots, "message").same(message) if message is not None else None
        if alike:
            return Finding(True, (step,), kind)
        best = Finding(alike, (step,), repr(message), "message", repr(message))
    return best or no("no exception is raised here", *window.steps[:1])


def exception_at(window: Window, step: int) -> tuple[str, str | None]:
    """Return an exception's type and its message, None where that is not known."""
    found = window.index.step_value(step)
    if not isinstance(found, Thing):
        return type(found).__name__, None
    outcome = window.index.trace.outcome
    if outcome.value is not None and outcome.value == window.index.steps[step].value:
        return found.type, outcome.message
    args = found.attributes.get("args")
    if isinstance(args, tuple):
        plain = len(args) == 1 and isinstance(args[0], (str, int, float))
        told = repr if found.type == "KeyError" else str  # as `str` of the exception itself does
        return found.type, told(args[0]) if plain else None
    return found.type, found.text or None


def handles(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that an exception was caught."""
    for step in range(window.index.end):
        if window.index.steps[step].event is not EventKind.RAISE:
            continue
        handled = window.index.trace.handled_at(step)
        if handled is not None and (
            step in window or handled in window or window.index.trace.previous_in_frame(step) in window
        ):
            kind, _ = exception_at(window, step)
            if kind.rpartition(".")[2] == slots["type"].text.rpartition(".")[2]:
                return Finding(True, (handled,), kind)
    return no(f"no {slots['type'].text} is caught here", *window.steps[:1])


def unwinds(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a call of a function ended with an exception."""
    for frame in window.ended(slots["callee"].text):
        ending = window.index.ending(frame)
        if ending is not None and ending.event is EventKind.UNWIND:
            kind, _ = exception_at(window, ending.index)
            if kind.rpartition(".")[2] == slots["type"].text.rpartition(".")[2]:
                return Finding(True, (ending.index,), kind)
            return Finding(False, (ending.index,), kind, "type", kind)
    return no(f"{slots['callee'].text} does not end so here", *window.steps[:1])
