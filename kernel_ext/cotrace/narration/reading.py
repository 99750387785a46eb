"""Reads a trace: the steps of each frame become executed statements, and these become facts in the order of time.

The result is a stream of `Moment`s: a frame begins or ends, a loop begins, makes its next pass or ends, a fact
became so. `cotrace.narration.tree` builds the shape of the run from it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from cotrace.model.source import Span
from cotrace.model.state import Atom, HeapObject, Ref, Value
from cotrace.model.trace import EventKind, Frame, Step, Trace
from cotrace.narration.facts import Execution, Fact, Seen
from cotrace.narration.history import History
from cotrace.narration.scene import Scene, callee_of
from cotrace.narration.statements import facts_of
from cotrace.narration.syntax import COMPREHENSIONS, LOOPS, Block, Loop, Syntax, Unit, own_nodes, within
from cotrace.narration.values import shown

STOPS = ("StopIteration", "StopAsyncIteration")
"""The exceptions by which Python's own machinery tells that a loop or a wait is over."""

What: TypeAlias = Literal["end", "begin", "loop", "pass", "leave", "fact"]

_RANK: dict[What, int] = {"end": 0, "begin": 1, "loop": 2, "pass": 2, "leave": 2, "fact": 2}
"""Of what happens at one time: a call ends before its caller goes on, and begins before its own first fact."""


@dataclass(slots=True)
class Moment:
    """Something that happened, and when."""

    at: int
    what: What
    frame: int
    fact: Fact | None = None
    loop: Loop | None = None
    number: int = 0
    """Of a pass, its number, from 1."""

    line: int = 0
    """Of a fact, the line that made it: passes that run the same lines go the same way."""

    step: int = -1
    """Of a loop's or pass's beginning, its first step; of its end, the step after its last."""


def _order(moment: Moment) -> tuple[int, int, bool]:
    """Return what moments are sorted by; that a frame goes on stands before what it does then."""
    return moment.at, _RANK[moment.what], moment.fact is None or moment.fact.phrase != "resume"


@dataclass(slots=True)
class Turn:
    """A loop that a frame is in."""

    loop: Loop
    passes: int = 0
    head: int = -1
    """Of an endless loop, the last step of its head: the next pass begins there. -1 if it was passed over."""


@dataclass
class Reading:
    """Reads one trace."""

    trace: Trace
    room: int
    """How many characters a value may take."""

    moments: list[Moment] = field(default_factory=list)
    lines: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    """The first step of every statement that ran, with the kinds of the facts about it."""

    def __post_init__(self) -> None:
        self.history = History(self.trace)
        self.syntaxes = [Syntax(source) for source in self.trace.sources]
        self.entries = _seen_by_step(self.trace, self.history)
        self.scene = Scene(self.trace, self.history, self.syntaxes, self.room)
        for frame in self.trace.frames:
            if frame.kind != "globals" and not is_inner(frame):
                _FrameReader(self, frame).read()
        self.moments.sort(key=_order)


def is_inner(frame: Frame) -> bool:
    """Tell whether a frame is a part of an expression: what it gave is told with the statement."""
    name = frame.name.rpartition(".")[2]
    return name.startswith("<") and name != "<module>"


def _seen_by_step(trace: Trace, history: History) -> dict[int, list[tuple[Span, Seen]]]:
    """Return the ledger by step, each value with the objects as they were when it was evaluated.

    An object is as the last step told it, unless an entry of the same moment saw it otherwise.
    """
    found: dict[int, list[tuple[Span, Seen]]] = {}
    overlay: dict[int, HeapObject] = {}
    moment = -1
    for entry in trace.entries:
        if entry.at != moment:
            overlay, moment = {}, entry.at
        if entry.objects:
            overlay = {**overlay, **{seen.id: seen for seen in entry.objects}}
        view = history.view(entry.at - 1, overlay)
        found.setdefault(entry.step, []).append(
            (trace.span(entry), Seen(entry.value, view, entry.at, entry.step))
        )
    return found


MESSAGE = 200
"""How many characters an exception's message may take."""


