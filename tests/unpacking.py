"""Reads packed traces back, so that tests can ask whether a front end gets what the trace says."""

import json
import zlib
from array import array

from cotrace.model.decoder import _Deltas, _Values
from cotrace.model.replay import State, reachable

CODES = {"u8": "B", "u16": "H", "i32": "i"}


def columns_of(packing):
    """Return the columns by name."""
    content, place, columns = zlib.decompress(packing.columns), 0, {}
    for name, kind, length in packing.head["columns"]:
        column = array(CODES[kind])
        size = length * column.itemsize
        column.frombytes(content[place : place + size])
        columns[name] = list(column)
        place += size + -size % 4
    assert place == len(content)
    return columns


class Chunk:
    """One chunk, read."""

    def __init__(self, packing, number):
        raw = json.loads(zlib.decompress(packing.chunk(number)))
        self.first = number * packing.head["chunk"]
        self.raw = raw
        self.values = _Values()
        for atom in raw["atoms"]:
            self.values.define(["atom", *atom])
        deltas = _Deltas(self.values)
        deltas.frames = len(packing.trace.frames)
        deltas._object = int  # what a chunk follows is known to `State`
        self.follows = raw["follows"]
        self.key = deltas.read(raw["key"], self.first)
        self.steps = [
            deltas.read(step, place) if step else () for place, step in enumerate(raw["steps"], self.first)
        ]
        self.final = deltas.read(raw.get("final", []), self.first + len(self.steps))


def states_of(packing, number):
    """Yield the state after each step's deltas, reading as few chunks as a front end would."""
    chunk = Chunk(packing, number)
    if chunk.follows:
        *_, state = states_of(packing, number - 1)
    else:
        state = State()
    state.fold(chunk.key)
    for step in chunk.steps:
        state.fold(step)
        yield state
    if not chunk.steps:
        yield state


def seen_by_a_front_end(trace, state, step):
    """Return the variables and objects of the frames that are there at a step."""
    frames = {
        f.id: dict(state.frames.get(f.id, {}))
        for f in trace.frames
        if f.start <= step and (f.end < 0 or step <= f.end)
    }
    value = trace.steps[step].value if step < len(trace.steps) else trace.outcome.value
    return frames, reachable(state.heap, frames, [] if value is None else [value])
