"""Work out values from the ledger alone, as `cotrace.tracing.expressions` says a reader can.

`Recomputer` takes a program's entries one by one. Whenever an operation on atoms has an entry, it applies the operator
to what the ledger holds of the operands and compares; what differs is kept in `wrong`.
"""

import ast
import operator
import sys
from collections import Counter

from cotrace.tracing.instrument import parse_quietly

ATOMS = (int, float, complex, str, bytes, bool, type(None))
BINARY = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
}  # fmt: skip
UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_, ast.Invert: operator.invert}
COMPARE = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


class UnknownError(Exception):
    """The ledger does not say."""


class Recomputer:
    """Checks every entry of a ledger against the entries of its parts, frame by frame."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.spans = ledger.spans
        self.inside = [[] for _ in self.spans]
        for key, span in enumerate(self.spans):
            if span.parent >= 0:
                self.inside[span.parent].append(key)
        self.nodes = {
            (type(n).__name__, n.lineno, n.col_offset, n.end_lineno, n.end_col_offset): n
            for n in ast.walk(parse_quietly(ledger.source, "exec", 0))
            if isinstance(n, ast.expr)
        }
        self.frames = {}
        self.time = 0
        self.checked = Counter()
        self.wrong = []

    def __call__(self, _, key, value):
        """Take one entry: the recorder of a sink."""
        frame = self.frames.setdefault(sys._getframe(2), {})
        self.time += 1
        kind = self.spans[key].kind
        if type(value) in ATOMS and kind in ("BinOp", "UnaryOp", "Compare", "Call"):
            try:
                self.compare(key, value, frame)
            except (UnknownError, ArithmeticError, TypeError, ValueError):
                self.checked["unknown"] += 1
        frame[key] = self.time, value

    def compare(self, key, value, frame):
        expected = self.applied(key, frame)
        self.checked[self.spans[key].kind] += 1
        if repr(expected) != repr(value):
            self.wrong.append((self.ledger.text(key), value, expected))

    def applied(self, key, frame):
        """Return what the operation of span `key` gives on the values of its parts."""
        node = self.node(key)
        parts = self.inside[key]
        match node:
            case ast.BinOp():
                left, right = (self.value(k, frame) for k in parts)
                return BINARY[type(node.op)](left, right)
            case ast.UnaryOp():
                return UNARY[type(node.op)](self.value(parts[0], frame))
            case ast.Compare():
                values = [self.value(k, frame) for k in parts]
                links = zip(node.ops, values, values[1:], strict=False)
                return all(COMPARE[type(op)](a, b) for op, a, b in links)
            case ast.Call(func=ast.Name(id="same")):
                return self.value(parts[1], frame)
        raise UnknownError

    def value(self, key, frame):
        """Return the value that span `key` had when it was evaluated last, if it is an atom."""
        role, node = self.spans[key].role, self.node(key)
        if role in ("value", "target", "truth"):
            value = frame[key][1] if key in frame else _unknown()
        elif role == "constant":
            value = eval(compile(ast.Expression(node), "constant", "eval"))
        elif role == "derived":
            value = self.derived(key, node, frame)
        else:
            raise UnknownError
        return value if type(value) in ATOMS else _unknown()

    def derived(self, key, node, frame):
        parts = self.inside[key]
        match node:
            case ast.BoolOp():
                begun = self.when(parts[0], frame)
                evaluated = [k for k in parts[1:] if self.when(k, frame) > begun]
                return self.value((parts[:1] + evaluated)[-1], frame)
            case ast.IfExp():
                return self.value(parts[1 if self.truth(parts[0], frame) else 2], frame)
            case ast.NamedExpr():
                return self.value(parts[0], frame)
            case ast.BinOp() | ast.Compare():
                return self.applied(key, frame)
        raise UnknownError

    def truth(self, key, frame):
        """Return the outcome of a test."""
        role, node, parts = self.spans[key].role, self.node(key), self.inside[key]
        if role != "test":
            return bool(self.value(key, frame))
        match node:
            case ast.UnaryOp():
                return not self.truth(parts[0], frame)
            case ast.IfExp():
                return self.truth(parts[1 if self.truth(parts[0], frame) else 2], frame)
            case ast.BoolOp():
                begun = self.when(parts[0], frame)
                evaluated = [k for k in parts[1:] if self.when(k, frame) > begun]
                return self.truth((parts[:1] + evaluated)[-1], frame)
        raise UnknownError

    def when(self, key, frame):
        """Return when span `key` was evaluated last; of a derived one, when the last thing inside it was."""
        own = [frame[key][0]] if key in frame else []
        return max(own + [self.when(k, frame) for k in self.inside[key]], default=0)

    def node(self, key):
        span = self.spans[key]
        return self.nodes[span.kind, span.line, span.column, span.end_line, span.end_column]


def _unknown():
    raise UnknownError
