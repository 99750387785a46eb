"""Which line an expression's first and last instruction belong to; pure.

The ledger puts a probe around an expression: one instruction before it, one after it. If these belonged to other
lines than their neighbours, a multi-line expression would make line events that the program does not make without
the ledger. So the probe's first instruction goes to the line of the expression's first one, and its last to the
line of the expression's last one. Neither is simply ``lineno``: in ::

    total = (orders
             .paid()
             .sum())

the call ends on the line of its method's name. The rules below are those of CPython's compiler (3.11 to 3.13); a
test holds them against it by comparing the lines of the bytecode with and without probes.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import Final

ALWAYS_BOOL: Final = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""The comparisons whose value is True or False whatever they compare."""

# CPython's STACK_USE_GUIDELINE: displays and calls with more parts than this are built piece by piece.
_STACK_GUIDELINE: Final = 30

_INLINES_COMPREHENSIONS: Final = sys.version_info >= (3, 12)
_PUSHES_NULL_FIRST: Final = sys.version_info < (3, 13)
_IMPORTS_ARE_NO_METHODS: Final = sys.version_info >= (3, 12)

# What CPython turns into an f-string when it is `text % (a, b)`: %s, %r and %a with flags, width and precision.
_FORMAT_PART: Final = re.compile(r"%(?:%|[-+ #0]*[0-9]*(?:\.[0-9]*)?[sra])")


def is_constant(node: ast.expr) -> bool:
    """Tell whether `node` is a constant, or made of constants so that the compiler may fold it into one."""
    while isinstance(node, ast.BinOp):
        if not is_constant(node.right):
            return False
        node = node.left
    match node:
        case ast.Constant() | ast.Name(id="__debug__"):
            return True
        case ast.Tuple(elts=parts) | ast.JoinedStr(values=parts):
            return all(map(is_constant, parts))
        case ast.UnaryOp(operand=inner):
            return is_constant(inner)
        case ast.Subscript(value=inner, slice=index):
            return is_constant(inner) and is_constant(index)
    return False


def first_line(node: ast.expr) -> int:
    """Return the line of the first instruction that evaluates `node`."""
    while (inner := _evaluated_first(node)) is not None:
        if isinstance(node, ast.Call) and _PUSHES_NULL_FIRST and not is_method_call(node, frozenset()):
            return node.func.lineno  # the NULL below a plain callee belongs to where the callee's text begins
        node = inner
    return node.lineno


def last_line(node: ast.expr, imported: frozenset[str] = frozenset()) -> int:
    """Return the line of the last instruction that evaluates `node`.

    `imported` are the names that the module imports: a call on one of these is compiled as a plain call.
    """
    if isinstance(node, ast.Attribute):
        return node.end_lineno or node.lineno
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_method_call(node, imported):
        return node.func.end_lineno or node.lineno
    if isinstance(node, ast.NamedExpr):
        return node.target.lineno
    if isinstance(node, ast.UnaryOp) and is_negated_test(node):
        return node.operand.lineno
    if (parts := _joined_parts(node)) is not None and len(parts) == 1:
        return parts[0].lineno
    return node.lineno


def is_method_call(call: ast.Call, imported: frozenset[str]) -> bool:
    """Tell whether the compiler makes one method call of ``receiver.name(...)``."""
    func = call.func
    if not isinstance(func, ast.Attribute):
        return False
    if _IMPORTS_ARE_NO_METHODS and isinstance(func.value, ast.Name) and func.value.id in imported:
        return False
    if len(call.args) + len(call.keywords) + bool(call.keywords) >= _STACK_GUIDELINE:
        return False
    return not any(isinstance(a, ast.Starred) for a in call.args) and all(k.arg for k in call.keywords)


def is_negated_test(node: ast.expr) -> bool:
    """Tell whether the compiler makes one operation of `node`: ``not (a in b)`` becomes ``a not in b``."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[operator])):
            return isinstance(operator, ALWAYS_BOOL)
    return False


def is_format(node: ast.expr) -> bool:
    """Tell whether the compiler may turn `node` into an f-string: ``text % (a, b)``."""
    if not (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.right, ast.Tuple)
    ):
        return False
    return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)


def becomes_f_string(node: ast.BinOp) -> bool:
    """Tell whether the compiler turns the format `node` into an f-string, each of whose parts has its own place."""
    return _format_parts(node) is not None


def _evaluated_first(node: ast.expr) -> ast.expr | None:
    """Return the part of `node` whose instructions come first; None where these are its own."""
    if (parts := _joined_parts(node)) is not None:
        return _first_of_joined(parts)
    if is_constant(node):
        return None
    match node:
        case (
            ast.BinOp(left=inner)
            | ast.Compare(left=inner)
            | ast.UnaryOp(operand=inner)
            | ast.IfExp(test=inner)
        ):
            return inner
        case ast.BoolOp(values=[inner, *_]):
            return inner
        case (
            ast.Attribute() | ast.Subscript() | ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom()
        ):
            return node.value
        case ast.FormattedValue(value=inner) | ast.Starred(value=inner):
            return inner
        case ast.Call(func=inner):
            return inner
        case ast.List() | ast.Tuple() | ast.Set():
            return _first_of_display(node)
        case ast.Dict():
            return _first_of_dict(node)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() if _INLINES_COMPREHENSIONS:
            return node.generators[0].iter
        case ast.Lambda(args=arguments) if arguments.defaults and not all(
            map(is_constant, arguments.defaults)
        ):
            return arguments.defaults[0]
    return None


def _first_of_display(node: ast.List | ast.Tuple | ast.Set) -> ast.expr | None:
    elements = node.elts
    if not elements or isinstance(elements[0], ast.Starred) or len(elements) > _STACK_GUIDELINE:
        return None
    if len(elements) > 2 and all(map(is_constant, elements)):
        return None  # built empty, then extended by one constant
    return elements[0]


def _first_of_dict(node: ast.Dict) -> ast.expr | None:
    if not node.keys or node.keys[0] is None:
        return None
    # The compiler works on groups that end where another dict is unpacked (``**other``); a big one begins empty.
    group = next((i for i, key in enumerate(node.keys) if key is None), len(node.keys))
    if group * 2 > _STACK_GUIDELINE:
        return None
    if group > 1 and all(k is not None and is_constant(k) for k in node.keys[:group]):
        return node.values[0]  # constant keys come last, as one tuple
    return node.keys[0]


def _joined_parts(node: ast.expr) -> list[ast.expr] | None:
    """Return the parts of an f-string, or of what becomes one; None for any other expression.

    Those that have a place of their own come first.
    """
    if isinstance(node, ast.JoinedStr):
        return node.values
    if is_format(node) and isinstance(node, ast.BinOp):
        return _format_parts(node)
    return None


def _format_parts(node: ast.BinOp) -> list[ast.expr] | None:
    text, arguments = node.left, node.right
    if not (
        isinstance(text, ast.Constant) and isinstance(text.value, str) and isinstance(arguments, ast.Tuple)
    ):
        return None
    fields = [m for m in _FORMAT_PART.finditer(text.value) if m.group() != "%%"]
    if "%" in _FORMAT_PART.sub("", text.value) or len(fields) != len(arguments.elts):
        return None
    if any(isinstance(e, ast.Starred) for e in arguments.elts):
        return None
    # The literal parts get no place of their own from the compiler: only their number matters here.
    literals = len(list(filter(None, _FORMAT_PART.split(text.value))))
    return [*arguments.elts, *[text] * literals]


def _first_of_joined(parts: list[ast.expr]) -> ast.expr | None:
    return parts[0] if parts and len(parts) <= _STACK_GUIDELINE else None
