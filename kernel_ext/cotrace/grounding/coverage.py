"""What the text leaves out: the state changes of the run that no sentence tells.

A change is told if a sentence's anchor has the step that made it, or, in text without anchors, if a supported claim was
placed there. Each step counts once, whatever it changed. What only came into view, the parameters of a call, and the
variables of a comprehension, which come and go inside one statement, are no changes of their own.
"""

from __future__ import annotations

from cotrace.grounding.index import Index
from cotrace.grounding.values import recorded, shown
from cotrace.model.grounding import Change, Coverage, Judged, Verdict
from cotrace.model.reasoning import Reasoning
from cotrace.model.state import Appear, Bind, Unbind
from cotrace.model.trace import EventKind


def coverage_of(index: Index, reasoning: Reasoning, judged: list[Judged]) -> Coverage:
    """Return which state changes the sentences tell."""
    told = {step for sentence in reasoning.sentences for step in sentence.anchor}
    for each in judged:
        if each.verdict is Verdict.SUPPORTED:
            told.update(each.evidence.steps)
    changes = _changes(index)
    untold = tuple(change for change in changes if change.step not in told)
    anchored = {step for sentence in reasoning.sentences for step in sentence.anchor}
    return Coverage(
        len(changes) - len(untold), len(changes), untold, _skipped(index, anchored) if anchored else ()
    )


def _skipped(index: Index, told: set[int]) -> tuple[int, ...]:
    """Return the lines of which no step is told: a statement that runs in turns is told by any of them."""
    skipped: list[int] = []
    for frame in index.trace.frames:
        turns: list[int] = []
        for step in index.trace.frame_steps(frame.id):
            if turns and not index.goes_on(turns[-1], step):
                skipped += _untold(index, turns, told)
                turns = []
            turns.append(step)
        skipped += _untold(index, turns, told)
    return tuple(sorted(skipped))


def _untold(index: Index, turns: list[int], told: set[int]) -> list[int]:
    if not turns or not told.isdisjoint(turns) or _is_inner(index, turns[0]):
        return []
    return [step for step in turns[:1] if index.steps[step].event is EventKind.LINE]


def _is_inner(index: Index, step: int) -> bool:
    """Tell whether a step is a turn of a generator expression or a lambda: a part of the statement that calls it."""
    frame = index.frame(index.steps[step].frame)
    return frame.name.rpartition(".")[2].startswith("<") and frame.name.rpartition(".")[2] != "<module>"


def _changes(index: Index) -> list[Change]:
    found: list[Change] = []
    for step in sorted(index.effects):
        if step < 0:
            continue
        texts = _texts(index, step)
        if texts:
            found.append(Change(step, ", ".join(texts)))
    return found


def _texts(index: Index, step: int) -> list[str]:
    texts: list[str] = []
    frame = index.steps[step].frame
    passing = index.passing(step)
    for effect in index.effects[step]:
        delta = effect.delta
        if isinstance(delta, Bind):
            if delta.frame in (frame, index.frame(frame).globals) and delta.name not in passing:
                texts.append(f"{delta.name} = {shown(recorded(delta.value, index.heap(effect.seen)), 60)}")
        elif isinstance(delta, Unbind):
            if effect.seen < index.last(delta.frame) and delta.name not in passing:
                texts.append(f"{delta.name} goes away")
        elif not isinstance(delta, Appear):
            number = delta.id if hasattr(delta, "id") else delta.object.id
            texts.append(f"o{number} changes")
    return texts
