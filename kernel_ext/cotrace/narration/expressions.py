"""How a value came about: an expression and the values that its parts had become facts, innermost first.

`Explainer.known` walks an expression in the order of evaluation. What it can show as arithmetic it keeps as a
`working` (``2 × 3 + 4``) that goes into the sentence about the whole; lookups, calls and operations on texts and
containers become facts of their own. Only what the recording holds is told: a part without a recorded value ends
the explanation of what is around it, never the narration.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Protocol

from cotrace.model.state import Atom, HeapObject, Ref, Value
from cotrace.narration import applied
from cotrace.narration.facts import Execution, Fact, Seen, truth
from cotrace.narration.history import History
from cotrace.narration.syntax import COMPREHENSIONS
from cotrace.narration.values import shown

NUMBERS = frozenset({"int", "float", "bool", "complex"})

WORKING = 90
"""A working longer than this many characters is cut into several facts."""

SILENT = frozenset({"print", "range", "enumerate", "zip", "iter", "map", "filter", "super", "input", "open"})
"""Functions whose results say nothing by themselves."""

MOST_PARTS = 8
"""What a generator expression gave is listed up to this many values."""

SHORT = 24
"""A value up to this many characters is written out although it has a name."""


@dataclass(slots=True)
class Known:
    """What is known of one expression."""

    seen: Seen | None
    place: str = ""
    """Where the value is kept, where it is kept somewhere."""

    working: str = ""
    level: int = 9
    """How tightly the working's outermost sign binds."""

    literal: bool = False
    """True if the source text itself says the value."""


NOTHING = Known(None)


class Reader(Protocol):
    """What an explainer asks of the whole trace."""

    history: History
    room: int
    """How many characters a value may take."""

    defined: frozenset[str]
    """Names that the traced code itself gives a meaning: they are not Python's own functions."""

    def module_of(self, frame: int) -> int:
        """Return the frame of a frame's module."""

    def calls(self, execution: Execution, name: str) -> bool:
        """Tell whether an execution ran a recorded function of this name."""

    def yielded(self, execution: Execution) -> list[Seen] | None:
        """Return what a generator expression in an execution gave; None where there is not just one."""


