"""What functions of Python gave: worked out anew where their meaning is known, else looked up at the call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cotrace.grounding.evaluate import FailedError, UnknownError, evaluate
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.arithmetic import arithmetic, happened
from cotrace.grounding.predicates.common import (
    Slots,
    Written,
    any_same,
    came_to,
    distinct,
    every,
    no,
    value_slot,
    worked,
)
from cotrace.grounding.templates import Slot, split_list
from cotrace.grounding.values import Thing, parsed, same, shown
from cotrace.grounding.window import Finding, Window


def works(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that the lines here worked out an equation, or got a result from a function."""
    if "working" in slots:
        trees, _ = worked(slots["working"])
        return every([arithmetic(trees), happened(window, trees)])
    if "callee" not in slots:
        return _comes_to(window, slots)
    return _gave(window, slots)


def _comes_to(window: Window, slots: Slots) -> Finding:
    """A phrase that names no function: something here was worked out to this result."""
    result = value_slot(slots, "result")
    best: Finding | None = None
    for step in window.steps:
        for _, found in window.index.entries(step):
            if result.same(found):
                return Finding(True, (step,), shown(found))
            best = Finding(False, (step,), shown(found), "result", shown(found))
    return best or no("nothing was worked out here", *window.steps[:1])


def _gave(window: Window, slots: Slots) -> Finding:
    """A function or method that is not worked out anew gave a result: look it up where it was called."""
    callee, result = slots["callee"].text, value_slot(slots, "result")
    given = (
        [[v for _, v in window.operand(s.text)] for s in split_list(slots["args"])]
        if "args" in slots
        else None
    )
    owner = [v for _, v in window.operand(slots["a"].text)] if "a" in slots else None
    best: Finding | None = None
    for step, node in window.call_nodes(callee):
        if given is not None and not _arguments_fit(window, node, given, step):
            continue
        if owner is not None and not _owner_fits(window, node, owner, step):
            continue
        for found in window.node_values(node, step):
            alike = result.same(found)
            if alike:
                return Finding(True, (step,), shown(found))
            best = Finding(alike, (step,), shown(found), "result", shown(found))
    return best or no(f"no call of {callee} with these values is made here", *window.steps[:1])


def _arguments_fit(window: Window, node: ast.Call, given: list[list[object]], step: int) -> bool:
    nodes = [a.value if isinstance(a, ast.Starred) else a for a in node.args] + [
        k.value for k in node.keywords
    ]
    if len(nodes) != len(given):
        return False
    return all(any_same(said, window.node_values(n, step)) for said, n in zip(given, nodes, strict=True))


def _owner_fits(window: Window, node: ast.Call, owner: list[object], step: int) -> bool:
    return isinstance(node.func, ast.Attribute) and any_same(owner, window.node_values(node.func.value, step))


def applies(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Work the meaning out over the operands; the lines here must have come to that result."""
    meaning = parsed(phrase.meaning)
    result = _result(phrase, slots)
    best: Finding | None = None
    hidden: Finding | None = None
    for step in window.steps:
        single = Window(window.index, window.passes, (step,))
        for names in _fillings(single, slots):
            try:
                value = evaluate(meaning, lambda name, names=names: names[name])  # type: ignore[misc]
            except FailedError as error:
                best = best or no(f"it can't be worked out: {error}", step)
                continue
            except UnknownError as error:
                best = best or Finding(None, (step,), f"it can't be worked out: {error}")
                if any(isinstance(v, Thing) and v.type == "redacted" for v in names.values()):
                    hidden = Finding(None, (step,), "a value was redacted")
                continue
            alike = result.same(value)
            stranger = next((v for v in names.values() if not _occurs(single, step, v)), None)
            if alike and stranger is None and came_to(single, step, value):
                return Finding(True, (step,), shown(value))
            best = Finding(False, (step,), shown(value), "result" if "result" in slots else "", shown(value))
            if alike:
                best = no(f"nothing here comes to {shown(value if stranger is None else stranger)}", step)
    return hidden or best or no("the values are not known here", *window.steps[:1])


def _occurs(window: Window, step: int, operand: object) -> bool:
    """Tell whether an operand, or each of several, was at hand at a step. Bounds that nobody writes are 0, 1 and ''."""
    if isinstance(operand, list) and operand and not came_to(window, step, operand):
        generated = window.index.inner_yields(step)
        if generated:
            return any(same(operand, given, strict=True) is not False for given in generated)
        return all(_occurs(window, step, part) for part in operand)
    return operand in (0, 1, "", None) or came_to(window, step, operand)


def _result(phrase: Phrase, slots: Slots) -> Written:
    if "result" in slots:
        return value_slot(slots, "result")
    return Written(Slot("value", "1" if phrase.name == "count-once" else "True", 0, 0))


def _fillings(window: Window, slots: Slots) -> Iterator[dict[str, object]]:
    """Yield every way to fill the operands with what they stood for at a step, the likeliest first."""
    choices: dict[str, list[object]] = {}
    for name, slot in slots.items():
        if name == "result":
            continue
        if slot.kind == "operands":
            parts = [distinct(v for _, v in window.operand(s.text)) for s in split_list(slot)]
            if not all(parts):
                return
            choices[name] = [[p[0] for p in parts], [p[-1] for p in parts]]
        else:
            choices[name] = distinct(v for _, v in window.operand(slot.text))
    for turn in range(max((len(c) for c in choices.values()), default=0)):
        if all(choices.values()):
            yield {name: values[min(turn, len(values) - 1)] for name, values in choices.items()}
