# The compiled core of the native engine; absent where it was not built (see kernel_ext/build_core.py).

from collections.abc import Callable
from typing import Any

from typing_extensions import Buffer

from cotrace.model.state import Atom, Delta, Value
from cotrace.model.trace import Entry, Frame, Step

SOURCES: str  # the fingerprint of the C files it was compiled from, as build_core.py makes it
PYTHON: str  # the version of Python it was compiled for

class Decoder:
    steps: list[Step]
    frames: list[Frame]
    entries: list[Entry]
    final: list[Delta]
    result: Value | None
    next: int

    def __init__(
        self,
        objects: list[Any],
        codes: list[tuple[str, int, int, tuple[str, ...]]],
        types: list[tuple[str, str]],
        atom: Callable[[Any], Atom],
        long_atom: Callable[[str, int], Atom],
        model: object,
    ) -> None: ...
    def feed(self, log: Buffer, start: int, end: int, /) -> None: ...
    def forget_atoms(self) -> None: ...
