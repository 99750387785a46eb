"""What a run leaves: output, definitions, and its outcome."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.common import (
    Slots,
    Written,
    among,
    bindings,
    came_to,
    every,
    no,
    value_slot,
)
from cotrace.grounding.templates import split_list
from cotrace.grounding.values import Thing, same, shown
from cotrace.grounding.window import Finding, Window


def outputs(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a text was written."""
    said = value_slot(slots, "text")
    best: Finding | None = None
    pieces: list[str] = []
    written_here = [o for step in window.index.steps for o in step.output if o.step in window]
    for output in written_here:
        pieces.append(output.text)
        for text in (output.text, "".join(pieces)):
            for candidate in (text, text.removesuffix("\n")):
                if said.same(candidate):
                    return Finding(True, (output.step,), repr(text))
        best = best or Finding(
            False, (output.step,), repr(output.text), "text", repr(output.text.removesuffix("\n"))
        )
    return best or no("nothing is printed here", *window.steps[:1])


def matches(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a value was compared with a pattern."""
    for step, value in window.operand(slots["operand"].text):
        if came_to(window, step, value) or any(same(value, v, strict=True) for v in _subjects(window, step)):
            return Finding(True, (step,))
    return no(f"{slots['operand'].text} is not matched here", *window.steps[:1])


def _subjects(window: Window, step: int) -> Iterator[object]:
    for statement in window.index.statements(step):
        if isinstance(statement, ast.Match):
            yield from window.node_values(statement.subject, step)


def defines(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that names were defined or imported."""
    names = [s.text for s in split_list(slots["names"])] if "names" in slots else [slots["name"].text]
    stored = {name for step in window.steps for name in window.index.stores(step)}
    missing = [name for name in names if name.partition(".")[0] not in stored]
    return (
        Finding(True, window.steps[:1])
        if not missing
        else no(f"{missing[0]} is not defined here", *window.steps[:1])
    )


def answer(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """The run's outcome, whatever the steps."""
    outcome = window.index.trace.outcome
    if phrase.name.startswith("answer-raised"):
        if outcome.kind != "raised":
            return no(f"the run {outcome.kind}")
        if outcome.exception.rpartition(".")[2] != slots["type"].text.rpartition(".")[2]:
            return Finding(False, (), outcome.exception, "type", outcome.exception)
        if "message" in slots and not value_slot(slots, "message").same(outcome.message):
            return Finding(False, (), repr(outcome.message), "message", repr(outcome.message))
        return (
            Finding(True, (), outcome.exception)
            if "message" in slots or not outcome.message
            else no("it has a message")
        )
    if phrase.name == "answer-output":
        text = window.index.trace.stdout
        said = value_slot(slots, "text")
        right = said.same(text) or said.same(text.removesuffix("\n"))
        return Finding(bool(right), (), repr(text), "" if right else "text", repr(text))
    if phrase.name == "answer-nothing":
        shows = outcome.kind != "returned" or outcome.value is not None
        return no("there is a result") if shows else Finding(True)
    if outcome.kind != "returned" or outcome.value is None:
        return no(f"the run gave no value: {outcome.kind}")
    found = window.index.outcome_value
    finding = among(value_slot(slots, "value"), [(window.index.end, found)], "value", "no value")
    if "bindings" not in slots or not finding.holds:
        return finding
    return every(
        [finding, *(_attribute(found, place, value) for place, value in bindings(slots["bindings"]))]
    )


def _attribute(found: object, place: ast.expr, value: Written) -> Finding:
    if not isinstance(found, Thing):
        return no("it has no attributes")
    name = ast.unparse(place)
    if name not in found.attributes:
        return no(f"it has no {name}")
    right = value.same(found.attributes[name])
    return Finding(right, (), shown(found.attributes[name]), "" if right else "bindings", "")


def stops(window: Window, _phrase: Phrase, _slots: Slots) -> Finding:
    """Judge that the recording ended before the run did."""
    trace = window.index.trace
    ended = trace.outcome.kind in ("returned", "raised") and not trace.truncated
    return no("the recording is whole") if ended else Finding(True, ())
