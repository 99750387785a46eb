"""A `Record`: one example of a dataset, with all that is needed to train on it, check it and run it again.

A record holds a question and the conversation that answers it; the code, the call and the input that the
answer came from; a reference to the trace; how the sentences of the reasoning are tied to steps; and who
made, edited and reviewed it. It is self-contained: `code`, `input` and `call` alone give `answer` in a fresh
process.

How `code`, `input`, `call` and `answer` belong together, for each kind of question:

``output``, ``task``
    The names of `input` are bound, `code` runs, `call` is evaluated and its repr is the answer. Without a
    call the answer is what a cell would show: the repr of the last expression, else what was printed. If the
    run ends with an exception, the answer is ``TypeName: message``. For a `task`, the answer may also be a
    string's own text.
``input``
    `call` is a condition with ``??`` in the place of what is asked for, such as ``f(??) == 9``; with the
    answer put there it is true. Without ``??``, the answer is assignments (``x = 3``) that take the place of
    `input`.

`input` may hold ``sys.stdin``, as the repr of the text that the program reads.

Every field has a default of its own type, so that nothing is ever None: a dataset's rows then have one
schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

QuestionKind = Literal["output", "input", "task"]
Role = Literal["system", "user", "assistant"]
ReviewStatus = Literal["draft", "approved", "rejected"]

SCHEMA = 1
"""The version of the row format that this cotrace writes."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the value that comes out, an input that gives it, or a task in the curator's words."""

    kind: QuestionKind = "output"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation, under the keys that trainers' chat templates read."""

    role: Role = "user"
    content: str = ""
    reasoning_content: str = ""
    """The reasoning before the answer; only an assistant has one."""


@dataclass(frozen=True, slots=True)
class InputValue:
    """A name that the code reads and does not define, and the repr of its value at entry."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class TraceReference:
    """Which recording the record was made from; `sha256` names its file in the dataset's folder of traces."""

    sha256: str = ""
    steps: int = 0
    engine: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Characters `start` up to `end` of the reasoning."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """A sentence, as a span of the reasoning, and the steps that it speaks of (none: unanchored)."""

    start: int = 0
    end: int = 0
    steps: tuple[int, ...] = ()
    origin: str = ""
    """Who wrote the sentence: ``offline``, ``model`` or ``person``."""


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many claims got each verdict."""

    supported: int = 0
    contradicted: int = 0
    unsupported: int = 0
    uncheckable: int = 0


@dataclass(frozen=True, slots=True)
class GroundingSummary:
    """What checking the reasoning against the trace gave."""

    checker: str = ""
    """The checker and its version; empty: not checked."""
    counts: VerdictCounts = field(default_factory=VerdictCounts)
    coverage: float = 0.0
    """The share of the trace's changes that a sentence tells, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who or what wrote the reasoning, and which parts of it a person changed."""

    generator: str = ""
    model: str = ""
    seed: int = 0
    prompt_sha256: str = ""
    edited_spans: tuple[TextSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What a curator decided."""

    status: ReviewStatus = "draft"
    note: str = ""
    at: str = ""
    """When, as ``2026-01-31 18:30:00 UTC``: readers that guess types take ISO 8601 for a time and "" for a
    text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One example of a dataset; see the module's docstring for what its fields mean together.

    `id`, `rev` and `crc` are the dataset's own: leave them as they are when you make a record, and keep them
    when you change one with `dataclasses.replace`.
    """

    id: str = ""
    schema: int = SCHEMA
    rev: int = 0
    """Counts the writes of this record; 0: not in a dataset yet."""
    question: Question = field(default_factory=Question)
    messages: tuple[Message, ...] = ()
    answer: str = ""
    code: str = ""
    call: str = ""
    input: tuple[InputValue, ...] = ()
    trace: TraceReference = field(default_factory=TraceReference)
    anchors: tuple[Anchor, ...] = ()
    grounding: GroundingSummary = field(default_factory=GroundingSummary)
    provenance: Provenance = field(default_factory=Provenance)
    review: Review = field(default_factory=Review)
    tags: tuple[str, ...] = ()
    split: str = ""
    dup_group: str = ""
    tokens: int = 0
    crc: str = ""
