"""The engines that are held equal, and the tracer that records with one of them."""

import importlib.util
import sys

from cotrace.tracing.tracer import Tracer

REFERENCE, NATIVE = "reference", "native"
HAS_NATIVE = (
    hasattr(sys, "monitoring")
    and importlib.util.find_spec("cotrace.tracing.native") is not None
    and importlib.util.find_spec("cotrace.tracing._core") is not None
)
WHY_NOT = (
    "the compiled engine is not built here: it needs Python 3.12 or later, and a C compiler when installing"
)


def tracer_of(engine, **options):
    """Return a tracer that records with the engine of that name."""
    return Tracer(engine=engine, **options)
