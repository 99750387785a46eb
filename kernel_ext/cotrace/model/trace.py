"""A `Trace`: everything recorded of one run, and the table that says what a step means.

What is recorded when (no engine is the definition: this table is, and each row has a test on every engine):

=======  ===============================================  ==========================  ===============================
event    when                                             line                        value
=======  ===============================================  ==========================  ===============================
START    a frame begins (also when an exception is        the code's first line       none
         thrown into a generator that has not started)
LINE     a line is about to run, and again at each turn   that line                   none
         of a loop that has only one line
YIELD    a generator or coroutine is left for a while     of the frame's last LINE    what it yields
RESUME   it goes on, by a value or a thrown exception     of the frame's last LINE    none
RAISE    an exception passes in the frame; once for each  of the frame's last LINE    the exception
         frame it passes
RETURN   a frame ends with a value                        of the frame's last LINE    the value
UNWIND   a frame ends with an exception                   of the frame's last LINE    the exception
=======  ===============================================  ==========================  ===============================

- A frame that has had no LINE yet counts its code's first line as its last.
- A LINE that repeats the frame's last line with no backward jump in between is not a step.
- A suspended generator that is closed without running code makes no step; its frame is gone at the next one.
- *Exception handled* is derived: see `Trace.handled_at`. So is the outcome of a branch: see `Trace.entries` with
  role ``truth``.

The state and the deltas:

- ``snapshot(i)`` is the state just before step i's line runs; ``snapshot(len(steps))`` is the state at the end.
- A delta of step i is a change that was first observable at step i. Its `cause` is the step whose line made it: the
  last LINE (or START) of the frame that ran between step i-1 and step i. So with ``y = f(x)`` the binding of y is
  seen long after its cause. A parameter's binding is seen at START and caused by the caller's line. NO_CAUSE means
  that the thing was so when it came into view.
- A frame's variables are those of its ``f_locals`` whose names do not begin with a dot; of a function's, only those
  that its code names. A module has one frame of
  kind ``globals`` for its namespace, which stays; the frames of its code have variables of their own only inside
  an inlined comprehension. A globals frame shows the names that code in scope refers to (or that came after
  recording began), without names that begin and end with two underscores, and without IPython's own.
- Only frames in scope are recorded; `Frame.parent` is the nearest recorded caller.
- With threads, steps come in the order in which they happened; a change to shared state is put down to the line
  that its observer's thread runs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cotrace.errors import TraceError
from cotrace.model.limits import Limits
from cotrace.model.source import Source, Span
from cotrace.model.state import Atom, Bind, Delta, HeapObject, Snapshot, Value

if TYPE_CHECKING:
    from cotrace.model.replay import Replay


class EventKind(Enum):
    """What happened at a step; sys.monitoring's names. The module's docstring has the table."""

    START = "start"
    LINE = "line"
    YIELD = "yield"
    RESUME = "resume"
    RAISE = "raise"
    RETURN = "return"
    UNWIND = "unwind"


FrameKind = Literal[
    "globals", "module", "function", "class", "generator", "coroutine", "async_generator", "block"
]


@dataclass(frozen=True, slots=True)
class Frame:
    """One activation of a function, class body or module text; or, of kind ``globals``, a module's namespace."""

    id: int
    kind: FrameKind

    name: str
    """The code's qualified name; of a globals frame, the module's name."""

    source: int
    """Index into `Trace.sources`; -1 for a globals frame."""

    line: int
    """The code's first line."""

    parent: int
    """The recorded frame that was running when this one began; -1 for none."""

    globals: int
    """The globals frame that this frame's global names live in; its own id for a globals frame."""

    start: int
    """The first step at which the frame is there."""

    end: int
    """The last step at which it is there; -1 where it outlived the recording."""

    thread: int = 0
    """0 for the thread that began, then 1, 2 ... in order of appearance."""


@dataclass(frozen=True, slots=True)
class Output:
    """Text that was written to stdout or stderr while one step's line ran."""

    step: int
    stream: Literal["stdout", "stderr"]
    text: str
    cut: bool = False

    at: int = 0
    """How many steps had been recorded when it was written: with ``print(f(x))``, what f prints comes first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded point of the run."""

    index: int
    event: EventKind
    frame: int
    line: int

    depth: int
    """How many recorded frames lie below this one on its stack."""

    delta: tuple[Delta, ...] = ()
    """The changes first observable at this step."""

    value: Value | None = None
    """What was returned or yielded, or the exception raised; None at the other events."""

    output: tuple[Output, ...] = ()
    """What was written while this step's line ran."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the expression ledger: the value that one sub-expression had when it was evaluated."""

    step: int
    """The step whose line it belongs to."""

    at: int
    """How many steps had been recorded when it was evaluated: greater than ``step + 1`` after a call returned."""

    source: int
    span: int
    """Index into that source's spans."""

    value: Value
    """The value; of a span with role ``truth``, True or False."""

    objects: tuple[HeapObject, ...] = ()
    """The objects that `value` reaches, as they were at that moment, where they differ from what the steps recorded
    so far (those before `at`) and the earlier entries with the same `at` told of them."""