class _FrameReader:
    """Reads the steps of one frame."""

    def __init__(self, reading: Reading, frame: Frame) -> None:
        self.reading = reading
        self.trace = reading.trace
        self.frame = frame
        self.syntax = reading.syntaxes[frame.source] if frame.source >= 0 else None
        self.block: Block | None = self.syntax.block_of(frame) if self.syntax is not None else None
        self.callee = callee_of(frame.name)
        self.turns: list[Turn] = []
        self.finished: set[Loop] = set()

    def read(self) -> None:
        steps = self.trace.frame_steps(self.frame.id)
        place = 0
        while place < len(steps):
            step = self.trace.steps[steps[place]]
            if step.event is EventKind.LINE:
                execution = self._execution(steps, place)
                self._execute(execution)
                place += len(execution.steps)
            else:
                self._event(step, steps, place)
                place += 1

    # --- moments -----------------------------------------------------------------------------------------------

    def add(self, at: int, what: What, **more: object) -> None:
        self.reading.moments.append(Moment(at, what, self.frame.id, **more))  # type: ignore[arg-type]

    def fact(self, phrase: str, step: int, at: int, kind: str, **slots: str) -> None:
        self.add(at, "fact", fact=Fact(phrase, slots, (step,), at, self.frame.id, kind))

    # --- frames ------------------------------------------------------------------------------------------------

    def _event(self, step: Step, steps: list[int], place: int) -> None:
        index = step.index
        if step.event is EventKind.START:
            self.add(index + 1, "begin")
            self._start(step)
        elif step.event is EventKind.RESUME:
            self.add(index + 1, "begin")
            if self._is_told() and (self.frame.kind == "generator" or self._waits_itself(step)):
                self.fact("resume", index, index + 1, "resume", callee=self.callee)
        elif step.event is EventKind.YIELD:
            if self.frame.kind == "generator" and self._is_told() and step.value is not None:
                self.fact("yield", index, index, "yield", callee=self.callee, result=self._shown(step))
            elif self._is_told() and self._waits_itself(step):
                self.fact("wait", index, index, "yield", callee=self.callee)
            self.add(index + 1, "end")
        elif step.event is EventKind.RAISE:
            self._raise(step)
        elif step.event is EventKind.UNWIND:
            self._unwind(step)
            self.add(index + 1, "end")
        elif step.event is EventKind.RETURN:
            self._return(step, steps, place)
            self.add(index + 1, "end")

    def _waits_itself(self, step: Step) -> bool:
        """Tell whether a coroutine stops, or goes on, at an ``await`` of something other than a traced coroutine."""
        beside = step.index + (1 if step.event is EventKind.RESUME else -1)
        other = self.trace.steps[beside] if 0 <= beside < len(self.trace.steps) else None
        passed_on = other is not None and other.event is step.event and other.frame != step.frame
        asynchronous = self.frame.kind in ("coroutine", "async_generator")
        return asynchronous and not passed_on and _waits(self._units(step.line))

    def _is_told(self) -> bool:
        return not self.callee.startswith("<")

    def _shown(self, step: Step) -> str:
        assert step.value is not None
        return shown(step.value, self.reading.history.view(step.index), self.reading.room)

    def _start(self, step: Step) -> None:
        if (
            self.frame.kind not in ("function", "generator", "coroutine", "async_generator")
            or not self._is_told()
        ):
            return
        bindings = self.reading.scene.parameters(self.frame)
        if bindings:
            self.fact("call", step.index, step.index + 1, "call", callee=self.callee, bindings=bindings)
        else:
            self.fact("call-bare", step.index, step.index + 1, "call", callee=self.callee)

    def _return(self, step: Step, steps: list[int], place: int) -> None:
        self.reading.lines.append((step.index, frozenset()))
        if self.frame.kind == "generator" and self._is_told():
            self.fact("generator-ends", step.index, step.index, "resume", callee=self.callee)
        if not self._is_told() or step.value is None or self.frame.kind not in ("function", "coroutine"):
            return
        before = self.trace.steps[steps[place - 1]] if place else None
        units = self._units(before.line) if before is not None and before.event is EventKind.LINE else []
        if any(isinstance(unit, ast.Return) for unit in units):
            return  # told with the statement, which shows how the value came about
        if step.value != Atom("NoneType", "None"):
            slots = {"callee": self.callee, "result": self._shown(step)}
            self.fact("return", step.index, step.index, "return", **slots)

    # --- exceptions --------------------------------------------------------------------------------------------

    def _raise(self, step: Step) -> None:
        if not isinstance(step.value, Ref) or self._came_from_inside(step):
            return
        seen = self.reading.history.object(step.value.id, step.index)
        if seen is None or (seen.type in STOPS and not self._is_raised_by_hand(step)):
            return
        message = self._message(seen.type, seen.attributes, step.index)
        slots = {"type": seen.type.rpartition(".")[2]}
        if message:
            self.fact("raise", step.index, step.index, "raise", message=message, **slots)
        else:
            self.fact("raise-bare", step.index, step.index, "raise", **slots)

    def _is_raised_by_hand(self, step: Step) -> bool:
        """Tell a stop that the program raises, or `next` for it, from the one by which Python ends a wait or a loop."""
        units = self._units(step.line)
        if any(isinstance(unit, ast.Raise) for unit in units):
            return True
        return not _waits(units) and any(isinstance(unit, ast.Expr | ast.Assign) for unit in units)

    def _raised(self, step: Step) -> str:
        """Return the type of the exception that a step raises; "" where it raises none."""
        if step.event is not EventKind.RAISE or not isinstance(step.value, Ref):
            return ""
        seen = self.reading.history.object(step.value.id, step.index)
        return seen.type if seen is not None else ""

    def _came_from_inside(self, step: Step) -> bool:
        before = self.trace.steps[step.index - 1] if step.index else None
        return before is not None and before.event is EventKind.UNWIND and before.frame != step.frame

    def _message(self, kind: str, attributes: Sequence[tuple[str, Value]], step: int) -> str:
        """Return an exception's message as a literal: what `str` gives for its arguments."""
        view = self.reading.history.view(step)
        arguments = next((value for name, value in attributes if name == "args"), None)
        if not isinstance(arguments, Ref) or arguments.id not in view:
            return ""
        elements = view[arguments.id].elements
        if not elements:
            return ""
        if len(elements) != 1:
            return repr(shown(arguments, view, MESSAGE))
        if not isinstance(elements[0], Atom) or elements[0].type != "str" or kind == "KeyError":
            return repr(shown(elements[0], view, MESSAGE))
        return shown(elements[0], view, MESSAGE)

    def _unwind(self, step: Step) -> None:
        if not self._is_told() or not isinstance(step.value, Ref):
            return
        seen = self.reading.history.object(step.value.id, step.index)
        if seen is not None and self.frame.kind != "module":
            slots = {"callee": self.callee, "type": seen.type.rpartition(".")[2]}
            self.fact("unwind", step.index, step.index, "raise", **slots)

    # --- statements --------------------------------------------------------------------------------------------

    def _units(self, line: int) -> list[Unit]:
        return self.block.by_line.get(line, []) if self.block is not None else []

    def _innermost(self, line: int) -> list[Unit]:
        """Return the units of a line without those that began earlier and only reach down to it."""
        units = self._units(line)
        return [unit for unit in units if not self._reaches_down(unit, units)]

    def _reaches_down(self, unit: Unit, units: list[Unit]) -> bool:
        return any(
            other is not unit and self._is_around(unit, other) and not self._starts_together(unit, other)
            for other in units
        )

    def _is_around(self, outer: Unit, inner: Unit) -> bool:
        node: ast.AST | None = inner
        while node is not None and self.syntax is not None:
            node = self.syntax.parents.get(node)
            if node is outer:
                return True
        return False

    def _starts_together(self, outer: Unit, inner: Unit) -> bool:
        return getattr(outer, "lineno", -1) == getattr(inner, "lineno", -2)

    def _execution(self, steps: list[int], place: int) -> Execution:
        """Collect the steps of one execution: a statement of several lines or turns has several."""
        first = self.trace.steps[steps[place]]
        units = self._innermost(first.line)
        execution = Execution(self.frame.id, units, [first.index], len(self.trace.steps))
        self._collect(execution, first.index)
        following = place + 1
        while following < len(steps):
            step = self.trace.steps[steps[following]]
            if not self._continues(execution, step):
                break
            if step.event is EventKind.LINE:
                execution.steps.append(step.index)
                self._collect(execution, step.index)
                following += 1
            else:
                break
        while following < len(steps):
            step = self.trace.steps[steps[following]]
            if not _is_pause(step, execution.units, self._raised(step)):
                break
            execution.resumed = step.index
            following += 1
        if following < len(steps):
            execution.end = steps[following]
        return execution

    def _continues(self, execution: Execution, step: Step) -> bool:
        if step.event is not EventKind.LINE or not execution.units:
            return False
        unit = execution.units[-1]
        if len(execution.units) > 1 or self._innermost(step.line) != execution.units:
            return False
        if isinstance(unit, ast.With | ast.AsyncWith | ast.Try | ast.FunctionDef | ast.ClassDef):
            return False
        own = _own_expressions(unit)
        if own and execution.value_of(own[-1]) is not None:
            return False
        several = (unit.end_lineno or 0) > unit.lineno if isinstance(unit, ast.stmt) else False
        turns = any(isinstance(node, COMPREHENSIONS) for one in own for node in ast.walk(one))
        return turns or (several and step.line != self.trace.steps[execution.steps[-1]].line)

    def _collect(self, execution: Execution, step: int) -> None:
        for span, seen in self.reading.entries.get(step, ()):
            place = (span.line, span.column, span.end_line, span.end_column)
            if span.role == "truth":
                execution.truths.setdefault(place, []).append(seen.value == Atom("bool", "True"))
            else:
                execution.seen.setdefault(place, []).append(seen)

    def _execute(self, execution: Execution) -> None:
        header = next((unit for unit in execution.units if isinstance(unit, LOOPS)), None)
        self._leave_loops(execution)
        enters: bool | None = None
        begins = False
        if header is not None:
            enters = self._enters(header, execution)
            begins = not self.turns or self.turns[-1].loop is not header
            if begins:
                self._begin_loop(header, execution)
            if _is_endless(header):
                self.turns[-1].head = execution.first
        elif self.turns:
            self._turn_of_endless(execution)
        before, facts = facts_of(self.reading.scene, execution, enters=enters)
        self.reading.lines.append((execution.first, frozenset(fact.kind for fact in (*before, *facts))))
        self._add_facts(before, execution)
        announced = isinstance(header, ast.While) or any(fact.kind == "loop" for fact in before)
        if begins and enters and not announced:
            self.fact("loop-begins", execution.first, execution.first + 1, "loop")
        if enters:
            self._next_pass(self._time_of_pass(execution, before, facts), execution.first)
        self._add_facts(facts, execution)
        if header is not None and not enters and not _is_endless(header):
            self._end_loop(execution)
        self._after(execution)

    def _add_facts(self, facts: list[Fact], execution: Execution) -> None:
        line = self.trace.steps[execution.first].line
        for fact in facts:
            if execution.resumed >= 0 and fact.steps == tuple(execution.steps):
                fact.steps = (*fact.steps, execution.resumed)  # it became so after the wait
                fact.at = max(fact.at, execution.resumed + 1)
            self.add(fact.at, "fact", fact=fact, line=line)

    def _after(self, execution: Execution) -> None:
        """Tell of leaving a loop early, and of an exception that a handler takes."""
        last = execution.ran[-1] if execution.ran else None
        at = execution.first + 1
        if isinstance(last, ast.Break) and self.turns:
            number = self.number()
            self.fact("break", execution.first, at, "loop", **{"pass": number})
            self._close(at, execution.end)
        if isinstance(last, ast.ExceptHandler):
            self._handle(execution)

    def _handle(self, execution: Execution) -> None:
        for index in reversed(self.trace.frame_steps(self.frame.id)):
            step = self.trace.steps[index]
            if index < execution.first and step.event is EventKind.RAISE and isinstance(step.value, Ref):
                seen = self.reading.history.object(step.value.id, index)
                following = self.trace.steps[execution.end] if execution.end < len(self.trace.steps) else None
                body = getattr(execution.units[-1], "body", [])
                if seen is not None and body and (following is None or within(body, following.line)):
                    name = seen.type.rpartition(".")[2]
                    self.fact("handle", execution.first, execution.first + 1, "raise", type=name)
                return

    # --- loops -------------------------------------------------------------------------------------------------

    def number(self) -> str:
        """Return the pass that the frame is in: 2.1 for pass 1 of the inner loop in pass 2 of the outer."""
        return ".".join(str(turn.passes) for turn in self.turns)

    def _leave_loops(self, execution: Execution) -> None:
        around: list[ast.AST] = []
        if execution.units and self.syntax is not None:
            unit = execution.units[0]
            around = [*self.syntax.loops_around(unit), *(u for u in execution.units if isinstance(u, LOOPS))]
        while self.turns and not any(self.turns[-1].loop is loop for loop in around):
            self._close(execution.first + 1, execution.first)

    def _close(self, at: int, step: int) -> None:
        self.add(at, "leave", loop=self.turns.pop().loop, step=step)

    def _begin_loop(self, loop: Loop, execution: Execution) -> None:
        self.turns.append(Turn(loop))
        self.add(execution.first + 1, "loop", loop=loop, step=execution.first)

    def _time_of_pass(self, execution: Execution, before: list[Fact], facts: list[Fact]) -> int:
        """A pass begins once its element is there: after the iterator, which may be a generator, has run."""
        if isinstance(self.turns[-1].loop, ast.While) or execution.end == execution.steps[-1] + 1:
            return before[-1].at if before else execution.first + 1
        for fact in facts:
            fact.at = max(fact.at, execution.end)
        return execution.end

    def _next_pass(self, at: int, step: int) -> None:
        turn = self.turns[-1]
        turn.passes += 1
        self.add(at, "pass", loop=turn.loop, number=turn.passes, step=step)

    def _end_loop(self, execution: Execution) -> None:
        turn = self.turns[-1]
        following = self.trace.steps[execution.end] if execution.end < len(self.trace.steps) else None
        if following is None or following.event is EventKind.RAISE:
            self._close(execution.first + 1, execution.first)
            return
        at = execution.end  # a test may have called functions: it ends after them
        steps = [execution.first]
        if following.event is EventKind.RETURN:
            steps.append(following.index)  # nothing comes after the loop
        if turn.passes > 1:
            self.loop_ends("after-passes", steps, at, {"count": str(turn.passes)})
        else:
            self.loop_ends("after-one-pass" if turn.passes else "no-pass", steps, at, {})
        self._close(at, execution.first)

    def loop_ends(self, phrase: str, steps: list[int], at: int, slots: dict[str, str]) -> None:
        """Tell that a loop ends; a generator's loop is told in pieces, without its passes."""
        if self.frame.kind in ("function", "module", "block", "class"):
            self.add(at, "fact", fact=Fact(phrase, slots, tuple(steps), at, self.frame.id, "loop"))

    def _turn_of_endless(self, execution: Execution) -> None:
        """Count the passes of ``while True``, whose header runs only once: its body begins anew."""
        loop = self.turns[-1].loop
        if _is_endless(loop) and execution.units and execution.units[0] is loop.body[0]:
            head = self.turns[-1].head
            self._next_pass(execution.first + 1, execution.first if head < 0 else head)
            self.turns[-1].head = -1

    def _enters(self, loop: Loop, execution: Execution) -> bool:
        if _is_endless(loop):
            return False
        if isinstance(loop, ast.While):
            outcome = execution.truth_of(loop.test)
            if outcome is not None:
                return outcome
        following = self.trace.steps[execution.end] if execution.end < len(self.trace.steps) else None
        if following is None or following.frame != self.frame.id or following.event is not EventKind.LINE:
            return self._body_ran(loop, execution)
        return within(loop.body, following.line)

    def _body_ran(self, loop: Loop, execution: Execution) -> bool:
        """Of a loop on one line: tell whether this turn got to its body."""
        return any(
            unit in loop.body and any(execution.touched(e) for e in _own_expressions(unit))
            for unit in execution.units
        )


