"""The values of a recording in chunks: what changes in some thousand steps, and what the state was before them.

Chunks that are made in their order go on from one another where that saves room. A front end that goes to the end of a
long run should not wait for all that lie before it, so any chunk can also be made alone: the state before it is had by
folding the changes, which takes a small part of the time that writing them does. `cotrace_widgets.packing` describes
the format.
"""

from __future__ import annotations

import itertools
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from threading import Lock

from cotrace.model.encoder import PartDelta, PartEncoder
from cotrace.model.reading import Reading, reading_of
from cotrace.model.replay import State, reachable
from cotrace.model.state import NO_CAUSE, Appear, Bind, Delta, Ref, Value
from cotrace.model.trace import Entry, Frame, Step, Trace

from cotrace_widgets.texts import Texts

LEVEL = 6
"""How much time deflating a chunk may take, as zlib counts it."""

_DELTA, _STEP = attrgetter("delta"), attrgetter("step")


class Chunks:
    """Makes the chunks of one trace and keeps them; threads may ask at the same time."""

    def __init__(self, trace: Trace, size: int, texts: Texts) -> None:
        """`size` is how many steps go into one."""
        self._trace = trace
        self._size = size
        self._texts = texts
        self._lock = Lock()
        self._made: dict[int, bytes] = {}
        self._last = max(0, (len(trace.steps) - 1) // size)
        self._new_walk = partial(_Walk, trace, size)
        self._chain, self._in_order = _Chain(), self._new_walk()
        self._alone = self._new_walk()
        self._late: Mapping[int, Sequence[Entry]] | None = None
        """Where a log was read: the entries that were evaluated after the steps of their chunk, by chunk."""

        self._grouped: defaultdict[int, list[Entry]] | None = None
        """Where the trace is in memory: all entries by chunk."""

    def chunk(self, number: int) -> bytes:
        """Return a chunk that is there."""
        with self._lock:  # a widget's thread makes them while the kernel answers a view's request
            if number not in self._made:
                self._made[number] = self._make(number)
                if len(self._made) > self._last:  # all are: let go of what they were made of
                    self._in_order, self._alone = self._new_walk(), self._new_walk()
            return self._made[number]

    def early(self) -> bytes:
        """Return the first chunk as far as its own steps tell: without the entries that were evaluated after them."""
        walk = self._new_walk()
        walk.go_to(0)
        return self._written(walk, _Chain(), walk.entries)

    def _make(self, number: int) -> bytes:
        if self._late is None and self._grouped is None:
            self._survey()
        while self._chain.next in self._made:
            self._chain.skip()
        if number == self._chain.next:
            self._in_order.go_to(number)
            return self._written(self._in_order, self._chain, self._entries_at(self._in_order))
        if number < self._alone.number:
            self._alone = self._new_walk()
        self._alone.go_to(number)
        return self._written(self._alone, _Chain(), self._entries_at(self._alone))

    def _survey(self) -> None:
        """Go through the whole trace once: which entries are late shows only at its end."""
        late = self._alone.rest(self._last)
        if self._alone.reads_log:
            self._late = late

    def _entries_at(self, walk: _Walk) -> Iterable[Entry]:
        """Return the entries of the chunk that a walk has come to."""
        if walk.reads_log and self._late is not None:
            return itertools.chain(walk.entries, self._late.get(walk.number, ()))
        if self._grouped is None:
            self._grouped = defaultdict(list)
            for entry in self._trace.entries:
                self._grouped[entry.step // self._size].append(entry)
        return self._grouped.get(walk.number, ())

    def _written(self, walk: _Walk, chain: _Chain, entries: Iterable[Entry]) -> bytes:
        """Return the chunk that a walk has come to."""
        number, first = walk.number, walk.number * self._size
        writer = _Writer()
        parts = [
            f'"steps":[{_rows(writer, walk.steps, first)}]',
            f'"values":[{_values(writer, walk.steps)}]',
            f'"entries":[{",".join(self._entries(writer, entries, first))}]',
        ]
        if number == self._last:
            parts += self._end(writer, walk.final)
        body = ",".join(parts)
        key, follows = self._key(writer, walk, chain, len(body))
        atoms = ",".join(f"[{atom}]" for atom in writer.new_atoms)
        text = f'{{"follows":{"true" if follows else "false"},"key":[{key}],{body},"atoms":[{atoms}]}}'
        return zlib.compress(text.encode("ascii"), LEVEL)

    def _entries(self, writer: _Writer, entries: Iterable[Entry], first: int) -> Iterable[str]:
        for entry in entries:
            source, before = self._texts.place(entry.source)
            value = writer.value(entry.value)
            told = f"[{entry.step - first},{source},{before + entry.span},{value},{entry.at - entry.step}"
            objects = ",".join(map(writer.object, entry.objects))
            yield f"{told},[{objects}]]" if objects else f"{told}]"

    def _end(self, writer: _Writer, final: Sequence[Delta]) -> list[str]:
        parts = [f'"final":[{writer.deltas(final, len(self._trace.steps))}]']
        if self._trace.outcome.value is not None:
            parts.append(f'"result":{writer.value(self._trace.outcome.value)}')
        return parts

    def _key(self, writer: _Writer, walk: _Walk, chain: _Chain, size: int) -> tuple[str, bool]:
        """Return what makes the state before the chunk's first step, and whether it goes on from the chunk before."""
        number, state = walk.number, walk.state
        follows = chain.goes_on(number)
        needed = (Ref(known) for known in writer.mentioned if known in state.heap)
        heap = reachable(state.heap, {} if follows else state.frames, needed)
        if not follows:
            chain.present.clear()
        left_out = [Appear(seen, NO_CAUSE) for known, seen in heap.items() if known not in chain.present]
        told = writer.deltas([*left_out, *([] if follows else _variables(state))], number * self._size)
        chain.present |= heap.keys()
        chain.present.update(d.object.id for step in walk.steps for d in step.delta if isinstance(d, Appear))
        chain.add(number, len(told), size, follows=follows)
        return told, follows


def _rows(writer: _Writer, steps: Sequence[Step], first: int) -> str:
    return ",".join(
        f"[{writer.deltas(step.delta, number)}]" if step.delta else "0"
        for number, step in enumerate(steps, first)
    )


def _values(writer: _Writer, steps: Sequence[Step]) -> str:
    return ",".join(
        f"[{place},{writer.value(step.value)}]" for place, step in enumerate(steps) if step.value is not None
    )


def _variables(state: State) -> Iterable[Bind]:
    for number, variables in state.frames.items():
        for name, value in variables.items():
            yield Bind(number, name, value, NO_CAUSE)


class _Chain:
    """Chunks that go on from one another, each from the one before."""

    def __init__(self) -> None:
        self.next = 0
        """The chunk that comes next."""

        self.present: set[int] = set()
        """The objects that the chunks since the last one that did not follow tell of."""

        self._since = self._key_size = 0
        """How many characters were written since then, and how many its key took: another is made when it pays."""

    def goes_on(self, number: int) -> bool:
        """Tell whether a chunk goes on from the one before it."""
        return number == self.next > 0 and self._since < self._key_size

    def add(self, number: int, key: int, body: int, *, follows: bool) -> None:
        """Note that a chunk was made, with so many characters."""
        self.next = number + 1
        self._since = body + (self._since if follows else 0)
        if not follows:
            self._key_size = key

    def skip(self) -> None:
        """Pass over a chunk that was made alone: what comes behind it does not go on from it."""
        self.next += 1
        self._key_size = 0


class _Walk:
    """Goes through a trace chunk by chunk, and folds the state before each: it holds the steps of one at a time."""

    def __init__(self, trace: Trace, size: int) -> None:
        self.number = -1
        """The chunk that was come to; of it, the steps and those of their entries that were read with them."""

        self.steps: Sequence[Step] = ()
        self.entries: Sequence[Entry] = ()
        self.passed: Sequence[Entry] = ()
        """Entries that were read with them, of steps of the chunks before."""

        self.state = State()
        """The state before the chunk's first step."""

        self._trace = trace
        self._size = size
        self._reading: Reading | None = None

    def go_to(self, number: int) -> None:
        """Go on to a chunk that was not passed yet."""
        while self.number < number:
            self._go_on()

    def rest(self, last: int) -> dict[int, list[Entry]]:
        """Go on to the last chunk of a log, and return the entries that were read after the steps of their chunk."""
        late: defaultdict[int, list[Entry]] = defaultdict(list)
        self.go_to(0)
        while self.reads_log and self.number < last:
            self._go_on()
            for entry in self.passed:
                late[entry.step // self._size].append(entry)
        return late

    @property
    def reads_log(self) -> bool:
        """True if it goes through a log; else all of the trace is in memory, and so are its entries."""
        return self._reading is not None

    @property
    def final(self) -> Sequence[Delta]:
        """The changes seen after the last step, in the last chunk."""
        return self._trace.final if self._reading is None else self._reading.final

    def _go_on(self) -> None:
        if self.number < 0:
            self._reading = reading_of(self._trace)
        self.state.fold(itertools.chain.from_iterable(map(_DELTA, self.steps)))
        self.number += 1
        first = self.number * self._size
        frames = self._trace.frames if self._reading is None else self._reading.frames
        for frame in [known for known in self.state.frames if _is_over(frames[known], first)]:
            del self.state.frames[frame]
        if self._reading is None:
            self.steps = self._trace.steps[first : first + self._size]
            return
        self.steps, self.entries = self._reading.read(self._size)
        self.passed = ()
        if min(map(_STEP, self.entries), default=first) < first:
            self.passed = [entry for entry in self.entries if entry.step < first]
            self.entries = [entry for entry in self.entries if entry.step >= first]


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
