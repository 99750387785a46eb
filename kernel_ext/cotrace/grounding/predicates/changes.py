"""Objects that changed in place: what was added, removed, put elsewhere."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from itertools import pairwise

from cotrace.grounding.evaluate import UnknownError, evaluate
from cotrace.grounding.phrases import Phrase
from cotrace.grounding.predicates.common import Slots, Written, no, value_slot
from cotrace.grounding.values import Thing, same, shown
from cotrace.grounding.window import Finding, Window, place_tree


def changes(window: Window, phrase: Phrase, slots: Slots) -> Finding:
    """Judge that an object changed in place as a phrase tells."""
    place = place_tree(slots["place"].text)
    if phrase.name == "unset":
        return _unset(window, place)
    if phrase.name == "alias":
        return _any_effect(window, place)
    said = {name: value_slot(slots, name) for name in ("added", "removed", "after") if name in slots}
    count = int(slots["count"].text) if "count" in slots else None
    best: Finding | None = None
    for step, before, after in _around(window, place):
        if "after" in said and said["after"].same(after) is False:
            best = best or Finding(False, (step,), shown(after), "after", shown(after))
            continue
        if count is not None and (not hasattr(after, "__len__") or len(after) != count):  # pyright: ignore[reportArgumentType]
            best = best or Finding(
                False,
                (step,),
                shown(after),
                "count",
                str(len(after)) if hasattr(after, "__len__") else "",  # pyright: ignore[reportArgumentType]
            )
            continue
        finding = _changed_so(
            phrase, said, step, before, after, int(slots["index"].text) if "index" in slots else 0
        )
        if finding.holds:
            return finding
        best = best if best is not None and best.slot and not finding.slot else finding
    return best or no(f"{ast.unparse(place)} does not change here", *window.steps[:1])


def _around(window: Window, place: ast.expr) -> Iterator[tuple[int, object, object]]:
    """Yield (step, before, after) for a place over each step, and over each change within one."""
    for step in window.steps:
        for frame in window.seen_from(step):
            values: list[object] = []
            for moment in window.index.moments(step):
                try:
                    values.append(evaluate(place, window.index.names(frame, moment)))
                except UnknownError:
                    continue
            for before, after in pairwise(values):
                yield step, before, after
            if len(values) > 2:
                yield step, values[0], values[-1]


def _changed_so(
    phrase: Phrase, said: dict[str, Written], step: int, before: object, after: object, index: int
) -> Finding:
    """Tell whether the difference between two values is the change that a phrase tells."""
    name = phrase.name.removesuffix("-now")
    if name == "unchanged":
        alike = same(before, after, strict=True)
        return Finding(alike, (step,), shown(after))
    if isinstance(before, Thing) or isinstance(after, Thing):
        return Finding(None, (step,), "only a part of it was recorded")
    if same(before, after, strict=True) and name in ("changed", "changed-length", "append", "add", "removed"):
        return no("it stays as it is", step)
    if name == "insert":
        return _inserted(said["added"], index, step, before, after)
    if name in ("append", "add"):
        return _grew(said["added"], step, before, after, at_end=name == "append")
    if name in ("removed", "removed-key"):
        return _shrank(said["removed"], step, before, after, key=name == "removed-key")
    return Finding(True, (step,), shown(after))


def _inserted(added: Written, index: int, step: int, before: object, after: object) -> Finding:
    if not isinstance(before, (list, deque)) or not isinstance(after, (list, deque)):
        return no("it is no list", step)
    new = list(after)
    if len(new) != len(before) + 1 or index >= len(new):
        return no(shown(after), step)
    right = same(list(before), new[:index] + new[index + 1 :], strict=True)
    if right and added.same(new[index]):
        return Finding(True, (step,), shown(after))
    return Finding(
        False, (step,), shown(after), "added" if right else "index", shown(new[index]) if right else ""
    )


def _grew(added: Written, step: int, before: object, after: object, *, at_end: bool) -> Finding:
    if isinstance(before, (list, tuple, deque)) and isinstance(after, (list, tuple, deque)):
        old, new = list(before), list(after)
        if len(new) <= len(old):
            return no("nothing is added", step)
        extra = new[len(old) :]
        if same(old, new[: len(old)], strict=True) is not False and any(
            added.same(v) is not False for v in extra
        ):
            return Finding(True, (step,), shown(after))
        if not at_end and any(added.same(v) for v in new) and len(new) == len(old) + 1:
            return Finding(True, (step,), shown(after))
        return Finding(False, (step,), shown(extra[0]), "added", shown(extra[0]))
    if isinstance(before, (set, frozenset, dict)) and isinstance(after, (set, frozenset, dict)):
        fresh = [v for v in after if v not in before]
        if any(added.same(v) is not False for v in fresh):
            return Finding(True, (step,), shown(after))
        return Finding(
            False, (step,), shown(fresh[0]) if fresh else "nothing", "added", shown(fresh[0]) if fresh else ""
        )
    return no("it is no container that grows", step)


def _shrank(removed: Written, step: int, before: object, after: object, *, key: bool) -> Finding:
    if isinstance(before, (list, tuple, deque)) and isinstance(after, (list, tuple, deque)):
        old, new = list(before), list(after)
        for place, value in enumerate(old):
            if (
                removed.same(value) is not False
                and same(old[:place] + old[place + 1 :], new, strict=True) is not False
            ):
                return Finding(True, (step,), shown(after))
        gone = [v for v in old if not any(same(v, w, strict=True) for w in new)]
        if any(removed.same(v) for v in gone):
            return Finding(True, (step,), shown(after))
        return Finding(
            False,
            (step,),
            shown(gone[0]) if gone else shown(after),
            "removed",
            shown(gone[0]) if gone else "",
        )
    if isinstance(before, (set, frozenset, dict)) and isinstance(after, (set, frozenset, dict)):
        gone = [v for v in before if v not in after]
        values = [before[k] for k in gone] if isinstance(before, dict) and not key else []
        if any(removed.same(v) is not False for v in [*gone, *values]):
            return Finding(True, (step,), shown(after))
        return Finding(
            False, (step,), shown(gone[0]) if gone else "nothing", "removed", shown(gone[0]) if gone else ""
        )
    return no("it is no container that shrinks", step)


def _unset(window: Window, place: ast.expr) -> Finding:
    for step in window.steps:
        frame, moment = window.index.steps[step].frame, window.index.after(step)
        if window.raw(place, frame, step) is not None and window.raw(place, frame, moment) is None:
            return Finding(True, (step,))
        if any(
            getattr(e.delta, "name", "") == ast.unparse(place) and not hasattr(e.delta, "value")
            for e in window.effects(step)
        ):
            return Finding(True, (step,))
    return no(f"{ast.unparse(place)} is not deleted here", *window.steps[:1])


def _any_effect(window: Window, place: ast.expr) -> Finding:
    for step, before, after in _around(window, place):
        if not same(before, after, strict=True):
            return Finding(True, (step,), shown(after))
    return no(f"{ast.unparse(place)} does not change here", *window.steps[:1])
