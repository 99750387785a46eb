"""One trace, indexed once for a checker's questions.

A *moment* m is the state that ``trace.snapshot(m)`` shows: every delta seen at step m or before is in it. The index
keeps, for each variable and each object, the moments at which it changed, and folds an object's content only when it
is asked for. Values come out as plain Python objects (see `cotrace.grounding.values`).
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cotrace.grounding.code import Code, Place, place_of
from cotrace.grounding.evaluate import Known, MissingError, UnknownError, evaluate
from cotrace.grounding.values import HeapAt, recorded
from cotrace.model.heap import changed
from cotrace.model.state import (
    Appear,
    Become,
    Bind,
    Delta,
    HeapObject,
    Ref,
    Unbind,
    Value,
)
from cotrace.model.trace import Entry, EventKind, Frame, Step, Trace

KEYFRAME = 32


@dataclass(frozen=True, slots=True)
class Effect:
    """One delta with the step at which it was seen."""

    seen: int
    delta: Delta


class ObjectHistory:
    """The content of one object over time, folded on demand."""

    def __init__(self) -> None:
        self.moments: list[int] = []
        self._deltas: list[Delta] = []
        self._folded: dict[int, HeapObject] = {}

    def add(self, moment: int, delta: Delta) -> None:
        """Note one more change."""
        self.moments.append(moment)
        self._deltas.append(delta)

    def at(self, moment: int) -> HeapObject | None:
        """Return the object as it was at a moment; its first content for earlier ones."""
        number = max(bisect_right(self.moments, moment), 1) - 1
        start = number
        while (
            start > 0 and start not in self._folded and not isinstance(self._deltas[start], (Appear, Become))
        ):
            start -= 1
        content = self._folded.get(start)
        for place in range(start if content is None else start + 1, number + 1):
            delta = self._deltas[place]
            if isinstance(delta, (Appear, Become)):
                content = delta.object
            elif content is not None and not isinstance(delta, (Bind, Unbind)):
                content = changed(content, delta)
            if content is not None and (place % KEYFRAME == 0 or place == number):
                self._folded[place] = content
        return content


class Index:
    """Everything a checker asks of a trace, found quickly."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.steps = trace.steps
        self.end = len(trace.steps)
        self.codes = [Code(source) for source in trace.sources]
        self.objects: dict[int, ObjectHistory] = {}
        self.variables: dict[tuple[int, str], tuple[list[int], list[Value | None]]] = {}
        self.effects: dict[int, list[Effect]] = {}
        for seen, delta in trace.deltas():
            self._note(seen, delta)

    def _note(self, seen: int, delta: Delta) -> None:
        self.effects.setdefault(delta.cause, []).append(Effect(seen, delta))
        if isinstance(delta, (Bind, Unbind)):
            moments, values = self.variables.setdefault((delta.frame, delta.name), ([], []))
            moments.append(seen)
            values.append(delta.value if isinstance(delta, Bind) else None)
        else:
            number = delta.object.id if isinstance(delta, (Appear, Become)) else delta.id
            self.objects.setdefault(number, ObjectHistory()).add(seen, delta)

    # --- values at a moment ---------------------------------------------------------------------------------------

    def heap(self, moment: int, overlay: Mapping[int, HeapObject] | None = None) -> HeapAt:
        """Return the objects as they were at a moment, those of `overlay` first."""

        def find(number: int) -> HeapObject | None:
            if overlay and number in overlay:
                return overlay[number]
            history = self.objects.get(number)
            return history.at(moment) if history else None

        return find

    def variable(self, frame: int, name: str, moment: int) -> Value | None:
        """Return what a variable of one frame held at a moment; None where it held nothing."""
        known = self.variables.get((frame, name))
        if known is None:
            return None
        place = bisect_right(known[0], moment) - 1
        return known[1][place] if place >= 0 else None

    def names(self, frame: int, moment: int) -> Callable[[str], object]:
        """Return the names as the code of a frame sees them at a moment."""

        def find(name: str) -> object:
            for scope in self.scopes(frame):
                value = self.variable(scope, name, moment)
                if value is not None:
                    return recorded(value, self.heap(moment))
            raise MissingError(f"{name} has no recorded value there")

        return find

    def scopes(self, frame: int) -> Iterator[int]:
        """Yield the frames in which a name of `frame` is looked for: itself, then its globals."""
        yield frame
        if self.frame(frame).globals != frame and self.frame(frame).globals >= 0:
            yield self.frame(frame).globals

    def frame(self, number: int) -> Frame:
        """Return a frame by its number."""
        frame = self.trace.frames[number]
        return frame if frame.id == number else self._frames[number]

    @cached_property
    def _frames(self) -> dict[int, Frame]:
        return {frame.id: frame for frame in self.trace.frames}

    def after(self, step: int) -> int:
        """Return the moment at which what `step`'s line did is to be seen: its frame's next step."""
        following = self.trace.next_in_frame(step)
        seen = [effect.seen for effect in self.effects.get(step, ()) if self._is_own(effect, step)]
        moment = self.end if following is None else following
        return max([moment, *seen]) if following is None else moment

    def over(self, step: int) -> int:
        """Return the last step before a step's frame went on: all that its line brought about is over by then."""
        following = self.trace.next_in_frame(step)
        return step if following is None else following - 1

    def goes_on(self, step: int, following: int) -> bool:
        """Tell whether a step goes on with the statement that an earlier step of its frame began."""
        one, other = self.steps[step], self.steps[following]
        if one.frame != other.frame or other.event is EventKind.START:
            return False
        if other.event is not EventKind.LINE:
            return True  # the return, raise or yield that the line ends with
        before = self.statements(step)
        if any(isinstance(s, (ast.For, ast.AsyncFor, ast.While)) for s in before):
            return False
        later = self.statements(following)
        return any(s is other_one for s in before for other_one in later)

    def _is_own(self, effect: Effect, step: int) -> bool:
        """Tell whether an effect is of the line itself rather than the start of a call that it makes."""
        return not isinstance(effect.delta, Bind) or effect.delta.frame == self.steps[step].frame

    def moments(self, step: int) -> list[int]:
        """Return the moments around a step: before its line, when its changes were seen, and after it."""
        seen = {effect.seen for effect in self.effects.get(step, ())}
        return sorted({step, self.after(step), *seen})

    # --- the ledger -----------------------------------------------------------------------------------------------

    def entries(self, step: int) -> list[tuple[Entry, object]]:
        """Return what was evaluated while the statement of a step ran, with the values as they were then."""
        group = self.group(step)
        known = self._entries.get(group[0])
        if known is None:
            known = self._entries[group[0]] = [found for turn in group for found in self._entries_of(turn)]
        return known

    def _entries_of(self, step: int) -> Iterator[tuple[Entry, object]]:
        overlay: dict[int, HeapObject] = {}
        moment = -1
        for entry in self.trace.expressions(step):
            if entry.at != moment:  # what the steps between have told of an object is newer
                overlay, moment = {}, entry.at
            overlay.update({seen.id: seen for seen in entry.objects})
            yield entry, recorded(entry.value, self.heap(max(step, entry.at - 1), overlay))

    def group(self, step: int) -> tuple[int, ...]:
        """Return the steps of the statement that a step is part of: one that runs in turns has several."""
        known = self._groups.get(step)
        if known is None:
            steps = self.trace.frame_steps(self.steps[step].frame)
            begin = end = bisect_left(steps, step)
            while begin > 0 and self.goes_on(steps[begin - 1], steps[begin]):
                begin -= 1
            while end + 1 < len(steps) and self.goes_on(steps[end], steps[end + 1]):
                end += 1
            known = tuple(steps[begin : end + 1])
            self._groups.update(dict.fromkeys(known, known))
        return known

    @cached_property
    def _groups(self) -> dict[int, tuple[int, ...]]:
        return {}

    @cached_property
    def _entries(self) -> dict[int, list[tuple[Entry, object]]]:
        return {}

    def entry_place(self, entry: Entry) -> Place:
        """Return where an entry's expression stands."""
        span = self.trace.span(entry)
        return (span.line, span.column, span.end_line, span.end_column)

    def by_place(self, step: int) -> dict[Place, list[object]]:
        """Return the values of the expressions of a step's line by where they stand, in order of evaluation."""
        first = self.group(step)[0]
        known = self._by_place.get(first)
        if known is None:
            known = {}
            for entry, value in self.entries(step):
                known.setdefault(self.entry_place(entry), []).append(value)
            self._by_place[first] = known
        return known

    @cached_property
    def _by_place(self) -> dict[int, dict[Place, list[object]]]:
        return {}

    def inner_yields(self, step: int) -> list[list[object]]:
        """Return what each generator expression that a statement ran gave, in order."""
        group = self.group(step)
        found: list[list[object]] = []
        for frame in self._inner.get(self.steps[step].frame, ()):
            if group[0] < frame.start <= self.over(group[-1]):
                turns = self.trace.frame_steps(frame.id)
                found.append([self.step_value(s) for s in turns if self.steps[s].event is EventKind.YIELD])
        return found

    @cached_property
    def _inner(self) -> dict[int, list[Frame]]:
        found: dict[int, list[Frame]] = {}
        for frame in self.trace.frames:
            if frame.name.endswith("<genexpr>"):
                found.setdefault(frame.parent, []).append(frame)
        return found

    # --- the code of a step -----------------------------------------------------------------------------------------

    def code(self, step: int) -> Code | None:
        """Return the source text that a step's frame runs."""
        source = self.frame(self.steps[step].frame).source
        return self.codes[source] if source >= 0 else None

    def statements(self, step: int) -> list[ast.stmt]:
        """Return the statements that a step's line belongs to."""
        code = self.code(step)
        return code.statements.get(self.steps[step].line, []) if code else []

    def expressions(self, step: int) -> list[ast.expr]:
        """Return the expressions that a step's line may evaluate."""
        code = self.code(step)
        return code.expressions(self.steps[step].line) if code else []

    def stores(self, step: int) -> set[str]:
        """Return the names that a step's line may give a value to."""
        code = self.code(step)
        return code.stores(self.steps[step].line) if code else set()

    def passing(self, step: int) -> set[str]:
        """Return the names that only comprehensions in a step's line give values to."""
        inner: set[str] = set()
        own: set[str] = set()
        for node in self.expressions(step):
            if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                for turn in node.generators:
                    inner |= {n.id for n in ast.walk(turn.target) if isinstance(n, ast.Name)}
        if inner:
            code = self.code(step)
            own = code.assigns(self.steps[step].line) if code else set()
        return inner - own

    def targets(self, step: int) -> list[ast.expr]:
        """Return the attributes and subscripts that a step's line stores into."""
        return [
            node
            for node in self.expressions(step)
            if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store)
        ]

    def node_values(self, node: ast.expr, step: int) -> list[object]:
        """Return the values that an expression of the source had at a step, worked out from its parts where needed."""
        if isinstance(node, ast.Constant):
            return [node.value]
        places = self.by_place(step)
        found = places.get(place_of(node))
        if found:
            return found
        turns = max(
            (len(places.get(place_of(n), ())) for n in ast.walk(node) if isinstance(n, ast.expr)), default=0
        )
        values: list[object] = []
        for turn in range(max(turns, 1)):
            try:
                values.append(
                    evaluate(node, self.names(self.steps[step].frame, step), self._known(step, turn))
                )
            except UnknownError:
                continue
        return values

    def _known(self, step: int, turn: int) -> Known:
        places = self.by_place(step)

        def known(node: ast.expr) -> tuple[object] | None:
            found = places.get(place_of(node))
            return (found[min(turn, len(found) - 1)],) if found else None

        return known

    @cached_property
    def comparisons(self) -> list[tuple[int, ast.Compare, list[list[object]]]]:
        """The comparisons that the run made: (step, the source's node, the values of each operand)."""
        found: list[tuple[int, ast.Compare, list[list[object]]]] = []
        for step in self.steps:
            for node in self.expressions(step.index) if step.event is EventKind.LINE else ():
                if isinstance(node, ast.Compare):
                    operands = (node.left, *node.comparators)
                    found.append((step.index, node, [self.node_values(o, step.index) for o in operands]))
        return found

    @cached_property
    def operations(
        self,
    ) -> dict[type[ast.operator], list[tuple[int, list[object], list[object], list[object]]]]:
        """The operations that the run worked out, by operator: (step, left values, right values, results)."""
        found: dict[type[ast.operator], list[tuple[int, list[object], list[object], list[object]]]] = {}
        for step in self.steps:
            for node in self.worked_nodes(step.index) if step.event is EventKind.LINE else ():
                if isinstance(node, ast.BinOp):
                    left, right, result = (
                        self.node_values(n, step.index) for n in (node.left, node.right, node)
                    )
                    found.setdefault(type(node.op), []).append((step.index, left, right, result))
        return found

    def worked_nodes(self, step: int) -> Iterator[ast.expr]:
        """Yield the expressions of a step's line; ``x += 1`` counts as one too."""
        for statement in self.statements(step):
            if isinstance(statement, ast.AugAssign):
                # Its place must differ from that of every expression, or the ledger would answer for it.
                place = {
                    "lineno": statement.lineno,
                    "col_offset": -1,
                    "end_lineno": statement.lineno,
                    "end_col_offset": -1,
                }
                yield ast.BinOp(statement.target, statement.op, statement.value, **place)
        yield from self.expressions(step)

    def storing(self, name: str) -> list[int]:
        """Return the line steps that may give a variable a value."""
        known = self._storing.get(name)
        if known is None:
            lines = [{line for line in code.statements if name in code.stores(line)} for code in self.codes]
            known = self._storing[name] = [
                step.index
                for step in self.steps
                if step.event is EventKind.LINE and step.line in lines[self.frame(step.frame).source]
            ]
        return known

    @cached_property
    def _storing(self) -> dict[str, list[int]]:
        return {}

    # --- calls ------------------------------------------------------------------------------------------------------

    @cached_property
    def calls(self) -> dict[str, list[Frame]]:
        """The frames by the last part of their name."""
        found: dict[str, list[Frame]] = {}
        for frame in self.trace.frames:
            if frame.kind != "globals":
                found.setdefault(frame.name.rpartition(".")[2], []).append(frame)
        return found

    def parameters(self, frame: Frame) -> dict[str, object]:
        """Return what a frame's variables held when it began."""
        found: dict[str, object] = {}
        for name in self._names_of.get(frame.id, ()):
            moments, values = self.variables[(frame.id, name)]
            if moments[0] == frame.start and values[0] is not None:
                found[name] = recorded(values[0], self.heap(frame.start))
        return found

    @cached_property
    def _names_of(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for frame, name in self.variables:
            found.setdefault(frame, []).append(name)
        return found

    def reached(self, value: Value, moment: int) -> set[int]:
        """Return the numbers of the objects that a value reached at a moment, itself included."""
        if not isinstance(value, Ref):
            return set()
        found, waiting = {value.id}, [value.id]
        while waiting:
            history = self.objects.get(waiting.pop())
            content = history.at(moment) if history else None
            for number in _references(content) if content else ():
                if number not in found:
                    found.add(number)
                    waiting.append(number)
        return found

    def ending(self, frame: Frame) -> Step | None:
        """Return the step with which a frame ended; None where it outlived the recording."""
        step = self.steps[frame.end] if 0 <= frame.end < self.end else None
        return step if step and step.event in (EventKind.RETURN, EventKind.UNWIND) else None

    def step_value(self, step: int) -> object:
        """Return what was returned, yielded or raised at a step."""
        value = self.steps[step].value
        return None if value is None else recorded(value, self.heap(step))

    @cached_property
    def outcome_value(self) -> object:
        """What the run returned."""
        value = self.trace.outcome.value
        return None if value is None else recorded(value, self.heap(self.end))

    # --- histories ----------------------------------------------------------------------------------------------------

    def tracks(self, name: str) -> list[int]:
        """Return the frames that have a variable of this name."""
        return self._tracks.get(name, [])

    @cached_property
    def _tracks(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for frame, name in self.variables:
            found.setdefault(name, []).append(frame)
        return found

    def held(self, frame: int, name: str) -> list[tuple[int, int, object]]:
        """Return what a variable held: (from the step that made it so, to the step that ended it, value)."""
        key = (frame, name)
        known = self._held.get(key)
        if known is None:
            known = self._held[key] = list(self._spans(frame, name))
        return known

    @cached_property
    def _held(self) -> dict[tuple[int, str], list[tuple[int, int, object]]]:
        return {}

    @cached_property
    def attributes(self) -> dict[str, list[int]]:
        """The objects that have an attribute, by its name."""
        found: dict[str, list[int]] = {}
        for number, history in self.objects.items():
            content = history.at(self.end)
            if content is not None and content.kind == "instance":
                for name, _ in content.attributes:
                    found.setdefault(name, []).append(number)
        return found

    def attribute_held(self, name: str) -> Iterator[tuple[int, int, object]]:
        """Yield what the attributes of a name held: (step that made it so, step that ended it, value)."""
        for number in self.attributes.get(name, ()):
            history = self.objects[number]
            moments = list(dict.fromkeys(history.moments))
            for place, moment in enumerate(moments):
                content = history.at(moment)
                value = dict(content.attributes).get(name) if content else None
                if value is not None:
                    ended = self._cause(moments[place + 1], -1) if place + 1 < len(moments) else self.end
                    made = self._cause(moment, -1)
                    yield made, max(made, ended), recorded(value, self.heap(moment))

    def last(self, frame: int) -> int:
        """Return the last step at which a frame is there."""
        end = self.frame(frame).end
        return self.end if end < 0 else end

    def changes(self, frame: int, name: str) -> list[tuple[int, int]]:
        """Return (cause, moment) for each change of a variable or of what it refers to."""
        key = (frame, name)
        known = self._changes.get(key)
        if known is None:
            moments, values = self.variables[key]
            found: list[int] = []
            for place, (moment, value) in enumerate(zip(moments, values, strict=True)):
                stop = moments[place + 1] if place + 1 < len(moments) else self.last(frame) + 1
                found.append(moment)
                if value is not None:
                    found += self._content_changes(value, moment, stop)
            known = self._changes[key] = [
                (self._cause(moment, frame), moment) for moment in sorted(set(found))
            ]
        return known

    @cached_property
    def _changes(self) -> dict[tuple[int, str], list[tuple[int, int]]]:
        return {}

    def written_as(self, text: str) -> list[int]:
        """Return the steps whose line has an expression that is written so."""
        lines = {
            (number, line)
            for number, code in enumerate(self.codes)
            for line, statements in code.statements.items()
            if any(ast.unparse(node) == text for node in code.expressions(line))
        }
        return [s.index for s in self.steps if (self.frame(s.frame).source, s.line) in lines] if lines else []

    def _spans(self, frame: int, name: str) -> Iterator[tuple[int, int, object]]:
        moments, values = self.variables[(frame, name)]
        last = self.frame(frame).end
        last = self.end if last < 0 else last
        for place, (moment, value) in enumerate(zip(moments, values, strict=True)):
            stop = moments[place + 1] if place + 1 < len(moments) else last + 1
            if value is None:
                continue
            changes = [moment, *self._content_changes(value, moment, stop)]
            for begin, finish in zip(changes, [*changes[1:], stop], strict=True):
                ended = self._cause(finish, frame) if finish <= self.end and finish != last + 1 else last
                yield self._cause(begin, frame), max(ended, begin), recorded(value, self.heap(begin))

    def _content_changes(self, value: Value, start: int, stop: int) -> list[int]:
        """Return the moments between two at which something reached from a value changed."""
        if not isinstance(value, Ref):
            return []
        found: set[int] = set()
        waiting, seen = [value.id], {value.id}
        while waiting:
            history = self.objects.get(waiting.pop())
            if history is None:
                continue
            inside = history.moments[
                bisect_right(history.moments, start) : bisect_left(history.moments, stop)
            ]
            found.update(inside)
            for moment in [start, *inside]:
                content = history.at(moment)
                for number in _references(content) if content else ():
                    if number not in seen:
                        seen.add(number)
                        waiting.append(number)
        return sorted(found)

    def _cause(self, moment: int, frame: int) -> int:
        """Return the earliest step that a change seen at a moment can be put down to."""
        known = self._causes.get((moment, frame))
        if known is None:
            deltas = self.steps[moment].delta if moment < self.end else self.trace.final
            causes = [delta.cause for delta in deltas if delta.cause >= 0]
            known = self._causes[(moment, frame)] = min(causes, default=moment)
        return known

    @cached_property
    def _causes(self) -> dict[tuple[int, int], int]:
        return {}


def _references(content: HeapObject) -> Iterator[int]:
    for value in (*content.elements, *(part for pair in content.entries for part in pair)):
        if isinstance(value, Ref):
            yield value.id
    for _, value in content.attributes:
        if isinstance(value, Ref):
            yield value.id
