"""One executed statement becomes facts, in the order in which they came about.

`facts_of` looks at the kind of each statement that an execution ran and hands its expressions to the `Explainer`;
what the statement did to objects is told by `Changes`, the head of a loop by `Loops`.
"""

from __future__ import annotations

import ast

from cotrace.model.state import Atom, Bind, Ref
from cotrace.model.trace import EventKind
from cotrace.narration.changes import Changes, time_of_binding
from cotrace.narration.expressions import Explainer
from cotrace.narration.facts import Execution, Fact
from cotrace.narration.loops import Loops
from cotrace.narration.places import Places, names_in
from cotrace.narration.scene import Scene
from cotrace.narration.syntax import LOOPS, Unit, within
from cotrace.narration.telling import Known
from cotrace.narration.values import shown


def facts_of(scene: Scene, execution: Execution, *, enters: bool | None) -> tuple[list[Fact], list[Fact]]:
    """Return the facts of an execution, parted into those before a loop's pass begins and the others."""
    return Statements(Explainer(execution, scene)).facts(enters=enters)


class Statements:
    """Tells about the statements of one execution."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.execution = explainer.execution
        self.scene = explainer.scene
        self.changes = Changes(explainer)
        self.places = Places(explainer)
        self.loops = Loops(explainer)

    def facts(self, *, enters: bool | None) -> tuple[list[Fact], list[Fact]]:
        """Return the facts before a loop's pass begins, and the others."""
        before: list[Fact] = []
        skipped: ast.AST | None = None
        for unit in self.execution.units:
            if skipped is not None and self._is_inside(unit, skipped):
                continue
            self.execution.ran.append(unit)
            if isinstance(unit, LOOPS):
                before = self.loops.head(unit, enters=bool(enters))
                skipped = None if enters else unit
            elif isinstance(unit, ast.If):
                skipped = None if self.explainer.test(unit.test) in (True, None) else unit
            else:
                self._unit(unit)
        if not self.explainer.facts and not before and not self.execution.seen:
            self.changes.tell()
        self._outputs()
        return before, self.explainer.facts

    def _is_inside(self, unit: Unit, outer: ast.AST) -> bool:
        syntax = self.scene.syntax_of(self.execution)
        node: ast.AST | None = unit
        while node is not None:
            if node is outer:
                return True
            node = syntax.parents.get(node)
        return False

    def _unit(self, unit: Unit) -> None:
        method = getattr(self, f"_{type(unit).__name__.lower()}", None)
        if method is not None:
            method(unit)

    # --- one method per kind of statement ---

    def _assign(self, unit: ast.Assign) -> None:
        for target in unit.targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._unpack(unit, target)
                return
        known = self.explainer.known(unit.value)
        self._changes_on_the_way(unit)
        for target in unit.targets:
            self._store(target, known)

    def _changes_on_the_way(self, unit: ast.Assign | ast.AnnAssign | ast.Return) -> None:
        """Tell what a call on the right-hand side changed: ``x = stack.pop()``."""
        value = unit.value
        if value is not None and any(isinstance(node, ast.Call) for node in ast.walk(value)):
            self.changes.tell(variables=False, stores=self._stored_into(unit))

    def _stored_into(self, unit: ast.stmt) -> set[int]:
        """Return the objects that an assignment itself stores into: ``row[0] = f(x)`` stores into the row."""
        found: set[int] = set()
        targets = unit.targets if isinstance(unit, ast.Assign) else [getattr(unit, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                    seen = self.explainer.quietly(node.value).seen
                    if seen is not None and isinstance(seen.value, Ref):
                        found.add(seen.value.id)
        return found

    def _unpack(self, unit: ast.Assign, target: ast.Tuple | ast.List) -> None:
        if isinstance(unit.value, ast.Tuple | ast.List) and len(unit.value.elts) == len(target.elts):
            for value in unit.value.elts:
                self.explainer.settle(self.explainer.known(value))
        else:
            self.explainer.known(unit.value)
        self._changes_on_the_way(unit)
        literal = isinstance(unit.value, ast.Tuple) and all(
            isinstance(e, ast.Constant) for e in unit.value.elts
        )
        self.explainer.at = max(self.explainer.at, time_of_binding(self.execution))
        self._tell_bindings(names_in(target), "set-many", "initial" if literal else "set")
        for element in target.elts:
            if isinstance(element, ast.Attribute | ast.Subscript):
                self._store_element(element)

    def _store_element(self, target: ast.Attribute | ast.Subscript) -> None:
        place = self.places.name(target)
        _, after = self.places.before_and_after(target)
        if place and after is not None:
            self.explainer.set(place, Known(after), tuple(self.execution.steps))

    def _store(self, target: ast.expr, known: Known) -> None:
        steps = tuple(self.execution.steps)
        if isinstance(target, ast.Name):
            if known.seen is None:
                known = Known(self.scene.after(target.id, self.execution))
                self.explainer.at = max(self.explainer.at, self.execution.end)
            self.explainer.set(target.id, known, steps)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            place = self.places.name(target)
            if place and known.seen is not None:
                self.explainer.set(place, known, steps)
            else:
                self.changes.tell(variables=False)

    def _annassign(self, unit: ast.AnnAssign) -> None:
        if unit.value is not None:
            known = self.explainer.known(unit.value)
            self._changes_on_the_way(unit)
            self._store(unit.target, known)

    def _augassign(self, unit: ast.AugAssign) -> None:
        explainer, steps = self.explainer, tuple(self.execution.steps)
        place = self.places.name(unit.target)
        right = explainer.known(unit.value)
        old, new = self.places.before_and_after(unit.target)
        if not place or new is None:
            self.changes.tell()
            return
        explainer.at = max(explainer.at, time_of_binding(self.execution))
        if old is not None and isinstance(new.value, Ref) and old.value == new.value:
            after = shown(new.value, new.heap, self.scene.room)
            fact = explainer.tell("changed", "change", steps=steps, place=place, after=after)
            fact.place, fact.value = place, after
            return
        result = (
            explainer.operation(unit.op, Known(old, place), right, None) if old is not None else Known(new)
        )
        explainer.set(place, Known(new, "", result.working, result.level), steps)

    def _expr(self, unit: ast.Expr) -> None:
        if isinstance(unit.value, ast.Constant):
            return
        if isinstance(unit.value, ast.Await):
            self.explainer.settle(self.explainer.known(unit.value.value))
        else:
            self.explainer.settle(self.explainer.known(unit.value))
        self.changes.tell(call=unit.value if isinstance(unit.value, ast.Call) else None)

    def _return(self, unit: ast.Return) -> None:
        explainer, end = self.explainer, self.scene.step_after(self.execution)
        known = explainer.known(unit.value) if unit.value is not None else Known(None)
        self._changes_on_the_way(unit)
        if end is None or end.event is not EventKind.RETURN or end.value is None:
            return
        result = shown(end.value, self.scene.history.view(end.index), self.scene.room)
        explainer.at = max(explainer.at, end.index)
        slots = {"callee": self.scene.callee_of(self.execution)}
        where = self.scene.where(self.execution.frame)
        name = "return-where" if where else "return"
        if where:
            slots["bindings"] = where
        if known.working:
            name, slots["working"] = f"{name}-working", f"{known.working} = {result}"
        else:
            slots["result"] = result
        if known.place and not known.working and known.seen is not None and known.seen.value == end.value:
            explainer.forget_reading(known.place)
            name, slots["source"] = f"{name}-from", known.place
        explainer.say(Fact(name, slots, (self.execution.first, end.index), explainer.at, end.frame, "return"))

    def _assert(self, unit: ast.Assert) -> None:
        self.explainer.test(unit.test)

    def _match(self, unit: ast.Match) -> None:
        self.explainer.settle(self.explainer.known(unit.subject))

    def _match_case(self, unit: ast.match_case) -> None:
        """Tell whether a case was taken, and what its pattern gave names to."""
        match = self.scene.syntax_of(self.execution).parents[unit]
        following = self.scene.step_after(self.execution)
        taken = following is None or within(unit.body, following.line)
        named = any(isinstance(delta, Bind) for delta in self.changes.caused())
        guarded = unit.guard is not None and (self.execution.touched(unit.guard) or named)
        if guarded and unit.guard is not None:
            self._tell_bindings(_captured(unit.pattern), "reads", "set")
            self.explainer.test(unit.guard)
        anything = isinstance(unit.pattern, ast.MatchAs) and unit.pattern.pattern is None
        if isinstance(match, ast.Match) and isinstance(match.subject, ast.Name) and not (taken and anything):
            number = str(match.cases.index(unit) + 1)
            phrase = "matches" if taken else "no-match"
            self.explainer.tell(phrase, "test", operand=match.subject.id, count=number)
        if taken and not guarded:
            self._tell_bindings(_captured(unit.pattern), "reads", "set")

    def _tell_bindings(self, names: list[str], phrase: str, kind: str) -> None:
        bindings = self.explainer.bindings(names)
        if bindings:
            self.explainer.tell(phrase, kind, bindings=bindings)

    def _with(self, unit: ast.With | ast.AsyncWith) -> None:
        for one in unit.items:
            if not self.execution.touched(one.context_expr):
                continue
            self.explainer.known(one.context_expr)
            if isinstance(one.optional_vars, ast.Name):
                self._store(one.optional_vars, Known(None))

    _asyncwith = _with

    def _delete(self, _: ast.Delete) -> None:
        self.changes.tell()

    def _functiondef(self, unit: ast.FunctionDef) -> None:
        self.explainer.tell("define", "define", name=unit.name)

    _asyncfunctiondef = _functiondef

    def _classdef(self, unit: ast.ClassDef) -> None:
        self.explainer.tell("define", "define", name=unit.name)

    def _import(self, unit: ast.Import | ast.ImportFrom) -> None:
        for alias in unit.names:
            if alias.name != "*":
                self.explainer.tell("import", "define", name=alias.asname or alias.name)

    _importfrom = _import

    def _outputs(self) -> None:
        text = ""
        where: list[int] = []
        for step in self.execution.steps:
            for out in self.scene.trace.steps[step].output:
                if out.stream == "stdout":
                    text += out.text
                    where.append(step)
        if text:
            shown_text = shown(Atom("str", repr(text)), {}, self.scene.room)
            self.explainer.tell("output", "output", steps=tuple(where), text=shown_text)


def _captured(pattern: ast.pattern) -> list[str]:
    """Return the names that a pattern gives to parts of what it fits."""
    found: list[str] = []
    for node in ast.walk(pattern):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(name, str):
            found.append(name)
    return found
