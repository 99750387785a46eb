"""Whether two answers are the same, though they are only texts.

The repr of a value differs from run to run where the value does not: a set's elements come in any order, objects
carry their address, a float's last digit depends on the platform, OrderedDict has been shown in two ways. So texts
that differ are parsed as expressions and compared piece by piece. Nothing is evaluated.
"""

from __future__ import annotations

import ast
import math
import re
from itertools import zip_longest
from typing import Literal

Agreement = Literal["exact", "equal", "close", "different"]
"""The same text; the same value; the same but for rounding; or none of these."""

_RANK: dict[Agreement, int] = {"exact": 0, "equal": 1, "close": 2, "different": 3}
_ADDRESS = re.compile(r"\b0x[0-9A-Fa-f]{6,}(?=>)")
_CLASS = re.compile(r"<class '(?:[\w.]+\.)?(\w+)'>")
_CLOSE = 1e-9


def compare_values(wanted: str, found: str) -> Agreement:
    """Compare two reprs."""
    if wanted == found:
        return "exact"
    wanted, found = _without_addresses(wanted), _without_addresses(found)
    if wanted == found:
        return "equal"
    one, other = _parsed(wanted), _parsed(found)
    if one is None or other is None:
        return "different"
    return _compare(one, other)


def compare_output(wanted: str, found: str) -> Agreement:
    """Compare two printed texts, line by line; line ends and blank space at the end do not count."""
    lines = wanted.rstrip().splitlines(), found.rstrip().splitlines()
    if lines[0] == lines[1]:
        return "exact"
    return _worst([_compare_line(one, other) for one, other in zip_longest(*lines, fillvalue="")])


def _compare_line(wanted: str, found: str) -> Agreement:
    wanted, found = _without_addresses(wanted), _without_addresses(found)
    agreement = compare_values(wanted, found)
    # Printed text is no expression: it may be in another order, but its spaces and quotes count.
    return "different" if agreement == "equal" and sorted(wanted) != sorted(found) else agreement


def _worst(agreements: list[Agreement]) -> Agreement:
    return max(agreements, key=_RANK.__getitem__, default="equal")


def _without_addresses(text: str) -> str:
    return _CLASS.sub(r"\1", _ADDRESS.sub("0x...", text))


def _parsed(text: str) -> ast.expr | None:
    try:
        tree = ast.parse(text.strip(), mode="eval")
        _Canonical().visit(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree.body


class _Canonical(ast.NodeTransformer):
    """Puts what has no order into one: the elements of sets, the entries of dicts."""

    def visit_Set(self, node: ast.Set) -> ast.expr:
        self.generic_visit(node)
        node.elts.sort(key=ast.dump)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        self.generic_visit(node)
        if None not in node.keys:
            pairs = sorted(
                zip(node.keys, node.values, strict=True), key=lambda pair: ast.dump(pair[0] or pair[1])
            )
            node.keys, node.values = [key for key, _ in pairs], [value for _, value in pairs]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "OrderedDict" and len(node.args) == 1:
            # Its order counts: entries become pairs, as Python up to 3.11 shows them, and stay where they are.
            node.args = [_pairs(node.args[0])]
        self.generic_visit(node)
        return node


def _pairs(entries: ast.expr) -> ast.expr:
    if not isinstance(entries, ast.Dict) or None in entries.keys:
        return entries
    items = zip(entries.keys, entries.values, strict=True)
    return ast.List([ast.Tuple([key, value], ast.Load()) for key, value in items if key], ast.Load())


def _compare(one: object, other: object) -> Agreement:
    """Compare two trees."""
    if type(one) is not type(other):
        return "different"
    if isinstance(one, ast.AST):
        return _worst(
            [_compare(getattr(one, name, None), getattr(other, name, None)) for name in one._fields]
        )
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return "different"
        return _worst([_compare(left, right) for left, right in zip(one, other, strict=True)])
    if isinstance(one, float) and isinstance(other, float) and one != other:
        return "close" if math.isclose(one, other, rel_tol=_CLOSE) else "different"
    return "equal" if one == other else "different"
