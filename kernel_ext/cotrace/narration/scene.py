"""What surrounds a statement: the calls it made, the module it stands in, the variables around it."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from cotrace.model.state import Atom, Bind, Ref
from cotrace.model.trace import EventKind, Frame, Step, Trace
from cotrace.narration.facts import Execution, Seen
from cotrace.narration.history import History
from cotrace.narration.syntax import FUNCTIONS, Syntax
from cotrace.narration.values import shown


class Scene:
    """One trace, as those who tell of its statements need it."""

    def __init__(self, trace: Trace, history: History, syntaxes: list[Syntax], room: int) -> None:
        self.trace = trace
        self.history = history
        self.syntaxes = syntaxes
        self.room = room
        """How many characters a value may take."""

        self.defined = frozenset(_defined(syntaxes))
        """The functions and classes that the traced code defines: they are not Python's own."""

        self._recursive = frozenset(_recursive(trace))
        self._children: dict[int, list[Frame]] = {}
        for frame in trace.frames:
            self._children.setdefault(frame.parent, []).append(frame)

    # --- frames ---

    def module_of(self, frame: int) -> int:
        """Return the frame of a frame's module."""
        return self.trace.frames[frame].globals

    def callee_of(self, execution: Execution) -> str:
        """Return the name of the function that an execution is in."""
        return callee_of(self.trace.frames[execution.frame].name)

    def syntax_of(self, execution: Execution) -> Syntax:
        """Return the source that an execution is in."""
        return self.syntaxes[self.trace.frames[execution.frame].source]

    def completed(self, execution: Execution) -> bool:
        """Tell whether an execution came to its end: it may have raised, or the recording ended before."""
        following = self.step_after(execution)
        return following is not None and following.event is not EventKind.RAISE

    def step_after(self, execution: Execution) -> Step | None:
        """Return the frame's next step after an execution; None at the end of the recording."""
        return self.trace.steps[execution.end] if execution.end < len(self.trace.steps) else None

    def where(self, frame: int) -> str:
        """Return the parameters of a call of a function that calls itself: they tell its returns apart."""
        own = self.trace.frames[frame]
        if (own.source, own.name) not in self._recursive:
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

    def called(self, execution: Execution) -> list[Frame]:
        """Return the frames that an execution began."""
        children = self._children.get(execution.frame, [])
        first = bisect_right(children, execution.first, key=_start)
        return children[first : bisect_left(children, execution.end, key=_start)]

    def calls(self, execution: Execution, name: str) -> bool:
        """Tell whether an execution ran a recorded function of this name."""
        return any(callee_of(frame.name).rpartition(".")[2] == name for frame in self.called(execution))

    def yielded(self, execution: Execution) -> list[Seen] | None:
        """Return what a generator expression in an execution gave; None where there is not just one."""
        frames = [frame for frame in self.called(execution) if frame.name.endswith("<genexpr>")]
        if len(frames) != 1:
            return None
        found: list[Seen] = []
        for index in self.trace.frame_steps(frames[0].id):
            step = self.trace.steps[index]
            if step.event is EventKind.YIELD and step.value is not None:
                found.append(Seen(step.value, self.history.view(index), index, execution.first))
        return found

    # --- variables ---

    def frame_of(self, name: str, execution: Execution) -> int:
        """Return the frame whose variable `name` means in an execution: its own, or its module's namespace."""
        if self.history.has(execution.frame, name):
            return execution.frame
        return self.trace.frames[execution.frame].globals

    def after(self, name: str, execution: Execution) -> Seen | None:
        """Return the value a variable has after an execution; None if that was not completed."""
        if not self.completed(execution):
            return None
        value = self.history.variable(self.frame_of(name, execution), name, execution.end)
        if value is None:
            return None
        return Seen(value, self.history.view(execution.end), execution.end, execution.first)

    def value(self, frame: int, name: str, step: int) -> str:
        """Return the text of what a variable held just before `step`; "" where a name is no variable of the frame."""
        value = self.history.variable(frame, name, step)
        return "" if value is None else shown(value, self.history.view(step), self.room)

    def place_of(self, number: int, execution: Execution) -> str:
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


def _start(frame: Frame) -> int:
    return frame.start


def callee_of(qualified: str) -> str:
    """Return a function's name as a reader knows it, without where it was defined inside another."""
    return qualified.rpartition("<locals>.")[2]


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


def listed(texts: list[str]) -> str:
    """Return texts as an English list: ``a, b and c``."""
    if len(texts) < 2:
        return "".join(texts)
    return ", ".join(texts[:-1]) + " and " + texts[-1]
