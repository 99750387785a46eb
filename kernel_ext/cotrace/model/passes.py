"""The loops of a source text, and which pass of which run of a loop a position is in.

Passes are told from the lines of one frame in their order, and from nothing else, so that a front end that has only
the numbers of the steps counts the same ones:

- Reaching a line of a loop's header opens a *run* of it; a line outside of the loop ends it, and so does the header of
  a loop around it. (The ``else`` of a loop is outside.)
- Each first line of the header after one of the body is a *look*. A look after which the body is reached begins a
  pass; the look that ends the run belongs to the last pass.
- A loop whose body begins on its header's last line has only steps of the header's first line. Of a ``while`` there is
  one for each turn, so each begins a pass (also the one of a run without any turn, which looks the same). Of a ``for``
  there is one more, so each begins a pass if another follows (a turn that leaves the loop is not counted).

Frames of comprehensions and lambdas have no loops of their own: their lines are those of the text around them.
"""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cotrace.model.source import Source
from cotrace.model.trace import EventKind, Trace


class Loop(NamedTuple):
    """One loop statement of a source text."""

    kind: str
    """``for`` or ``while``."""

    header_line: int
    header_end_line: int
    body_line: int
    """The first line of the body."""

    last_line: int
    """The last line of the body; an ``else`` is not counted."""

    @property
    def is_joined(self) -> bool:
        """True if the body begins on the header's last line."""
        return self.body_line <= self.header_end_line


def loops_of(source: Source) -> list[Loop]:
    """Return the loops of a source in the order of their headers; none where the text can't be parsed."""
    nodes = ast.walk(parsed(source.text))
    return sorted(
        (_loop(node) for node in nodes if isinstance(node, (ast.For, ast.AsyncFor, ast.While))),
        key=lambda loop: loop[1:],
    )


def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a source's text, with its lines; an empty one where it can't be parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for before in ("", "if True:\n"):  # the text of a method is indented
            try:
                tree = ast.parse(before + text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            return ast.increment_lineno(tree, -before.count("\n"))
    return ast.Module([], [])


def _loop(node: ast.For | ast.AsyncFor | ast.While) -> Loop:
    head = node.test if isinstance(node, ast.While) else node.iter
    kind = "while" if isinstance(node, ast.While) else "for"
    end = max(head.end_lineno or head.lineno, node.lineno)
    body = node.body[0]
    first = min([body.lineno, *(d.lineno for d in getattr(body, "decorator_list", ()))])
    last = max(statement.end_lineno or statement.lineno for statement in node.body)
    return Loop(kind, node.lineno, end, first, last)


@dataclass
class LoopRun:
    """One run of a loop in one frame, from its header's first look to its end."""

    loop: Loop
    number: int
    """The loop's place among those of its source."""

    begin: int
    """The step at which the header was first reached."""

    outer: LoopRun | None
    """The run around it in the same frame."""

    end: int = -1
    """The last step of the frame that belongs to it."""

    starts: list[int] = field(default_factory=list)
    """The step at which each pass begins: the look that let it in."""

    def pass_at(self, step: int) -> int:
        """Return the number of the pass that a step of this run belongs to, from 1; 0 where there is none."""
        return bisect_right(self.starts, step)


class LoopPass(NamedTuple):
    """A run of a loop, and the pass of it that a position is in: from 1, or 0 where the run has none."""

    run: LoopRun
    current: int


def passes_at(trace: Trace, position: int) -> list[LoopPass]:
    """Return the loops around a position in its own frame, outermost first; for many positions use `Passes`."""
    return Passes(trace).at(position)


class Passes:
    """The loop passes of one trace; a frame's are counted when one of its steps is first asked for."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._loops: dict[int, list[Loop]] = {}
        self._runs: dict[int, list[LoopRun]] = {}

    def at(self, position: int) -> list[LoopPass]:
        """Return the loops around a position in its own frame, outermost first."""
        if position >= len(self._trace.steps):
            return []
        runs = self.of_frame(self._trace.steps[position].frame)
        # Runs are nested or apart: those around a step are the last one that began by then, and those around that.
        place = bisect_right(runs, position, key=lambda run: run.begin)
        run = runs[place - 1] if place else None
        found: list[LoopPass] = []
        while run is not None:
            if position <= run.end:
                found.append(LoopPass(run, run.pass_at(position)))
            run = run.outer
        return found[::-1]

    def of_frame(self, frame: int) -> list[LoopRun]:
        """Return the runs of loops in one frame, in the order in which they began."""
        if frame not in self._runs:
            self._runs[frame] = _runs(self._trace, frame, self.loops(frame))
        return self._runs[frame]

    def loops(self, frame: int) -> list[Loop]:
        """Return the loops of the source that a frame runs; none for frames that have no loops of their own."""
        shown = self._trace.frames[frame]
        if shown.source < 0 or shown.name.rpartition(".")[2] in _INNER:
            return []
        if shown.source not in self._loops:
            self._loops[shown.source] = loops_of(self._trace.sources[shown.source])
        return self._loops[shown.source]


_INNER = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"})


def _runs(trace: Trace, frame: int, loops: list[Loop]) -> list[LoopRun]:
    if not loops:
        return []
    walk = _Walk(loops)
    for index in trace.frame_steps(frame):
        step = trace.steps[index]
        if step.event is EventKind.LINE:
            walk.line(index, step.line)
        walk.last = index
    walk.close(walk.open)
    return walk.runs


class _Walk:
    """Follows one frame's lines."""

    def __init__(self, loops: list[Loop]) -> None:
        self.headers: dict[int, list[tuple[int, Loop]]] = {}
        for number, loop in enumerate(loops):
            for line in range(loop.header_line, loop.header_end_line + 1):
                self.headers.setdefault(line, []).append((number, loop))
        self.runs: list[LoopRun] = []
        self.open: list[LoopRun] = []
        self.looks: dict[int, int] = {}
        """For each open run by its beginning, the look that was not yet followed by a pass."""

        self.last = -1
        """The step of the frame before the one at hand."""

    def line(self, step: int, line: int) -> None:
        """Take in one line step."""
        for place, run in enumerate(self.open):
            if not run.loop.header_line <= line <= run.loop.last_line:
                self.close(self.open[place:])
                break
            if self.at_header(run, step, line):
                self.close(self.open[place + 1 :])
                break
            if not run.loop.is_joined and run.begin in self.looks:
                run.starts.append(self.looks.pop(run.begin))
        for number, loop in self.headers.get(line, ()):
            if not any(run.number == number for run in self.open):
                run = LoopRun(loop, number, step, self.open[-1] if self.open else None)
                self.open.append(run)
                self.runs.append(run)
                self.looks[step] = step
                if loop.is_joined and loop.kind == "while":
                    run.starts.append(step)

    def at_header(self, run: LoopRun, step: int, line: int) -> bool:
        """Take in a line of an open run if it is one of its header; tell whether it is."""
        if run.loop.is_joined:
            if line == run.loop.header_line:
                run.starts.append(step if run.loop.kind == "while" else self.looks[run.begin])
                self.looks[run.begin] = step
            return line == run.loop.header_line
        if line <= run.loop.header_end_line:
            self.looks.setdefault(run.begin, step)
            return True
        return False

    def close(self, ended: Iterable[LoopRun]) -> None:
        """End these runs, which are the innermost open ones, before the step at hand."""
        for run in [*ended]:
            run.end = self.last
            self.looks.pop(run.begin, None)
            self.open.remove(run)
