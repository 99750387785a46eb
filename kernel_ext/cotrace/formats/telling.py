"""What each step did, in pieces of text: the one telling that every format arranges in its own way.

A step's row tells what its line computed, changed, wrote and ended with. Changes are told where they were
caused, with the content they had when they were first seen, so the recording is folded forward once, as a
replay would, and each change is put into words at the moment it is seen. Two things are told where they are
seen instead: parameters (the caller caused them, the call shows them) and what was there before recording
began.

Changes inside an object are named by the way to it from the variables of the frame that made them:
``grid[0][2]``, ``self.items``, or ``o7`` where no way leads there.
"""

from __future__ import annotations

import re
from collections import ChainMap, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from cotrace.formats.escape import visible
from cotrace.formats.values import LINE, NARROW, Budget, Heap, show
from cotrace.model.replay import Replay, State
from cotrace.model.state import (
    Appear,
    Become,
    Bind,
    DeleteAttribute,
    DeleteEntry,
    Delta,
    HeapObject,
    Ref,
    SetAttribute,
    SetElement,
    SetEntry,
    Splice,
    Unbind,
    Value,
)
from cotrace.model.trace import Entry, EventKind, Step, Trace


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a step's line changed."""

    target: str
    """What changed, as the program would name it: ``x``, ``xs[2]``, ``self.count``."""

    value: str
    """Its value afterwards; "" where it is gone."""

    seen: int
    """The step at which the change was first observable."""

    remark: str = ""
    """What else there is to say: ``global``, ``the same object as a``, ``added 3 at 17``."""

    def __str__(self) -> str:
        """Return the change as a phrase."""
        told = f"{self.target} = {self.value}" if self.value else f"{self.target} is gone"
        return f"{told} ({self.remark})" if self.remark else told


@dataclass(frozen=True, slots=True)
class Computed:
    """A sub-expression and the value it had."""

    source: str
    value: str

    def __str__(self) -> str:
        """Return it as a phrase."""
        return f"{self.source} → {self.value}"


@dataclass(slots=True)
class Row:
    """All that is told of one step."""

    step: Step
    entries: list[Entry] = field(default_factory=list)
    """The step's ledger entries, each told at the same place of `computed`."""

    computed: list[Computed] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    value: str = ""
    """What was returned, yielded or raised."""


class Told(dict[int, Row]):
    """Rows by step; `heap` has the objects as they were at the end."""

    heap: Heap


def tell(
    trace: Trace, steps: Collection[int] | None = None, *, budget: Budget = LINE, part: Budget = NARROW
) -> Told:
    """Return the rows of these steps (None: all), by step.

    Values of variables are shown within `budget`, those of sub-expressions within `part`.
    """
    wanted = range(len(trace.steps)) if steps is None else steps
    return _Teller(trace, wanted, budget, part).rows()


def tell_at(trace: Trace, step: int, replay: Replay, *, budget: Budget = LINE, part: Budget = NARROW) -> Row:
    """Return the row of one step as `tell` does, looking only at where its changes were seen.

    For a reader who goes from step to step: the cost is that of a few states nearby, as `replay` has them.
    """
    teller = _Teller(trace, (step,), budget, part)
    row = teller.told[step]
    row.entries = trace.expressions(step)
    end = len(trace.steps)
    moments = {step, *_seen_later(trace, step), *(min(max(entry.at - 1, step), end) for entry in row.entries)}
    for moment in sorted(moments):
        teller.state = replay.state(moment)
        teller.tell_seen(trace.steps[moment].delta if moment < end else trace.final, moment)
        if moment == step:
            teller.begin(row)
        for waiting in [at for at in teller.waiting if at == moment or at >= end == moment]:
            teller.compute_waiting(waiting)
    return row


def _seen_later(trace: Trace, step: int) -> Iterator[int]:
    """Yield the later moments at which something was seen that this step's line changed.

    They are looked for up to the frame's next line: a call in the line may run for long before that.
    """
    steps, here = trace.steps, trace.steps[step]
    if here.event not in _MAKING:
        return
    frame = trace.frames[here.frame]
    last = len(steps) - 1 if frame.end < 0 else min(frame.end + 1, len(steps) - 1)
    for index in range(step + 1, last + 1):
        seen = steps[index]
        if any(delta.cause == step for delta in seen.delta):
            yield index
        if seen.frame == here.frame and seen.event in _MAKING:
            return
    if last == len(steps) - 1 and any(delta.cause == step for delta in trace.final):
        yield len(steps)


