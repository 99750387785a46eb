"""The engines that are held equal."""

from cotrace.tracing.choice import choose

REFERENCE, NATIVE = "reference", "native"

CHOICE = choose("auto")
HAS_NATIVE = CHOICE.engine == NATIVE
WHY_NOT = f"there is one engine here only: {CHOICE.why}. {CHOICE.advice}"
