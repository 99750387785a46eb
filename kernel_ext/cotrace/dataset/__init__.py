"""Records in files: append, read, change and check a JSONL dataset that many processes share."""

from cotrace.dataset.rerun import RerunResult, rerun
from cotrace.dataset.store import Appended, Dataset, DatasetWarning, Line
from cotrace.dataset.validate import Finding

__all__ = ["Appended", "Dataset", "DatasetWarning", "Finding", "Line", "RerunResult", "rerun"]
