"""Rebuild the state at any step by folding deltas, both ways at the cost of a short walk.

A keyframe is kept every `STRIDE` steps while the deltas are folded for the first time, so a snapshot costs one copy
and at most `STRIDE` deltas' worth of folding; one that follows the last one asked for costs its own deltas only. State
is held in plain dicts whose values are immutable, so a copy of the dicts that are handed out is a snapshot.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cotrace.model.heap import Heap
from cotrace.model.state import (
    Appear,
    Become,
    Bind,
    Delta,
    HeapObject,
    Ref,
    Snapshot,
    Unbind,
    Value,
)
from cotrace.model.trace import EventKind, Frame, Step, Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STRIDE = 256

Stack = tuple[int, "Stack | None"]
"""A frame and the stack below it; the steps of a run share these links."""


class State:
    """The fold's accumulator: the variables of every frame and the last known content of every object."""

    def __init__(self) -> None:
        self.frames: dict[int, dict[str, Value]] = {}
        self.heap = Heap()

    def copy(self) -> State:
        """Return an independent copy."""
        twin = State()
        twin.frames = {frame: dict(variables) for frame, variables in self.frames.items()}
        twin.heap = self.heap.copy()
        return twin

    def apply(self, delta: Delta) -> None:
        """Fold one delta in."""
        self.fold((delta,))

    def fold(self, deltas: Iterable[Delta]) -> None:
        """Fold deltas in, in their order."""
        frames, heap = self.frames, self.heap
        for delta in deltas:
            if isinstance(delta, Bind):
                try:
                    frames[delta.frame][delta.name] = delta.value
                except KeyError:  # the frame's first variable
                    frames[delta.frame] = {delta.name: delta.value}
            elif isinstance(delta, Unbind):
                del frames[delta.frame][delta.name]
            elif isinstance(delta, (Appear, Become)):
                heap.put(delta.object)
            else:
                heap.change(delta)


class Replay:
    """Answers `snapshot(step)` for one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._keyframes: list[State] = [
            State()
        ]  # _keyframes[k] is the state before the deltas of step k * STRIDE
        self._last = State()
        self._next = 0  # _last is the state before the deltas of this step

    def snapshot(self, step: int) -> Snapshot:
        """Return the state just before `step`'s line ran; ``len(steps)`` asks for the state at the end."""
        trace = self._trace
        if not 0 <= step <= len(trace.steps):
            message = f"there is no step {step}: the trace has steps 0 to {len(trace.steps) - 1}"
            raise IndexError(message)
        state = self.state(step)
        near = self._frames_near[step // STRIDE]
        frames = {f.id: dict(state.frames.get(f.id, {})) for f in near if self._is_live(f, step)}
        return Snapshot(step, frames, self._stack(step), reachable(state.heap, frames, self._values_of(step)))

    def _values_of(self, step: int) -> list[Value]:
        if step < len(self._trace.steps):
            value = self._trace.steps[step].value
            return [] if value is None else [value]
        value = self._trace.outcome.value
        return [] if value is None else [value]

    def state(self, step: int) -> State:
        """Return the whole fold just before `step`'s line ran, with objects that no variable reaches any longer.

        It is not a copy: it must not be changed, and is another state after the next call.
        """
        while len(self._keyframes) * STRIDE <= step:
            first = (len(self._keyframes) - 1) * STRIDE
            keyframe = self._keyframes[-1].copy()
            self._fold(keyframe, first, first + STRIDE)
            self._drop_dead(keyframe, first + STRIDE)
            self._keyframes.append(keyframe)
        nearest = step // STRIDE
        if not nearest * STRIDE <= self._next <= step + 1:
            self._last, self._next = self._keyframes[nearest].copy(), nearest * STRIDE
        self._fold(self._last, self._next, step + 1)
        self._next = step + 1
        if step < len(self._trace.steps):
            return self._last
        state = self._last.copy()
        state.fold(self._trace.final)
        return state

    def _fold(self, state: State, first: int, stop: int) -> None:
        for step in self._trace.steps[first:stop]:
            state.fold(step.delta)

    def _drop_dead(self, state: State, step: int) -> None:
        ends = {frame.id: frame.end for frame in self._frames_near[step // STRIDE - 1]}
        for number in [n for n in state.frames if n not in ends or 0 <= ends[n] < step]:
            del state.frames[number]

    @cached_property
    def _frames_near(self) -> list[list[Frame]]:
        """The frames that are live at some of the steps from each keyframe to the next."""
        last = len(self._trace.steps)
        near: list[list[Frame]] = [[] for _ in range(last // STRIDE + 1)]
        for frame in self._trace.frames:
            end = last if frame.end < 0 else frame.end
            for block in range(max(frame.start, 0) // STRIDE, end // STRIDE + 1):
                near[block].append(frame)
        return near

    def _is_live(self, frame: Frame, step: int) -> bool:
        return frame.start <= step and (frame.end < 0 or step <= frame.end)

    def _stack(self, step: int) -> tuple[int, ...]:
        link = self._stacks[step] if step < len(self._stacks) else None
        stack: list[int] = []
        while link is not None:
            stack.append(link[0])
            link = link[1]
        return tuple(reversed(stack))

    @cached_property
    def _stacks(self) -> list[Stack]:
        """The stack at every step. A generator lies on whoever resumed it, so it is not the chain of parents."""
        running: dict[int, Stack | None] = {}
        threads = {frame.id: frame.thread for frame in self._trace.frames}
        stacks: list[Stack] = []
        thread = 0
        for step in self._trace.steps:
            if step.event is not EventKind.RESUME or _height(running.get(thread)) != step.depth:
                thread = threads[step.frame]
            threads[step.frame] = thread  # a generator may go on in another thread: that of the step before
            top = running.get(thread)
            if top is None or top[0] != step.frame:
                if step.event is EventKind.RESUME:
                    top = self._with_delegating(step, top)
                top = (step.frame, top)
            stacks.append(top)
            ended = step.event in (EventKind.RETURN, EventKind.UNWIND, EventKind.YIELD)
            running[thread] = top[1] if ended else top
        return stacks

    def _with_delegating(self, step: Step, stack: Stack | None) -> Stack | None:
        """Put those on the stack that run again, without a step, since they delegate to a generator that goes on."""
        frames = self._trace.frames
        missing = step.depth - _height(stack)
        chain: list[int] = []
        parent = frames[step.frame].parent
        while len(chain) < missing and parent >= 0:
            chain.append(parent)
            parent = frames[parent].parent
        for frame in reversed(chain):
            stack = (frame, stack)
        return stack


def _height(stack: Stack | None) -> int:
    height = 0
    while stack is not None:
        height, stack = height + 1, stack[1]
    return height


def reachable(
    heap: Mapping[int, HeapObject],
    frames: Mapping[int, Mapping[str, Value]],
    more: Iterable[Value] = (),
) -> dict[int, HeapObject]:
    """Return the part of `heap` that the variables of `frames`, and `more` values, reach."""
    found: dict[int, HeapObject] = {}
    waiting: list[Value] = [value for variables in frames.values() for value in variables.values()]
    waiting += more
    while waiting:
        value = waiting.pop()
        if isinstance(value, Ref) and value.id not in found and value.id in heap:
            found[value.id] = seen = heap[value.id]
            waiting += parts(seen)
    return dict(sorted(found.items()))


def parts(seen: HeapObject) -> list[Value]:
    """Return the values that an object holds directly."""
    values = list(seen.elements)
    for key, value in seen.entries:
        values += [key, value]
    values += [value for _, value in seen.attributes]
    return values
