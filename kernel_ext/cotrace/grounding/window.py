"""The steps that a sentence speaks of, and what can be seen from there.

Every predicate asks its questions through a `Window`: which values a place took there, what an expression gave, what
was called. The same predicate run over all steps tells a misplaced fact from a false one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from cotrace.grounding.code import place_of
from cotrace.grounding.evaluate import UnknownError, evaluate, recorded_as
from cotrace.grounding.index import Effect, Index
from cotrace.grounding.passes import Passes
from cotrace.grounding.values import UnreadableError, is_shortened, parsed, readable, recorded, same, written
from cotrace.model.state import Appear, Become, Bind, HeapObject, Ref, Unbind, Value
from cotrace.model.trace import EventKind, Frame


@dataclass(frozen=True)
class Finding:
    """What a predicate found."""

    holds: bool | None
    """None where the recording does not hold enough to tell."""

    steps: tuple[int, ...] = ()
    found: str = ""
    """What was found in place of what the text says."""

    slot: str = ""
    """The slot that `right` would fill rightly."""

    right: str = ""


@dataclass
class Window:
    """Some steps of a trace."""

    index: Index
    passes: Passes
    steps: tuple[int, ...]
    whole: bool = False
    """True if these are all steps of the run."""

    told: dict[str, int] = field(default_factory=dict)
    """Variables that the sentence has given a value already, with the step: they are not spoken of as before it."""

    _inside: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self._inside = frozenset(self.steps)

    def __contains__(self, step: int | None) -> bool:
        return step in self._inside

    def since(self, step: int) -> Window:
        """Return the steps here from one on."""
        if not self.steps or step <= self.steps[0]:
            return self
        return Window(
            self.index, self.passes, tuple(s for s in self.steps if s >= step), self.whole, self.told
        )

    def stretch(self, begin: int, end: int) -> Window:
        """Return the steps here from one up to another."""
        return Window(self.index, self.passes, tuple(s for s in self.steps if begin <= s < end), self.whole)

    def statements(self) -> Iterator[Window]:
        """Yield the steps of each statement here as a window: one that runs in turns has several."""
        groups: list[list[int]] = []
        for step in self.steps:
            if groups and self.index.goes_on(groups[-1][-1], step):
                groups[-1].append(step)
            else:
                groups.append([step])
        for group in groups:
            yield Window(self.index, self.passes, tuple(group), self.whole)

    # --- the frames ---------------------------------------------------------------------------------------------

    @cached_property
    def frames(self) -> list[int]:
        """The frames of the steps, in order of appearance."""
        return list(dict.fromkeys(self.index.steps[s].frame for s in self.steps))

    def called(self, callee: str) -> Iterator[Frame]:
        """Yield the frames of a function that begin here or are called from here."""
        for frame in self.index.calls.get(callee.rpartition(".")[2], ()):
            named = callee in (frame.name, frame.name.rpartition(".")[2]) or frame.name.endswith("." + callee)
            if named and (frame.start in self or self.caller(frame) in self):
                yield frame

    def ended(self, callee: str) -> Iterator[Frame]:
        """Yield the frames of a function that end here or were called from here."""
        for frame in self.index.calls.get(callee.rpartition(".")[2], ()):
            own = self.index.trace.frame_steps(frame.id)
            last_line = own[-2] if len(own) > 1 else -1
            if frame.end in self or last_line in self or self.caller(frame) in self:
                yield frame

    def caller(self, frame: Frame) -> int:
        """Return the step whose line called a frame; -1 where none was recorded."""
        if frame.parent < 0:
            return -1
        before = self.index.trace.frame_steps(frame.parent)
        place = _below(before, frame.start)
        return before[place] if place >= 0 else -1

    # --- places -------------------------------------------------------------------------------------------------

    def given(self, place: ast.expr) -> Iterator[tuple[int, object]]:
        """Yield (step, value) for each value that the steps here gave a place."""
        root = root_of(place)
        for step in self.steps:
            seen: list[tuple[int, int]] = []
            for effect in self.effects(step):
                frame = self._concerns(effect, step, root)
                if frame is not None:
                    seen.append((effect.seen, frame))
            if self._stored(step, place, root):
                seen.append((self.index.after(step), self.index.steps[step].frame))
            for moment, frame in dict.fromkeys(seen):
                value = self._value_at(place, frame, moment)
                if value is not None and (
                    isinstance(place, ast.Name) or self._differs(place, frame, step, value[0])
                ):
                    yield step, value[0]
            yield from self._passing(step, place)

    def _value_at(self, place: ast.expr, frame: int, moment: int) -> tuple[object] | None:
        try:
            return (evaluate(place, self.index.names(frame, moment)),)
        except UnknownError:
            return None

    def _differs(self, place: ast.expr, frame: int, step: int, value: object) -> bool:
        """Tell whether a part of an object was changed by a step, or stored anew by it."""
        before = self._value_at(place, frame, step)
        return (
            before is None
            or not same(before[0], value, strict=True)
            or self._stored(step, place, root_of(place))
        )

    def _stored(self, step: int, place: ast.expr, root: str) -> bool:
        """Tell whether the line of a step stores into a place, whatever it held before."""
        if isinstance(place, ast.Name):
            return root in self.index.stores(step)
        frame = self.index.steps[step].frame
        return any(self._is_target(node, place, frame, step) for node in self.index.targets(step))

    def _is_target(self, node: ast.expr, place: ast.expr, frame: int, step: int) -> bool:
        if isinstance(node, ast.Name) or isinstance(place, ast.Name):
            return isinstance(node, ast.Name) and isinstance(place, ast.Name) and node.id == place.id
        if isinstance(node, ast.Attribute) and isinstance(place, ast.Attribute):
            return node.attr == place.attr and self._is_target(node.value, place.value, frame, step)
        if isinstance(node, ast.Subscript) and isinstance(place, ast.Subscript):
            said = self._value_at(place.slice, frame, step)
            keys = self.index.node_values(node.slice, step)
            alike = said is not None and any(same(said[0], key, strict=True) for key in keys)
            return alike and self._is_target(node.value, place.value, frame, step)
        return False

    def _passing(self, step: int, place: ast.expr) -> Iterator[tuple[int, object]]:
        """Yield values that a name held for a moment inside one step: a turn of a comprehension, a walrus."""
        if isinstance(place, ast.Name):
            for entry, value in self.index.entries(step):
                span = self.index.trace.span(entry)
                if span.kind == "NamedExpr" and self.index.trace.text_of(entry).startswith(place.id):
                    yield step, value

    def effects(self, step: int) -> list[Effect]:
        """Return what a step's line did; at a START, what the frame began with."""
        found = list(self.index.effects.get(step, ()))
        if self.index.steps[step].event is EventKind.START:
            found += [Effect(step, d) for d in self.index.steps[step].delta if d.cause != step]
        return found

    def _concerns(self, effect: Effect, step: int, root: str) -> int | None:
        """Return the frame in which an effect may have changed a place, or None."""
        delta = effect.delta
        if isinstance(delta, (Bind, Unbind)):
            return delta.frame if delta.name == root and isinstance(delta, Bind) else None
        frame = self.index.steps[step].frame
        return frame if self._reaches(frame, root, effect.seen, _number(delta)) else None

    def _reaches(self, frame: int, root: str, moment: int, number: int) -> bool:
        for scope in self.index.scopes(frame):
            value = self.index.variable(scope, root, moment)
            if value is not None:
                return number in self.index.reached(value, moment)
        return False

    def read(self, place: ast.expr) -> Iterator[tuple[int, object]]:
        """Yield (step, value) for each value that a place had before, during or after the steps here."""
        for step in self.steps:
            for moment in self.index.moments(step):
                for frame in self.seen_from(step):
                    try:
                        yield step, evaluate(place, self.index.names(frame, moment))
                    except UnknownError:
                        continue
            text = ast.unparse(place)
            frame = self.index.steps[step].frame
            for node in self.index.expressions(step):
                if type(node) is not type(place):
                    continue
                if ast.unparse(node) == text or self._is_target(node, place, frame, step):
                    for value in self.index.by_place(step).get(place_of(node), ()):
                        yield step, value

    def seen_from(self, step: int) -> list[int]:
        """Return the frames whose names a sentence about a step may use: its own, and one that it begins."""
        frame = self.index.steps[step].frame
        begun = [e.delta.frame for e in self.index.effects.get(step, ()) if isinstance(e.delta, Bind)]
        return list(dict.fromkeys([frame, *begun]))

    def before(self, place: ast.expr) -> Iterator[tuple[int, object]]:
        """Yield (step, value) for what a place held just before each step here."""
        for step in self.steps:
            try:
                yield step, evaluate(place, self.index.names(self.index.steps[step].frame, step))
            except UnknownError:
                continue

    def raw(self, place: ast.expr, frame: int, moment: int) -> Value | None:
        """Return what a place held at a moment by identity."""
        heap = self.index.heap(moment)
        if isinstance(place, ast.Name):
            for scope in self.index.scopes(frame):
                value = self.index.variable(scope, place.id, moment)
                if value is not None:
                    return value
            return None
        if not isinstance(place, (ast.Attribute, ast.Subscript)):
            return None
        owner = self.raw(place.value, frame, moment)
        content = heap(owner.id) if isinstance(owner, Ref) else None
        return _part(place, content, self.index, moment) if content else None

    def mentions(self, step: int, name: str) -> bool:
        """Tell whether the line of a step uses or stores a name; True where the source is not known."""
        if not self.index.statements(step):
            return True
        used = any(isinstance(node, ast.Name) and node.id == name for node in self.index.expressions(step))
        return used or name in self.index.stores(step)

    def loads(self, step: int, name: str) -> bool:
        """Tell whether the line of a step uses the value of a name; True where the source is not known."""
        statements = self.index.statements(step)
        if not statements:
            return True
        targets = {id(s.target) for s in statements if isinstance(s, ast.AugAssign)}
        return any(
            isinstance(node, ast.Name)
            and node.id == name
            and (isinstance(node.ctx, ast.Load) or id(node) in targets)
            for node in self.index.expressions(step)
        )

    def uses(self, step: int, place: ast.expr) -> bool:
        """Tell whether the line of a step uses a place: its variable, and the attribute or index where it has some."""
        root = root_of(place)
        if not self.mentions(step, root):
            return False
        if isinstance(place, ast.Name):
            return True
        alike = [n for n in self.index.expressions(step) if type(n) is type(place) and root_of(n) == root]
        frame = self.index.steps[step].frame
        return not alike or any(self._is_target(node, place, frame, step) for node in alike)

    # --- operands -------------------------------------------------------------------------------------------------

    def operand(self, text: str) -> Iterator[tuple[int, object]]:
        """Yield (step, value) for what an operand, a value or a place, stands for at the steps here."""
        try:
            value = written(text)
        except UnreadableError:
            place = place_tree(text)
            for step in self.steps:
                if self.loads(step, root_of(place)) and self.uses(step, place):
                    yield from Window(self.index, self.passes, (step,)).read(place)
            return
        for step in self.steps:
            if is_shortened(value):  # what is left out is not in the text: take it from the run
                yield from ((step, found) for found in self._whole(step, value))
            else:
                yield step, value

    def _whole(self, step: int, value: object) -> Iterator[object]:
        """Yield the values seen at a step that a shortened one can stand for."""
        for _, found in self.index.entries(step):
            if same(value, found, strict=True):
                yield found
        for node in self.index.expressions(step):
            if isinstance(node, ast.Constant) and same(value, node.value, strict=True):
                yield node.value

    def call_nodes(self, callee: str) -> Iterator[tuple[int, ast.Call]]:
        """Yield (step, node) for each call of a function by that name in the lines here."""
        last = callee.rpartition(".")[2]
        for step in self.steps:
            for node in self.index.expressions(step):
                if isinstance(node, ast.Call) and _callee(node) in (callee, last):
                    yield step, node

    def node_values(self, node: ast.expr, step: int) -> list[object]:
        """Return the values that an expression of the source had at a step, worked out from its parts where needed."""
        return self.index.node_values(node, step)


