"""Tests: what was compared, and how it came out."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import Final

from cotrace.grounding.code import place_of
from cotrace.grounding.evaluate import FailedError, MissingError, UnknownError, evaluate
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.arithmetic import arithmetic, happened
from cotrace.grounding.predicates.common import Slots, Written, came_to, every, no, value_slot, worked
from cotrace.grounding.templates import Slot
from cotrace.grounding.values import Thing, UnreadableError, same, shown
from cotrace.grounding.window import Finding, SlotError, Window, root_of
from cotrace.grounding.worded import expression


def tested(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that a test was made and came out as a phrase tells."""
    wanted = phrase.claim == "true"
    if "condition" in slots:
        return _condition(window, slots["condition"], wanted=wanted)
    if "working" in slots:
        return _worked_condition(window, slots, wanted=wanted)
    if phrase.name == "not-none":
        return _not_none(window, slots["operand"])
    if "operand" in slots:
        return _truthy(window, slots["operand"], wanted=wanted)
    for step in window.steps:
        truths = _truths(window, step)
        if wanted in truths:
            return Finding(True, (step,))
    return no("no test here came out so", *window.steps[:1])


def _condition(window: Window, slot: Slot, *, wanted: bool) -> Finding:
    try:
        tree = expression(slot.text)
    except UnreadableError:
        raise SlotError(slot.text) from None
    if not isinstance(tree, ast.Compare) or not _is_condition(window, tree):
        raise SlotError(slot.text)
    best: Finding | None = None
    for step in window.steps:
        for moment in window.index.moments(step)[:1]:
            try:
                truth = bool(evaluate(tree, window.index.names(window.index.steps[step].frame, moment)))
            except (FailedError, MissingError) as error:
                best = best or no(f"it can't be worked out: {error}", step)
                continue
            except UnknownError as error:
                recorded = _recorded_truth(window, tree, step)
                if recorded is None:
                    best = best or Finding(None, (step,), f"it can't be worked out: {error}")
                    continue
                truth = recorded
            if truth is not wanted:
                best = no(f"{slot.text} is {'true' if truth else 'false'}", step)
            elif _is_tested(window, tree, step, whole=wanted):
                return Finding(True, (step,))
            else:
                best = best or no(f"nothing here compares {slot.text}", step)
    return best or no("nothing is compared here")


def _is_condition(window: Window, tree: ast.Compare) -> bool:
    """Tell a comparison from a sentence that Python's grammar happens to take for one: ``x is 3``, ``s is empty``."""
    for op, operand in zip(tree.ops, tree.comparators, strict=True):
        if isinstance(op, (ast.Is, ast.IsNot)):
            constant = isinstance(operand, ast.Constant) and operand.value in (None, True, False)
            if not constant and not isinstance(operand, (ast.Name, ast.Attribute, ast.Subscript)):
                return False
    callees = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in callees}
    return all(window.index.tracks(name) or name in ("nan", "inf") for name in names)


_OPPOSITES: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    one: other
    for pair in (
        (ast.In, ast.NotIn),
        (ast.Is, ast.IsNot),
        (ast.Eq, ast.NotEq),
        (ast.Lt, ast.GtE),
        (ast.Gt, ast.LtE),
    )
    for one, other in (pair, pair[::-1])
}


def _recorded_truth(window: Window, said: ast.Compare, step: int) -> bool | None:
    """Return what the ledger has for a comparison of values that are known by their type only."""
    for node in window.index.expressions(step):
        if isinstance(node, ast.Compare) and len(node.ops) == len(said.ops) == 1:
            links = ((said.left, node.left), (said.comparators[0], node.comparators[0]))
            found = window.index.by_place(step).get(place_of(node))
            if not found or not all(_operand_fits(window, s, n, step) for s, n in links):
                continue
            if type(node.ops[0]) is type(said.ops[0]):
                return bool(found[-1])
            if _OPPOSITES.get(type(node.ops[0])) is type(said.ops[0]):
                return not found[-1]
    return None


def _is_tested(window: Window, said: ast.expr, step: int, *, whole: bool) -> bool:
    """Tell whether a step's line makes the comparison that is said, value for value.

    Of a chain, the links that came out false end it: the others were not made, and need not be told.
    """
    if not window.index.statements(step) or not isinstance(said, ast.Compare):
        return True
    for node in window.index.expressions(step):
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for place, op in enumerate(node.ops):
                if _is_like(op, said.ops[0]) and len(said.ops) == 1:
                    links = ((said.left, operands[place]), (said.comparators[0], operands[place + 1]))
                    if all(_operand_fits(window, s, n, step) for s, n in links):
                        return True
            made = node.ops if whole else node.ops[: len(said.ops)]
            if len(said.ops) > 1 and [type(o) for o in said.ops] == [type(o) for o in made]:
                links_all = zip([said.left, *said.comparators], operands, strict=False)
                if all(_operand_fits(window, s, n, step) for s, n in links_all):
                    return True
    return False


def _is_like(made: ast.cmpop, said: ast.cmpop) -> bool:
    """Tell whether a test was made as it is told, or as its opposite: one that failed may be told as what holds."""
    turned = isinstance(said, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) and _OPPOSITES[type(made)] is type(said)
    return type(made) is type(said) or turned


def _is_number(window: Window, said: ast.expr) -> bool:
    """Tell ``inf`` and ``nan``, as `repr` writes them, from variables of these names."""
    return isinstance(said, ast.Name) and said.id in ("inf", "nan") and not window.index.tracks(said.id)


