"""The engines that are held equal."""

import pytest
from cotrace.tracing.choice import choose

REFERENCE, NATIVE = "reference", "native"

HAS_NATIVE = choose(NATIVE).engine == NATIVE
"""Whether the native engine can run here, be it the default or not."""

USED = choose("auto")
needs_both = pytest.mark.skipif(
    USED.engine != NATIVE, reason=f"nothing to hold equal: only the reference engine records here. {USED.why}"
)
