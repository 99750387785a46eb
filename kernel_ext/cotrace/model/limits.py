"""How much is recorded and how long a program may run: one value, the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a trace may cost. Completeness is claimed within these limits, and every cut is recorded as cut."""

    # Capture limits: how much of one value is kept.
    elements: int = 1_000
    """A container with more elements than this keeps its length, its head and tail, and what traced code stores."""

    edge: int = 10
    """How many elements the head and the tail of a cut container have, each."""

    string: int = 10_000
    """A string, bytes or number is kept up to this many characters, bytes or digits."""

    depth: int = 8
    """The object that a variable holds has depth 0, what it holds depth 1 and so on; from this depth on an object is
    named but not looked into."""

    # Record limits: recording ends, the program runs on.
    steps: int = 100_000
    bytes: int = 256_000_000
    """An estimate of the recording's size in memory."""

    output: int = 1_000_000
    """How many characters of stdout and stderr are kept, together."""

    # Run limit: the program is stopped.
    seconds: float | None = None
    """Wall-clock time; None lets it run for ever."""
