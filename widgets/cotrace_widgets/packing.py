"""A trace as a front end takes it: a head, columns of numbers, and the values in chunks.

A front end must show a run of a million steps at once and go to any of them without asking. So the numbers of all
steps and frames are typed arrays in one block, which is small and read in a moment, and what changed is kept apart in
chunks of 2,048 steps, each deflated JSON, of which a front end reads those that somebody looks at. Format 1:

**Head**, a JSON object: see `Packing.head`.

**Columns**, one zlib stream: the arrays that `head["columns"]` lists as (name, type, length), little-endian, each
beginning at a multiple of four bytes. Of each step ``line``, ``event`` (the index in `EventKind`), ``frame`` and
``depth``; of each frame ``frame_code`` (the index in ``head["codes"]``), ``frame_parent``, ``frame_globals``,
``frame_start``, ``frame_end`` and ``frame_thread``, as `Frame` has them.

**Chunk** k, one zlib stream of a JSON object, for the steps from ``k * chunk`` on:

- ``follows``: false, where ``key`` makes the state before the chunk's first step out of nothing; true, where it goes
  on from the end of the chunk before, of which ``key`` tells objects that had been left out.
- ``key``: deltas without a cause. Of the objects, only those that the frames reach, or that the chunks up to the next
  one that does not follow speak of.
- ``steps``: for each step its deltas, or 0.
- ``values``: pairs of a place in the chunk and the value that the step there has.
- ``entries``: of the expression ledger, by the step that they belong to: place in the chunk, source, span, value,
  ``at - step``, and the objects where there are any.
- ``final`` and ``result``, in the last chunk: the changes seen after the last step, and the outcome's value.
- ``atoms``: type, text and length of each atom that values name as ``{"atom": number}``.

Values, objects and deltas are written as `cotrace.model.codec` describes.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from threading import Lock
from typing import Any

from cotrace.formats.telling import ending, warnings
from cotrace.model.columns import Columns, columns_of
from cotrace.model.encoder import PartDelta, PartEncoder
from cotrace.model.passes import loops_of
from cotrace.model.replay import State, reachable
from cotrace.model.source import Source
from cotrace.model.state import NO_CAUSE, Appear, Bind, Delta, Ref, Value
from cotrace.model.trace import Entry, Frame, Trace

from cotrace_widgets.highlighting import extent_of, spans_of, tokens_of

FORMAT = 1
CHUNK = 2_048
"""Steps a chunk: so many are read in a few milliseconds, and a key is small beside them."""

SHORT = 20_000
"""Steps of a run that is folded to its end while a front end waits."""

LEVEL = 6
_CELL_FILE = re.compile(r"^.*ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-.*>$", re.DOTALL)
"""The names under which IPython compiles a cell: they say nothing to anybody."""


class Packing:
    """Packs one trace; chunks are made when they are first asked for, in order, and kept."""

    def __init__(self, trace: Trace, *, chunk: int = CHUNK) -> None:
        """`chunk` is how many steps go into one."""
        self.trace = trace
        self._size = chunk
        self._texts = _Texts(trace.sources)
        self._chunker = _Chunker(trace, chunk, self._texts)

    @property
    def chunks(self) -> int:
        """How many chunks there are: at least one."""
        return max(1, -(-len(self.trace.steps) // self._size))

    def chunk(self, number: int) -> bytes:
        """Return one chunk. Raises IndexError where there is none with this number."""
        if not 0 <= number < self.chunks:
            raise IndexError(f"there is no chunk {number}: the recording has {self.chunks}")
        return self._chunker.chunk(number)

    @cached_property
    def columns(self) -> bytes:
        """The columns."""
        return self._packed_columns[1]

    @cached_property
    def head(self) -> dict[str, Any]:
        """What a front end must know before anything else, ready for JSON.

        ``steps`` is how many steps the recording has, ``kept`` how many of them are in the chunks, and ``cut`` says
        why not all. Texts are as the program had them: they hold any character. Columns of spans count UTF-16 units.
        A text that was compiled in pieces, as a cell whose last line is an expression, is one source.
        """
        trace = self.trace
        return {
            "format": FORMAT,
            "call": trace.call,
            "ending": self._ending(),
            "steps": len(trace.steps),
            "kept": len(trace.steps),
            "cut": "",
            "chunk": self._size,
            "python": trace.python,
            "engine": trace.engine,
            "warnings": warnings(trace),
            "outcome": {
                "kind": trace.outcome.kind,
                "exception": trace.outcome.exception,
                "message": trace.outcome.message,
            },
            "sources": [self._source(number, same) for number, same in enumerate(self._texts.groups)],
            "codes": self._codes[0],
            "outputs": [
                [out.step, out.at, int(out.stream == "stderr"), out.text, int(out.cut)]
                for out in trace.outputs
            ],
            "columns": self._packed_columns[0],
        }

    def _ending(self) -> str:
        """Tell how the run ended; of a long run without the value, which only the fold of all its changes can show."""
        outcome = self.trace.outcome
        if isinstance(outcome.value, Ref) and len(self.trace.steps) > SHORT:
            return "showed a value" if self.trace.call == "cell" else "returned a value"
        return ending(self.trace)

    def _source(self, number: int, same: list[Source]) -> dict[str, Any]:
        source = same[0]
        ran = [code for code in self._codes[0] if code[2] == number]
        first, last = extent_of(
            source, (code[3] for code in ran), whole=any(code[0] == "module" for code in ran)
        )
        return {
            "name": _CELL_FILE.sub("cell", source.name),
            "text": "\n".join(source.lines),
            "tokens": tokens_of(source),
            "spans": list(self._texts.spans(same)),
            "loops": loops_of(source),
            "first": first,
            "last": last,
        }

    @cached_property
    def _codes(self) -> tuple[list[tuple[str, str, int, int]], array[int]]:
        """Each different code that ran, and the number of each frame's."""
        places: dict[tuple[str, str, int, int], int] = {}
        of_code = [
            places.setdefault((kind, name, self._texts.place(source)[0], line), len(places))
            for kind, name, source, line in self._columns.codes
        ]
        return list(places), array("i", map(of_code.__getitem__, self._columns.code))

    @cached_property
    def _columns(self) -> Columns:
        return columns_of(self.trace)

    @cached_property
    def _packed_columns(self) -> tuple[list[tuple[str, str, int]], bytes]:
        columns = self._columns
        named = {
            "line": columns.line,
            "event": columns.event,
            "frame": columns.frame,
            "depth": columns.depth,
            "frame_code": self._codes[1],
            "frame_parent": columns.parent,
            "frame_globals": columns.globals,
            "frame_start": columns.start,
            "frame_end": columns.end,
            "frame_thread": columns.thread,
        }
        directory: list[tuple[str, str, int]] = []
        packer = zlib.compressobj(LEVEL)
        packed: list[bytes] = []
        for name, numbers in named.items():
            kind, raw = _narrowed(numbers)
            directory.append((name, kind, len(numbers)))
            packed.append(packer.compress(raw + bytes(-len(raw) % 4)))
        return directory, b"".join([*packed, packer.flush()])


