"""Checks what a text says about a run against the recording: `check` gives every claim a verdict with evidence."""

from cotrace.grounding.checker import CHECKER, check

__all__ = ["CHECKER", "check"]
