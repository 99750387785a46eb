"""The errors that cotrace raises, as one family.

::

    CotraceError
    ├── UsageError               a call, option or argument that can't be meant
    ├── SettingsError            a setting that is unknown or has a wrong value
    ├── TraceError               a trace can't be made, read or asked that question
    │   ├── TracingBusyError     something else holds the interpreter's tracing hooks
    │   ├── FileFormatError      a file is not what its name says, or is damaged
    │   └── NewerVersionError    a file was written by a newer cotrace
    ├── StorageError             a file can't be read or written where it is
    │   └── BusyFileError        another process holds the file's lock
    └── DatasetError             a dataset file can't be read or changed
        ├── RecordError          one record is wrong
        ├── UnknownRecordError   the dataset has no such record
        ├── RevisionConflictError  the record changed since it was read
        └── DuplicateError       the dataset holds this record already

A message says what was expected, what was found, and what to do.
"""

from __future__ import annotations


class CotraceError(Exception):
    """Any error of ours."""


class UsageError(CotraceError):
    """A call, option or argument that can't be meant."""


class SettingsError(CotraceError):
    """A setting that is unknown or has a wrong value."""


class TraceError(CotraceError):
    """A trace can't be made, read, or asked that question."""


class TracingBusyError(TraceError):
    """Something else holds the interpreter's tracing hooks; the message says who."""


class FileFormatError(TraceError):
    """A file is not what its name says, or is damaged."""


class NewerVersionError(TraceError):
    """A file was written by a newer cotrace."""


class StorageError(CotraceError):
    """A file can't be read or written where it is; the message says why and what to do."""


class BusyFileError(StorageError):
    """Another process holds the file's lock."""


class DatasetError(CotraceError):
    """A dataset file can't be read or changed."""


class RecordError(DatasetError):
    """One record is wrong; the message has the file, the line and the field."""


class UnknownRecordError(DatasetError):
    """The dataset has no such record."""


class RevisionConflictError(DatasetError):
    """The record changed since it was read."""


class DuplicateError(DatasetError):
    """The dataset holds this record already."""