class SlotError(Exception):
    """A slot's text is not of its kind: the phrase was not the one meant. Never leaves this package."""


def place_tree(text: str) -> ast.expr:
    """Return the tree of a place. Raises SlotError where it is none."""
    try:
        tree = parsed(readable(text))
    except UnreadableError:
        raise SlotError(text) from None
    node = tree
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Name) or node.id in ("True", "False", "None"):
        raise SlotError(text)
    return tree


def root_of(place: ast.expr) -> str:
    """Return the variable that a place begins with."""
    while isinstance(place, (ast.Attribute, ast.Subscript)):
        place = place.value
    return place.id if isinstance(place, ast.Name) else ""


def _number(delta: object) -> int:
    return delta.object.id if isinstance(delta, (Appear, Become)) else delta.id  # type: ignore[attr-defined]


def _below(steps: list[int], step: int) -> int:
    """Return the place of the last of some rising steps that is below `step`; -1 for none."""
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        if steps[middle] < step:
            low = middle + 1
        else:
            high = middle
    return low - 1


def _callee(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _part(
    place: ast.Attribute | ast.Subscript, content: HeapObject, index: Index, moment: int
) -> Value | None:
    """Return what an object holds under an attribute, a key or an index."""
    if isinstance(place, ast.Attribute):
        attributes = dict(content.attributes)
        name = recorded_as(place.attr, attributes)
        return None if name is None else attributes[name]
    try:
        key = evaluate(place.slice)
    except UnknownError:
        return None
    if content.kind == "dict":
        return next((v for k, v in content.entries if same(key, recorded(k, index.heap(moment)))), None)
    if isinstance(key, int) and not isinstance(key, bool) and content.kind in ("list", "tuple", "deque"):
        if content.positions is not None:
            wanted = key + content.length if key < 0 else key
            return next(
                (v for p, v in zip(content.positions, content.elements, strict=True) if p == wanted), None
            )
        if -len(content.elements) <= key < len(content.elements):
            return content.elements[key]
    return None
