"""What the text leaves out: the state changes of the run that no sentence tells.

A change is told by a sentence that points at its step and names the variable, or sums up several steps. In text without
anchors it is told if a supported claim was placed there. Each step counts once, whatever it changed. What only came
into view, the parameters of a call, and the variables of a comprehension, which come and go inside one statement, are
no changes of their own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from cotrace.grounding.index import Index
from cotrace.grounding.values import recorded, shown
from cotrace.model.grounding import Change, Coverage, Judged, Verdict
from cotrace.model.reasoning import Reasoning
from cotrace.model.state import Appear, Bind, Unbind
from cotrace.model.trace import EventKind

SUMMARIES = frozenset(
    {
        "same",
        "series",
        "stretch",
        "passes",
        "return",
        "call",
        "repeat",
        "yield",
        "raise",
        "handle",
        "unwind",
        "answer",
    }
)
"""The kinds of claim that speak for more than they name."""


def coverage_of(index: Index, reasoning: Reasoning, judged: Sequence[Judged]) -> Coverage:
    """Return which state changes the sentences tell."""
    told = _Told(reasoning, judged)
    changes = list(_changes(index))
    untold = tuple(change for change, names in changes if not told.tells(change.step, names))
    skipped = tuple(_skipped(index, told.anchored)) if told.anchored else ()
    return Coverage(len(changes) - len(untold), len(changes), untold, skipped)


class _Told:
    """What the sentences speak of."""

    def __init__(self, reasoning: Reasoning, judged: Sequence[Judged]) -> None:
        self.words: dict[int, set[str]] = {}
        """The words of the sentences that point at each step."""

        for sentence in reasoning.sentences:
            words = set(re.findall(r"\w+", sentence.text))
            for step in sentence.anchor:
                self.words.setdefault(step, set()).update(words)
        self.anchored = set(self.words)
        self.whole: set[int] = set()
        """The steps of which a sentence tells everything: it sums them up, or a claim was placed there."""

        for each in judged:
            if each.claim.kind in SUMMARIES:
                self.whole.update(reasoning.sentences[each.claim.sentence].anchor)
            if each.verdict is Verdict.SUPPORTED and not self.anchored:
                self.whole.update(each.evidence.steps)

    def tells(self, step: int, names: set[str]) -> bool:
        """Tell whether a change of a step is told; `names` are the variables that got a value."""
        words = self.words.get(step)
        return step in self.whole or (words is not None and (not names or not names.isdisjoint(words)))


def _skipped(index: Index, told: set[int]) -> list[int]:
    """Return the lines of which no step is told: a statement that runs in turns is told by any of them."""
    skipped: list[int] = []
    for frame in index.trace.frames:
        if _is_inner(frame.name):
            continue
        turns: list[int] = []
        for step in [*index.trace.frame_steps(frame.id), None]:
            if turns and (step is None or not index.goes_on(turns[-1], step)):
                if told.isdisjoint(turns) and index.steps[turns[0]].event is EventKind.LINE:
                    skipped.append(turns[0])
                turns = []
            if step is not None:
                turns.append(step)
    return sorted(skipped)


def _is_deleted(index: Index, step: int) -> bool:
    """Tell whether a line deletes something: the name of a caught exception goes away by itself."""
    return any(isinstance(statement, ast.Delete) for statement in index.statements(step))


def _is_inner(name: str) -> bool:
    """Tell whether a frame is of a generator expression or a lambda: a part of the statement that calls it."""
    last = name.rpartition(".")[2]
    return last.startswith("<") and last != "<module>"


def _changes(index: Index) -> Iterator[tuple[Change, set[str]]]:
    """Yield each step that changed something, with the variables that got a value."""
    for step in sorted(index.effects):
        if step >= 0:
            texts = dict(_texts(index, step))
            if texts:
                names = {name for name in texts.values() if name}
                yield Change(step, ", ".join(texts)), names


def _texts(index: Index, step: int) -> Iterator[tuple[str, str]]:
    """Yield what a step changed, as a reader would call it, with the variable where it is one."""
    frame = index.steps[step].frame
    passing = index.passing(step)
    for effect in index.effects[step]:
        delta = effect.delta
        if isinstance(delta, (Bind, Unbind)) and delta.name in passing:
            continue
        if isinstance(delta, Bind):
            if delta.frame in (frame, index.frame(frame).globals):
                yield (
                    f"{delta.name} = {shown(recorded(delta.value, index.heap(effect.seen)), 60)}",
                    delta.name,
                )
        elif isinstance(delta, Unbind):
            if effect.seen < index.last(delta.frame) and _is_deleted(index, step):
                yield f"{delta.name} goes away", delta.name
        elif not isinstance(delta, Appear):
            number = delta.id if hasattr(delta, "id") else delta.object.id  # pyright: ignore[reportAttributeAccessIssue]
            yield f"o{number} changes", ""
