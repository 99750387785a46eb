"""The heads of loops: what a loop goes over, and what each pass takes from it."""

from __future__ import annotations

import ast

from cotrace.model.state import Atom
from cotrace.narration.expressions import Explainer
from cotrace.narration.facts import Fact
from cotrace.narration.places import names_in
from cotrace.narration.scene import listed
from cotrace.narration.syntax import Loop

AROUND = {"enumerate": "over", "zip": "over-pairs", "reversed": "over-reversed"}
"""Functions around what a loop goes over, with the phrase that tells it."""

VIEWS = ("items", "keys", "values")

CONTAINERS = ("list", "tuple", "set", "frozenset", "deque", "dict", "array")


class Loops:
    """Tells about one execution of a loop's head."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.execution = explainer.execution
        self.scene = explainer.scene

    def head(self, loop: Loop, *, enters: bool) -> list[Fact]:
        """Tell the head, and return the facts that come before its first pass."""
        if isinstance(loop, ast.While):
            if not isinstance(loop.test, ast.Constant):
                self.explainer.test(loop.test)
            return []
        before: list[Fact] = []
        if self.execution.touched(loop.iter):
            self._over(loop.iter)
            before, self.explainer.facts = self.explainer.facts, []
        names = names_in(loop.target)
        bindings = self.explainer.bindings(names) if enters else ""
        if bindings:
            self.explainer.tell("reads", "target", bindings=bindings).place = ", ".join(names)
        return before

    def _over(self, source: ast.expr) -> None:
        """Tell what the loop goes over."""
        if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and not source.keywords:
            if source.func.id == "range":
                self._over_range(source)
                return
            if source.func.id in AROUND and source.args:
                self._over_wrapped(source.func.id, source.args)
                return
        if (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Attribute)
            and source.func.attr in VIEWS
        ):
            self._over_view(source.func)
            return
        self._over_value(source)

    def _over_value(self, source: ast.expr) -> None:
        known = self.explainer.settle(self.explainer.known(source))
        if known.seen is None:
            return
        value = known.seen.value
        if isinstance(value, Atom) or known.seen.heap[value.id].kind in CONTAINERS:
            self.explainer.tell("over", "loop", operand=self.explainer.operand(known))

    def _over_view(self, source: ast.Attribute) -> None:
        known = self.explainer.known(source.value)
        if known.seen is not None:
            self.explainer.tell(f"over-{source.attr}", "loop", operand=self.explainer.operand(known))

    def _over_wrapped(self, name: str, arguments: list[ast.expr]) -> None:
        """Tell of enumerate, zip and reversed by what they were given."""
        if name != "zip":
            arguments = arguments[:1]
        known = [self.explainer.settle(self.explainer.known(argument)) for argument in arguments]
        if not all(self.explainer.is_showable(part) for part in known):
            return
        operands = [self.explainer.operand(part) for part in known]
        slots = {"operands": listed(operands)} if name == "zip" else {"operand": operands[0]}
        self.explainer.put(AROUND[name], "loop", slots)

    def _over_range(self, call: ast.Call) -> None:
        numbers = [self._number(argument) for argument in call.args]
        given = [number for number in numbers if number is not None]
        if len(given) != len(numbers) or not 1 <= len(given) <= 3 or given[2:] == [0]:
            return
        counted = range(*given)
        if not counted:
            return
        first, last, step = str(counted[0]), str(counted[-1]), str(counted.step)
        if len(counted) == 1:
            self.explainer.tell("over-one", "loop", first=first)
        elif counted.step == 1:
            self.explainer.tell("over-range", "loop", first=first, last=last)
        else:
            self.explainer.tell("over-range-step", "loop", first=first, last=last, step=step)

    def _number(self, node: ast.expr) -> int | None:
        known = self.explainer.settle(self.explainer.known(node))
        value = known.seen.value if known.seen is not None else None
        if not isinstance(value, Atom) or not value.literal:
            return None
        plain = value.value
        return int(plain) if isinstance(plain, int) else None