def _narrowed(numbers: array[int]) -> tuple[str, bytes]:
    """Return the smallest type that holds all of the numbers, and them in it, lowest byte first.

    Bytes are taken out in strides: a million numbers one by one would take a tenth of a second.
    """
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    raw, n = numbers.tobytes(), len(numbers)
    if raw[2::4].count(0) < n or raw[3::4].count(0) < n:
        return "i32", raw
    if raw[1::4].count(0) == n:
        return "u8", raw[::4]
    pairs = bytearray(2 * n)
    pairs[::2], pairs[1::2] = raw[::4], raw[1::4]
    return "u16", bytes(pairs)


class _Texts:
    """The sources of a trace, those with the same name and text as one: their spans stand one behind the other."""

    def __init__(self, sources: Sequence[Source]) -> None:
        numbers: dict[tuple[str, str], int] = {}
        self.groups: list[list[Source]] = []
        self._places: list[tuple[int, int]] = []
        for source in sources:
            number = numbers.setdefault((source.name, source.text), len(numbers))
            if number == len(self.groups):
                self.groups.append([])
            self._places.append((number, sum(len(other.spans) for other in self.groups[number])))
            self.groups[number].append(source)

    def place(self, source: int) -> tuple[int, int]:
        """Return the number of a source for the front end, and how many spans stand before its own."""
        return self._places[source] if source >= 0 else (-1, 0)

    def spans(self, same: list[Source]) -> Iterator[list[Any]]:
        """Yield the spans of sources that are one."""
        before = 0
        for source in same:
            for *place, parent in spans_of(source):
                yield [*place, parent + before if parent >= 0 else -1]
            before += len(source.spans)


