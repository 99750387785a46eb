"""Calls of Python's own functions and methods: what they were given and what they gave.

A call of a function that was recorded itself is left to that function's own facts. What is in the tables of
`cotrace.narration.applied` has a phrase of its own; of anything else the name, the operands and the result are told.
"""

from __future__ import annotations

import ast

from cotrace.model.state import Atom, Ref
from cotrace.narration import applied
from cotrace.narration.facts import Seen
from cotrace.narration.telling import NOTHING, Known, Telling, listed
from cotrace.narration.values import shown

SILENT = frozenset(
    {"print", "range", "enumerate", "zip", "iter", "map", "filter", "super", "input", "open", "isinstance"}
)
"""Functions whose results say nothing by themselves."""

MOST_PARTS = 8
"""What a generator expression gave is listed up to this many values."""

PLAIN = frozenset({"str", "list", "dict", "tuple", "set", "bytes", "int", "float"})
"""The types whose methods are told by name."""


class Calls(Telling):
    """Explains calls."""

    def _call(self, node: ast.Call) -> Known:
        seen = self.recorded(node)
        receiver = self.known(node.func.value) if isinstance(node.func, ast.Attribute) else NOTHING
        receiver = self.settle(receiver)
        arguments = [self.settle(self.known(argument)) for argument in node.args]
        for keyword in node.keywords:
            self.settle(self.known(keyword.value))
        if seen is None:
            return NOTHING
        self.at = max(self.at, seen.at)
        if isinstance(node.func, ast.Name):
            self._function(node, node.func.id, arguments, seen)
        elif isinstance(node.func, ast.Attribute) and self._is_module(node.func.value, receiver):
            self._function(node, ast.unparse(node.func), arguments, seen)
        elif isinstance(node.func, ast.Attribute):
            self._method(node, node.func.attr, receiver, arguments, seen)
        return Known(seen)

    def _function(self, node: ast.Call, name: str, arguments: list[Known], seen: Seen) -> None:
        if name in self.scene.defined or name in SILENT or self.scene.calls(self.execution, name):
            return
        result = shown(seen.value, seen.heap, self.room)
        steps = (seen.step,)
        if len(node.args) == 1 and self._from_parts(name, node.args[0], result, steps):
            return
        if not all(self.is_showable(argument) for argument in arguments):
            return
        phrase = applied.FUNCTIONS.get((name, len(arguments))) if self.variable(name) is None else None
        operands = [self.operand(argument) for argument in arguments]
        if node.keywords:
            self._with_keywords(node, name, operands, result, steps)
        elif phrase and operands[0] == result:
            return  # 3 as an integer is 3
        elif phrase:
            self.tell(phrase, result=result, steps=steps, **dict(zip("abc", operands, strict=False)))
        elif name in applied.MANY and len(arguments) > 1 and self.variable(name) is None:
            self.tell(applied.MANY[name], args=listed(operands), result=result, steps=steps)
        elif isinstance(seen.value, Atom) and operands:
            self.tell("gives", callee=name, args=listed(operands), result=result, steps=steps)

    def _is_module(self, node: ast.expr, known: Known) -> bool:
        if not isinstance(node, ast.Name) or known.seen is None or not isinstance(known.seen.value, Ref):
            return False
        seen = known.seen.heap.get(known.seen.value.id)
        return seen is not None and seen.kind == "module"

    def _with_keywords(
        self, node: ast.Call, name: str, operands: list[str], result: str, steps: tuple[int, ...]
    ) -> None:
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        if self.variable(name) is not None or len(operands) != 1 or name not in ("sorted", "max", "min"):
            return
        if name != "sorted":
            if "key" in words:
                self.tell(f"{name}-by", a=operands[0], result=result, steps=steps)
            return
        down = words.get("reverse")
        if "key" in words:
            self.tell("sorted-by", a=operands[0], result=result, steps=steps)
        elif isinstance(down, ast.Constant) and down.value is True:
            self.tell("sorted-down", a=operands[0], result=result, steps=steps)

    def _from_parts(self, name: str, argument: ast.expr, result: str, steps: tuple[int, ...]) -> bool:
        """Tell what was made of a generator expression, or of map, filter, zip or range; False if it was not."""
        if isinstance(argument, ast.GeneratorExp):
            self._from_generator(name, result, steps)
            return True
        if not isinstance(argument, ast.Call) or not isinstance(argument.func, ast.Name):
            return False
        maker = argument.func.id
        if maker in self.scene.defined or maker not in ("map", "filter", "zip", "range"):
            return False
        given = [self.operand(k) for k in map(self.quietly, argument.args) if self.is_showable(k)]
        if maker == "zip" and name in ("list", "dict") and len(given) == len(argument.args):
            self.tell(
                "pair-up" if name == "list" else "pair-dict", args=listed(given), result=result, steps=steps
            )
        elif maker == "range" and name == "list" and 1 <= len(given) == len(argument.args) <= 2:
            a, b = given if len(given) == 2 else ("0", given[0])
            self.tell("count-up", a=a, b=b, result=result, steps=steps)
        elif maker == "filter" and name == "list" and given:
            self.tell("filter", a=given[-1], result=result, steps=steps)
        elif maker == "map" and name == "list" and len(argument.args) == 2 and given:
            function = argument.args[0]
            if isinstance(function, ast.Name):
                self.tell("map", function=function.id, a=given[-1], result=result, steps=steps)
            else:
                self.tell("map-some", a=given[-1], result=result, steps=steps)
        return True

    def _from_generator(self, name: str, result: str, steps: tuple[int, ...]) -> None:
        parts = self.scene.yielded(self.execution)
        if not parts or not 1 < len(parts) <= MOST_PARTS:
            if name in ("any", "all"):
                self.tell("gives-bare", callee=name, result=result, steps=steps)
            return
        args = listed([shown(part.value, part.heap, self.room) for part in parts])
        where = tuple(self.execution.steps)
        if name in ("any", "all"):
            self.tell(name if result == "True" else f"{name}-not", args=args, steps=where)
        elif name in ("sum", "max", "min") and len(parts) > 1:
            self.tell(f"{name}-of", args=args, result=result, steps=where)

    def _method(self, node: ast.Call, name: str, receiver: Known, arguments: list[Known], seen: Seen) -> None:
        if receiver.seen is None or node.keywords:
            return
        if name == "join" and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            self._join_parts(receiver, shown(seen.value, seen.heap, self.room))
            return
        if not all(self.is_showable(argument) for argument in arguments):
            return
        if seen.value == Atom("NoneType", "None") or name in ("pop", "popleft", "popitem"):
            return  # what it did is a change, told as one
        kind = self.type_of(receiver.seen)
        result = shown(seen.value, seen.heap, self.room)
        operands = [self.operand(argument) for argument in arguments]
        steps = (seen.step,)
        a = self.operand(receiver)
        phrase, kinds = applied.METHODS.get((name, len(arguments)), ("", frozenset[str]()))
        if name == "join" and kind == "str" and len(arguments) == 1:
            self._join(a, operands[0], result, steps)
        elif name in ("startswith", "endswith") and kind == "str" and len(arguments) == 1:
            phrase = {"startswith": "starts", "endswith": "ends"}[name] + ("" if result == "True" else "-not")
            self.tell(phrase, a=a, b=operands[0], steps=steps)
        elif phrase and kind in kinds:
            if phrase == "count" and result == "1":
                self.tell("count-once", a=a, b=operands[0], steps=steps)
                return
            self.tell(phrase, a=a, result=result, steps=steps, **dict(zip("bc", operands, strict=False)))
        elif kind in PLAIN and self.is_showable(Known(seen)):
            if operands:
                self.tell("method-args", callee=name, a=a, args=listed(operands), result=result, steps=steps)
            else:
                self.tell("method", callee=name, a=a, result=result, steps=steps)

    def _join_parts(self, separator: Known, result: str) -> None:
        parts = self.scene.yielded(self.execution)
        if not parts or not 1 < len(parts) <= MOST_PARTS:
            return
        args = listed([shown(part.value, part.heap, self.room) for part in parts])
        text, steps = self.text(separator), tuple(self.execution.steps)
        if text == "''":
            self.tell("join-some-bare", args=args, result=result, steps=steps)
        else:
            self.tell("join-some", args=args, b=text, result=result, steps=steps)

    def _join(self, separator: str, joined: str, result: str, steps: tuple[int, ...]) -> None:
        if separator in ("''", '""'):
            self.tell("join-bare", a=joined, result=result, steps=steps)
        else:
            self.tell("join", a=joined, b=separator, result=result, steps=steps)
