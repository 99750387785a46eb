"""The numbers of a trace's steps and frames as arrays, a column for each kind, and where they come from.

A front end shows lines, depths and calls of a million steps at once, and the values of a few. A recording that was not
read into steps yet can mostly give its numbers, and what was written, much quicker than the steps themselves.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from cotrace.model.trace import FrameKind, Output, Step, Trace


class Code(NamedTuple):
    """What the frames of one code have in common, as `Frame` has it."""

    kind: FrameKind
    name: str
    source: int
    line: int


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of all steps and frames: arrays of signed 32-bit numbers."""

    line: array[int]
    """Of each step, as the following three."""

    event: array[int]
    """The place of the event in `EventKind`."""

    frame: array[int]
    depth: array[int]

    code: array[int]
    """Of each frame, as all the following: the place of its code in `codes`."""

    parent: array[int]
    globals: array[int]
    start: array[int]
    end: array[int]
    thread: array[int]

    codes: tuple[Code, ...]
    """Each different code that ran, in the order of the first frames."""


@runtime_checkable
class Columnar(Protocol):
    """A sequence of steps that can tell some things of all of them without reading them one by one."""

    def columns(self) -> Columns | None:
        """Return the columns of the trace; None where reading the steps is as quick."""

    def outputs(self) -> Iterable[Output]:
        """Return what the steps wrote, each once."""


def columns_of(trace: Trace) -> Columns:
    """Return the columns of a trace, without reading its steps where that can be spared."""
    found = trace.steps.columns() if isinstance(trace.steps, Columnar) else None
    return found if found is not None else _counted(trace)


def outputs_of(steps: Sequence[Step]) -> Iterable[Output]:
    """Return what steps wrote, without reading them where that can be spared."""
    if isinstance(steps, Columnar):
        return steps.outputs()
    return (out for step in steps for out in step.output)


def numbered(codes: Iterable[Code]) -> tuple[tuple[Code, ...], array[int]]:
    """Return each different code, in order of appearance, and the place of each of `codes` among them."""
    places: dict[Code, int] = {}
    numbers = array("i", [places.setdefault(code, len(places)) for code in codes])
    return tuple(places), numbers


def _counted(trace: Trace) -> Columns:
    from cotrace.model.trace import EventKind

    steps, frames = trace.steps, trace.frames
    events = {id(kind): number for number, kind in enumerate(EventKind)}
    codes, of_frames = numbered(Code(f.kind, f.name, f.source, f.line) for f in frames)
    return Columns(
        array("i", [step.line for step in steps]),
        array("i", [events[id(step.event)] for step in steps]),
        array("i", [step.frame for step in steps]),
        array("i", [step.depth for step in steps]),
        of_frames,
        array("i", [frame.parent for frame in frames]),
        array("i", [frame.globals for frame in frames]),
        array("i", [frame.start for frame in frames]),
        array("i", [frame.end for frame in frames]),
        array("i", [frame.thread for frame in frames]),
        codes,
    )
