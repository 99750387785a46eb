# The compiled core of the native engine; absent where it was not built (see kernel_ext/build_core.py).

SOURCES: str  # the fingerprint of the C files it was compiled from, as build_core.py makes it
PYTHON: str  # the version of Python it was compiled for
