"""What the views ask of a trace, each computed when it is first asked for, and for no more than is shown.

A few things take one look at every step (how often each line ran, how deep the calls are): that is done once, and takes
a few hundredths of a second for a hundred thousand steps.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from functools import cached_property, lru_cache
from typing import NamedTuple

from cotrace.formats.escape import visible
from cotrace.formats.telling import Row, tell_at, warnings
from cotrace.formats.values import Budget
from cotrace.model.changes import change_steps
from cotrace.model.passes import LoopPass, Passes, parsed
from cotrace.model.replay import Replay
from cotrace.model.source import Source
from cotrace.model.state import Appear, Become, Bind, HeapObject, Ref, Snapshot, Unbind, Value
from cotrace.model.trace import EventKind, Frame, Output, Trace

NEAR = 2_000
"""So many objects of a variable are looked at in search of a change: what hides behind more is not marked."""

COLOURED = 300_000
"""A source with more characters than this is not parsed or coloured for the screen."""


class Hits(NamedTuple):
    """How often a line was about to run: up to a position, and in all."""

    so_far: int
    total: int


class Recording:
    """One trace, as a reader looks at it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.end = len(trace.steps)
        self.passes = Passes(trace)
        self._replay = Replay(trace)
        self.change_steps = lru_cache(maxsize=64)(self._change_steps)
        self.row = lru_cache(maxsize=64)(self._row)
        self.snapshot = lru_cache(maxsize=4)(self._replay.snapshot)
        self.texts = lru_cache(maxsize=16)(self._texts)
        self.stored = lru_cache(maxsize=16)(self._stored)
        self.depths = lru_cache(maxsize=4)(self._depths)

    # --- where ----------------------------------------------------------------------------------------------------

    def frame(self, position: int) -> Frame | None:
        """Return the frame that runs at a position; of the end, the last one that did."""
        if not self.end:
            return None
        return self.trace.frames[self.trace.steps[min(position, self.end - 1)].frame]

    def line(self, position: int) -> int:
        """Return the line at a position; 0 at the end, where none is about to run."""
        return self.trace.steps[position].line if position < self.end else 0

    def loops(self, position: int) -> list[LoopPass]:
        """Return the loops around a position with the pass each is in, outermost first."""
        return self.passes.at(position)

    def _texts(self, source: int) -> list[str]:
        """Return a source's lines as they can be shown."""
        return [visible(line.expandtabs(4)) for line in self.trace.sources[source].lines]

    @cached_property
    def warnings(self) -> list[str]:
        """A sentence for each thing that the trace does not have."""
        return warnings(self.trace)

    # --- the whole run --------------------------------------------------------------------------------------------

    @cached_property
    def _visits(self) -> dict[tuple[int, int], list[int]]:
        frames = self.trace.frames
        found: dict[tuple[int, int], list[int]] = {}
        for step in self.trace.steps:
            if step.event is EventKind.LINE:
                found.setdefault((frames[step.frame].source, step.line), []).append(step.index)
        return found

    def hits(self, source: int, line: int, position: int) -> Hits:
        """Return how often a line was about to run, the step at `position` included."""
        steps = self._visits.get((source, line), [])
        return Hits(bisect_right(steps, position), len(steps))

    def _depths(self, columns: int) -> list[int]:
        """Return the greatest depth in each of so many equal parts of the run; a short run's steps have many each."""
        steps, found = self.trace.steps, []
        for column in range(columns):
            first = column * self.end // columns
            part = steps[first : max((column + 1) * self.end // columns, first + 1)]
            found.append(max([step.depth for step in part], default=0))
        return found

    @cached_property
    def _outputs(self) -> tuple[list[Output], list[int]]:
        outputs = self.trace.outputs
        return outputs, [out.at for out in outputs]

    def written(self, position: int, lines: int) -> list[str]:
        """Return the last lines that were written to stdout and stderr before `position`; a cut one is marked."""
        outputs, at = self._outputs
        pieces: list[str] = []
        ends = 0
        for out in reversed(outputs[: bisect_right(at, position)]):
            pieces.append(out.text + ("…" if out.cut else ""))
            ends += out.text.count("\n")
            if ends > lines:
                break
        text = "".join(reversed(pieces)).removesuffix("\n")
        return [visible(line.expandtabs(8)) for line in text.split("\n")[-lines:]] if text else []

    # --- one position ---------------------------------------------------------------------------------------------

    def _row(self, position: int, budget: Budget) -> Row:
        return tell_at(self.trace, position, self._replay, budget=budget, part=budget)

    def variables(self, position: int) -> list[tuple[Frame, dict[str, Value]]]:
        """Return the frames worth showing, the running one first, and the namespaces of their modules last.

        Functions, classes and modules are left out where they are a namespace's furniture.
        """
        snapshot = self.snapshot(position)
        running = [self.trace.frames[number] for number in reversed(snapshot.stack)]
        owners = dict.fromkeys(self.trace.frames[frame.globals] for frame in running)
        if not running:
            owners = dict.fromkeys(self.trace.frames[number] for number in snapshot.frames)
        shown = [*(frame for frame in running if frame not in owners), *owners]
        held = [(frame, _without_furniture(frame, snapshot)) for frame in shown]
        return [(frame, names) for frame, names in held if names or frame.kind not in ("module", "block")]

    def changed(self, position: int, frame: int, name: str, snapshot: Snapshot) -> bool:
        """Tell whether a variable, or what it reaches, changed between the position before and this one."""
        bound, objects = self._seen(position)
        if (frame, name) in bound:
            return True
        value = snapshot.frames.get(frame, {}).get(name)
        return bool(objects) and isinstance(value, Ref) and _meets(value.id, objects, snapshot)

    def _seen(self, position: int) -> tuple[set[tuple[int, str]], set[int]]:
        """Return the variables and objects whose change was seen at a position."""
        deltas = self.trace.steps[position].delta if position < self.end else self.trace.final
        bound: set[tuple[int, str]] = set()
        objects: set[int] = set()
        for delta in deltas:
            if isinstance(delta, (Bind, Unbind)):
                bound.add((delta.frame, delta.name))
            elif not isinstance(delta, Appear):
                objects.add(delta.object.id if isinstance(delta, Become) else delta.id)
        return bound, objects

    def _change_steps(self, frame: int, name: str) -> list[int]:
        return change_steps(self.trace, frame, name)

    def _stored(self, source: int) -> Named:
        return names_in(self.trace.sources[source])

    def names(self, frame: Frame, line: int) -> tuple[list[str], list[str]]:
        """Return what a line of a frame's own code gives a value to or changes, and all that it speaks of."""
        scope = MODULE if frame.kind in ("module", "block") else frame.line
        return self.stored(frame.source).get((scope, line), ([], []))


def _without_furniture(frame: Frame, snapshot: Snapshot) -> dict[str, Value]:
    variables = snapshot.frames.get(frame.id, {})
    if frame.kind != "globals":
        return dict(variables)
    furniture = ("function", "class", "module")
    return {
        name: value
        for name, value in variables.items()
        if not (
            isinstance(value, Ref) and value.id in snapshot.heap and snapshot.heap[value.id].kind in furniture
        )
    }


def _meets(number: int, wanted: set[int], snapshot: Snapshot) -> bool:
    waiting, known = [number], {number}
    while waiting:
        here = waiting.pop()
        if here in wanted:
            return True
        seen = snapshot.heap.get(here)
        for value in _held(seen) if seen is not None else ():
            if isinstance(value, Ref) and value.id not in known and len(known) < NEAR:
                known.add(value.id)
                waiting.append(value.id)
    return False


def _held(seen: HeapObject) -> list[Value]:
    pairs = [value for pair in seen.entries for value in pair]
    return [*seen.elements, *pairs, *(value for _, value in seen.attributes)]


MODULE = 0
"""Stands for the lines of a text that are in no function and no class."""

Named = dict[tuple[int, int], tuple[list[str], list[str]]]
"""For the first line of a function or class, and a line in it: the names stored there, and those spoken of."""


def names_in(source: Source) -> Named:
    """Return the names on each line, apart for each function and class: a name means another thing in each."""
    found: Named = {}
    if len(source.text) > COLOURED:
        return found
    waiting: list[tuple[int, ast.AST]] = [(MODULE, parsed(source.text))]
    while waiting:
        scope, node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            scope = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        _note_name(node, scope, found)
        waiting += [(scope, inner) for inner in reversed([*ast.iter_child_nodes(node)])]
    return found


def _note_name(node: ast.AST, scope: int, found: Named) -> None:
    if isinstance(node, (ast.Name, ast.arg)):
        name = node.id if isinstance(node, ast.Name) else node.arg
        stored, spoken = found.setdefault((scope, node.lineno), ([], []))
        spoken.append(name)
        if isinstance(node, ast.arg) or not isinstance(node.ctx, ast.Load):
            stored.append(name)
    elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        root: ast.expr = node
        while isinstance(root, (ast.Subscript, ast.Attribute)):
            root = root.value
        if isinstance(root, ast.Name):
            found.setdefault((scope, root.lineno), ([], []))[0].append(root.id)
    elif isinstance(node, ast.ExceptHandler) and node.name:
        found.setdefault((scope, node.lineno), ([], []))[0].append(node.name)
