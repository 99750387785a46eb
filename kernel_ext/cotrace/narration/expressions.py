"""How a value came about: an expression and the values that its parts had become facts, innermost first.

`Explainer.known` walks an expression in the order of evaluation. What it can show as arithmetic it keeps as a
`working` (``2 × 3 + 4``) that goes into the sentence about the whole; lookups, calls and operations on texts and
containers become facts of their own. Only what the recording holds is told: a part without a recorded value ends
the explanation of what is around it, never the narration.
"""

from __future__ import annotations

import ast

from cotrace.model.state import Atom, Value
from cotrace.narration import applied
from cotrace.narration.calls import Calls
from cotrace.narration.conditions import Conditions
from cotrace.narration.facts import Execution, Fact, Seen
from cotrace.narration.syntax import COMPREHENSIONS
from cotrace.narration.telling import NOTHING, Known
from cotrace.narration.values import is_plain, shown

NUMBERS = frozenset({"int", "float", "bool", "complex"})

WORKING = 90
"""A working longer than this many characters is cut into several facts."""

TURNS = 4
"""The elements of a comprehension of up to this many turns are explained."""

SEQUENCES = ("str", "list", "tuple", "bytes")


class Explainer(Calls, Conditions):
    """Explains the expressions of one execution."""

    def known(self, node: ast.expr) -> Known:
        """Explain an expression and return what is known of it."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        found: Known = method(node) if method else self._other(node)
        if found.seen is not None:
            self.at = max(self.at, found.seen.at)
            self.step = max(self.step, found.seen.step)
        return found

    def _constant(self, node: ast.Constant) -> Known:
        kind = type(node.value).__name__
        return Known(self._made(Atom(kind, repr(node.value))), literal=True)

    def _made(self, value: Value) -> Seen:
        return Seen(value, self.history.view(self.execution.first), self.at, self.execution.first)

    def _name(self, node: ast.Name) -> Known:
        seen = self.recorded(node)
        if seen is None:
            value = self.history.variable(self.execution.frame, node.id, self.execution.first)
            seen = self._made(value) if value is not None else None
        return Known(seen, node.id)

    def _attribute(self, node: ast.Attribute) -> Known:
        base = self.known(node.value)
        return Known(self.recorded(node), f"{base.place}.{node.attr}" if base.place else "")

    def _subscript(self, node: ast.Subscript) -> Known:
        base = self.known(node.value)
        seen = self.recorded(node)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node.slice, base, seen)
        index = self.index(node.slice)
        if seen is None or base.seen is None or index.seen is None:
            return Known(seen)
        self.at = max(self.at, seen.at)
        result = shown(seen.value, seen.heap, self.room)
        place = f"{base.place}[{self.text(index)}]" if base.place and _is_plain(index.seen) else ""
        if place:
            self.forget_reading(base.place)
            self.tell("read", place=place, value=result, steps=(seen.step,))
        elif _is_plain(index.seen):
            self.tell("element", a=self.operand(base), b=self.text(index), result=result, steps=(seen.step,))
        return Known(seen, place)

    def index(self, node: ast.expr) -> Known:
        """Explain an index; a single sum such as j + 1 is plain from the place it gives."""
        simple = isinstance(node, ast.BinOp) and not any(
            isinstance(part, ast.BinOp | ast.Call | ast.Subscript)
            for part in ast.walk(node)
            if part is not node
        )
        return self.quietly(node) if simple else self.settle(self.known(node))

    def _slice(self, node: ast.Slice, base: Known, seen: Seen | None) -> Known:
        bounds = {
            slot: self.settle(self.known(bound))
            for slot, bound in (("lower", node.lower), ("upper", node.upper), ("step", node.step))
            if bound is not None and not (isinstance(bound, ast.Constant) and bound.value is None)
        }
        if seen is None or base.seen is None or any(bound.seen is None for bound in bounds.values()):
            return Known(seen)
        self.at = max(self.at, seen.at)
        texts = {slot: self.text(bound) for slot, bound in bounds.items()}
        result = shown(seen.value, seen.heap, self.room)
        a = self.operand(base)
        steps = (seen.step,)
        if not texts:
            self.tell("copy", a=a, result=result, steps=steps)
        elif set(texts) == {"lower", "upper"}:
            self.tell("slice", a=a, b=texts["lower"], c=texts["upper"], result=result, steps=steps)
        elif set(texts) == {"lower"}:
            self.tell("slice-from", a=a, b=texts["lower"], result=result, steps=steps)
        elif set(texts) == {"upper"}:
            self.tell("slice-to", a=a, b=texts["upper"], result=result, steps=steps)
        elif texts == {"step": "-1"}:
            self.tell("reverse", a=a, result=result, steps=steps)
        elif set(texts) == {"step"}:
            self.tell("slice-step", a=a, b=texts["step"], result=result, steps=steps)
        else:
            ends = texts.get("lower", "None"), texts.get("upper", "None"), texts["step"]
            self.tell("slice-all", a=a, b=ends[0], c=ends[1], d=ends[2], result=result, steps=steps)
        return Known(seen)

    def _binop(self, node: ast.BinOp) -> Known:
        left, right = self.known(node.left), self.known(node.right)
        return self.operation(node.op, left, right, self.recorded(node))

    def operation(self, op: ast.operator, left: Known, right: Known, seen: Seen | None) -> Known:
        """Explain one arithmetic operation; `seen` is its result where that was recorded."""
        if left.seen is None or right.seen is None:
            return Known(seen)
        if type(op) in applied.SIGNS and self._is_number(left.seen) and self._is_number(right.seen):
            return self._arithmetic(op, left, right, seen)
        if seen is None:
            return NOTHING
        self.at = max(self.at, seen.at)
        phrase = self._operator_phrase(op, left.seen, right.seen)
        left, right = self.settle(left), self.settle(right)
        if phrase:
            result = shown(seen.value, seen.heap, self.room)
            a, b = self.operand(left), self.operand(right)
            self.tell(phrase, a=a, b=b, result=result, steps=(seen.step,))
        return Known(seen)

    def _arithmetic(self, op: ast.operator, left: Known, right: Known, seen: Seen | None) -> Known:
        sign, level = applied.SIGNS[type(op)]
        if len(left.working) + len(right.working) > WORKING:
            left, right = self.settle(left), self.settle(right)
        mixed = level == 2 and sign != "×"
        first, second = self.term(left, level, strict=mixed), self.term(right, level, strict=True)
        return Known(seen, working=f"{first} {sign} {second}", level=level)

    def _is_number(self, seen: Seen) -> bool:
        value = seen.value
        return isinstance(value, Atom) and value.type in NUMBERS and not value.cut and len(value.text) < 40

    def _operator_phrase(self, op: ast.operator, left: Seen, right: Seen) -> str:
        kinds = self.type_of(left), self.type_of(right)
        if isinstance(op, ast.Add) and kinds[0] == kinds[1] and kinds[0] in SEQUENCES:
            return "concat"
        if isinstance(op, ast.Mult) and kinds[1] == "int" and kinds[0] in SEQUENCES:
            return "repeat"
        if isinstance(op, ast.Mod) and kinds[0] == "str":
            return "fill"
        if type(op) in applied.SETS and kinds[0] in ("set", "frozenset") and kinds[1] in ("set", "frozenset"):
            return applied.SETS[type(op)]
        return ""

    def _unaryop(self, node: ast.UnaryOp) -> Known:
        seen = self.recorded(node)
        if isinstance(node.operand, ast.Constant) and isinstance(node.op, ast.USub | ast.UAdd):
            value = ast.literal_eval(node)
            return Known(seen or self._made(Atom(type(value).__name__, repr(value))), literal=True)
        if isinstance(node.op, ast.Not):
            self.test(node.operand)
            return Known(seen)
        self.settle(self.known(node.operand))
        return Known(seen)

    def _compare(self, node: ast.Compare) -> Known:
        self.test(node)
        return Known(self.recorded(node))

    def _boolop(self, node: ast.BoolOp) -> Known:
        last = NOTHING
        evaluated = [value for value in node.values if self.was_evaluated(value)]
        for value in evaluated[:-1]:
            self.test(value)
        if evaluated:
            last = self.known(evaluated[-1])
        return Known(self.recorded(node) or last.seen, last.place, last.working, last.level)

    def _ifexp(self, node: ast.IfExp) -> Known:
        outcome = self.test(node.test)
        if outcome is None:
            outcome = self.execution.touched(node.body)
        return self.known(node.body if outcome else node.orelse)

    def _namedexpr(self, node: ast.NamedExpr) -> Known:
        found = self.known(node.value)
        seen = found.seen or self.recorded(node)
        if seen is not None:
            self.set(node.target.id, Known(seen, found.place, found.working, found.level), (seen.step,))
        return Known(seen, node.target.id)

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> Known:
        before = len(self.facts)
        parts = [self.known(element) for element in node.elts]
        for part in parts:
            self.settle(part)
        literal = all(part.literal for part in parts) and len(self.facts) == before
        return Known(self.recorded(node), literal=literal)

    _list = _set = _display

    def _tuple(self, node: ast.Tuple) -> Known:
        return self._display(node)

    def _dict(self, node: ast.Dict) -> Known:
        literal = True
        for key, value in zip(node.keys, node.values, strict=True):
            for part in (key, value):
                if part is not None:
                    found = self.settle(self.known(part))
                    literal = literal and found.literal
        return Known(self.recorded(node), literal=literal)

    def _joinedstr(self, node: ast.JoinedStr) -> Known:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.settle(self.known(value.value))
        return Known(self.recorded(node))

    def _lambda(self, node: ast.Lambda) -> Known:
        return Known(self.recorded(node))

    def _other(self, node: ast.expr) -> Known:
        """Take the value of what is not explained further: awaits, yields."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.settle(self.known(child))
        return Known(self.recorded(node))

    # --- comprehensions ---

    def _listcomp(self, node: ast.ListComp | ast.SetComp) -> Known:
        return self._comprehension(node, [node.elt])

    _setcomp = _listcomp

    def _dictcomp(self, node: ast.DictComp) -> Known:
        return self._comprehension(node, [node.key, node.value])

    def _generatorexp(self, node: ast.GeneratorExp) -> Known:
        self.settle(self.known(node.generators[0].iter))
        return Known(self.recorded(node))  # its turns are in frames of their own

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp, parts: list[ast.expr]) -> Known:
        """Explain what a comprehension went over and, of a few turns, how each came to its element."""
        self.settle(self.known(node.generators[0].iter))
        turns = self.execution.turns(parts[-1], *node.generators[0].ifs)
        if (
            len(node.generators) == 1
            and len(turns) <= TURNS
            and not isinstance(node.generators[0].iter, COMPREHENSIONS)
        ):
            for turn in turns:
                self.facts += self._turn(turn, parts, node.generators[0].ifs)
        return Known(self.recorded(node))

    def _turn(self, turn: Execution, parts: list[ast.expr], tests: list[ast.expr]) -> list[Fact]:
        inner = Explainer(turn, self.scene)
        inner.at = self.at
        passed = [inner.test(test) is not False for test in tests]
        if all(passed):
            for part in parts:
                inner.settle(inner.known(part))
        self.at = max(self.at, inner.at)
        for fact in inner.facts:
            fact.kind = "detail"
        return inner.facts


def _is_plain(seen: Seen) -> bool:
    """Tell whether a value can stand in the name of a place."""
    return is_plain(seen.value, seen.heap)
