# The compiled core of the native engine; absent where it was not built (see kernel_ext/build_core.py).

import builtins
from collections.abc import Callable
from types import CodeType, FrameType
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
    objects: list[Any]
    codes: list[tuple[str, int, int, tuple[str, ...]]]
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
    def feed(self, log: Buffer, start: int, end: int, step: int = ..., /) -> None: ...
    def columns(self, log: Buffer, /) -> tuple[builtins.bytes, ...]: ...
    def forget_atoms(self) -> None: ...

class Core:
    steps: int  # recorded so far
    bytes: int  # an estimate of what the recording takes in memory
    final_at: int  # where in the log the result stands
    n_numbers: int  # the last number that was given to an object
    is_on: bool
    is_live: bool  # whether the host's `flush` is called after each event
    writes_locals: bool  # whether some code may bind variables of any frame
    has_secrets: bool  # whether any text is known to be secret

    def __init__(
        self,
        host: object,
        objects: list[Any],
        codes: list[tuple[str, int, int, tuple[str, ...]]],
        types: list[tuple[str, str]],
        builtins: dict[str, Any],
        stop_type: type[BaseException],
        elements: int,
        edge: int,
        string: int,
        depth: int,
        steps: int,
        most_bytes: int,
        function_only: bool,
    ) -> None: ...
    def on_start(self, code: CodeType, offset: int, /) -> None: ...
    def on_resume(self, code: CodeType, offset: int, *value: object) -> None: ...
    def on_line(self, code: CodeType, line: int, /) -> None: ...
    def on_jump(self, code: CodeType, source: int, destination: int, /) -> None: ...
    def on_return(self, code: CodeType, offset: int, value: object, /) -> None: ...
    def on_yield(self, code: CodeType, offset: int, value: object, /) -> None: ...
    def on_raise(self, code: CodeType, offset: int, error: BaseException, /) -> None: ...
    def on_unwind(self, code: CodeType, offset: int, error: BaseException, /) -> None: ...
    def start(self) -> None: ...
    def add_block(self, frame: FrameType, /) -> None: ...
    def finish(self, value: object, /) -> None: ...
    def forget(self) -> None: ...
    def child(self, value: object, /) -> int | None: ...
    def number_of(self, value: object, /) -> int | None: ...
    def request_stop(self) -> None: ...
    def running_step(self) -> int: ...
    def log(self, start: int, /) -> builtins.bytes: ...
    def connect(self, text: int, source: int, flags: builtins.bytes, names: dict[int, str], /) -> None: ...
    def expression(
        self,
        source: int,
        span: int,
        value: object,
        frame: FrameType | None,
        name: str | None,
        disturbs: int,
        /,
    ) -> None: ...

class Sink:
    recorder: Any
    core: object
    missed: int

class Probe:
    sink: Any
    source: int
    key: int
    def __init__(self, sink: object, source: int, key: int) -> None: ...
    def __getitem__(self, handed: Any, /) -> Any: ...