_MAKING = (EventKind.LINE, EventKind.START)
"""The events whose steps are the cause of changes."""


def ending(trace: Trace, heap: Heap | None = None) -> str:
    """Return how the run ended, as a phrase: ``returned 6``.

    `heap` has the objects as they were at the end, where the caller knows them: to find them takes long.
    """
    outcome = trace.outcome
    if outcome.kind == "returned":
        if outcome.value is None:
            return "ended"
        if heap is None:  # an atom needs none
            heap = trace.snapshot(len(trace.steps)).heap if isinstance(outcome.value, Ref) else {}
        value = show(outcome.value, heap)
        return f"showed {value}" if trace.call == "cell" else f"returned {value}"
    exception = visible(f"{outcome.exception}: {outcome.message}".strip(": "))
    if outcome.kind == "raised":
        return f"raised {exception}"
    if outcome.kind == "stopped" and exception.startswith("stopped"):
        return f"was {exception}"
    verbs = {
        "stopped": "was stopped",
        "interrupted": "was interrupted",
        "exited": "exited",
        "killed": "was killed",
        "recording": "had not ended",
    }
    return f"{verbs[outcome.kind]}{': ' if exception else ''}{exception}"


def warnings(trace: Trace) -> list[str]:
    """Return a sentence for each thing that the trace does not have: what a limit cut, code left alone."""
    told = [f"Recording ended early: {trace.truncated}."] if trace.truncated else []
    for note in trace.notes:
        advice = f" {note.advice}" if note.advice else ""
        told.append(f"Not traced in full: {note.subject}: {note.reason}.{advice}")
    if any(out.cut for out in trace.outputs):
        told.append(f"Output beyond {trace.limits.output:,} characters was not kept.")
    return [visible(sentence).replace("..", ".") for sentence in told]


def never_ran(trace: Trace, modules: Iterable[str]) -> list[str]:
    """Return a sentence for each module that was to be traced too, and of which nothing ran."""
    ran = [frame.name for frame in trace.frames if frame.kind == "globals"]
    return [
        f"nothing of {module} ran, which --include names: check the name, and that the program uses it"
        for module in modules
        if not any(name == module or name.startswith(f"{module}.") for name in ran)
    ]


_Waiting = tuple[Row, int, Entry, dict[int, HeapObject]]
"""A ledger entry whose value is still to be told: the row, its place there, and what had changed until then."""


