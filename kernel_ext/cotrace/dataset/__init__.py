"""Records in files: append, read, change and check a JSONL dataset that many processes share."""

from cotrace.dataset.store import Appended, Dataset, DatasetWarning, Line

__all__ = ["Appended", "Dataset", "DatasetWarning", "Line"]
