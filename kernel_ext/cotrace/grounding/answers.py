"""Whether a text states the outcome of a run."""

from __future__ import annotations

from cotrace.grounding.index import Index
from cotrace.grounding.values import UnreadableError, same, shown, written


def answer_holds(index: Index, said: str) -> tuple[bool | None, str]:
    """Tell whether a text is the run's outcome, and what the outcome is; None where the run has none.

    The outcome is the exception that left the code, else what it returned, else what it printed.
    """
    outcome = index.trace.outcome
    said = said.strip().strip("`*$")
    if outcome.kind == "raised":
        return outcome.exception.rpartition(".")[2] in said, outcome.exception
    printed = index.trace.stdout
    if outcome.kind == "returned" and outcome.value is not None:
        found = index.outcome_value
        alike = _is_value(said, found)
        if not alike and found is None and printed:
            alike = _is_output(said, printed)
        return alike, shown(found)
    if printed:
        return _is_output(said, printed), repr(printed)
    return None, f"none: the run {outcome.kind}"


def _is_value(said: str, found: object) -> bool | None:
    if isinstance(found, str) and said.strip("'\"") == found:
        return True
    try:
        return same(written(said), found)
    except UnreadableError:
        return False


def _is_output(said: str, printed: str) -> bool:
    try:
        value = written(said)
    except UnreadableError:
        value = said
    return printed.strip() in (str(value).strip(), said.strip())