class _Teller:
    def __init__(self, trace: Trace, wanted: Collection[int], budget: Budget, part: Budget) -> None:
        self.trace = trace
        self.budget = budget
        self.part = part
        self.state = State()
        self.told = Told((index, Row(trace.steps[index])) for index in wanted)
        self.waiting: defaultdict[int, list[_Waiting]] = defaultdict(list)

    def rows(self) -> Told:
        told, waiting = self.told, self.waiting
        for entry in self.trace.entries:
            if entry.step in told:
                told[entry.step].entries.append(entry)
        # Most steps of a long run are not told: they cost no more than the folding of what changed.
        for index, step in enumerate(self.trace.steps):
            if step.delta:
                self.take(step.delta, index)
            if index in told:
                self.begin(told[index])
            if index in waiting:
                self.compute_waiting(index)
        self.take(self.trace.final, len(self.trace.steps))
        for index in sorted(waiting):
            self.compute_waiting(index)
        told.heap = self.state.heap
        return told

    def take(self, deltas: Iterable[Delta], seen: int) -> None:
        self.state.fold(deltas)
        self.tell_seen(deltas, seen)

    def tell_seen(self, deltas: Iterable[Delta], seen: int) -> None:
        """Tell those of the deltas, just folded in, that belong to a row that is told."""
        told = self.told
        for delta in deltas:
            if (delta.cause in told or seen in told) and (place := self.place(delta, seen)) in told:
                change = self.change(delta, seen, told[place].step)
                changes = told[place].changes
                if change is not None and change not in changes:
                    changes.append(change)

    def begin(self, row: Row) -> None:
        """Tell what can be told of a row when its step is reached."""
        self.begin_computed(row)
        if row.step.value is not None:
            row.value = show(row.step.value, self.state.heap, self.budget)

    def place(self, delta: Delta, seen: int) -> int:
        """Return the step whose row tells `delta`."""
        if delta.cause < 0:
            return seen
        is_parameter = (
            isinstance(delta, Bind)
            and seen < len(self.trace.steps)
            and self.trace.steps[seen].event is EventKind.START
            and self.trace.steps[seen].frame == delta.frame
        )
        return seen if is_parameter else delta.cause

    def change(self, delta: Delta, seen: int, row: Step) -> Change | None:
        if isinstance(delta, Appear):
            return None  # what refers to it is told
        if isinstance(delta, (Bind, Unbind)):
            return None if self.is_furniture(delta) else self.variable(delta, seen, row)
        if isinstance(delta, Become):
            return Change(self.way(delta.object.id, row), self.shown(Ref(delta.object.id)), seen)
        way = self.way(delta.id, row)
        if isinstance(delta, Splice):
            return self.splice(delta, way, seen)
        target, value = self.part_of(delta, way)
        return Change(target, "" if value is None else self.shown(value), seen)

    def variable(self, delta: Bind | Unbind, seen: int, row: Step) -> Change:
        remarks = []
        owner, teller = self.trace.frames[delta.frame], self.trace.frames[row.frame]
        if owner.kind == "globals" and teller.kind not in ("module", "block", "globals"):
            remarks.append("global")
        elif delta.frame != row.frame and owner.kind != "globals":
            remarks.append(f"in {owner.name}")
        if delta.cause < 0 and delta.frame != row.frame:
            remarks.append("before")
        if isinstance(delta, Unbind):
            return Change(delta.name, "", seen, ", ".join(remarks))
        remarks += self.aliases(delta)
        return Change(delta.name, self.shown(delta.value), seen, ", ".join(remarks))

    def is_furniture(self, delta: Bind | Unbind) -> bool:
        """Tell whether all there is to say is that a function, class or module was there before."""
        if not isinstance(delta, Bind) or delta.cause >= 0 or not isinstance(delta.value, Ref):
            return False
        return self.state.heap[delta.value.id].kind in ("function", "class", "module")

    def aliases(self, delta: Bind) -> Iterator[str]:
        """Yield a remark if another variable of the frame holds the same object, one that can change."""
        if not isinstance(delta.value, Ref) or self.state.heap[delta.value.id].kind not in _CHANGEABLE:
            return
        variables = self.state.frames[delta.frame]
        names = [name for name, value in variables.items() if value == delta.value and name != delta.name]
        if names:
            yield f"the same object as {names[0]}"

    def splice(self, delta: Splice, way: str, seen: int) -> Change:
        """Tell a list that grew or shrank by its content, and where that is too long to see the change, how."""
        value = self.shown(Ref(delta.id))
        if "…" not in value:
            return Change(way, value, seen)
        added = ", ".join(show(v, self.state.heap, self.part) for v in delta.inserted[:3])
        more = f", … {len(delta.inserted) - 3} more" if len(delta.inserted) > 3 else ""
        parts = [f"removed {delta.removed} at {delta.index}"] if delta.removed else []
        parts += [f"added {added}{more} at {delta.index}"] if delta.inserted else []
        return Change(way, value, seen, ", ".join(parts))

    def part_of(
        self, delta: SetElement | SetEntry | DeleteEntry | SetAttribute | DeleteAttribute, way: str
    ) -> tuple[str, Value | None]:
        if isinstance(delta, SetElement):
            return f"{way}[{delta.index}]", delta.value
        if isinstance(delta, (SetEntry, DeleteEntry)):
            key = show(delta.key, self.state.heap, NARROW)
            return f"{way}[{key}]", delta.value if isinstance(delta, SetEntry) else None
        return f"{way}.{delta.name}", delta.value if isinstance(delta, SetAttribute) else None

    def shown(self, value: Value) -> str:
        return show(value, self.state.heap, self.budget)

    def way(self, number: int, row: Step) -> str:
        """Return the shortest way to an object from the variables of a frame, its callers or its globals.

        Of several as short, the one from a variable that the line speaks of.
        """
        words = frozenset(_WORD.findall(self.trace.line_text(row.index)))
        for place in _scopes(self.trace, row.frame):
            variables = self.state.frames.get(place, {})
            named = {name: variables[name] for name in variables if name in words}
            found = way_to(number, {**named, **variables}, self.state.heap)
            if found:
                return found
        return f"o{number}"

    def begin_computed(self, row: Row) -> None:
        """Tell the row's ledger entries; one whose value was there only later waits for that."""
        changed: dict[int, HeapObject] = {}
        for place, entry in enumerate(row.entries):
            changed.update({seen.id: seen for seen in entry.objects})
            row.computed.append(Computed(source_of(self.trace, entry), ""))
            if entry.at - 1 > row.step.index:
                self.waiting[entry.at - 1].append((row, place, entry, dict(changed)))
            else:
                self.compute(row, place, entry, changed)

    def compute_waiting(self, step: int) -> None:
        for row, place, entry, changed in self.waiting.pop(step, ()):
            self.compute(row, place, entry, changed)

    def compute(self, row: Row, place: int, entry: Entry, changed: dict[int, HeapObject]) -> None:
        heap: Heap = self.state.heap
        if changed:
            heap = ChainMap(changed, heap)  # type: ignore[arg-type]  # only the first map of a chain is written to
        value = show(entry.value, heap, self.part)
        row.computed[place] = replace(row.computed[place], value=value)


