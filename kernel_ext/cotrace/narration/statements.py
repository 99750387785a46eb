"""One executed statement becomes facts, in the order in which they came about.

`Teller.facts_of` looks at the kind of each statement that an execution ran and hands its expressions to the
`Explainer`; what the statement did to objects is taken from the deltas that it caused. Where nothing of a statement
was recorded but the deltas (code that was traced by line), these alone are told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cotrace.model.state import (
    Appear,
    Atom,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
    Value,
)
from cotrace.model.trace import EventKind, Frame, Trace
from cotrace.narration.expressions import Explainer, Known, listed
from cotrace.narration.facts import Execution, Fact, Seen
from cotrace.narration.history import History
from cotrace.narration.syntax import FUNCTIONS, LOOPS, Loop, Syntax, Unit
from cotrace.narration.values import shown

QUIET = ("print",)


class Teller:
    """Makes the facts of executions of one trace."""

    def __init__(self, trace: Trace, history: History, syntaxes: list[Syntax], room: int) -> None:
        self.trace = trace
        self.history = history
        self.syntaxes = syntaxes
        self.room = room
        self.defined = frozenset(_defined(syntaxes))
        self.recursive = frozenset(_recursive(trace))
        self.frames_by_parent: dict[int, list[Frame]] = {}
        for frame in trace.frames:
            self.frames_by_parent.setdefault(frame.parent, []).append(frame)

    def module_of(self, frame: int) -> int:
        """Return the frame of a frame's module."""
        return self.trace.frames[frame].globals

    def where(self, frame: int) -> str:
        """Return the parameters of a call of a function that calls itself: they tell its returns apart."""
        own = self.trace.frames[frame]
        if (own.source, own.name) not in self.recursive:
            return ""
        bindings = self.parameters(own)
        return bindings if len(bindings) <= 60 else ""

    def parameters(self, frame: Frame) -> str:
        """Return what a call was given, as a list of parameters that say something."""
        start = self.trace.steps[frame.start]
        view = self.history.view(frame.start)
        given = {
            delta.name: shown(delta.value, view, self.room)
            for delta in start.delta
            if isinstance(delta, Bind) and delta.frame == frame.id
        }
        block = self.syntaxes[frame.source].block_of(frame) if frame.source >= 0 else None
        names = block.parameters if block is not None else None
        return listed(
            [
                f"{name} is {given[name]}"
                for name in (list(given) if names is None else names)
                if name in given
            ]
        )

    def calls(self, execution: Execution, name: str) -> bool:
        """Tell whether an execution ran a recorded function of this name."""
        return any(
            callee_of(frame.name).rpartition(".")[2] == name
            and execution.first < frame.start <= execution.end
            for frame in self.frames_by_parent.get(execution.frame, ())
        )

    def yielded(self, execution: Execution) -> list[Seen] | None:
        """Return what a generator expression in an execution gave; None where there is not just one."""
        frames = [
            frame
            for frame in self.frames_by_parent.get(execution.frame, ())
            if execution.first < frame.start < execution.end and frame.name.endswith("<genexpr>")
        ]
        if len(frames) != 1:
            return None
        found: list[Seen] = []
        for index in self.trace.frame_steps(frames[0].id):
            step = self.trace.steps[index]
            if step.event is EventKind.YIELD and step.value is not None:
                found.append(Seen(step.value, self.history.view(index), index, execution.first))
        return found

    # --- where variables are -----------------------------------------------------------------------------------

    def frame_of(self, name: str, execution: Execution) -> int:
        """Return the frame whose variable `name` means in an execution: its own, or its module's namespace."""
        if self.history.has(execution.frame, name):
            return execution.frame
        return self.trace.frames[execution.frame].globals

    def after(self, name: str, execution: Execution) -> Seen | None:
        """Return the value a variable has after an execution."""
        value = self.history.variable(self.frame_of(name, execution), name, execution.end)
        if value is None:
            return None
        return Seen(value, self.history.view(execution.end), execution.end, execution.first)

    # --- facts -------------------------------------------------------------------------------------------------

    def facts_of(self, execution: Execution, *, enters: bool | None) -> tuple[list[Fact], list[Fact]]:
        """Return the facts of an execution, parted into those before a loop's pass begins and the others."""
        explainer = Explainer(execution, self)
        before: list[Fact] = []
        skipped: ast.AST | None = None
        for unit in execution.units:
            if skipped is not None and self._is_inside(unit, skipped, execution):
                continue
            if isinstance(unit, LOOPS):
                before = self._loop(unit, explainer, enters=bool(enters))
                skipped = None if enters else unit
            elif isinstance(unit, ast.If):
                skipped = None if explainer.test(unit.test) in (True, None) else unit
            else:
                self._unit(unit, explainer)
        if not explainer.facts and not before and not execution.seen:
            self._deltas(explainer, ())
        self._outputs(explainer)
        return before, explainer.facts

    def _is_inside(self, unit: Unit, outer: ast.AST, execution: Execution) -> bool:
        syntax = self.syntaxes[self.trace.frames[execution.frame].source]
        node: ast.AST | None = unit
        while node is not None:
            if node is outer:
                return True
            node = syntax.parents.get(node)
        return False

    def _unit(self, unit: Unit, explainer: Explainer) -> None:
        method = getattr(self, f"_{type(unit).__name__.lower()}", None)
        if method is not None:
            method(unit, explainer)

    def _loop(self, loop: Loop, explainer: Explainer, *, enters: bool) -> list[Fact]:
        before: list[Fact] = []
        if isinstance(loop, ast.While):
            if not isinstance(loop.test, ast.Constant):
                explainer.test(loop.test)
            return before
        if explainer.execution.touched(loop.iter):
            self._over(loop, explainer)
            before, explainer.facts = explainer.facts, []
        if enters:
            self._targets(loop.target, explainer)
        return before

    def _over(self, loop: ast.For | ast.AsyncFor, explainer: Explainer) -> None:
        call = loop.iter
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        if isinstance(call, ast.Call) and name == "range" and not call.keywords:
            self._over_range(call, explainer)
        elif isinstance(call, ast.Call) and name in ("enumerate", "zip", "reversed") and call.args:
            known = [
                explainer.known(argument) for argument in call.args if not isinstance(argument, ast.Starred)
            ]
            if name == "enumerate":
                known = known[:1]
            if known and all(part.seen is not None for part in known):
                operands = [explainer.operand(part) for part in known]
                phrase = {"enumerate": "over", "zip": "over-pairs", "reversed": "over-reversed"}[name]
                slots = {"operands": listed(operands)} if name == "zip" else {"operand": operands[0]}
                explainer.tell(phrase, "loop", **slots)
        elif isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and not call.args:
            if call.func.attr in ("items", "keys", "values"):
                known_one = explainer.known(call.func.value)
                if known_one.seen is not None:
                    explainer.tell(f"over-{call.func.attr}", "loop", operand=explainer.operand(known_one))
            else:
                self._over_value(explainer, explainer.settle(explainer.known(call)))
        else:
            self._over_value(explainer, explainer.settle(explainer.known(call)))

    def _over_value(self, explainer: Explainer, known: Known) -> None:
        if known.seen is None:
            return
        value = known.seen.value
        if isinstance(value, Atom) or known.seen.heap[value.id].kind in _CONTAINERS:
            explainer.tell("over", "loop", operand=explainer.operand(known))

    def _over_range(self, call: ast.Call, explainer: Explainer) -> None:
        numbers: list[int] = []
        for argument in call.args:
            known = explainer.settle(explainer.known(argument))
            value = known.seen.value if known.seen is not None else None
            if not isinstance(value, Atom) or value.type not in ("int", "bool") or not value.literal:
                return
            numbers.append(int(str(int(str(value.value == True and 1 or value.value)))))  # noqa: E712
        if not 1 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] == 0):
            return
        counted = range(*numbers)
        if not counted:
            return
        first, last, step = str(counted[0]), str(counted[-1]), str(counted.step)
        if len(counted) == 1:
            explainer.tell("over-one", "loop", first=first)
        elif counted.step == 1:
            explainer.tell("over-range", "loop", first=first, last=last)
        else:
            explainer.tell("over-range-step", "loop", first=first, last=last, step=step)

    def _targets(self, target: ast.expr, explainer: Explainer) -> None:
        fact = self._tell_bindings(_names(target), explainer, "reads", "target")
        if fact is not None:
            fact.place = ", ".join(_names(target))

    # --- one method per kind of statement ----------------------------------------------------------------------

    def _assign(self, unit: ast.Assign, explainer: Explainer) -> None:
        for target in unit.targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._unpack(unit, target, explainer)
                return
        known = explainer.known(unit.value)
        self._changes_on_the_way(unit, explainer)
        for target in unit.targets:
            self._store(target, known, explainer)

    def _changes_on_the_way(
        self, unit: ast.Assign | ast.AnnAssign | ast.Return, explainer: Explainer
    ) -> None:
        """Tell what a call on the right-hand side changed: ``x = stack.pop()``."""
        value = unit.value
        if value is not None and any(isinstance(node, ast.Call) for node in ast.walk(value)):
            self._deltas(explainer, Bind, also=False, stores=self._stored_into(unit, explainer))

    def _stored_into(self, unit: ast.stmt, explainer: Explainer) -> set[int]:
        """Return the objects that an assignment itself stores into: ``row[0] = f(x)`` stores into the row."""
        found: set[int] = set()
        targets = unit.targets if isinstance(unit, ast.Assign) else [getattr(unit, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                    seen = explainer.quietly(node.value).seen
                    if seen is not None and isinstance(seen.value, Ref):
                        found.add(seen.value.id)
        return found

    def _unpack(self, unit: ast.Assign, target: ast.Tuple | ast.List, explainer: Explainer) -> None:
        if isinstance(unit.value, ast.Tuple | ast.List) and len(unit.value.elts) == len(target.elts):
            for value in unit.value.elts:
                explainer.settle(explainer.known(value))
        else:
            explainer.known(unit.value)
        self._changes_on_the_way(unit, explainer)
        literal = isinstance(unit.value, ast.Tuple) and all(
            isinstance(e, ast.Constant) for e in unit.value.elts
        )
        explainer.at = max(explainer.at, self._time_of_binding(explainer.execution))
        self._tell_bindings(_names(target), explainer, "set-many", "initial" if literal else "set")
        for element in target.elts:
            if isinstance(element, ast.Attribute | ast.Subscript):
                self._store_element(element, explainer)

    def _time_of_binding(self, execution: Execution) -> int:
        """Return a time after every call that the execution made, and not after its frame's next step."""
        return execution.end if not execution.seen else 0

    def _store_element(self, target: ast.Attribute | ast.Subscript, explainer: Explainer) -> None:
        place = self._target_place(target, explainer)
        for delta in self._caused(explainer.execution):
            if (
                isinstance(delta, SetElement | SetEntry | SetAttribute)
                and place
                and self._is_at(delta, place)
            ):
                value = shown(delta.value, self.history.view(explainer.execution.end), self.room)
                explainer.tell("set", "set", place=place, value=value)

    def _is_at(self, delta: SetElement | SetEntry | SetAttribute, place: str) -> bool:
        if isinstance(delta, SetAttribute):
            return place.endswith("." + delta.name)
        key = str(delta.index) if isinstance(delta, SetElement) else ""
        if isinstance(delta, SetEntry):
            key = shown(delta.key, self.history.view(0), self.room)
        return place.endswith(f"[{key}]")

    def _store(self, target: ast.expr, known: Known, explainer: Explainer) -> None:
        execution = explainer.execution
        if isinstance(target, ast.Name):
            if known.seen is None:
                known = Known(self.after(target.id, execution))
                explainer.at = max(explainer.at, execution.end)
            elif known.seen.heap.step != execution.end and isinstance(known.seen.value, Ref):
                known = Known(known.seen, known.place, known.working, known.level, known.literal)
            explainer.set(target.id, known, tuple(execution.steps))
        elif isinstance(target, ast.Attribute | ast.Subscript):
            place = self._target_place(target, explainer)
            if place and known.seen is not None:
                explainer.set(place, known, tuple(execution.steps))
            else:
                self._deltas(explainer, Bind, also=False)

    def _target_place(self, target: ast.expr, explainer: Explainer) -> str:
        """Return the place that a store goes to; "" where its parts are not all known."""
        if isinstance(target, ast.Name):
            return target.id
        if isinstance(target, ast.Attribute):
            base = self._target_place(target.value, explainer)
            return f"{base}.{target.attr}" if base else ""
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            base = self._target_place(target.value, explainer)
            index = explainer.index(target.slice)
            if base and index.seen is not None:
                return f"{base}[{explainer.text(index)}]"
        return ""

    def _annassign(self, unit: ast.AnnAssign, explainer: Explainer) -> None:
        if unit.value is not None:
            known = explainer.known(unit.value)
            self._changes_on_the_way(unit, explainer)
            self._store(unit.target, known, explainer)

    def _augassign(self, unit: ast.AugAssign, explainer: Explainer) -> None:
        execution = explainer.execution
        place = self._target_place(unit.target, explainer)
        right = explainer.known(unit.value)
        old, new = self._before_and_after(unit.target, explainer)
        if not place or new is None:
            self._deltas(explainer, ())
            return
        explainer.at = max(explainer.at, self._time_of_binding(execution))
        left = Known(old, place)
        if old is not None and isinstance(new.value, Ref) and old.value == new.value:
            after = shown(new.value, new.heap, self.room)
            fact = explainer.tell("changed", "change", steps=tuple(execution.steps), place=place, after=after)
            fact.place, fact.value = place, fact.slots["after"]
            return
        result = explainer.operation(unit.op, left, right, None) if old is not None else Known(new)
        explainer.set(place, Known(new, "", result.working, result.level), tuple(execution.steps))

    def _before_and_after(self, target: ast.expr, explainer: Explainer) -> tuple[Seen | None, Seen | None]:
        execution = explainer.execution
        if isinstance(target, ast.Name):
            frame = self.frame_of(target.id, execution)
            value = self.history.variable(frame, target.id, execution.first)
            view = self.history.view(execution.first)
            old = None if value is None else Seen(value, view, explainer.at, execution.first)
            return old, self.after(target.id, execution)
        if isinstance(target, ast.Attribute | ast.Subscript):
            base = explainer.known(target.value)
            if base.seen is None or isinstance(base.seen.value, Atom):
                return None, None
            found = base.seen.value.id
            key = target.attr if isinstance(target, ast.Attribute) else self._key(target.slice, explainer)
            return self._part(found, key, execution.first, execution), self._part(
                found, key, execution.end, execution
            )
        return None, None

    def _key(self, node: ast.expr, explainer: Explainer) -> Value | None:
        known = explainer.known(node)
        return None if known.seen is None else known.seen.value

    def _part(self, number: int, key: str | Value | None, step: int, execution: Execution) -> Seen | None:
        """Return an attribute, element or entry of an object as it was just before `step`."""
        seen = self.history.object(number, step)
        value = None if seen is None else part_of(seen, key)
        return None if value is None else Seen(value, self.history.view(step), step, execution.first)

    def _expr(self, unit: ast.Expr, explainer: Explainer) -> None:
        if isinstance(unit.value, ast.Constant):
            return
        if isinstance(unit.value, ast.Await):
            explainer.settle(explainer.known(unit.value.value))
        else:
            explainer.settle(explainer.known(unit.value))
        self._deltas(explainer, (), call=unit.value if isinstance(unit.value, ast.Call) else None)

    def _return(self, unit: ast.Return, explainer: Explainer) -> None:
        execution = explainer.execution
        steps = self.trace.steps
        end = steps[execution.end] if execution.end < len(steps) else None
        known = explainer.known(unit.value) if unit.value is not None else Known(None)
        self._changes_on_the_way(unit, explainer)
        if end is None or end.event is not EventKind.RETURN or end.value is None:
            return
        seen = Seen(end.value, self.history.view(execution.end), execution.end, execution.first)
        result = shown(seen.value, seen.heap, self.room)
        explainer.at = max(explainer.at, execution.end)
        callee = callee_of(self.trace.frames[execution.frame].name)
        slots = {"callee": callee}
        where = self.where(execution.frame)
        if where:
            slots["bindings"] = where
        name = "return-where" if where else "return"
        both = (execution.first, execution.end)
        if known.working:
            explainer.tell(
                f"{name}-working", "return", steps=both, working=f"{known.working} = {result}", **slots
            )
        elif known.place and known.seen is not None and known.seen.value == end.value:
            explainer.forget_reading(known.place)
            explainer.tell(f"{name}-from", "return", steps=both, source=known.place, result=result, **slots)
        else:
            explainer.tell(name, "return", steps=both, result=result, **slots)

    def _assert(self, unit: ast.Assert, explainer: Explainer) -> None:
        explainer.test(unit.test)

    def _match(self, unit: ast.Match, explainer: Explainer) -> None:
        explainer.settle(explainer.known(unit.subject))

    def _match_case(self, unit: ast.match_case, explainer: Explainer) -> None:
        """Tell whether a case was taken, and what its pattern gave names to."""
        execution = explainer.execution
        syntax = self.syntaxes[self.trace.frames[execution.frame].source]
        match = syntax.parents[unit]
        assert isinstance(match, ast.Match)  # noqa: S101 - a case stands nowhere else
        number = str(match.cases.index(unit) + 1)
        subject = self._subject(match.subject, execution)
        following = self.trace.steps[execution.end] if execution.end < len(self.trace.steps) else None
        taken = following is None or within(unit.body, following.line)
        if unit.guard is not None and execution.touched(unit.guard):
            explainer.test(unit.guard)
        if subject and not (taken and isinstance(unit.pattern, ast.MatchAs) and unit.pattern.pattern is None):
            explainer.tell("matches" if taken else "no-match", "test", operand=subject, count=number)
        names = [name for name in _captured(unit.pattern) if self.after(name, execution) is not None]
        if taken and names:
            self._tell_bindings(names, explainer, "reads", "set")

    def _subject(self, node: ast.expr, execution: Execution) -> str:
        """Return the subject of a match by its name: its value was told before."""
        return node.id if isinstance(node, ast.Name) else ""

    def _tell_bindings(self, names: list[str], explainer: Explainer, phrase: str, kind: str) -> Fact | None:
        bindings: list[str] = []
        for name in names:
            seen = self.after(name, explainer.execution)
            if seen is not None:
                bindings.append(f"{name} is {shown(seen.value, seen.heap, self.room)}")
        return explainer.tell(phrase, kind, bindings=listed(bindings)) if bindings else None

    def _with(self, unit: ast.With | ast.AsyncWith, explainer: Explainer) -> None:
        for one in unit.items:
            if not explainer.execution.touched(one.context_expr):
                continue
            explainer.known(one.context_expr)
            if isinstance(one.optional_vars, ast.Name):
                self._store(one.optional_vars, Known(None), explainer)

    _asyncwith = _with

    def _delete(self, unit: ast.Delete, explainer: Explainer) -> None:
        self._deltas(explainer, ())

    def _functiondef(self, unit: ast.FunctionDef, explainer: Explainer) -> None:
        explainer.tell("define", "define", name=unit.name)

    _asyncfunctiondef = _functiondef

    def _classdef(self, unit: ast.ClassDef, explainer: Explainer) -> None:
        explainer.tell("define", "define", name=unit.name)

    def _import(self, unit: ast.Import | ast.ImportFrom, explainer: Explainer) -> None:
        for alias in unit.names:
            if alias.name != "*":
                explainer.tell("import", "define", name=alias.asname or alias.name)

    _importfrom = _import

    # --- what a statement did, from the deltas -----------------------------------------------------------------

    def _caused(self, execution: Execution) -> Iterable[Delta]:
        for step in execution.steps:
            yield from self.trace.caused_by(step)

    def _deltas(
        self,
        explainer: Explainer,
        leave: type[Delta] | tuple[()],
        *,
        also: bool = True,
        call: ast.Call | None = None,
        stores: Iterable[int] = (),
    ) -> None:
        """Tell the changes that an execution caused, in the words for each kind of change."""
        execution = explainer.execution
        caused = [delta for delta in self._caused(execution)]
        appeared = {delta.object.id for delta in caused if isinstance(delta, Appear)}
        changed: dict[int, list[Delta]] = {}
        for delta in caused:
            if isinstance(delta, Bind | Unbind):
                if also and not isinstance(delta, leave or ()):
                    self._variable(delta, explainer)
            elif not isinstance(delta, Appear):
                number = delta.object.id if isinstance(delta, Become) else delta.id
                if number not in appeared and number not in stores:
                    changed.setdefault(number, []).append(delta)
        receiver = self._receiver(call, explainer)
        for number, deltas in changed.items():
            place = receiver[1] if receiver and receiver[0] == number else self._place_of(number, execution)
            if place:
                self._change(number, place, deltas, explainer)
        if receiver and receiver[0] not in changed and receiver[2]:
            explainer.tell("unchanged", "change", place=receiver[1])

    def _receiver(self, call: ast.Call | None, explainer: Explainer) -> tuple[int, str, bool] | None:
        """Return the object a method was called on, its place, and whether the method is known to change it."""
        if call is None or not isinstance(call.func, ast.Attribute):
            return None
        facts, explainer.facts = explainer.facts, []
        known = explainer.known(call.func.value)
        explainer.facts = facts
        if known.seen is None or isinstance(known.seen.value, Atom) or not known.place:
            return None
        kind = known.seen.heap[known.seen.value.id].kind
        changes = call.func.attr in ("add", "discard", "update") and kind in ("set", "dict")
        return known.seen.value.id, known.place, changes

    def _place_of(self, number: int, execution: Execution) -> str:
        """Return a name by which the running frame knows an object: a variable, or a part of one."""
        frames = [execution.frame, self.trace.frames[execution.frame].globals]
        for frame in frames:
            for name in self.history.names_of(frame):
                value = self.history.variable(frame, name, execution.first)
                if value == Ref(number):
                    return name
        for frame in frames:
            for name in self.history.names_of(frame):
                value = self.history.variable(frame, name, execution.first)
                if isinstance(value, Ref):
                    inner = self._inside(value.id, number, execution.first)
                    if inner:
                        return name + inner
        return ""

    def _inside(self, outer: int, number: int, step: int) -> str:
        seen = self.history.object(outer, step)
        if seen is None:
            return ""
        view = self.history.view(step)
        if seen.kind in ("list", "tuple", "deque"):
            positions = seen.positions or range(len(seen.elements))
            for position, value in zip(positions, seen.elements, strict=True):
                if value == Ref(number):
                    return f"[{position}]"
        for key, value in seen.entries:
            if value == Ref(number) and isinstance(key, Atom):
                return f"[{shown(key, view, self.room)}]"
        for name, value in seen.attributes:
            if value == Ref(number):
                return f".{name}"
        return ""

    def _variable(self, delta: Bind | Unbind, explainer: Explainer) -> None:
        execution = explainer.execution
        if delta.frame not in (execution.frame, self.trace.frames[execution.frame].globals):
            return  # a parameter of a called function: told by its call
        explainer.at = max(explainer.at, execution.end)
        units = execution.units
        if isinstance(delta, Unbind):
            if units and isinstance(units[-1], ast.Delete):  # `except ... as e` drops its name by itself
                explainer.tell("unset", "change", place=delta.name)
            return
        if units and isinstance(units[-1], ast.ExceptHandler):
            return
        value = shown(delta.value, self.history.view(execution.end), self.room)
        fact = explainer.tell("set", "set", place=delta.name, value=value)
        fact.place, fact.value = delta.name, value

    def _change(self, number: int, place: str, deltas: list[Delta], explainer: Explainer) -> None:
        execution = explainer.execution
        explainer.at = max(explainer.at, self._time_of_binding(execution))
        view = self.history.view(execution.end)
        after = shown(Ref(number), view, self.room)
        before = self.history.object(number, execution.first)
        if len(deltas) == 1 and before is not None:
            told = self._one_change(deltas[0], place, before, after, explainer)
        else:
            told = None
        if told is None:
            if all(isinstance(delta, SetAttribute) for delta in deltas):
                for delta in deltas:
                    self._one_change(delta, place, before or view[number], after, explainer)
                return
            told = explainer.tell("changed", "change", place=place, after=after)
        told.place, told.value = told.place or place, told.value or after

    def _one_change(
        self, delta: Delta, place: str, before: HeapObject, after: str, explainer: Explainer
    ) -> Fact | None:
        view = self.history.view(explainer.execution.end)
        old = self.history.view(explainer.execution.first)
        if isinstance(delta, SetElement | SetEntry | SetAttribute):
            place += self._suffix(delta)
            value = shown(delta.value, view, self.room)
            fact = explainer.tell("set", "set", place=place, value=value)
            fact.place, fact.value = place, value
            return fact
        if isinstance(delta, DeleteEntry):
            key = shown(delta.key, old, self.room)
            return explainer.tell("removed-key", "change", place=place, removed=key)
        if isinstance(delta, DeleteAttribute):
            return explainer.tell("unset", "change", place=f"{place}.{delta.name}")
        if isinstance(delta, Splice) and before.positions is None:
            return self._splice(delta, place, before, after, explainer)
        return None

    def _splice(
        self, delta: Splice, place: str, before: HeapObject, after: str, explainer: Explainer
    ) -> Fact | None:
        view = self.history.view(explainer.execution.end)
        old = self.history.view(explainer.execution.first)
        is_set = before.kind in ("set", "frozenset")
        if delta.removed == 0 and len(delta.inserted) == 1:
            added = shown(delta.inserted[0], view, self.room)
            at_end = delta.index == len(before.elements)
            phrase = "add" if is_set else "append" if at_end else "insert"
            slots = {"index": str(delta.index)} if phrase == "insert" else {}
            if phrase != "insert" and len(after) <= 40:
                phrase, slots = f"{phrase}-now", {"after": after}
            return explainer.tell(phrase, "change", added=added, place=place, **slots)
        if delta.removed == 1 and not delta.inserted:
            removed = shown(before.elements[delta.index], old, self.room)
            if len(after) <= 40:
                return explainer.tell("removed-now", "change", removed=removed, place=place, after=after)
            return explainer.tell("removed", "change", removed=removed, place=place)
        return None

    def _suffix(self, delta: SetElement | SetEntry | SetAttribute) -> str:
        if isinstance(delta, SetAttribute):
            return f".{delta.name}"
        if isinstance(delta, SetElement):
            return f"[{delta.index}]"
        return f"[{shown(delta.key, self.history.view(0), self.room)}]"

    def _outputs(self, explainer: Explainer) -> None:
        text = ""
        where: list[int] = []
        for step in explainer.execution.steps:
            for out in self.trace.steps[step].output:
                if out.stream == "stdout":
                    text += out.text
                    where.append(step)
        if text:
            shown_text = shown(Atom("str", repr(text)), {}, self.room)
            explainer.tell("output", "output", steps=tuple(where), text=shown_text)


_CONTAINERS = ("list", "tuple", "set", "frozenset", "deque", "dict", "array")


def part_of(seen: HeapObject, key: str | Value | None) -> Value | None:
    """Return an attribute (by its name), or the element or entry at an index or key (by its value)."""
    if isinstance(key, str):
        return next((value for name, value in seen.attributes if name == key), None)
    for own, value in seen.entries:
        if own == key:
            return value
    if isinstance(key, Atom) and key.type == "int" and seen.positions is None and seen.elements:
        index = int(key.text)
        if -len(seen.elements) <= index < len(seen.elements):
            return seen.elements[index]
    return None


def callee_of(qualified: str) -> str:
    """Return a function's name as a reader knows it, without where it was defined inside another."""
    return qualified.rpartition("<locals>.")[2]


def _names(target: ast.expr) -> list[str]:
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _captured(pattern: ast.pattern) -> list[str]:
    """Return the names that a pattern gives to parts of what it fits."""
    found: list[str] = []
    for node in ast.walk(pattern):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(name, str):
            found.append(name)
    return found


def within(body: list[ast.stmt], line: int) -> bool:
    """Tell whether a line belongs to a block of statements."""
    return body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


def _defined(syntaxes: list[Syntax]) -> Iterable[str]:
    """Yield the names that the traced sources define as functions or classes."""
    for syntax in syntaxes:
        for node in ast.walk(syntax.tree) if syntax.tree is not None else ():
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                yield node.name


def _recursive(trace: Trace) -> Iterable[tuple[int, str]]:
    """Yield the functions that were running when they were called."""
    for frame in trace.frames:
        outer = frame.parent
        while outer >= 0:
            parent = trace.frames[outer]
            if (parent.source, parent.name) == (frame.source, frame.name):
                yield frame.source, frame.name
                break
            outer = parent.parent
