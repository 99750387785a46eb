"""A reasoning beside its indexed trace: what every part of the checker looks at."""

from __future__ import annotations

from functools import cached_property

from cotrace.grounding.index import Index
from cotrace.grounding.passes import Passes, count_passes
from cotrace.grounding.prepared import Vocabulary
from cotrace.grounding.window import Window
from cotrace.model.grounding import Claim
from cotrace.model.reasoning import Reasoning
from cotrace.model.state import Ref, Value
from cotrace.model.trace import Trace


class Document:
    """One reasoning to check, and the run it speaks of."""

    def __init__(self, reasoning: Reasoning, trace: Trace) -> None:
        self.reasoning = reasoning
        self.index = Index(trace)
        self.spans = reasoning.spans()

    @cached_property
    def passes(self) -> Passes:
        """The passes of every loop."""
        return count_passes(self.index)

    @cached_property
    def words(self) -> Vocabulary:
        """The names that the text may use."""
        names = {
            name
            for (_, name), (_, values) in self.index.variables.items()
            if any(map(self._is_told_of, values))
        }
        names |= self.index.attributes.keys()
        functions = {name for name in self.index.calls if name.isidentifier()}
        return Vocabulary(frozenset(names), frozenset(functions - names))

    def _is_told_of(self, value: Value | None) -> bool:
        """Tell a variable from the name of a function, a class or a module."""
        seen = self.index.heap(self.index.end)(value.id) if isinstance(value, Ref) else None
        return value is not None and (seen is None or seen.kind not in ("function", "class", "module"))

    @cached_property
    def told(self) -> frozenset[int]:
        """The steps that the sentences point at."""
        return frozenset(step for sentence in self.reasoning.sentences for step in sentence.anchor)

    def anchor(self, sentence: int) -> tuple[int, ...]:
        """Return the steps that a sentence points at, those that the trace does not have left out."""
        return tuple(s for s in self.reasoning.sentences[sentence].anchor if 0 <= s < self.index.end)

    def window(self, sentence: int) -> Window | None:
        """Return what a sentence speaks of; None where it names no steps."""
        anchor = self.anchor(sentence)
        return Window(self.index, self.passes, anchor) if anchor else None

    @cached_property
    def everywhere(self) -> Window:
        """All steps of the run."""
        return Window(self.index, self.passes, tuple(range(self.index.end)), whole=True)

    def claim(self, kind: str, sentence: int, start: int, end: int) -> Claim:
        """Return the claim that a stretch of a sentence makes."""
        begin = self.spans[sentence][0]
        text = self.reasoning.sentences[sentence].text[start:end]
        return Claim(kind, text, begin + start, begin + end, sentence)
