"""Records in files: append, read, change and check a JSONL dataset that many processes share."""

from cotrace.dataset.composed import Composed
from cotrace.dataset.composing import compose, reasoning_of, revised
from cotrace.dataset.rerun import RerunResult, rerun
from cotrace.dataset.store import Appended, Dataset, DatasetWarning, Line
from cotrace.dataset.validate import Finding

__all__ = [
    "Appended",
    "Composed",
    "Dataset",
    "DatasetWarning",
    "Finding",
    "Line",
    "RerunResult",
    "compose",
    "reasoning_of",
    "rerun",
    "revised",
]
