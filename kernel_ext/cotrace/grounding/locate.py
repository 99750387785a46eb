"""Finds where in a run a statement of free text holds.

A statement that needs no place (an equation over numbers, the final answer) is judged at once. Every other one gets its
*sites*: the stretches of the run in which it holds, with what was there instead in the others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from cotrace.grounding.answers import answer_holds
from cotrace.grounding.evaluate import FailedError, UnknownError, evaluate
from cotrace.grounding.extract import Statement
from cotrace.grounding.index import Index
from cotrace.grounding.passes import Passes
from cotrace.grounding.sites import Site
from cotrace.grounding.values import Made, Thing, UnreadableError, as_written, from_ast, same, shown, written
from cotrace.model.trace import EventKind, Frame

MOST_MOMENTS = 3_000
"""An expression is worked out at this many moments at most."""


@dataclass
class Located:
    """What is known of one statement before its place in the run is chosen."""

    statement: Statement
    holds: bool | None = None
    """The verdict of a statement that needs no place; None where its sites decide."""

    sites: list[Site] = field(default_factory=list)
    reason: str = ""
    known: bool = True
    """False where the recording has nothing that the statement could be about."""

    others: list[tuple[Site, object]] = field(default_factory=list)
    """What the subject was elsewhere, for the reason and the fix."""

    fix_span: tuple[int, int] | None = None
    """The part of the sentence that a right value would replace."""

    def add(self, alike: bool | None, site: Site, found: object) -> None:  # noqa: FBT001 - a verdict, not a switch
        """Note what was found in a stretch."""
        if alike:
            self.sites.append(site)
        elif alike is False:
            self.others.append((site, found))

    @property
    def seen(self) -> bool:
        """True if the run has anything of what the statement is about."""
        return bool(self.sites or self.others)


class Verbatim(str):
    """A text that a fix shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Locator:
    """Finds the sites of statements in one trace."""

    def __init__(self, index: Index, passes: Passes) -> None:
        self.index = index
        self.passes = passes
        self.run = Site.during(0, index.end)

    def locate(self, statement: Statement) -> Located:
        """Return what can be said of a statement."""
        method = getattr(self, "_" + statement.kind)
        try:
            found: Located = method(statement)
        except (UnreadableError, UnknownError) as error:
            return Located(statement, reason=f"it can't be worked out: {error}", known=False)
        return found

    def worked(self, tree: ast.expr) -> object:
        """Return the value of an expression that stands alone; the program's functions give what they gave."""
        value = evaluate(tree, known=self._returned)
        return as_written(value) if isinstance(value, float) and not isinstance(tree, ast.BinOp) else value

    def _returned(self, node: ast.expr) -> tuple[object] | None:
        arguments = _arguments(node)
        if arguments is None or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        for frame in self._frames(node.func.id, arguments):
            ending = self.index.ending(frame)
            if ending is not None and ending.event is EventKind.RETURN:
                return (self.index.step_value(ending.index),)
        return None

    def names_in(self, tree: ast.expr) -> set[str]:
        """Return the variables that an expression depends on; of a call, the function's own name is none."""
        callees = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in callees}
        return {name for name in names if name not in ("nan", "inf") or self.index.tracks(name)}

    # --- values -------------------------------------------------------------------------------------------------

    def _value(self, statement: Statement) -> Located:
        trees = [tree for tree, _, _ in statement.sides]
        wrong = self._wrong_arithmetic(statement, trees)
        if wrong is not None:
            return wrong
        named = [tree for tree in trees if self.names_in(tree)]
        alone = [tree for tree in trees if not self.names_in(tree)]
        if not named:
            return Located(statement, holds=True, reason="worked out anew, the equation is right")
        if not alone:
            return Located(statement, reason="it names no value", known=False)
        located = self._sites_of(statement, named[0], self.worked(alone[-1]))
        if statement.changes and isinstance(named[0], ast.Name):
            self._narrow_to_stores(located, named[0].id)
        if not self.names_in(trees[-1]):
            located.fix_span = statement.sides[-1][1:]
        return located

    def _wrong_arithmetic(self, statement: Statement, trees: list[ast.expr]) -> Located | None:
        """Compare the sides that stand alone; None where they agree."""
        values: list[tuple[int, object]] = []
        for place, tree in enumerate(trees):
            try:
                if not self.names_in(tree):
                    values.append((place, self.worked(tree)))
            except FailedError as error:
                return Located(statement, holds=False, reason=f"{ast.unparse(tree)} has no value: {error}")
            except UnknownError:
                continue
        for (_, one), (place, other) in pairwise(values):
            if same(other, one) is False and same(one, other) is False:
                reason = f"{ast.unparse(trees[values[0][0]])} is {shown(values[0][1])}, not {shown(other)}"
                located = Located(statement, holds=False, reason=reason, others=[(self.run, one)])
                located.fix_span = statement.sides[place][1:]
                return located
        return None

    def _sites_of(self, statement: Statement, tree: ast.expr, value: object) -> Located:
        located = Located(statement)
        for site, found in self.over_time(tree):
            located.add(same(value, found), site, found)
        if not located.seen:
            located.known = self._is_refused(tree)
            located.reason = (
                f"{ast.unparse(tree)} has no {'such part' if located.known else 'recorded value'}"
            )
        return located

    def _is_refused(self, tree: ast.expr) -> bool:
        """Tell whether Python refuses an expression wherever its names have values: it has no such part."""
        tried = False
        for frame, _, moment in self._moments(self.names_in(tree)):
            try:
                evaluate(tree, self.index.names(frame, moment))
            except FailedError:
                tried = True
            except UnknownError:
                continue
            else:
                return False
        return tried

    def _narrow_to_stores(self, located: Located, name: str) -> None:
        """Keep, of the stretches in which a variable has a value, the moments at which it was given it."""
        stores = [Site(2 * step + 1, 2 * self.index.over(step) + 1) for step in self.index.storing(name)]
        given = [
            s for s in stores if any(site.begin <= s.end and s.begin <= site.end for site in located.sites)
        ]
        located.sites = given or located.sites

    def over_time(self, tree: ast.expr) -> Iterator[tuple[Site, object]]:
        """Yield (stretch, value) for what an expression was, in every frame that knows its names."""
        if isinstance(tree, ast.Name):
            for frame in self.index.tracks(tree.id):
                for made, ended, value in self.index.held(frame, tree.id):
                    yield Site.between(made, ended), value
            for made, ended, value in self.index.attribute_held(tree.id):
                yield Site.between(made, ended), value
            return
        names = self.names_in(tree)
        worked = False
        for frame, site, moment in self._moments(names) if names else ():
            try:
                yield site, evaluate(tree, self.index.names(frame, moment))
            except UnknownError:
                continue
            worked = True
        if not worked:
            yield from self._in_ledger(tree)

    def _moments(self, names: set[str]) -> Iterator[tuple[int, Site, int]]:
        """Yield (frame, stretch, moment) for the stretches in which none of some names changes."""
        for frame in self.index.trace.frames:
            scopes = [
                s for s in self.index.scopes(frame.id) if any((s, n) in self.index.variables for n in names)
            ]
            if not all(any((s, n) in self.index.variables for s in scopes) for n in names):
                continue
            causes: dict[int, int] = {}
            for scope in scopes:
                for name in names:
                    if (scope, name) in self.index.variables:
                        for cause, seen in self.index.changes(scope, name):
                            causes[seen] = min(cause, causes.get(seen, cause))
            moments = sorted(causes)[:MOST_MOMENTS]
            for place, moment in enumerate(moments):
                last = place + 1 == len(moments)
                ended = self.index.last(frame.id) if last else causes[moments[place + 1]]
                yield frame.id, Site.between(causes[moment], ended), moment

    def _in_ledger(self, tree: ast.expr) -> Iterator[tuple[Site, object]]:
        """Yield what the ledger has for an expression that is written so in the source."""
        text = ast.unparse(tree)
        for step in self.index.written_as(text):
            for node in self.index.expressions(step):
                if type(node) is type(tree) and ast.unparse(node) == text:
                    for value in self.index.node_values(node, step):
                        yield Site.during(step, step), value

    # --- comparisons and changes ----------------------------------------------------------------------------------

    def _comparison(self, statement: Statement) -> Located:
        tree = statement.sides[0][0]
        if not self.names_in(tree):
            truth = bool(self.worked(tree))
            reason = f"{ast.unparse(tree)} is {'true' if truth else 'false'}"
            return Located(statement, holds=truth is statement.truth, reason=reason)
        located = Located(statement)
        for site, found in self.over_time(tree):
            if not isinstance(found, (Thing, Made)):
                located.add(bool(found) is statement.truth, site, bool(found))
        located.known = located.seen
        return located

    def _append(self, statement: Statement) -> Located:
        return self._container_change(statement, grows=True)

    def _remove(self, statement: Statement) -> Located:
        return self._container_change(statement, grows=False)

    def _container_change(self, statement: Statement, *, grows: bool) -> Located:
        (value_tree, start, end), (place, _, _) = statement.sides
        located = Located(statement, fix_span=(start, end))
        value = None if self.names_in(value_tree) else (self.worked(value_tree),)
        previous: object = None
        for site, found in self.over_time(place):
            gone, come = _difference(previous, found)
            previous = found
            moved = come if grows else gone
            if moved:
                alike = value is None or any(same(value[0], item) for item in moved)
                located.add(alike, Site(site.begin, site.begin), moved[0])
        located.known = located.seen
        located.reason = f"nothing is known of {ast.unparse(place)}"
        return located

    # --- loops ----------------------------------------------------------------------------------------------------

    def _pass(self, statement: Statement) -> Located:
        located = Located(statement, known=bool(self.passes.runs))
        for run in self.passes.runs:
            if run.passes >= statement.number > 0:
                last = run.passes == statement.number
                ended = run.end + 1 if last else run.starts[statement.number]
                located.sites.append(Site(2 * run.starts[statement.number - 1] + 1, 2 * ended - 1))
        longest = max((run.passes for run in self.passes.runs), default=0)
        located.reason = f"no loop makes {statement.number} passes; the longest makes {longest}"
        return located

    def _count(self, statement: Statement) -> Located:
        located = Located(statement, known=bool(self.passes.runs))
        for run in self.passes.runs:
            located.add(run.passes == statement.number, Site(2 * run.begin, self.run.end), run.passes)
        return located

    # --- calls ----------------------------------------------------------------------------------------------------

    def _call(self, statement: Statement) -> Located:
        call, (_, start, end) = statement.sides[0][0], statement.sides[-1]
        wrong = self._wrong_arithmetic(statement, [tree for tree, _, _ in statement.sides[1:]])
        if wrong is not None:
            return wrong
        value = self.worked(statement.sides[-1][0])
        arguments = _arguments(call)
        if arguments is None:
            return self._sites_of(statement, call, value)
        located = Located(statement, fix_span=(start, end))
        for frame in self._frames(statement.name, arguments):
            ending = self.index.ending(frame)
            if ending is not None and ending.event is EventKind.RETURN:
                found = self.index.step_value(ending.index)
                located.add(same(value, found), Site(max(2 * frame.start - 2, 0), self.run.end), found)
        located.known = located.seen
        located.reason = f"no call of {statement.name} with these values was recorded"
        return located

    def _frames(self, name: str, arguments: list[object]) -> Iterator[Frame]:
        """Yield the calls of a function whose first parameters have these values."""
        for frame in self.index.calls.get(name.rpartition(".")[2], ()):
            given = [v for n, v in self.index.parameters(frame).items() if n not in ("self", "cls")]
            alike = [same(a, g) is not False for a, g in zip(arguments, given, strict=False)]
            if len(given) >= len(arguments) and all(alike):
                yield frame

    def _called(self, statement: Statement) -> Located:
        said = _literals(statement.raw)
        frames = self.index.calls.get(statement.name, [])
        located = Located(
            statement, known=bool(frames and said), reason="no values are named that could be compared"
        )
        for frame in frames:
            given = list(self.index.parameters(frame).values())
            alike = all(any(same(s, g) is not False for g in given) for s in said)
            last = frame.end if frame.end >= 0 else self.index.end
            located.add(alike, Site(max(2 * frame.start - 2, 0), 2 * last + 1), tuple(given))
        return located

    def _mention(self, statement: Statement) -> Located:
        """``f(3)`` named in passing: such a call must have been made."""
        arguments = _arguments(statement.sides[0][0])
        frames = self.index.calls.get(statement.name, [])
        located = Located(statement, known=bool(frames) and bool(arguments))
        located.reason = f"no call of {statement.name} with these values was recorded"
        matching = {frame.id for frame in self._frames(statement.name, arguments or [])}
        for frame in frames:
            located.add(
                frame.id in matching,
                self.run,
                Verbatim(f"{frame.name}{tuple(self.index.parameters(frame).values())}"),
            )
        return located

    def _return(self, statement: Statement) -> Located:
        tree, start, end = statement.sides[0]
        value = self.worked(tree)
        located = Located(statement, fix_span=(start, end))
        calls = self.index.calls
        frames = calls.get(statement.name, []) if statement.name else [f for fs in calls.values() for f in fs]
        for frame in frames:
            ending = self.index.ending(frame)
            if ending is not None and ending.event is EventKind.RETURN:
                found = self.index.step_value(ending.index)
                before = self.index.trace.previous_in_frame(ending.index)
                begin = ending.index if before is None else before
                located.add(same(value, found), Site(2 * begin, self.run.end), found)
        if not statement.name:
            located.sites += self._builtin_returns(value)
        located.known = located.seen
        return located

    def _builtin_returns(self, value: object) -> Iterator[Site]:
        """Yield where a function that is not traced gave a value: "returns 3" may speak of it."""
        for step in self.index.steps:
            if step.event is EventKind.LINE:
                for entry, found in self.index.entries(step.index):
                    if self.index.trace.span(entry).kind == "Call" and same(value, found):
                        yield Site(2 * step.index, self.run.end)

    # --- output, exceptions, the answer ---------------------------------------------------------------------------

    def _output(self, statement: Statement) -> Located:
        tree, start, end = statement.sides[0]
        if not self.index.trace.stdout:
            return self._return(statement)
        said = str(self.worked(tree)).strip()
        located = Located(statement, fix_span=(start, end))
        for step in self.index.steps:
            for output in step.output:
                lines = {line.strip() for line in [output.text, *output.text.split("\n")]}
                located.add(said in lines, Site(2 * output.step, self.run.end), output.text.strip())
        located.add(said == self.index.trace.stdout.strip() or None, self.run, "")
        return located

    def _raise(self, statement: Statement) -> Located:
        located = Located(statement, reason=f"no {statement.name} is raised in the run")
        for step in self.index.steps:
            if step.event in (EventKind.RAISE, EventKind.UNWIND):
                found = self.index.step_value(step.index)
                kind = found.type.rpartition(".")[2] if isinstance(found, Thing) else type(found).__name__
                located.add(
                    kind == statement.name, Site(max(2 * step.index - 2, 0), self.run.end), Verbatim(kind)
                )
        return located

    def _answer(self, statement: Statement) -> Located:
        right, text = answer_holds(self.index, statement.raw)
        located = Located(statement, holds=right, reason=f"the run's outcome is {text}")
        located.known = right is not None
        located.others = [(self.run, Verbatim(text))]
        if statement.sides:
            located.fix_span = statement.sides[0][1:]
        elif statement.raw and statement.raw in statement.text:
            at = statement.start + statement.text.rindex(statement.raw)
            located.fix_span = (at, at + len(statement.raw))
        return located


