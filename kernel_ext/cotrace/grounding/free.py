"""Judges what free text states: where in the run it holds.

A statement that needs no place (an equation over numbers) is judged at once. Every other one gets its *sites*: the
stretches of the run in which it holds. With the steps of an anchor given, a site must touch them; without, the sites of
all statements are fitted to the order of the text by `cotrace.grounding.align`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.extract import Statement
from cotrace.grounding.index import Index
from cotrace.grounding.passes import Passes
from cotrace.grounding.values import Made, Thing, UnreadableError, from_ast, same, shown, written
from cotrace.grounding.window import root_of
from cotrace.model.trace import EventKind

MOST_MOMENTS = 3_000
"""An expression is worked out at this many moments at most."""


@dataclass(frozen=True, slots=True)
class Site:
    """A stretch of the run, both ends included."""

    begin: int
    end: int


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

    def put_right(self, value: object) -> None:
        """Note the value that would be right whatever the place."""
        self.others = [(Site(0, 0), value)]


class Locator:
    """Finds the sites of statements in one trace."""

    def __init__(self, index: Index, passes: Passes) -> None:
        self.index = index
        self.passes = passes

    def locate(self, statement: Statement) -> Located:
        """Return what can be said of a statement."""
        method = getattr(self, "_" + statement.kind)
        try:
            found: Located = method(statement)
        except (UnreadableError, UnknownError) as error:
            return Located(statement, None, [], f"it can't be worked out: {error}", known=False)
        return found

    # --- values -------------------------------------------------------------------------------------------------

    def _value(self, statement: Statement) -> Located:
        trees = [tree for tree, _, _ in statement.sides]
        literals = [_literal_or_none(tree) for tree in trees]
        wrong = self._wrong_arithmetic(statement, trees)
        if wrong is not None:
            return wrong
        named = [n for n, tree in enumerate(trees) if _names(tree)]
        if not named:
            return Located(statement, True, reason="the equation is right")
        value = next((v for v in reversed(literals) if v is not None), None)
        if value is None:
            value = self._worked_value(trees)
        if value is None:
            return self._equal_names(statement, trees)
        located = self._sites_of(statement, trees[named[0]], value[0])
        if statement.changes and isinstance(trees[named[0]], ast.Name):
            self._narrow_to_stores(located, trees[named[0]].id)
        located.fix_span = statement.sides[-1][1:] if literals[-1] is not None else None
        return located

    def _worked_value(self, trees: list[ast.expr]) -> tuple[object] | None:
        for tree in reversed(trees):
            if not _names(tree):
                return (evaluate(tree),)
        return None

    def _wrong_arithmetic(self, statement: Statement, trees: list[ast.expr]) -> Located | None:
        """Compare the sides that stand alone; None where they agree."""
        values: list[tuple[int, object]] = []
        for place, tree in enumerate(trees):
            if _names(tree):
                continue
            found = _literal_or_none(tree)
            try:
                values.append((place, found[0] if found else evaluate(tree)))
            except UnknownError:
                continue
        for (_, one), (place, other) in zip(values, values[1:], strict=False):
            if same(other, one) is False and same(one, other) is False:
                located = Located(
                    statement,
                    False,
                    reason=f"{ast.unparse(trees[0])} is {shown(values[0][1])}, not {shown(other)}",
                )
                located.fix_span = statement.sides[place][1:]
                located.put_right(one)
                return located
        return None

    def _equal_names(self, statement: Statement, trees: list[ast.expr]) -> Located:
        """``x = y + 1`` without a value: it holds where both sides are equal; nobody can be held to an assignment."""
        return Located(statement, None, [], "it names no value", known=False)

    def _sites_of(self, statement: Statement, tree: ast.expr, value: object) -> Located:
        located = Located(statement)
        for begin, end, found in self.over_time(tree):
            alike = same(value, found)
            if alike:
                located.sites.append(Site(begin, end))
            elif alike is None:
                located.known = False
            else:
                located.others.append((Site(begin, end), found))
        if not located.sites and not located.others:
            located.known = False
            located.reason = f"{ast.unparse(tree)} has no recorded value"
        elif located.sites:
            located.known = True
        return located

    def _narrow_to_stores(self, located: Located, name: str) -> None:
        """Keep, of the stretches in which a variable has a value, the moments at which it was given it."""
        given = [Site(step, self.index.over(step)) for step in self.index.storing(name)]
        stores = [
            Site(store.begin, store.end)
            for store in given
            if any(site.begin <= store.begin <= site.end and site.begin <= store.end for site in located.sites)
        ]
        located.sites = stores or located.sites

    def over_time(self, tree: ast.expr) -> Iterator[tuple[int, int, object]]:
        """Yield (from step, to step, value) for what an expression was, in every frame that knows its names."""
        names = _names(tree)
        if not names:
            return
        if isinstance(tree, ast.Name):
            for frame in self.index.tracks(tree.id):
                yield from self.index.held(frame, tree.id)
            return
        worked = False
        for frame in self._frames_with(names):
            for begin, end in self._stretches(frame, names):
                try:
                    yield begin[0], end, evaluate(tree, self.index.names(frame, begin[1]))
                    worked = True
                except UnknownError:
                    continue
        if not worked:
            yield from self._in_ledger(tree)

    def _frames_with(self, names: set[str]) -> list[int]:
        frames: list[int] = []
        for frame in self.index.trace.frames:
            scopes = list(self.index.scopes(frame.id))
            if all(any((scope, name) in self.index.variables for scope in scopes) for name in names):
                frames.append(frame.id)
        return frames

    def _stretches(self, frame: int, names: set[str]) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield ((step, moment), end) for the stretches of a frame in which no name changes."""
        marks: dict[int, int] = {}
        for name in names:
            for scope in self.index.scopes(frame):
                if (scope, name) in self.index.variables:
                    for cause, seen in self.index.changes(scope, name):
                        marks[seen] = min(cause, marks.get(seen, cause))
        moments = sorted(marks)[:MOST_MOMENTS]
        for place, moment in enumerate(moments):
            end = moments[place + 1] if place + 1 < len(moments) else self.index.last(frame)
            yield (marks[moment], moment), end

    def _in_ledger(self, tree: ast.expr) -> Iterator[tuple[int, int, object]]:
        """Yield what the ledger has for an expression that is written so in the source."""
        text = ast.unparse(tree)
        for step in self.index.written_as(text):
            for node in self.index.expressions(step):
                if type(node) is type(tree) and ast.unparse(node) == text:
                    for value in self.index.node_values(node, step):
                        yield step, step, value

    # --- comparisons --------------------------------------------------------------------------------------------

    def _comparison(self, statement: Statement) -> Located:
        tree = statement.sides[0][0]
        if not _names(tree):
            truth = bool(evaluate(tree))
            reason = f"{ast.unparse(tree)} is {'true' if truth else 'false'}"
            return Located(statement, truth is statement.truth, reason=reason)
        located = Located(statement)
        for begin, end, found in self.over_time(tree):
            if isinstance(found, (Thing, Made)):
                continue
            if bool(found) is statement.truth:
                located.sites.append(Site(begin, end))
            else:
                located.others.append((Site(begin, end), bool(found)))
        located.known = bool(located.sites or located.others)
        return located

    # --- changes of containers ----------------------------------------------------------------------------------

    def _append(self, statement: Statement) -> Located:
        return self._container_change(statement, grows=True)

    def _remove(self, statement: Statement) -> Located:
        return self._container_change(statement, grows=False)

    def _container_change(self, statement: Statement, *, grows: bool) -> Located:
        (value_tree, start, end), (place, _, _) = statement.sides
        located = Located(statement, fix_span=(start, end))
        literal = _literal_or_none(value_tree)
        previous: object = None
        for begin, finish, found in self.over_time(place):
            gone, come = _difference(previous, found)
            previous = found
            moved = come if grows else gone
            if literal is None:
                located.sites += [Site(begin, finish)] if moved else []
            elif any(same(literal[0], item) for item in moved):
                located.sites.append(Site(begin, finish))
            elif moved:
                located.others.append((Site(begin, finish), moved[0]))
        located.known = bool(located.sites or located.others)
        if literal is None and not located.sites:
            located.known = False
        located.reason = "" if located.known else f"nothing is known of {ast.unparse(place)}"
        return located

    # --- loops --------------------------------------------------------------------------------------------------

    def _pass(self, statement: Statement) -> Located:
        located = Located(statement)
        for run in self.passes.runs:
            if run.passes >= statement.number > 0:
                begin = run.starts[statement.number - 1]
                end = run.starts[statement.number] - 1 if run.passes > statement.number else run.end
                located.sites.append(Site(begin, end))
        longest = max((run.passes for run in self.passes.runs), default=0)
        located.known = bool(self.passes.runs)
        located.reason = f"no loop makes {statement.number} passes; the longest makes {longest}"
        return located

    def _count(self, statement: Statement) -> Located:
        located = Located(statement)
        for run in self.passes.runs:
            if run.passes == statement.number:
                located.sites.append(Site(run.begin, self.index.end))
            else:
                located.others.append((Site(run.begin, self.index.end), run.passes))
        located.known = bool(self.passes.runs)
        return located

    # --- calls --------------------------------------------------------------------------------------------------

    def _call(self, statement: Statement) -> Located:
        call, (value_tree, start, end) = statement.sides[0][0], statement.sides[1]
        value = from_ast(value_tree)
        assert isinstance(call, ast.Call)
        try:
            arguments = [from_ast(a) for a in call.args] + [from_ast(k.value) for k in call.keywords]
        except UnreadableError:
            return self._sites_of(statement, call, value)
        located = Located(statement, fix_span=(start, end))
        for frame in self.index.calls.get(statement.name, ()):
            given = [v for n, v in self.index.parameters(frame).items() if n != "self"]
            if len(given) < len(arguments) or any(
                same(a, g) is False for a, g in zip(arguments, given, strict=False)
            ):
                continue
            ending = self.index.ending(frame)
            if ending is None or ending.event is not EventKind.RETURN:
                continue
            found = self.index.step_value(ending.index)
            site = Site(max(frame.start - 1, 0), self.index.end)
            if same(value, found):
                located.sites.append(site)
            else:
                located.others.append((site, found))
        if not located.sites and not located.others:
            located.known = False
            located.reason = f"no call of {statement.name} with these values was recorded"
        return located

    def _called(self, statement: Statement) -> Located:
        frames = self.index.calls.get(statement.name, [])
        said = _numbers(statement.raw)
        located = Located(statement, known=bool(frames) and bool(said))
        for frame in frames:
            given = list(self.index.parameters(frame).values())
            site = Site(max(frame.start - 1, 0), frame.end if frame.end >= 0 else self.index.end)
            if all(any(same(s, g) is not False for g in given) for s in said):
                located.sites.append(site)
            else:
                located.others.append((site, tuple(given)))
        located.reason = "" if located.known else "no values are named that could be compared"
        return located

    def _return(self, statement: Statement) -> Located:
        tree, start, end = statement.sides[0]
        value = from_ast(tree)
        located = Located(statement, fix_span=(start, end))
        frames = (
            self.index.calls.get(statement.name, [])
            if statement.name
            else [f for fs in self.index.calls.values() for f in fs]
        )
        for frame in frames:
            ending = self.index.ending(frame)
            if ending is None or ending.event is not EventKind.RETURN:
                continue
            found = self.index.step_value(ending.index)
            before = self.index.trace.previous_in_frame(ending.index)
            site = Site(ending.index if before is None else before, self.index.end)
            if same(value, found):
                located.sites.append(site)
            else:
                located.others.append((site, found))
        if not statement.name:
            located.sites += self._builtin_returns(value)
        located.known = bool(located.sites or located.others)
        return located

    def _builtin_returns(self, value: object) -> list[Site]:
        """A plain "returns 3" may also speak of a function that is not traced."""
        sites: list[Site] = []
        for entry in self.index.trace.entries:
            if self.index.trace.span(entry).kind == "Call":
                for candidate, found in self.index.entries(entry.step):
                    if candidate is entry and same(value, found):
                        sites.append(Site(entry.step, self.index.end))
        return sites

    # --- output, exceptions, the answer -------------------------------------------------------------------------

    def _output(self, statement: Statement) -> Located:
        tree, start, end = statement.sides[0]
        said = str(from_ast(tree))
        located = Located(statement, fix_span=(start, end))
        everything = self.index.trace.stdout
        for step in self.index.steps:
            for output in step.output:
                site = Site(output.step, self.index.end)
                if said.strip() == output.text.strip() or said.strip() in output.text.split("\n"):
                    located.sites.append(site)
                else:
                    located.others.append((site, output.text.strip()))
        if said.strip() == everything.strip():
            located.sites.append(Site(0, self.index.end))
        if not everything:
            return self._return(
                Statement("return", statement.start, statement.end, statement.text, statement.sides)
            )
        return located

    def _raise(self, statement: Statement) -> Located:
        located = Located(statement)
        for step in self.index.steps:
            if step.event in (EventKind.RAISE, EventKind.UNWIND):
                found = self.index.step_value(step.index)
                kind = found.type.rpartition(".")[2] if isinstance(found, Thing) else type(found).__name__
                site = Site(max(step.index - 1, 0), step.index)
                if kind == statement.name:
                    located.sites.append(site)
                else:
                    located.others.append((site, kind))
        outcome = self.index.trace.outcome
        if outcome.exception.rpartition(".")[2] == statement.name:
            located.sites.append(Site(0, self.index.end))
        located.reason = f"no {statement.name} is raised in the run"
        return located

    def _answer(self, statement: Statement) -> Located:
        located = Located(statement)
        right, text = answer_holds(self.index, statement.raw)
        located.holds = right
        located.reason = f"the run's outcome is {text}"
        if statement.sides:
            located.fix_span = statement.sides[0][1:]
        elif statement.raw and statement.raw in statement.text:
            at = statement.start + statement.text.rindex(statement.raw)
            located.fix_span = (at, at + len(statement.raw))
        located.others = [(Site(0, 0), Verbatim(text))]
        return located