EngineName = Literal["auto", "native", "reference"]
"""What records: the compiled engine, the one written in Python, or the faster of them that can run here."""


OutcomeKind = Literal["returned", "raised", "stopped", "interrupted", "exited", "killed", "recording"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the run ended."""

    kind: OutcomeKind
    """``returned``; ``raised`` (an exception left the code); ``stopped`` (by a run limit); ``interrupted`` (Ctrl-C);
    ``exited`` (SystemExit, `os._exit`); ``killed`` (the process died); ``recording`` (it has not ended)."""

    value: Value | None = None
    """What was returned; of a cell, its displayed value; of a raise, the exception."""

    exception: str = ""
    """The exception's type name where there was one."""

    message: str = ""
    """The exception's message where it can be had without running user code; else what ended the run."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not traced, or only by line, and why."""

    subject: str
    """What: a function's name, a limit, a module."""

    reason: str
    advice: str = ""
    """What the reader can do about it."""


@dataclass(frozen=True)
class Trace:
    """Everything recorded of one run."""

    sources: tuple[Source, ...]
    frames: tuple[Frame, ...]
    steps: Sequence[Step]
    entries: Sequence[Entry]
    """The expression ledger, in order of evaluation."""

    final: tuple[Delta, ...]
    """The changes seen when the recording ended, after the last step."""

    outcome: Outcome
    limits: Limits
    call: str
    """What ran, in the user's words: a call such as ``f(3)``, a file's name, or "cell"."""

    notes: tuple[Note, ...] = ()
    truncated: str = ""
    """Which limit ended the recording, in words; "" where it is whole."""

    engine: str = ""
    python: str = ""
    """The version of the Python that ran it."""

    live: object = field(default=None, compare=False, repr=False)
    """A `LiveOutcome` in the process that ran the code: the very objects. Never saved."""

    def __repr__(self) -> str:
        """Tell in a line what it is a recording of: all of it would fill pages."""
        return f"<Trace of {self.call or 'a run'}: {len(self.steps):,} steps, {self.outcome.kind}>"

    # --- what happened -----------------------------------------------------------------------------------------

    def snapshot(self, step: int) -> Snapshot:
        """Return the state just before `step`'s line ran; ``len(steps)`` asks for the state at the end."""
        return self._replay.snapshot(step)

    def span(self, entry: Entry) -> Span:
        """Return the place in the source that `entry` speaks of."""
        return self.sources[entry.source].spans[entry.span]

    def text_of(self, entry: Entry) -> str:
        """Return the source text of the expression that `entry` speaks of."""
        return self.sources[entry.source].text_of(self.span(entry))

    def expressions(self, step: int) -> list[Entry]:
        """Return what was evaluated while `step`'s line ran, in order."""
        return self._entries_by_step.get(step, [])

    def history(self, name: str, *, frame: int | None = None) -> list[tuple[int, Value]]:
        """Return every (step, value) of a variable: the step is the one whose line gave it the value.

        Without `frame`, the first frame that has such a variable is taken. A mutation of the object that the
        variable refers to is not a new value; see `Snapshot.heap` for content.
        """
        found: list[tuple[int, Value]] = []
        for step, delta in self.deltas():
            if isinstance(delta, Bind) and delta.name == name and frame in (None, delta.frame):
                frame = delta.frame
                found.append((delta.cause if delta.cause >= 0 else step, delta.value))
        return found

    def deltas(self) -> Iterator[tuple[int, Delta]]:
        """Yield every (step at which it was seen, delta); the final ones with ``len(steps)``."""
        for step in self.steps:
            for delta in step.delta:
                yield step.index, delta
        for delta in self.final:
            yield len(self.steps), delta

    def caused_by(self, step: int) -> list[Delta]:
        """Return the changes that `step`'s line made, wherever they were seen."""
        return self._deltas_by_cause.get(step, [])

    def line_text(self, step: int) -> str:
        """Return the source line of `step`, or "" where its source is not known."""
        recorded = self.steps[step]
        source = self.frames[recorded.frame].source
        return self.sources[source].line(recorded.line) if source >= 0 else ""

    def handled_at(self, step: int) -> int | None:
        """Return the step at which the exception of the RAISE at `step` was handled in its own frame.

        That is the frame's next step unless it is an UNWIND; None where the frame ended with the exception.
        """
        frame = self.steps[step].frame
        following = next((s for s in self.frame_steps(frame) if s > step), None)
        if following is None or self.steps[following].event in (EventKind.UNWIND, EventKind.RAISE):
            return None
        return following

    def frame_steps(self, frame: int) -> list[int]:
        """Return the indexes of the steps of one frame, in order."""
        return self._steps_by_frame.get(frame, [])

    def previous_in_frame(self, step: int) -> int | None:
        """Return the step before `step` in the same frame."""
        steps = self.frame_steps(self.steps[step].frame)
        place = bisect_left(steps, step)
        return steps[place - 1] if place > 0 else None

    def next_in_frame(self, step: int) -> int | None:
        """Return the step after `step` in the same frame."""
        steps = self.frame_steps(self.steps[step].frame)
        place = bisect_left(steps, step) + 1
        return steps[place] if place < len(steps) else None

    # --- how it ended ------------------------------------------------------------------------------------------

    @property
    def outputs(self) -> list[Output]:
        """What was written to stdout and stderr, in the order of writing, within the limits."""
        from cotrace.model.columns import outputs_of

        return sorted(outputs_of(self.steps), key=lambda out: out.at)

    @property
    def stdout(self) -> str:
        """All that was written to stdout, within the limits."""
        return "".join(out.text for out in self.outputs if out.stream == "stdout")

    @property
    def stderr(self) -> str:
        """All that was written to stderr, within the limits."""
        return "".join(out.text for out in self.outputs if out.stream == "stderr")

    @property
    def result(self) -> object:
        """What the code returned: the very object in the process that ran it, else rebuilt from the recording.

        Raises TraceError where it can't be rebuilt (it holds more than built-in values, or was cut).
        """
        if isinstance(self.live, LiveOutcome):
            return self.live.result
        if self.outcome.value is None or self.outcome.kind != "returned":
            return None
        return rebuild(self.outcome.value, self.snapshot(len(self.steps)))

    @property
    def exception(self) -> BaseException | None:
        """The very exception that left the code, in the process that ran it; else None: see `outcome`."""
        return self.live.exception if isinstance(self.live, LiveOutcome) else None

    # --- the doors outward (imported when called: they are not part of the value) -------------------------------

    def save(self, path: str | Path) -> None:
        """Write the trace to a ``.cotrace`` file, whole or not at all. Raises StorageError where it can't.

        A new file is readable by its user only, for it holds what the program ran with; one that is there keeps its
        permissions.
        """
        from cotrace.files import PRIVATE, write
        from cotrace.model.codec import encode

        write(Path(path), encode(self), mode=PRIVATE)

    def to_text(self, format: str = "table") -> str:  # noqa: A002 - the public contract names it so
        """Return the trace as text: ``table``, ``jsonl`` or ``next``. Raises UsageError for another format."""
        from cotrace.formats import to_text

        return to_text(self, format)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the trace as one self-contained HTML page, and write it to `path` if given."""
        from cotrace.files import write
        from cotrace.formats import to_html

        page = to_html(self)
        if path is not None:
            write(Path(path), page.encode())
        return page

    def _repr_html_(self) -> str:
        """Show the timeline where a notebook shows a value."""
        from cotrace.formats.page import notebook_html

        return notebook_html(self)

    # --- indexes, made when first asked for ---------------------------------------------------------------------

    @cached_property
    def _replay(self) -> Replay:
        from cotrace.model.replay import Replay

        return Replay(self)

    @cached_property
    def _entries_by_step(self) -> dict[int, list[Entry]]:
        found: dict[int, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.step, []).append(entry)
        return found

    @cached_property
    def _deltas_by_cause(self) -> dict[int, list[Delta]]:
        found: dict[int, list[Delta]] = {}
        for _, delta in self.deltas():
            found.setdefault(delta.cause, []).append(delta)
        return found

    @cached_property
    def _steps_by_frame(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for step in self.steps:
            found.setdefault(step.frame, []).append(step.index)
        return found


@dataclass(frozen=True, slots=True)
class LiveOutcome:
    """The very objects that a run ended with, for the process that ran it."""

    result: object = None
    exception: BaseException | None = None


def rebuild(value: Value, snapshot: Snapshot) -> object:
    """Return the Python value that `value` stands for, made anew from built-in types.

    Raises TraceError where a part was cut, is of another type, or contains itself.
    """
    return _Rebuilder(snapshot).value(value)


class _Rebuilder:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.open: set[int] = set()

    def value(self, value: Value) -> Any:
        if isinstance(value, Atom):
            if not value.literal:
                raise TraceError(f"a {value.type} is kept as text only: {value.text[:80]}")
            return value.value
        return self.whole(self.snapshot.heap[value.id])

    def whole(self, seen: HeapObject) -> Any:
        if seen.cut or seen.id in self.open or seen.attributes:
            raise TraceError(
                f"o{seen.id} ({seen.type}) can't be rebuilt: {seen.cut or 'it is not a plain value'}"
            )
        self.open.add(seen.id)
        try:
            return self.plain(seen)
        finally:
            self.open.discard(seen.id)

    def plain(self, seen: HeapObject) -> Any:
        makers = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
        if seen.type in makers:
            return makers[seen.type](self.value(v) for v in seen.elements)
        if seen.type == "dict":
            return {self.value(k): self.value(v) for k, v in seen.entries}
        raise TraceError(f"o{seen.id} is a {seen.type}, which is kept as a description only")
