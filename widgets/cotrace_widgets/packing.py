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
from functools import cached_property
from typing import Any

from cotrace.formats.telling import ending, warnings
from cotrace.model.columns import Columns, columns_of
from cotrace.model.passes import loops_of
from cotrace.model.source import Source
from cotrace.model.state import Ref
from cotrace.model.trace import Trace

from cotrace_widgets.chunks import Chunks
from cotrace_widgets.highlighting import extent_of, tokens_of
from cotrace_widgets.texts import Texts

FORMAT = 1
CHUNK = 2_048
"""Steps a chunk: so many are read in a few milliseconds, and a key is small beside them."""

SHORT = 20_000
"""Steps of a run that is folded to its end while a front end waits."""

LEVEL = 6
_CELL_FILE = re.compile(r"^.*ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-.*>$", re.DOTALL)
"""The names under which IPython compiles a cell: they say nothing to anybody."""


class Packing:
    """Packs one trace; each chunk is made when it is first asked for, and kept."""

    def __init__(self, trace: Trace, *, chunk: int = CHUNK) -> None:
        """`chunk` is how many steps go into one."""
        self.trace = trace
        self._size = chunk
        self._texts = Texts(trace.sources)
        self._chunks = Chunks(trace, chunk, self._texts)

    @property
    def chunks(self) -> int:
        """How many chunks there are: at least one."""
        return max(1, -(-len(self.trace.steps) // self._size))

    def chunk(self, number: int) -> bytes:
        """Return one chunk. Raises IndexError where there is none with this number."""
        if not 0 <= number < self.chunks:
            raise IndexError(f"there is no chunk {number}: the recording has {self.chunks}")
        return self._chunks.chunk(number)

    @cached_property
    def early(self) -> bytes:
        """The first chunk as far as the first steps tell, which is there long before that of a long run is.

        It is without the expressions that were evaluated after the chunk's steps: what a call of them returned.
        """
        return self._chunks.early()

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


def as_json(head: dict[str, Any]) -> str:
    """Return a head as JSON in ASCII that can stand in a page's script element: no ``<``, ``>`` or ``&`` is in it."""
    told = json.dumps(head, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
