"""The parts of a recording that the native engine made, decoded from its log when they are first asked for.

Recording must be quick, and many a trace is kept and never looked at. So a trace of the native engine holds its log,
and sequences that look like the tuples they stand for. The first look at any of them decodes all, once: in bulk that
costs less than a Python call a step. Only the numbers of steps and frames, and what was written, are told without it.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from threading import RLock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from cotrace.model import state
from cotrace.model.columns import Code, Columns
from cotrace.model.trace import Entry, EventKind, Frame, FrameKind, Output, Step
from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cotrace.model.state import Delta
    from cotrace.tracing._core import Decoder

__builtins__ = BUILTINS

T_co = TypeVar("T_co", covariant=True)
PartName = Literal["frames", "steps", "entries", "final"]

MODEL = SimpleNamespace(
    Atom=state.Atom, Ref=state.Ref, HeapObject=state.HeapObject, Bind=state.Bind, Unbind=state.Unbind,
    Appear=state.Appear, Become=state.Become, SetElement=state.SetElement, Splice=state.Splice,
    SetEntry=state.SetEntry, DeleteEntry=state.DeleteEntry, SetAttribute=state.SetAttribute,
    DeleteAttribute=state.DeleteAttribute, Frame=Frame, Step=Step, Entry=Entry, EventKind=EventKind,
)  # fmt: skip
"""The classes that a decoder makes instances of."""


def decoder_for(
    objects: list[Any],
    codes: list[tuple[str, int, int, tuple[str, ...]]],
    types: list[tuple[str, str]],
    atom: Callable[[Any], state.Atom],
    long_atom: Callable[[str, int], state.Atom],
) -> Decoder:
    """Return a decoder for a log and the lists that go with it. Raises ImportError without the compiled core."""
    from cotrace.tracing._core import Decoder

    return Decoder(objects, codes, types, atom, long_atom, MODEL)


class Decoding:
    """The log of a finished recording, until something of it is asked for; then its parts."""

    def __init__(
        self,
        log: bytes,
        new_decoder: Callable[[], Decoder],
        outputs: Mapping[int, Sequence[Output]],
        begun: tuple[Decoder, int] | None = None,
    ) -> None:
        """`new_decoder` returns one for `log`, `outputs` are those of each step that wrote something.

        `begun` is a decoder that has read the log up to there, where another would not read that as it did: a secret
        was learned later.
        """
        self._log = log
        self._new_decoder = new_decoder
        self._outputs = outputs
        self._decoder: Decoder | None = begun[0] if begun else None
        self._start = begun[1] if begun else 0
        self._more_final: list[Delta] = []
        self._parts: dict[PartName, tuple[Any, ...]] = {}
        # A callback that makes an atom may come back here: it gets the decoder's error rather than waits for itself.
        self._lock = RLock()

    @property
    def done(self) -> bool:
        """True once the log was decoded."""
        return bool(self._parts)

    def parts(self, name: PartName) -> tuple[Any, ...]:
        """Return one kind of part. What breaks off the decoding (Ctrl-C) is raised; the next call goes on there."""
        if not self._parts:
            with self._lock:
                if not self._parts:
                    self._decode()
        return self._parts[name]

    def columns(self) -> Columns | None:
        """Return the columns from the log; None once it was decoded."""
        with self._lock:
            if self._parts:
                return None
            decoder = self._new_decoder()
            read = decoder.columns(self._log)
        line, event, frame, depth, codes, parent, globals_, start, end, thread = map(_numbers, read)
        different, code = _codes(codes, decoder)
        return Columns(line, event, frame, depth, code, parent, globals_, start, end, thread, different)

    def reading(self, n_steps: int) -> LogReading | None:
        """Return what reads the log stretch by stretch, of so many steps in all; None once a part was decoded."""
        with self._lock:
            if self._parts or self._decoder is not None:
                return None
            return LogReading(self._log, self._new_decoder(), n_steps, self._more_final)

    def add_final(self, deltas: Iterable[Delta]) -> None:
        """Add changes that were seen after the log had ended."""
        self._more_final += deltas

    def outputs(self, n_steps: int) -> list[Output]:
        """Return what the first `n_steps` steps wrote."""
        return [out for index, outputs in self._outputs.items() if index < n_steps for out in outputs]

    def _decode(self) -> None:
        if self._decoder is None:
            self._decoder = self._new_decoder()
        decoder = self._decoder
        try:
            decoder.feed(self._log, self._start, len(self._log))
        except BaseException:
            self._start = decoder.next
            raise
        steps = decoder.steps
        for index, outputs in self._outputs.items():
            if index < len(steps):
                steps[index] = replace(steps[index], output=tuple(outputs))
        self._parts = {
            "frames": tuple(decoder.frames),
            "steps": tuple(steps),
            "entries": tuple(decoder.entries),
            "final": (*decoder.final, *self._more_final),
        }
        self._log = b""
        del self._decoder, self._new_decoder  # and with them the objects of the program that their list holds


def _codes(numbers: array[int], decoder: Decoder) -> tuple[tuple[Code, ...], array[int]]:
    """Return the codes of frames, each once, and their places for numbers as the compiled core writes them."""
    places: dict[Code, int] = {}
    of_number = {
        number: places.setdefault(_code(number, decoder), len(places)) for number in dict.fromkeys(numbers)
    }
    return tuple(places), array("i", map(of_number.__getitem__, numbers))


def _code(number: int, decoder: Decoder) -> Code:
    if number < 0:
        return Code("globals", decoder.objects[-1 - number], -1, 0)
    place, kind = divmod(number, len(_KINDS))
    name, source, line, _ = decoder.codes[place]
    return Code(_KINDS[kind], name, source, line)


_KINDS: tuple[FrameKind, ...] = (
    "function", "generator", "coroutine", "async_generator", "class", "module", "block", "globals",
)  # fmt: skip
"""The kinds of frames by the number that the compiled core gives them."""


def _numbers(column: bytes) -> array[int]:
    numbers = array("i")
    numbers.frombytes(column)
    return numbers


class LogReading:
    """Reads a log stretch by stretch and keeps nothing of it: see `cotrace.model.reading.Reading`."""

    def __init__(self, log: bytes, decoder: Decoder, n_steps: int, more_final: Sequence[Delta]) -> None:
        """`decoder` has read nothing yet; `more_final` are changes that are not in the log."""
        self.at = 0
        self._log = log
        self._decoder = decoder
        self._n_steps = n_steps
        self._more_final = more_final

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames that began so far."""
        return self._decoder.frames

    def read(self, count: int) -> tuple[list[Step], list[Entry]]:
        """Return the next steps, and the entries up to the step after them, in order of evaluation."""
        decoder, self.at = self._decoder, min(self.at + count, self._n_steps)
        stop = sys.maxsize if self.at == self._n_steps else self.at
        decoder.feed(self._log, decoder.next, len(self._log), stop)
        steps, entries = decoder.steps[:], decoder.entries[:]
        decoder.steps.clear()
        decoder.entries.clear()
        return steps, entries

    @property
    def final(self) -> tuple[Delta, ...]:
        """The changes seen after the last step, once that was read."""
        return (*self._decoder.final, *self._more_final)


