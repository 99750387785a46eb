"""A trace becomes reasoning: offline by `narrate`, from the recorded values alone."""

from cotrace.narration.narrator import narrate

__all__ = ["narrate"]
