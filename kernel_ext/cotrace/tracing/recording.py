"""Where an engine puts what it sees: the growing recording of one run, and its completion into a `Trace`.

If there is a stream, every part is also written to it as soon as it is known, each by one `os.write`, so that the
death of the process loses nothing that was recorded.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from cotrace.model.encoder import StreamEncoder
from cotrace.model.source import Source, Span
from cotrace.model.state import Delta, HeapObject, Value
from cotrace.model.trace import (
    Entry,
    EventKind,
    Frame,
    FrameKind,
    LiveOutcome,
    Note,
    Outcome,
    Output,
    Step,
    Trace,
)
from cotrace.tracing.lazy import LazyParts, LazySteps
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cotrace.model.limits import Limits
    from cotrace.tracing.lazy import Decoding

__builtins__ = BUILTINS

STEP_BYTES = 250
DELTA_BYTES = 200
ENTRY_BYTES = 150
PART_BYTES = 60
"""Estimates of what the parts of a recording take in memory; measured with tracemalloc on the six workloads."""


RAN_ON = "the program ran on; raise the limit to record more"


def why_full(limits: Limits, steps: int, size: int) -> str:
    """Return which record limit is reached by so many steps and bytes, in words; "" while there is room."""
    if steps >= limits.steps:
        return f"recording ended after {limits.steps:,} steps (limits.steps); {RAN_ON}"
    if size >= limits.bytes:
        return f"recording ended at about {limits.bytes:,} bytes (limits.bytes); {RAN_ON}"
    return ""


class Recording:
    """Grows while a program runs; becomes a Trace at the end.

    Each part is written before it is added: where the program's stack leaves no room to write it, it is not there at
    all, and the engine tries again.
    """

    def __init__(
        self, limits: Limits, call: str, engine: str, python: str, stream: int | None = None
    ) -> None:
        """`stream` is a file descriptor to write to as well; it stays the caller's."""
        self.limits = limits
        self.call = call
        self.engine = engine
        self.python = python
        self.sources: list[Source] = []
        self.frames: list[Frame] = []
        self.steps: list[Step] = []
        self.entries: list[Entry] = []
        self.notes: list[Note] = []
        self.truncated = ""
        self.bytes = 0
        self.outputs: dict[int, list[Output]] = {}
        """What each step wrote; steps get it at the end."""

        self.unread: Decoding | None = None
        """A log that holds the frames, steps and entries, where they are still to be read; then `n_steps` of them."""

        self.n_steps = 0
        self._output_size = 0
        self._open: list[int] = []
        self._stream = stream
        self._encoder = StreamEncoder()
        self._write(self._encoder.header)
        self._write(self._encoder.run, call, limits, engine, python)

    # --- parts -------------------------------------------------------------------------------------------------

    def add_source(self, name: str, text: str, spans: Sequence[Span] = ()) -> int:
        """Add a source text and return its index."""
        source = Source(name, text, tuple(spans))
        self._write(self._encoder.source, source)
        self.sources.append(source)
        return len(self.sources) - 1

    def add_frame(
        self, kind: FrameKind, name: str, source: int, line: int, parent: int, globals_frame: int, thread: int
    ) -> int:
        """Add a frame that begins at the next step, and return its number; -1 as `globals_frame`: its own."""
        number = len(self.frames)
        owner = number if globals_frame < 0 else globals_frame
        frame = Frame(number, kind, name, source, line, parent, owner, len(self.steps), -1, thread)
        self._write(self._encoder.frame, frame)
        self.frames.append(frame)
        return number

    def end_frame(self, number: int, step: int) -> None:
        """Say that a frame was there for the last time at `step`."""
        ended = replace(self.frames[number], end=step)
        self._write(self._encoder.frame_end, number, step)
        self.frames[number] = ended

    def add_decoded(self, frames: Sequence[Frame], entries: Sequence[Entry], steps: Sequence[Step]) -> None:
        """Add what a decoder has made since the last time: at most one step, or entries, and what belongs to them."""
        for frame in frames[len(self.frames) :]:
            self._write(self._encoder.frame, replace(frame, end=-1))
            self.frames.append(replace(frame, end=-1))
            self._open.append(frame.id)
        for entry in entries[len(self.entries) :]:
            self._write(self._encoder.entry, entry)
            self.entries.append(entry)
        for step in steps[len(self.steps) :]:
            self._write(self._encoder.step, step)
            self.steps.append(step)
        for number in [n for n in self._open if frames[n].end >= 0]:
            self._write(self._encoder.frame_end, number, frames[number].end)
            self.frames[number] = frames[number]
            self._open.remove(number)

    def add_step(
        self, event: EventKind, frame: int, line: int, depth: int, delta: list[Delta], value: Value | None
    ) -> int:
        """Add a step and return its index."""
        step = Step(len(self.steps), event, frame, line, depth, tuple(delta), value)
        self._write(self._encoder.step, step)
        self.steps.append(step)
        self.bytes += STEP_BYTES + DELTA_BYTES * len(delta)
        for part in delta:
            content = getattr(part, "object", None)
            if content is not None:
                self.bytes += PART_BYTES * (
                    len(content.elements) + 2 * len(content.entries) + len(content.attributes)
                )
        return step.index

    def add_entry(
        self, step: int, source: int, span: int, value: Value, objects: tuple[HeapObject, ...]
    ) -> None:
        """Add an entry of the expression ledger."""
        entry = Entry(step, len(self.steps), source, span, value, objects)
        self._write(self._encoder.entry, entry)
        self.entries.append(entry)
        self.bytes += ENTRY_BYTES + sum(
            PART_BYTES * (2 + len(o.elements) + 2 * len(o.entries)) for o in objects
        )

    def add_output(self, step: int, stream: str, text: str, at: int | None = None) -> None:
        """Add text written while `step`'s line ran; what goes over the limit is cut, and said to be."""
        left = self.limits.output - self._output_size
        if not text or left <= 0:
            return
        self._output_size += len(text)
        name: Literal["stdout", "stderr"] = "stdout" if stream == "stdout" else "stderr"
        at = len(self.steps) if at is None else at
        output = Output(step, name, text[:left], cut=len(text) >= left, at=at)
        if output.cut:
            self.note(
                Note(
                    "output",
                    f"only the first {self.limits.output:,} characters are kept",
                    "raise limits.output",
                )
            )
        self.outputs.setdefault(step, []).append(output)
        self._write(self._encoder.output, output)

    def note(self, note: Note) -> None:
        """Add a note, once."""
        if note not in self.notes:
            self.notes.append(note)
            self._write(self._encoder.note, note)

    def note_mistake(self, error: Exception) -> None:
        """Say that recording ended by a mistake of ours, and where."""
        trail = error.__traceback__
        while trail is not None and trail.tb_next is not None:
            trail = trail.tb_next
        where = f" in {trail.tb_frame.f_code.co_name}:{trail.tb_lineno}" if trail is not None else ""
        reason = f"recording ended by a mistake in cotrace: {type(error).__name__}: {error}{where}"
        self.truncated = self.truncated or reason
        self.note(Note("recording", reason, "the program's own result stands; please report this"))

    @property
    def full(self) -> str:
        """Which record limit is reached, in words; "" while there is room."""
        return why_full(self.limits, len(self.steps), self.bytes)

    # --- the end -----------------------------------------------------------------------------------------------

    def finish(self, outcome: Outcome, final: Sequence[Delta], live: LiveOutcome) -> Trace:
        """Return the Trace; the stream gets its last line."""
        self._write(self._encoder.end, outcome, final, self.truncated)
        held: Any = tuple(final) if type(final) is list else final
        return Trace(
            tuple(self.sources), *self._parts(), held, outcome,
            self.limits, self.call, tuple(self.notes), self.truncated, self.engine, self.python, live,
        )  # fmt: skip

    def _parts(self) -> tuple[Any, Any, Any]:
        """Return frames, steps and entries as a trace holds them."""
        if self.unread is not None:
            frames: LazyParts[Frame] = LazyParts(self.unread, "frames")
            entries: LazyParts[Entry] = LazyParts(self.unread, "entries")
            return frames, LazySteps(self.unread, self.n_steps), entries
        steps = self.steps
        for index, outputs in self.outputs.items():
            if index < len(steps):
                steps[index] = replace(steps[index], output=tuple(outputs))
        return tuple(self.frames), tuple(steps), tuple(self.entries)

    def detach(self) -> None:
        """Write to the stream no more: it is another process's."""
        self._stream = None

    def _write(self, encode: Callable[..., bytes], *part: object) -> None:
        if self._stream is None:
            return
        lines = encode(*part)
        try:
            while lines:
                lines = lines[os.write(self._stream, lines) :]
        except OSError as error:
            self._stream = None
            self.notes.append(
                Note("stream", f"the recording could not be written on: {error.strerror}", "free some space")
            )