_WORD = re.compile(r"\w+")
_CHANGEABLE = {"list", "dict", "set", "deque", "instance", "array"}
_NODES = 500
"""How many objects are looked at in search of a way: enough for what a person would name."""


def way_to(number: int, variables: dict[str, Value], heap: Heap) -> str:
    """Return how these variables lead to an object: ``xs``, ``grid[0]``, ``self.items``; "" if they don't."""
    waiting = [(name, value.id) for name, value in variables.items() if isinstance(value, Ref)]
    looked_at: set[int] = set()
    for way, here in waiting:  # grows while it is walked: breadth first
        if here == number:
            return way
        if here in looked_at or here not in heap or len(looked_at) > _NODES:
            continue
        looked_at.add(here)
        waiting += [(way + step, there) for step, there in _steps_from(heap[here])]
    return ""


def _steps_from(seen: HeapObject) -> Iterator[tuple[str, int]]:
    """Yield how one gets from an object to those that it names."""
    if seen.kind in ("list", "tuple", "deque"):
        for place, value in enumerate(seen.elements):
            if isinstance(value, Ref):
                yield f"[{place if seen.positions is None else seen.positions[place]}]", value.id
    for key, value in seen.entries:
        if isinstance(value, Ref) and not isinstance(key, Ref):
            yield f"[{key.text}]", value.id
    if seen.kind in ("instance", "class"):
        for name, value in seen.attributes:
            if isinstance(value, Ref):
                yield f".{name}", value.id


def _scopes(trace: Trace, frame: int) -> list[int]:
    """Return the frames in which to look for a name: the frame, its callers, and then their globals."""
    callers: list[int] = []
    while frame >= 0 and frame not in callers:
        callers.append(frame)
        frame = trace.frames[frame].parent
    return callers + [trace.frames[frame].globals for frame in callers]


def source_of(trace: Trace, entry: Entry) -> str:
    """Return the source text of a ledger entry on one line."""
    return " ".join(visible(trace.text_of(entry), keep="\n").split())


_IDLE_KINDS = {"Name", "Constant", "Lambda", "JoinedStr", "Starred", "FormattedValue"}
_IDLE_VALUES = ("<", "range(", "None")


def worth_telling(trace: Trace, row: Row, told: Collection[str] = ()) -> list[Computed]:
    """Return the sub-expressions of a row that tell something more: tests, calls, arithmetic.

    Not the outermost ones whose value its changes tell already, or `told`.
    """
    told = {*told, *(change.value for change in row.changes)}
    chosen: list[Computed] = []
    for entry, computed in zip(row.entries, row.computed, strict=True):
        span = trace.span(entry)
        idle = span.kind in _IDLE_KINDS or computed.value.startswith((*_IDLE_VALUES, computed.source))
        repeats = span.parent < 0 and computed.value in told
        if not idle and not repeats and computed not in chosen:
            chosen.append(computed)
    return chosen