class Explainer:
    """Explains the expressions of one execution."""

    def __init__(self, execution: Execution, reader: Reader) -> None:
        self.execution = execution
        self.history = reader.history
        self.room = reader.room
        self.defined = reader.defined
        self.module = reader.module_of(execution.frame)
        self.reader = reader
        self.facts: list[Fact] = []
        self.at = execution.first + 1

    # --- texts -------------------------------------------------------------------------------------------------

    def text(self, known: Known) -> str:
        """Return a known value as text."""
        assert known.seen is not None  # noqa: S101 - every caller has looked
        return shown(known.seen.value, known.seen.heap, self.room)

    def operand(self, known: Known) -> str:
        """Return how a sentence refers to a value: its place if it is long, else the value itself."""
        assert known.seen is not None  # noqa: S101 - every caller has looked
        text = self.text(known)
        named = isinstance(known.seen.value, Ref) or len(text) > SHORT
        return known.place if known.place and named else text

    def term(self, known: Known, level: int, *, strict: bool = False) -> str:
        """Return a value or working as an operand of a sign that binds as tightly as `level`."""
        if not known.working:
            text = self.text(known)
            return f"({text})" if level == 3 and text.startswith("-") else text
        loose = known.level < level or (known.level == level and (strict or level in (0, 3)))
        return f"({known.working})" if loose else known.working

    # --- facts -------------------------------------------------------------------------------------------------

    def tell(self, phrase: str, kind: str = "detail", *, steps: tuple[int, ...] = (), **slots: str) -> Fact:
        """Add a fact that becomes so now."""
        lasting = kind in ("set", "initial", "change", "return", "loop")
        steps = steps or (tuple(self.execution.steps) if lasting else (self.execution.first,))
        fact = Fact(phrase, slots, steps, self.at, self.execution.frame, kind, end=self.execution.end)
        self.facts.append(fact)
        return fact

    def settle(self, known: Known) -> Known:
        """Tell a working as a fact of its own, so that the value alone can stand for it."""
        if known.working and known.seen is not None:
            self.tell("work", working=f"{known.working} = {self.text(known)}", steps=(known.seen.step,))
            return Known(known.seen, known.place)
        return known

    # --- expressions -------------------------------------------------------------------------------------------

    def known(self, node: ast.expr) -> Known:
        """Explain an expression and return what is known of it."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        found: Known = method(node) if method else self._other(node)
        if found.seen is not None:
            self.at = max(self.at, found.seen.at)
        return found

    def _recorded(self, node: ast.expr) -> Seen | None:
        return self.execution.value_of(node)

    def _constant(self, node: ast.Constant) -> Known:
        kind = type(node.value).__name__
        return Known(self._made(Atom(kind, repr(node.value))), literal=True)

    def _made(self, value: Value) -> Seen:
        return Seen(value, self.history.view(self.execution.first), self.at, self.execution.first)

    def _name(self, node: ast.Name) -> Known:
        seen = self._recorded(node)
        if seen is None:
            value = self.history.variable(self.execution.frame, node.id, self.execution.first)
            seen = self._made(value) if value is not None else None
        return Known(seen, node.id)

    def _attribute(self, node: ast.Attribute) -> Known:
        base = self.known(node.value)
        return Known(self._recorded(node), f"{base.place}.{node.attr}" if base.place else "")

    def _subscript(self, node: ast.Subscript) -> Known:
        base = self.known(node.value)
        seen = self._recorded(node)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node.slice, base, seen)
        index = self.index(node.slice)
        if seen is None or base.seen is None or index.seen is None:
            return Known(seen)
        self.at = max(self.at, seen.at)
        result = shown(seen.value, seen.heap, self.room)
        place = (
            f"{base.place}[{self.text(index)}]" if base.place and isinstance(index.seen.value, Atom) else ""
        )
        if place:
            self.forget_reading(base.place)
            self.tell("read", place=place, value=result, steps=(seen.step,))
        else:
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
        return self.operation(node.op, left, right, self._recorded(node))

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
        kinds = self._type(left), self._type(right)
        if isinstance(op, ast.Add) and kinds[0] == kinds[1] and kinds[0] in ("str", "list", "tuple", "bytes"):
            return "concat"
        if isinstance(op, ast.Mult) and kinds[1] == "int" and kinds[0] in ("str", "list", "tuple", "bytes"):
            return "repeat"
        if isinstance(op, ast.Mod) and kinds[0] == "str":
            return "fill"
        if type(op) in applied.SETS and kinds[0] in ("set", "frozenset") and kinds[1] in ("set", "frozenset"):
            return applied.SETS[type(op)]
        return ""

    def _type(self, seen: Seen) -> str:
        if isinstance(seen.value, Atom):
            return seen.value.type
        found = seen.heap.get(seen.value.id)
        return found.type if found is not None else ""

    def _unaryop(self, node: ast.UnaryOp) -> Known:
        seen = self._recorded(node)
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
        return Known(self._recorded(node))

    def _boolop(self, node: ast.BoolOp) -> Known:
        last = NOTHING
        evaluated = [value for value in node.values if self._was_evaluated(value)]
        for value in evaluated[:-1]:
            self.test(value)
        if evaluated:
            last = self.known(evaluated[-1])
        return Known(self._recorded(node) or last.seen, last.place, last.working, last.level)

    def _was_evaluated(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Constant) or self.execution.touched(node)

    def _ifexp(self, node: ast.IfExp) -> Known:
        outcome = self.test(node.test)
        if outcome is None:
            outcome = self.execution.touched(node.body)
        return self.known(node.body if outcome else node.orelse)

    def _namedexpr(self, node: ast.NamedExpr) -> Known:
        found = self.known(node.value)
        seen = found.seen or self._recorded(node)
        if seen is not None:
            self.set(node.target.id, Known(seen, found.place, found.working, found.level), (seen.step,))
        return Known(seen, node.target.id)

    def set(self, place: str, known: Known, steps: tuple[int, ...]) -> None:
        """Tell that a place gets a value."""
        if known.seen is None:
            return
        value = self.text(known)
        if self._stays(place, known):
            fact = self.tell("stay", "set", steps=steps, place=place, value=value)
        elif known.working:
            fact = self.tell(
                "set-working", "set", steps=steps, place=place, working=f"{known.working} = {value}"
            )
        elif known.place and known.place != place:
            self.forget_reading(known.place)
            fact = self.tell("set-from", "set", steps=steps, place=place, source=known.place, value=value)
        else:
            kind = "initial" if known.literal else "set"
            fact = self.tell("set", kind, steps=steps, place=place, value=value)
        fact.place, fact.value = place, value

    def forget_reading(self, place: str) -> None:
        """Drop the last fact if it only reads a place that the next one names."""
        if self.facts and self.facts[-1].phrase == "read" and self.facts[-1].slots["place"] == place:
            self.facts.pop()

    def _stays(self, place: str, known: Known) -> bool:
        """Tell whether a place has had this very value before: giving it again changes nothing."""
        if known.seen is None or not isinstance(known.seen.value, Atom):
            return False
        return self.before(place) == known.seen.value

    def before(self, place: str) -> Value | None:
        """Return what was at a place before the execution, if the place's text says where to look."""
        name = re.match(r"\w+", place)
        if name is None:
            return None
        value = self.variable(name[0])
        for attribute, index in re.findall(
            r"\.(\w+)|\[((?:[^\]'\"]|'[^']*'|\"[^\"]*\")*)\]", place[name.end() :]
        ):
            seen = self.history.object(value.id, self.execution.first) if isinstance(value, Ref) else None
            if seen is None:
                return None
            value = _part(seen, attribute, index)
        return value

    def variable(self, name: str) -> Value | None:
        """Return a variable's value before the execution, in its frame or its module."""
        for frame in (self.execution.frame, self.module):
            if self.history.has(frame, name):
                return self.history.variable(frame, name, self.execution.first)
        return None

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> Known:
        before = len(self.facts)
        parts = [self.known(element) for element in node.elts]
        for part in parts:
            self.settle(part)
        literal = all(part.literal for part in parts) and len(self.facts) == before
        return Known(self._recorded(node), literal=literal)

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
        return Known(self._recorded(node), literal=literal)

    def _joinedstr(self, node: ast.JoinedStr) -> Known:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.settle(self.known(value.value))
        return Known(self._recorded(node))

    def _lambda(self, node: ast.Lambda) -> Known:
        return Known(self._recorded(node))

    def _other(self, node: ast.expr) -> Known:
        """Take the value of what is not explained further: comprehensions, awaits, yields."""
        if not isinstance(node, (*COMPREHENSIONS, ast.Lambda)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.settle(self.known(child))
        elif node.generators:  # type: ignore[attr-defined]
            self.settle(self.known(node.generators[0].iter))  # type: ignore[attr-defined]
        return Known(self._recorded(node))

    # --- calls -------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Known:
        seen = self._recorded(node)
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
        if name in self.defined or name in SILENT or self.reader.calls(self.execution, name):
            return
        result = shown(seen.value, seen.heap, self.room)
        steps = (seen.step,)
        if len(node.args) == 1 and self._from_parts(name, node.args[0], result, steps):
            return
        if not all(self._is_showable(argument) for argument in arguments):
            return
        phrase = applied.FUNCTIONS.get((name, len(arguments)))
        operands = [self.operand(argument) for argument in arguments]
        if node.keywords:
            self._with_keywords(node, name, operands, result, steps)
        elif phrase and operands[0] == result:
            return  # 3 as an integer is 3
        elif phrase:
            self.tell(phrase, result=result, steps=steps, **dict(zip("abc", operands, strict=False)))
        elif name in applied.MANY and len(arguments) > 1:
            self.tell(applied.MANY[name], args=listed(operands), result=result, steps=steps)
        elif isinstance(seen.value, Atom) and operands:
            self.tell("gives", callee=name, args=listed(operands), result=result, steps=steps)

    def _is_module(self, node: ast.expr, known: Known) -> bool:
        if not isinstance(node, ast.Name) or known.seen is None or not isinstance(known.seen.value, Ref):
            return False
        seen = known.seen.heap.get(known.seen.value.id)
        return seen is not None and seen.kind == "module"

    def _is_showable(self, known: Known) -> bool:
        """Tell whether a value says something: iterators and views only have a number."""
        return known.seen is not None and self._is_telling(known.seen)

    def _with_keywords(
        self, node: ast.Call, name: str, operands: list[str], result: str, steps: tuple[int, ...]
    ) -> None:
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        if name != "sorted" or len(operands) != 1:
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
        if maker in self.defined or maker not in ("map", "filter", "zip", "range"):
            return False
        given = [self.operand(k) for k in map(self.quietly, argument.args) if self._is_showable(k)]
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

    def quietly(self, node: ast.expr) -> Known:
        """Return what is known of an expression that was explained before."""
        kept = self.facts
        self.facts = []
        try:
            return self.known(node)
        finally:
            self.facts = kept

    def _from_generator(self, name: str, result: str, steps: tuple[int, ...]) -> None:
        parts = self.reader.yielded(self.execution)
        if not parts or len(parts) > MOST_PARTS:
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
        if not all(self._is_showable(argument) for argument in arguments):
            return
        if seen.value == Atom("NoneType", "None") or name in ("pop", "popleft", "popitem"):
            return  # what it did is a change, told as one
        kind = self._type(receiver.seen)
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
        elif kind in ("str", "list", "dict", "tuple", "set", "bytes", "int", "float") and self._is_telling(
            seen
        ):
            if operands:
                self.tell("method-args", callee=name, a=a, args=listed(operands), result=result, steps=steps)
            else:
                self.tell("method", callee=name, a=a, result=result, steps=steps)

    def _is_telling(self, seen: Seen) -> bool:
        """Tell whether a result says something: views and iterators only have a number."""
        if isinstance(seen.value, Atom):
            return True
        found = seen.heap.get(seen.value.id)
        return found is not None and found.kind in ("list", "tuple", "set", "frozenset", "dict")

    def _join_parts(self, separator: Known, result: str) -> None:
        parts = self.reader.yielded(self.execution)
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

    # --- tests -------------------------------------------------------------------------------------------------

    def test(self, node: ast.expr) -> bool | None:
        """Explain a test and tell how it came out; return the outcome, None where it is not known."""
        if isinstance(node, ast.BoolOp):
            outcome: bool | None = None
            for value in node.values:
                if self._was_evaluated(value):
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
        if isinstance(found.seen.value, Ref) or self._type(found.seen) == "str":
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
        if told:
            self.facts[-1].kind = "test"
        elif name and name not in self.defined:
            self.tell("gives-bare", "test", callee=name, result=text, steps=steps)

    def _comparison(self, node: ast.Compare) -> bool | None:
        sides = [node.left, *node.comparators]
        known: list[Known] = []
        for side in sides:
            if known and not self._was_evaluated(side):
                break
            known.append(self.known(side))
        outcome = self.execution.truth_of(node)
        if outcome is None or any(part.seen is None for part in known) or len(known) < 2:
            return outcome
        if len(known) < len(sides) and outcome:
            return outcome
        ops = node.ops[: len(known) - 1]
        if len(ops) == 1:
            return self._simple_comparison(ops[0], known[0], known[1], outcome)
        settled = [self.settle(part) for part in known]
        text = self.operand(settled[0])
        for op, part in zip(ops, settled[1:], strict=True):
            text += f" {applied.COMPARISONS[type(op)]} {self.operand(part)}"
        self.tell("true" if outcome else "false", "test", condition=text)
        return outcome

    def _simple_comparison(self, op: ast.cmpop, left: Known, right: Known, outcome: bool) -> bool:
        if isinstance(op, ast.Is | ast.IsNot) and right.literal and self.text(right) == "None":
            return self._none_test(left, outcome, same=isinstance(op, ast.Is) is outcome)
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(left, right, outcome, inside=isinstance(op, ast.In) is outcome)
        equal = isinstance(op, ast.Eq | ast.NotEq)
        right = self.settle(right)
        if left.working and equal and isinstance(op, ast.Eq) is not outcome and left.seen is not None:
            working = f"{left.working} = {self.text(left)}"
            phrase = "work-unequal" if outcome else "work-false"
            self.tell(phrase, "test", working=working, wanted=self.text(right))
            return outcome
        if not (left.working and isinstance(op, ast.Eq) and outcome):
            left = self.settle(left)
        first = left.working or self.operand(left)
        sign = applied.COMPARISONS[type(op)]
        self.tell("true" if outcome else "false", "test", condition=f"{first} {sign} {self.operand(right)}")
        return outcome

    def _membership(self, left: Known, right: Known, outcome: bool, *, inside: bool) -> bool:
        sign = "is in" if inside else "is not in"
        left, right = self.settle(left), self.settle(right)
        self.tell("holds", "test", condition=f"{self.operand(left)} {sign} {self.operand(right)}")
        return outcome

    def _none_test(self, left: Known, outcome: bool, *, same: bool) -> bool:
        left = self.settle(left)
        name = left.place or self.operand(left)
        self.forget_reading(name)
        if same:
            self.tell("is-none", "test", place=name)
        else:
            self.tell("not-none", "test", operand=name)
        return outcome


def _part(seen: HeapObject, attribute: str, index: str) -> Value | None:
    """Return an attribute, or the element or entry whose index or key has this text."""
    if attribute:
        return next((value for name, value in seen.attributes if name == attribute), None)
    for key, value in seen.entries:
        if isinstance(key, Atom) and key.text == index:
            return value
    if index.lstrip("-").isdigit() and seen.positions is None and seen.elements:
        place = int(index)
        return seen.elements[place] if -len(seen.elements) <= place < len(seen.elements) else None
    return None


def _is_index(value: Value) -> bool:
    return (
        isinstance(value, Atom)
        and value.type in ("int", "str", "bool", "float", "NoneType")
        and not value.cut
    )


def listed(texts: list[str]) -> str:
    """Return texts as an English list: ``a, b and c``."""
    if len(texts) < 2:
        return "".join(texts)
    return ", ".join(texts[:-1]) + " and " + texts[-1]
