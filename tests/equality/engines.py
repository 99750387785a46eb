"""The engines that are held equal."""

import pytest
from cotrace.tracing.choice import choose

REFERENCE, NATIVE = "reference", "native"

FOUND = choose(NATIVE)
HAS_NATIVE = FOUND.engine == NATIVE
"""Whether the native engine can run here, be it the default or not."""

ENGINES = (REFERENCE, NATIVE) if HAS_NATIVE else (REFERENCE,)
"""Those that can run here."""

needs_both = pytest.mark.skipif(
    not HAS_NATIVE, reason=f"nothing to hold equal: only the reference engine records here. {FOUND.why}"
)