def _is_pause(step: Step, units: list[Unit], kind: str) -> bool:
    """Tell whether a frame only stops for a while in the middle of a statement: ``x = yield y``, ``x = await y``.

    What is waited for tells by an exception that it is done; `kind` is the type of the one that a step raises.
    """
    if _waits(units):
        return step.event in (EventKind.YIELD, EventKind.RESUME) or kind in STOPS
    assigns = bool(units) and isinstance(units[-1], ast.Assign | ast.AnnAssign | ast.AugAssign)
    return assigns and step.event in (EventKind.YIELD, EventKind.RESUME)


def _waits(units: list[Unit]) -> bool:
    """Tell whether a line waits for something: by ``await``, ``yield from`` or an asynchronous loop or block."""
    return any(
        isinstance(unit, ast.AsyncFor | ast.AsyncWith)
        or any(isinstance(node, ast.Await | ast.YieldFrom) for node in own_nodes(unit))
        for unit in units
    )


def _is_endless(loop: Loop) -> bool:
    return isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant)


def _own_expressions(unit: Unit) -> list[ast.expr]:
    """Return a statement's own expressions, the one that ends it last."""
    if isinstance(unit, ast.For | ast.AsyncFor):
        return [unit.iter]
    return [child for child in ast.iter_child_nodes(unit) if isinstance(child, ast.expr)]
