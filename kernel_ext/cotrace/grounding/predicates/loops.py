"""Loops: what they go over, how many passes they make, which pass it is, and what passes have in common."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator

from cotrace.grounding.passes import Run
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.common import Slots, Written, any_same, listed, no, value_slot
from cotrace.grounding.templates import split_list
from cotrace.grounding.values import ELIDED, same, shown
from cotrace.grounding.window import Finding, Window, place_tree
from cotrace.model.trace import EventKind


def in_pass(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that the first step belongs to a pass."""
    said = tuple(map(int, slots["pass"].text.split(".")))
    first = window.steps[0] if window.steps else -1
    path = window.passes.path(first)
    if path[-len(said) :] == said and (len(said) == len(path) or window.whole is False):
        return Finding(True, (first,))
    right = ".".join(map(str, path))
    return Finding(False, (first,), f"pass {right}" if path else "no loop", "pass", right)


def _loop_headers(window: Window) -> Iterator[tuple[int, ast.For | ast.AsyncFor]]:
    for step in window.steps:
        for statement in window.index.statements(step):
            if isinstance(statement, (ast.For, ast.AsyncFor)):
                yield step, statement


def goes_over(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge what a loop that begins here goes over."""
    if "first" in slots:
        return _over_range(window, slots)
    best: Finding | None = None
    for step, loop in _loop_headers(window):
        if not slots:
            return Finding(True, (step,))
        single = Window(window.index, window.passes, (step,))
        if "operands" in slots:
            operands = [[v for _, v in single.operand(s.text)] for s in split_list(slots["operands"])]
            if all(any(any_same(said, [v]) for _, v in window.index.entries(step)) for said in operands):
                return Finding(True, (step,))
            best = no("it goes over other values", step)
            continue
        said = [v for _, v in single.operand(slots["operand"].text)]
        found = window.node_values(loop.iter, step)
        exact = phrase.name not in _WAYS and any(same(s, f, strict=True) is True for s in said for f in found)
        if not exact and not _way_fits(phrase, loop.iter):
            best = no("the loop goes another way", step)
            continue
        if any_same(said, found) or any_same(said, [listed(f) for f in found]):
            return Finding(True, (step,))
        if any(same(s, v, strict=True) for s in said for _, v in window.index.entries(step)):
            return Finding(True, (step,))
        best = Finding(
            False,
            (step,),
            shown(found[0]) if found else "another value",
            "operand",
            shown(found[0]) if found else "",
        )
    return best or no("no loop begins here", *window.steps[:1])


_WAYS = {"over-reversed": "reversed", "over-items": "items", "over-keys": "keys", "over-values": "values"}


def _way_fits(phrase: Phrase, iterated: ast.expr) -> bool:
    """Tell whether a loop goes over its operand in the way that a phrase tells."""
    way = _WAYS.get(phrase.name)
    callees = {
        n.func.attr if isinstance(n.func, ast.Attribute) else ast.unparse(n.func)
        for n in ast.walk(iterated)
        if isinstance(n, ast.Call)
    }
    if way == "reversed":
        return way in callees or any(isinstance(n, ast.Slice) for n in ast.walk(iterated))
    return way in callees if way else not callees & {"reversed", "items", "values"}


def _over_range(window: Window, slots: Slots) -> Finding:
    first, last = value_slot(slots, "first"), value_slot(slots, "last" if "last" in slots else "first")
    step_by = value_slot(slots, "step") if "step" in slots else None
    best: Finding | None = None
    for step, loop in _loop_headers(window):
        for found in window.node_values(loop.iter, step):
            if isinstance(found, range) and len(found):
                right = first.same(found[0]) and last.same(found[-1])
                if right and (
                    len(found) == 1
                    or (step_by is None and found.step == 1)
                    or (step_by and step_by.same(found.step))
                ):
                    return Finding(True, (step,))
                best = no(f"it counts from {found[0]} to {found[-1]} in steps of {found.step}", step)
    return best or no("no loop over numbers begins here", *window.steps[:1])


def same_way(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that passes take the same branches, or that the rest of one is skipped."""
    if phrase.name == "continue":
        for step in window.steps:
            if any(isinstance(s, ast.Continue) for s in window.index.statements(step)):
                return Finding(True, (step,))
        return no("no pass is cut short here", *window.steps[:1])
    first = tuple(map(int, slots["first"].text.split(".")))
    last = tuple(map(int, slots["last"].text.split(".")))
    last = (*first[: -len(last)], *last)  # "passes 2.3 to 5" are 2.3 to 2.5
    for run in runs(window):
        if (
            (*run.path, first[-1])[-len(first) :] == first
            and first[:-1] == last[:-1]
            and first[-1] <= last[-1] <= run.passes
        ):
            shapes = {_shape(window, run, number) for number in range(first[-1], last[-1] + 1)}
            if len(shapes) == 1:
                return Finding(True, (run.starts[first[-1] - 1],))
            return no("they take different branches", run.starts[first[-1] - 1])
    return no("no loop here has these passes", *window.steps[:1])


def _shape(window: Window, run: Run, number: int) -> tuple[int, ...]:
    """Return the lines that a pass runs, in its own frame."""
    start = run.starts[number - 1]
    stop = run.starts[number] if number < run.passes else run.end + 1
    steps = window.index.trace.frame_steps(run.frame)
    lines = [
        window.index.steps[s].line
        for s in steps
        if start <= s < stop and window.index.steps[s].event is EventKind.LINE
    ]
    if number == run.passes and lines and lines[-1] == run.loop.first and len(lines) > 1:
        lines.pop()  # the look that ends the loop
    return tuple(lines)


def runs(window: Window) -> Iterator[Run]:
    """Yield the runs of loops that the steps here belong to, inner ones first."""
    seen: set[int] = set()
    for step in window.steps:
        for run, _ in reversed(window.passes.at.get(step, ())):
            if id(run) not in seen:
                seen.add(id(run))
                yield run


def passes_made(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge how many passes a loop made, or in which it was left."""
    if phrase.name == "break":
        return _broken(window, slots)
    said = {"no-pass": 0, "after-one-pass": 1}.get(phrase.name)
    said = int(slots["count"].text) if said is None else said
    best: Finding | None = None
    last = window.steps[-1] if window.steps else -1
    for run in runs(window):
        if window.whole or run.end in window or run.begin in window or last >= run.end:
            if run.passes == said:
                return Finding(True, (run.end,))
            best = best or Finding(False, (run.end,), f"{run.passes} passes", "count", str(run.passes))
    return best or no("no loop ends here", *window.steps[-1:])


def _broken(window: Window, slots: Slots) -> Finding:
    said = tuple(map(int, slots["pass"].text.split(".")))
    best: Finding | None = None
    for run in runs(window):
        path = (*run.path, run.passes)
        if run.end not in window and not window.whole:
            continue
        if path[-len(said) :] == said:
            return Finding(True, (run.end,))
        right = ".".join(map(str, path))
        best = best or Finding(False, (run.end,), f"pass {right}", "pass", right)
    return best or no("no loop is left here", *window.steps[-1:])


def _stretches(window: Window, slots: Slots) -> bool:
    """Tell whether the steps here reach from the one pass that is named to the other."""
    first = tuple(map(int, slots["first"].text.split(".")))
    last = int(slots.get("last", slots["first"]).text.rpartition(".")[2])
    return any(
        (*run.path, first[-1])[-len(first) :] == first
        and bisect_right(run.starts, window.steps[0]) == first[-1]
        and bisect_right(run.starts, window.steps[-1]) == last
        for run in runs(window)
    )


def series(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge the values that a place took one after the other."""
    if "first" in slots and not _stretches(window, slots):
        return no("these are other passes", *window.steps[:1])
    place = place_tree(slots["place"].text)
    said = [ELIDED if part.text == "…" else Written(part).value for part in split_list(slots["series"])]
    if phrase.name == "ends-at":
        return _left_at(window, slots, place, said)
    found: list[object] = []
    frame = window.index.steps[window.steps[0]].frame
    for step in window.steps:
        if window.index.steps[step].frame == frame:  # a called function may have a variable of that name
            found += _last_given(window, step, place)
    for candidate in (found, _collapsed(found)):
        if same(said, candidate, strict=True):
            return Finding(True, window.steps[:1])
    if same(_collapsed(said), _collapsed(found), strict=True):
        return Finding(True, window.steps[:1])
    return Finding(False, window.steps[:1], shown(found), "series", ", ".join(shown(v) for v in found[:12]))


def _last_given(window: Window, step: int, place: ast.expr) -> list[object]:
    return [v for _, v in Window(window.index, window.passes, (step,)).given(place)][-1:]


def _left_at(window: Window, slots: Slots, place: ast.expr, said: list[object]) -> Finding:
    """Compare what is said with the last value that each pass of a stretch gave a place."""
    frame = window.index.steps[window.steps[0]].frame
    first = int(slots["first"].text.rpartition(".")[2])
    depth = slots["first"].text.count(".")
    by_pass: dict[int, object] = {}
    for step in window.steps:
        if window.index.steps[step].frame == frame:
            for value in _last_given(window, step, place):
                path = window.passes.path(step)
                by_pass[path[depth] if len(path) > depth else first] = value
    found = [by_pass[number] for number in sorted(by_pass)]
    if same(said, found, strict=True):
        return Finding(True, window.steps[:1])
    return Finding(False, window.steps[:1], shown(found), "series", ", ".join(shown(v) for v in found[:12]))


def stretch(window: Window, _phrase: Phrase, slots: Slots) -> Finding:
    """Judge that the steps here are those of the passes that are named."""
    if _stretches(window, slots):
        return Finding(True, window.steps[:1])
    return no("these are other passes", *window.steps[:1])


def _collapsed(values: list[object]) -> list[object]:
    """Drop each value that equals the one before it: giving a variable the value it has leaves no trace."""
    return [v for n, v in enumerate(values) if n == 0 or not same(v, values[n - 1], strict=True)]
