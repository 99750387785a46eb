"""Tests: what was compared with what, and how it came out.

A test is taken apart down to the comparisons that were made; an operand behind an `and` or `or` that was not reached
is not told. What fails is told as what holds where that reads better: ``3 is not in seen``.
"""

from __future__ import annotations

import ast

from cotrace.model.state import Ref
from cotrace.narration import applied
from cotrace.narration.facts import truth
from cotrace.narration.telling import Known, Telling


class Conditions(Telling):
    """Explains tests."""

    def test(self, node: ast.expr) -> bool | None:
        """Explain a test and tell how it came out; return the outcome, None where it is not known."""
        if isinstance(node, ast.BoolOp):
            outcome: bool | None = None
            for value in node.values:
                if self.was_evaluated(value):
                    outcome = self.test(value)
            own = self.execution.truth_of(node)
            return outcome if own is None else own
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.test(node.operand)
            return None if inner is None else not inner
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Constant):
            return bool(node.value)
        return self._plain_test(node)

    def _plain_test(self, node: ast.expr) -> bool | None:
        before = len(self.facts)
        found = self.settle(self.known(node))
        outcome = self.execution.truth_of(node)
        if outcome is None and found.seen is not None:
            outcome = truth(found.seen.value, found.seen.heap)
        if outcome is None or found.seen is None:
            return outcome
        text = self.text(found)
        steps = (found.seen.step,)
        told_by_result = len(self.facts) > before and self.facts[-1].slots.get("result") == text
        if isinstance(found.seen.value, Ref) or self.type_of(found.seen) == "str":
            operand = found.place or text
            empty = truth(found.seen.value, found.seen.heap) is not None
            names = ("not-empty", "empty") if empty else ("truthy", "falsy")
            self.tell(names[0] if outcome else names[1], "test", operand=operand, steps=steps)
        elif found.place and not (self.facts[before:] and self.facts[-1].slots.get("place") == found.place):
            self.tell("reads", "test", bindings=f"{found.place} is {text}", steps=steps)
        elif isinstance(node, ast.Call):
            self._called_test(node, text, told=len(self.facts) > before, steps=steps)
        elif not told_by_result:
            self.tell("truthy" if outcome else "falsy", "test", operand=text, steps=steps)
        else:
            self.facts[-1].kind = "test"
        return outcome

    def _called_test(self, node: ast.Call, text: str, *, told: bool, steps: tuple[int, ...]) -> None:
        """Tell a test that is a call, unless a fact about it, or the called function's own return, does."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "isinstance" and len(node.args) == 2 and isinstance(node.args[1], ast.Name):
            known = self.quietly(node.args[0])
            if known.seen is not None:
                phrase = "instance" if text == "True" else "no-instance"
                self.tell(phrase, "test", operand=self.operand(known), type=node.args[1].id, steps=steps)
        elif told:
            self.facts[-1].kind = "test"
        elif name and name not in self.scene.defined:
            self.tell("gives-bare", "test", callee=name, result=text, steps=steps)

    def _comparison(self, node: ast.Compare) -> bool | None:
        asked = isinstance(node.ops[0], ast.In | ast.NotIn)
        sides = [node.left, *(map(_keyed, node.comparators) if asked else node.comparators)]
        known: list[Known] = []
        for side in sides:
            if known and not self.was_evaluated(side):
                break
            known.append(self.known(side))
        outcome = self.execution.truth_of(node)
        if outcome is None or any(part.seen is None for part in known) or len(known) < 2:
            return outcome
        if len(known) < len(sides) and outcome:
            return outcome
        ops = node.ops[: len(known) - 1]
        if len(ops) == 1:
            return self._simple_comparison(node, known[0], known[1], outcome=outcome)
        settled = [self.settle(part) for part in known]
        text = self.operand(settled[0])
        for op, part in zip(ops, settled[1:], strict=True):
            text += f" {applied.COMPARISONS[type(op)]} {self.operand(part)}"
        self.tell("true" if outcome else "false", "test", condition=text)
        return outcome

    def _simple_comparison(self, node: ast.Compare, left: Known, right: Known, *, outcome: bool) -> bool:
        op = node.ops[0]
        if isinstance(op, ast.Is | ast.IsNot) and right.literal and self.text(right) == "None":
            return self._none_test(left, outcome=outcome, same=isinstance(op, ast.Is) is outcome)
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(left, right, outcome=outcome, inside=isinstance(op, ast.In) is outcome)
        equal = isinstance(op, ast.Eq | ast.NotEq)
        if (equal or isinstance(op, ast.Is | ast.IsNot)) and self._types(node, left, right):
            return outcome
        right = self.settle(right)
        if left.working and equal and isinstance(op, ast.Eq) is not outcome and left.seen is not None:
            working = f"{left.working} = {self.text(left)}"
            phrase = "work-unequal" if outcome else "work-false"
            self.tell(phrase, "test", working=working, wanted=self.text(right))
            return outcome
        if not (left.working and isinstance(op, ast.Eq) and outcome):
            left = self.settle(left)
        sign = applied.COMPARISONS[type(op)]
        if isinstance(op, ast.Is | ast.IsNot) and left.place:
            same = isinstance(op, ast.Is) is outcome
            b = right.place or self.text(right)
            self.tell("identical" if same else "not-identical", "test", a=left.place, b=b)
            return outcome
        first = left.working or self.operand(left)
        self.tell("true" if outcome else "false", "test", condition=f"{first} {sign} {self.operand(right)}")
        return outcome

    def _types(self, node: ast.Compare, left: Known, right: Known) -> bool:
        """Tell a comparison of ``type(x)`` with a class; False if it is none."""
        call, names = node.left, (self.class_name(left), self.class_name(right))
        if not isinstance(call, ast.Call) or len(call.args) != 1 or not all(names):
            return False
        known = self.quietly(call.args[0])
        if known.seen is None:
            return False
        slots = {"operand": self.operand(known), "type": names[0]}
        if names[0] == names[1]:
            self.put("type-is", "test", slots)
        else:
            self.put("type-is-not", "test", {**slots, "other": names[1]})
        return True

    def _membership(self, left: Known, right: Known, *, outcome: bool, inside: bool) -> bool:
        sign = "is in" if inside else "is not in"
        left, right = self.settle(left), self.settle(right)
        self.tell("holds", "test", condition=f"{self.operand(left)} {sign} {self.operand(right)}")
        return outcome

    def _none_test(self, left: Known, *, outcome: bool, same: bool) -> bool:
        left = self.settle(left)
        name = left.place or self.operand(left)
        self.forget_reading(name)
        if same:
            self.tell("is-none", "test", place=name)
        else:
            self.tell("not-none", "test", operand=name)
        return outcome


def _keyed(node: ast.expr) -> ast.expr:
    """Return the dictionary whose keys are asked for: what is in the one is in the other."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        return node.func.value if node.func.attr == "keys" else node
    return node
