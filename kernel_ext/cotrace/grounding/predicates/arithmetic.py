"""Equations: right in themselves, and what the lines worked out."""

from __future__ import annotations

import ast

from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.predicates.common import no
from cotrace.grounding.values import same, shown
from cotrace.grounding.window import Finding, Window


def arithmetic(trees: list[ast.expr]) -> Finding:
    """Every side of an equation must have the value of the last."""
    try:
        values = [evaluate(tree) for tree in trees]
    except UnknownError as error:
        return Finding(None, (), f"it can't be worked out: {error}")
    for tree, value in zip(trees, values, strict=True):
        if not same(value, values[-1], strict=True):
            return Finding(False, (), f"{ast.unparse(tree)} is {shown(value)}", "working", shown(value))
    return Finding(True, (), shown(values[-1]))


def happened(window: Window, trees: list[ast.expr]) -> Finding:
    """The first side must be what an expression of the lines here worked out, value for value."""
    known = False
    for step in window.steps:
        for node in window.index.worked_nodes(step):
            known = True
            if _fits(window, trees[0], node, step):
                return Finding(True, (step,), ast.unparse(node))
        known = known or bool(window.index.statements(step))
    if not known:
        return Finding(True, (), "")  # no source: the values alone must do
    return no(f"nothing here works out {ast.unparse(trees[0])}", *window.steps[:1])


def _fits(window: Window, said: ast.expr, node: ast.expr, step: int) -> bool:
    """Tell whether an expression over values is the node of the source with its values filled in."""
    if isinstance(said, ast.BinOp):
        if not isinstance(node, ast.BinOp) or type(said.op) is not type(node.op):
            return False
        return all(_fits(window, s, n, step) for s, n in ((said.left, node.left), (said.right, node.right)))
    if isinstance(said, ast.UnaryOp) and isinstance(node, ast.UnaryOp) and type(said.op) is type(node.op):
        return _fits(window, said.operand, node.operand, step)
    try:
        value = evaluate(said)
    except UnknownError:
        return False
    return any(same(value, found, strict=True) for found in window.node_values(node, step))


def is_worked_out(window: Window, said: ast.expr) -> Finding | None:
    """Tell whether the lines here work out an operation of free text; None where it can't be said that they do not.

    It is an error to name one operand wrong of an operation whose other operand and result are right; an operation that
    is not made here at all may be the writer's own way to the result.
    """
    if not isinstance(said, ast.BinOp):
        return None
    try:
        left, right, result = (evaluate(n) for n in (said.left, said.right, said))
    except UnknownError:
        return None
    near: Finding | None = None
    for step, lefts, rights, results in window.index.operations.get(type(said.op), ()):
        if step not in window:
            continue
        hits = [
            any(same(v, f) for f in found) for v, found in ((left, lefts), (right, rights), (result, results))
        ]
        turned = (
            isinstance(said.op, (ast.Add, ast.Mult))
            and any(same(left, f) for f in rights)
            and any(same(right, f) for f in lefts)
        )
        if turned or (hits[0] and hits[1]):
            return Finding(True, (step,))
        if hits[2] and (hits[0] or hits[1]) and lefts and rights:
            near = no(f"the operands are {shown(lefts[-1], 40)} and {shown(rights[-1], 40)}", step)
    return near