def _arguments(call: ast.expr) -> list[object] | None:
    """Return the arguments of a call as values; None where they are no literals."""
    if not isinstance(call, ast.Call):
        return None
    try:
        return [from_ast(a) for a in call.args] + [from_ast(k.value) for k in call.keywords]
    except UnreadableError:
        return None


_LITERAL = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)|'[^']*'|\"[^\"]*\"|\[[^\]]*\]")


def _literals(text: str) -> list[object]:
    found: list[object] = []
    for match in _LITERAL.finditer(text):
        try:
            found.append(written(match[0]))
        except UnreadableError:
            continue
    return found


def _difference(old: object, new: object) -> tuple[list[object], list[object]]:
    """Return what went from a container and what came."""
    if isinstance(new, (str, Thing)) or not isinstance(new, Iterable):
        return [], []
    if type(old) is not type(new):
        return [], list(new)
    one, other = list(old), list(new)  # both are containers of one type
    gone = _minus(one, other) if len(one) > len(other) else [v for v in one if v not in other]
    come = _minus(other, one) if len(other) > len(one) else [v for v in other if v not in one]
    return gone, come


def _minus(longer: list[object], shorter: list[object]) -> list[object]:
    rest = list(shorter)
    left: list[object] = []
    for item in longer:
        if item in rest:
            rest.remove(item)
        else:
            left.append(item)
    return left