class Verbatim:
    """A text to be shown as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def answer_holds(index: Index, raw: str) -> tuple[bool | None, str]:
    """Tell whether a text states the run's outcome, and what the outcome is."""
    outcome = index.trace.outcome
    raw = raw.strip().strip("`*$")
    if outcome.kind == "raised":
        kind = outcome.exception.rpartition(".")[2]
        return kind in raw, outcome.exception
    printed = index.trace.stdout
    if outcome.kind == "returned" and outcome.value is not None:
        found = index.outcome_value
        try:
            alike = same(written(raw), found)
        except UnreadableError:
            alike = isinstance(found, str) and raw == found
        if isinstance(found, str) and raw.strip("'\"") == found:
            alike = True
        if not alike and found is None and printed:
            alike = _is_output(raw, printed)
        return alike, shown(found)
    if printed:
        return _is_output(raw, printed), repr(printed)
    return None, f"none: the run {outcome.kind}"


def _is_output(raw: str, printed: str) -> bool:
    try:
        said = written(raw)
    except UnreadableError:
        said = raw
    return str(said).strip() == printed.strip() or raw.strip() == printed.strip()


def _literal_or_none(tree: ast.expr) -> tuple[object] | None:
    try:
        return (from_ast(tree),)
    except UnreadableError:
        return None


def _names(tree: ast.expr) -> set[str]:
    """Return the variables that an expression depends on; of a call, the function's own name is none."""
    callees = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and id(n) not in callees and n.id not in ("nan", "inf")
    }


def _numbers(text: str) -> list[object]:
    import re

    found: list[object] = []
    for match in re.finditer(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])|'[^']*'|\"[^\"]*\"|\[[^\]]*\]", text):
        try:
            found.append(written(match[0]))
        except UnreadableError:
            continue
    return found


def _difference(old: object, new: object) -> tuple[list[object], list[object]]:
    """Return what went from a container and what came."""
    if old is None or type(old) is not type(new) or not hasattr(new, "__iter__") or isinstance(new, str):
        return [], list(new) if hasattr(new, "__iter__") and not isinstance(new, (str, Thing)) else []
    one, other = list(old), list(new)  # type: ignore[call-overload]
    gone = [v for v in one if v not in other] if len(other) >= len(one) else _minus(one, other)
    come = [v for v in other if v not in one] if len(one) >= len(other) else _minus(other, one)
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


__all__ = ["Located", "Locator", "Site", "answer_holds", "root_of"]
