"""``cotrace demo``: the whole way on a program that ships with cotrace, from its run to a record that is checked.

Values in, values out: the run is a real one, in a child process; what is shown of it is the command line's matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cotrace.dataset import Appended, Dataset
from cotrace.dataset.composing import compose
from cotrace.grounding import check
from cotrace.model.grounding import Grounding
from cotrace.model.limits import Limits
from cotrace.model.reasoning import Reasoning
from cotrace.model.record import Record
from cotrace.model.trace import Trace
from cotrace.narration import narrate
from cotrace.runner import run
from cotrace.tracing.program import Program

EXAMPLE = Path(__file__).parent / "examples" / "insertion_sort.py"
FUNCTION = "sort"
CALL = "sort([5, 2, 4])"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made."""

    trace: Trace
    reasoning: Reasoning
    grounding: Grounding
    spoiled: Reasoning
    """The reasoning with a wrong answer, as a slip of the pen would leave it."""

    spoiled_grounding: Grounding
    record: Record
    shortcomings: tuple[str, ...]
    appended: Appended
    is_new: bool
    """False where the dataset had the same example already: `appended` then names that record."""


def demo(dataset: Path) -> Demo:
    """Trace, narrate, check, and append an approved record to `dataset`, unless it is there from an earlier demo.

    Raises CotraceError where that fails.
    """
    trace = run(Program(str(EXAMPLE), qualname=FUNCTION, call=CALL, limits=Limits(seconds=30.0)))
    told = narrate(trace)
    spoiled = told.edited(spoilt(told.text))
    composed = compose(trace, told, status="approved", tags=("demo",))
    kept = Dataset(dataset)
    twins = kept.duplicates_of(composed.record)
    appended = Appended(twins[0].id, kept.path) if twins else kept.append(composed)
    return Demo(
        trace,
        told,
        check(told, trace),
        spoiled,
        check(spoiled, trace),
        composed.record,
        composed.shortcomings,
        appended,
        is_new=not twins,
    )


def spoilt(text: str) -> str:
    """Return the text with the last digit of its last sentence off by one."""
    place = max(place for place, letter in enumerate(text) if letter.isdigit())
    return f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"
