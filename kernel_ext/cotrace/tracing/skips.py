"""Why an expression ledger is missing: every function is either instrumented or has one of these reasons."""

from __future__ import annotations

from enum import Enum


class LedgerSkip(Enum):
    """Why a function is traced by line only, as a sentence for the user."""

    RUNNING = "It was already running when the recording began; its later calls are recorded in full."
    MADE_BEFORE = "It was made inside another function before the recording began and could not be reached."
    NOT_REACHED = "The recording met its code, but not the function object that has it."
    BUILT_IN = "It is built in or compiled: there is no Python code to record."
    NOT_A_FUNCTION = "It is not a plain Python function, nor a wrapper around one that can be looked into."
    NO_SOURCE = "Its source text could not be found."
    SOURCE_CHANGED = (
        "Its source text does not give the code that runs: the file was changed after it was loaded, or another "
        "tool rewrote the code. Load it again and record once more."
    )
    COMPILE_FAILED = "Its source text could not be compiled with the probes in it."
    TOO_DEEP = "Its source text is nested too deeply for the probes to be added."
    FREE_VARIABLES = (
        "The code with probes uses other variables of the enclosing functions than the code that runs."
    )
    OTHER_TOOL = "Another tool watches this function's code, and would lose sight of it."
    UNSUPPORTED = "Its source text holds the marks that probes are written with."
