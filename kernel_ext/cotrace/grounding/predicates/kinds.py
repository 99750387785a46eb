"""What type a value is of, and whether two are one object, as the tests of it came out."""

from __future__ import annotations

import ast

from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.common import Slots, no
from cotrace.grounding.values import Thing
from cotrace.grounding.window import Finding, Window


def of_type(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Compare the type that is said with the value's own, or with what `isinstance` answered here."""
    said = slots["type"].text.rpartition(".")[2]
    if phrase.name.endswith("instance"):
        return _instance(window, said, slots, wanted=phrase.name == "instance")
    best: Finding | None = None
    for step, value in window.operand(slots["operand"].text):
        found = value.type if isinstance(value, Thing) else type(value).__name__
        other = slots["other"].text if "other" in slots else ""
        if found.rpartition(".")[2] == said and other != said:
            return Finding(True, (step,), found)
        best = Finding(False, (step,), found, "type", found)
    return best or no("it has no value here", *window.steps[:1])


def identical(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Look for the test that asked whether two things are one, and compare how it came out."""
    wanted = phrase.name == "identical"
    for step in window.steps:
        here = Window(window.index, window.passes, (step,))
        said = [[value for _, value in here.operand(slots[name].text)] for name in ("a", "b")]
        for node in window.index.expressions(step):
            if not isinstance(node, ast.Compare) or len(node.ops) != 1:
                continue
            same = isinstance(node.ops[0], ast.Is)
            found = [window.node_values(operand, step) for operand in (node.left, node.comparators[0])]
            meant = all(any(v in values for v in f) for values, f in zip(said, found, strict=True))
            if meant and (same or isinstance(node.ops[0], ast.IsNot)):
                right = (wanted is same) in window.node_values(node, step)
                return Finding(right, (step,), "the test came out so" if right else "it came out otherwise")
    return no("nothing here asks whether they are one object", *window.steps[:1])


def _instance(window: Window, said: str, slots: Slots, *, wanted: bool) -> Finding:
    values = list(window.operand(slots["operand"].text))
    for step, node in window.call_nodes("isinstance"):
        if len(node.args) != 2 or ast.unparse(node.args[1]).rpartition(".")[2] != said:
            continue
        given = window.node_values(node.args[0], step)
        if wanted in window.node_values(node, step) and any(value in given for _, value in values):
            return Finding(True, (step,))
    return no(f"no test for {said} came out so here", *window.steps[:1])