def _operand_fits(window: Window, said: ast.expr, node: ast.expr, step: int) -> bool:
    if ast.dump(said) == ast.dump(node):
        return True
    named = isinstance(said, (ast.Name, ast.Attribute, ast.Subscript)) and not _is_number(window, said)
    if named and not window.loads(step, root_of(said)):
        return False
    try:
        value = evaluate(said, window.index.names(window.index.steps[step].frame, step))
    except UnknownError:
        return False
    found = window.node_values(node, step)
    return any(same(value, f, strict=True) is not False for f in found)


def _worked_condition(window: Window, slots: Slots, *, wanted: bool) -> Finding:
    """``7 mod 2 = 1, not 0``: the equation is right, and the test that compares it came out so."""
    trees, result = worked(slots["working"])
    checks = [arithmetic(trees), happened(window, trees)]
    if "wanted" in slots:
        asked = value_slot(slots, "wanted")
        if asked.same(result):
            return no(f"{asked.text} is what it is")
        checks.append(_compared(window, asked))
    checks.append(_came_out(window, wanted=wanted))
    return every(checks)


def _compared(window: Window, asked: Written) -> Finding:
    for step in window.steps:
        for node in window.index.expressions(step):
            if isinstance(node, ast.Compare):
                for operand in (node.left, *node.comparators):
                    if any(asked.same(v) for v in window.node_values(operand, step)):
                        return Finding(True, (step,))
    return no(f"nothing here is compared with {asked.text}", *window.steps[:1])


def _came_out(window: Window, *, wanted: bool) -> Finding:
    for step in window.steps:
        if wanted in _truths(window, step):
            return Finding(True, (step,))
    return no(f"no test here is {'true' if wanted else 'false'}", *window.steps[:1])


def _truths(window: Window, step: int) -> list[bool]:
    """Return what the tests in a step's line came to."""
    found: list[bool] = []
    for node in window.index.expressions(step):
        if isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            found += [bool(v) for v in window.node_values(node, step) if not isinstance(v, Thing)]
    for entry, value in window.index.entries(step):
        if window.index.trace.span(entry).role == "truth" or isinstance(value, bool):
            found.append(bool(value))
    return found or [True, False]


def _not_none(window: Window, slot: Slot) -> Finding:
    for step, value in window.operand(slot.text):
        if value is not None:
            return Finding(True, (step,), shown(value))
    return no(f"{slot.text} is None or has no value here", *window.steps[:1])


def _truthy(window: Window, slot: Slot, *, wanted: bool) -> Finding:
    best: Finding | None = None
    for step, value in window.operand(slot.text):
        if isinstance(value, Thing):
            truths = [
                bool(v) for e, v in window.index.entries(step) if window.index.trace.span(e).role == "truth"
            ]
            best = Finding(wanted in truths if truths else None, (step,))
            if best.holds:
                return best
            continue
        if bool(value) is wanted and came_to(window, step, value):
            return Finding(True, (step,))
        best = no(f"{slot.text} counts as {'false' if wanted else 'true'}", step)
    return best or no(f"{slot.text} has no value here")


def is_compared(window: Window, operator: str, operands: list[ast.expr]) -> Finding | None:
    """Tell whether the lines here compare two things of free text; None where it can't be said that they do not.

    It is an error to name one of two compared things wrong; a comparison of things that are not compared here so at
    all may be the writer's own. A thing is known by its value, or, where it has names in it, by how it is written.
    """
    family = _FAMILIES.get(operator)
    made = [
        c for c in window.index.comparisons if c[0] in window and family and isinstance(c[1].ops[0], family)
    ]
    texts = {ast.unparse(o) for _, node, _ in made for o in (node.left, *node.comparators)}
    said = [(ast.unparse(operand), _standing_alone(operand)) for operand in operands]
    if len(said) != 2 or any(value is None and text not in texts for text, value in said):
        return None  # it is called otherwise than in the source: nothing can be said
    near: Finding | None = None
    for step, node, values in made:
        written = [ast.unparse(o) for o in (node.left, *node.comparators)]
        fits = [[_names_it(one, t, found) for t, found in zip(written, values, strict=True)] for one in said]
        if any(
            (fits[0][i] and fits[1][j]) or (fits[0][j] and fits[1][i])
            for i, j in pairwise(range(len(values)))
        ):
            return Finding(True, (step,))
        if any(map(any, fits)):
            near = no(f"other values are compared: {', '.join(shown(v[-1], 40) for v in values if v)}", step)
    return near


_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FAMILIES: Final[dict[str, tuple[type[ast.cmpop], ...]]] = {
    **dict.fromkeys(("==", "!="), (ast.Eq, ast.NotEq)),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDER),
    **dict.fromkeys(("in", "not in"), (ast.In, ast.NotIn)),
}
"""The comparisons that one may be told as: the other way round, or as what it is not."""


def _names_it(said: tuple[str, tuple[object] | None], text: str, found: list[object]) -> bool:
    """Tell whether free text means an operand of the source: by how it is written, or by its value."""
    return said[0] == text or (said[1] is not None and any(same(said[1][0], value) for value in found))


def _standing_alone(tree: ast.expr) -> tuple[object] | None:
    """Return the value of an expression without names; None where it has none."""
    try:
        return (evaluate(tree),)
    except UnknownError:
        return None