class LazyParts(Sequence[T_co]):
    """One kind of part of a recording: equal to the tuple that it stands for, and pickled as that."""

    __slots__ = ("_decoding", "_length", "_name")

    def __init__(self, decoding: Decoding, name: PartName, length: int = -1) -> None:
        """`length` is how many there are, where that is known before they are decoded."""
        self._decoding = decoding
        self._name: PartName = name
        self._length = length

    def __len__(self) -> int:
        return self._length if self._length >= 0 else len(self._all())

    @overload
    def __getitem__(self, place: int) -> T_co: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T_co, ...]: ...
    def __getitem__(self, place: int | slice) -> T_co | tuple[T_co, ...]:
        return self._all()[place]

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LazyParts):
            other = other._all()
        return self._all() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[type, tuple[tuple[T_co, ...]]]:
        return tuple, (self._all(),)

    def _all(self) -> tuple[T_co, ...]:
        return self._decoding.parts(self._name)


class LazySteps(LazyParts[Step]):
    """The steps of a recording, which tell their numbers and what they wrote without being decoded."""

    __slots__ = ()

    def __init__(self, decoding: Decoding, length: int) -> None:
        """`length` is how many there are."""
        super().__init__(decoding, "steps", length)

    def columns(self) -> Columns | None:
        """Return the numbers of all steps and frames; None once they are decoded."""
        return self._decoding.columns()

    def reading(self) -> LogReading | None:
        """Return what reads the steps stretch by stretch; None once they are decoded."""
        return self._decoding.reading(self._length)

    def outputs(self) -> list[Output]:
        """Return what the steps wrote, in the order of the steps that began to write."""
        return self._decoding.outputs(self._length)
