"""What `compose` hands to a dataset: a record, its recording, and what keeps it a draft."""

from __future__ import annotations

from dataclasses import dataclass

from cotrace.model.record import Record


@dataclass(frozen=True, slots=True)
class Composed:
    """A record with the recording it was made from; `Dataset.append` takes it whole."""

    record: Record
    trace_bytes: bytes
    """The recording as `cotrace.model.codec.encode` writes it; stored under ``record.trace.sha256``."""

    shortcomings: tuple[str, ...] = ()
    """Why the record does not stand on its own; while there is one it stays a draft."""