class _Chunker:
    """Makes the chunks in order, folding the state forward as it goes."""

    def __init__(self, trace: Trace, size: int, texts: _Texts) -> None:
        self.trace = trace
        self.size = size
        self.texts = texts
        self.made: list[bytes] = []
        self.lock = Lock()
        self.state = State()
        self.present: set[int] = set()
        """The objects that the chunks since the last one that did not follow tell of."""

        self.since = 0
        """How many characters were written since then, and how many the key took: another is made when it pays."""

        self.key_size = 0

    def chunk(self, number: int) -> bytes:
        with self.lock:  # a widget's thread makes them while the kernel answers a view's request
            while len(self.made) <= number:
                self.made.append(self.next())
        return self.made[number]

    def next(self) -> bytes:
        first = len(self.made) * self.size
        last = min(first + self.size, len(self.trace.steps))
        is_last = last == len(self.trace.steps)
        writer = _Writer()
        parts = [f'"steps":[{self.rows(writer, first, last)}]', self.values(writer, first, last)]
        parts.append(f'"entries":[{",".join(self.entries(writer, first))}]')
        if is_last:
            parts += self.end(writer)
        body = ",".join(parts)
        key, follows = self.key(writer, first, len(body))
        self.go_on(first, last)
        atoms = ",".join(f"[{atom}]" for atom in writer.new_atoms)
        text = f'{{"follows":{"true" if follows else "false"},"key":[{key}],{body},"atoms":[{atoms}]}}'
        return zlib.compress(text.encode("ascii"), LEVEL)

    def rows(self, writer: _Writer, first: int, last: int) -> str:
        steps = self.trace.steps[first:last]
        return ",".join(
            f"[{writer.deltas(step.delta, number)}]" if step.delta else "0"
            for number, step in enumerate(steps, first)
        )

    def values(self, writer: _Writer, first: int, last: int) -> str:
        steps = self.trace.steps[first:last]
        told = [
            f"[{place},{writer.value(step.value)}]"
            for place, step in enumerate(steps)
            if step.value is not None
        ]
        return f'"values":[{",".join(told)}]'

    def entries(self, writer: _Writer, first: int) -> Iterable[str]:
        for entry in self.entries_by_chunk.get(first // self.size, ()):
            source, before = self.texts.place(entry.source)
            value = writer.value(entry.value)
            told = f"[{entry.step - first},{source},{before + entry.span},{value},{entry.at - entry.step}"
            objects = ",".join(map(writer.object, entry.objects))
            yield f"{told},[{objects}]]" if objects else f"{told}]"

    @cached_property
    def entries_by_chunk(self) -> dict[int, list[Entry]]:
        found: defaultdict[int, list[Entry]] = defaultdict(list)
        for entry in self.trace.entries:
            found[entry.step // self.size].append(entry)
        return found

    def end(self, writer: _Writer) -> list[str]:
        parts = [f'"final":[{writer.deltas(self.trace.final, len(self.trace.steps))}]']
        if self.trace.outcome.value is not None:
            parts.append(f'"result":{writer.value(self.trace.outcome.value)}')
        return parts

    def key(self, writer: _Writer, first: int, size: int) -> tuple[str, bool]:
        """Return what makes the state before the chunk's first step, and whether it goes on from the chunk before."""
        follows = first > 0 and self.since < self.key_size
        self.drop_dead(first)
        needed = (Ref(number) for number in writer.mentioned if number in self.state.heap)
        heap = reachable(self.state.heap, {} if follows else self.state.frames, needed)
        if not follows:
            self.present = set()
            self.since = 0
        left_out = [Appear(seen, NO_CAUSE) for number, seen in heap.items() if number not in self.present]
        self.present.update(heap)
        key: list[Delta] = [*left_out, *([] if follows else self.variables())]
        told = writer.deltas(key, first)
        if not follows:
            self.key_size = len(told)
        self.since += size
        return told, follows

    def variables(self) -> Iterable[Bind]:
        for number, variables in self.state.frames.items():
            for name, value in variables.items():
                yield Bind(number, name, value, NO_CAUSE)

    def drop_dead(self, first: int) -> None:
        frames = self.trace.frames
        for number in [n for n in self.state.frames if _is_over(frames[n], first)]:
            del self.state.frames[number]

    def go_on(self, first: int, last: int) -> None:
        """Fold the chunk's deltas in."""
        for step in self.trace.steps[first:last]:
            for delta in step.delta:
                if isinstance(delta, Appear):
                    self.present.add(delta.object.id)
            self.state.fold(step.delta)


def _is_over(frame: Frame, step: int) -> bool:
    return 0 <= frame.end < step


class _Writer(PartEncoder):
    """Writes the values of one chunk, and remembers which objects it spoke of."""

    def __init__(self) -> None:
        super().__init__()
        self.mentioned: set[int] = set()

    def value(self, value: Value) -> str:
        if isinstance(value, Ref):
            self.mentioned.add(value.id)
            return f"[{value.id}]"
        return super().value(value)

    def _part_delta(self, delta: PartDelta, start: str) -> str:
        self.mentioned.add(delta.id)
        return super()._part_delta(delta, start)


def as_json(head: dict[str, Any]) -> str:
    """Return a head as JSON in ASCII that can stand in a page's script element: no ``<``, ``>`` or ``&`` is in it."""
    told = json.dumps(head, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
