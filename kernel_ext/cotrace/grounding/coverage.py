"""What the text leaves out: the state changes of the run that no sentence tells.

A change is told if a sentence's anchor has the step that made it, or, in text without anchors, if a supported claim was
placed there. Each step counts once, whatever it changed; what only came into view, and the parameters of a call, are no
changes of their own.
"""

from __future__ import annotations

from cotrace.grounding.index import Index
from cotrace.grounding.values import recorded, shown
from cotrace.model.grounding import Change, Coverage, Judged, Verdict
from cotrace.model.reasoning import Reasoning
from cotrace.model.state import Appear, Bind, Unbind


def coverage_of(index: Index, reasoning: Reasoning, judged: list[Judged]) -> Coverage:
    """Return which state changes the sentences tell."""
    told = {step for sentence in reasoning.sentences for step in sentence.anchor}
    for each in judged:
        if each.verdict is Verdict.SUPPORTED:
            told.update(each.evidence.steps)
    changes = _changes(index)
    untold = tuple(change for change in changes if change.step not in told)
    return Coverage(len(changes) - len(untold), len(changes), untold)


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
    for effect in index.effects[step]:
        delta = effect.delta
        if isinstance(delta, Bind):
            if delta.frame in (frame, index.frame(frame).globals):
                texts.append(f"{delta.name} = {shown(recorded(delta.value, index.heap(effect.seen)), 60)}")
        elif isinstance(delta, Unbind):
            if effect.seen < index.last(delta.frame):
                texts.append(f"{delta.name} goes away")
        elif not isinstance(delta, Appear):
            number = delta.id if hasattr(delta, "id") else delta.object.id
            texts.append(f"o{number} changes")
    return texts
