"""What every variable and object was at every step, found by folding the deltas once.

`Trace.snapshot` copies a whole state; a narration asks for a few values at very many steps. So each variable and
each object keeps the list of its versions, and a `View` answers for one moment by bisection. A view may carry
objects that the expression ledger saw in the middle of a line, which differ from those at the step's beginning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from cotrace.model.heap import changed
from cotrace.model.state import Appear, Become, Bind, HeapObject, Unbind, Value
from cotrace.model.trace import Trace


class History:
    """All versions of all variables and objects of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._variables: dict[tuple[int, str], tuple[list[int], list[Value | None]]] = {}
        self._objects: dict[int, tuple[list[int], list[HeapObject]]] = {}
        for step, delta in trace.deltas():
            if isinstance(delta, Bind):
                self._keep_variable(delta.frame, delta.name, step, delta.value)
            elif isinstance(delta, Unbind):
                self._keep_variable(delta.frame, delta.name, step, None)
            elif isinstance(delta, Appear | Become):
                self._keep_object(step, delta.object)
            else:
                self._keep_object(step, changed(self._objects[delta.id][1][-1], delta))

    def _keep_variable(self, frame: int, name: str, step: int, value: Value | None) -> None:
        steps, values = self._variables.setdefault((frame, name), ([], []))
        steps.append(step)
        values.append(value)

    def _keep_object(self, step: int, seen: HeapObject) -> None:
        steps, versions = self._objects.setdefault(seen.id, ([], []))
        if steps and steps[-1] == step:
            versions[-1] = seen
        else:
            steps.append(step)
            versions.append(seen)

    def variable(self, frame: int, name: str, step: int) -> Value | None:
        """Return the value of a variable just before `step` ran, or None if it had none."""
        found = self._variables.get((frame, name))
        if found is None:
            return None
        place = bisect_right(found[0], step) - 1
        return found[1][place] if place >= 0 else None

    def object(self, number: int, step: int) -> HeapObject | None:
        """Return an object as it was just before `step` ran; its first version if it appeared later."""
        found = self._objects.get(number)
        if found is None:
            return None
        return found[1][max(0, bisect_right(found[0], step) - 1)]

    def has(self, frame: int, name: str) -> bool:
        """Tell whether a frame ever had a variable of that name."""
        return (frame, name) in self._variables

    def names_of(self, frame: int) -> list[str]:
        """Return the names that a frame ever had, in order of appearance."""
        return [name for owner, name in self._variables if owner == frame]

    def view(self, step: int, seen: Mapping[int, HeapObject] | None = None) -> View:
        """Return all objects as they were just before `step` ran, or as `seen` has them."""
        return View(self, step, seen or {})


class View(Mapping[int, HeapObject]):
    """The objects at one moment."""

    def __init__(self, history: History, step: int, seen: Mapping[int, HeapObject]) -> None:
        self._history = history
        self.step = step
        self._seen = seen

    def __getitem__(self, number: int) -> HeapObject:
        found = self._seen.get(number) or self._history.object(number, self.step)
        if found is None:
            raise KeyError(number)
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._history._objects)  # noqa: SLF001 - a view is a part of its history

    def __len__(self) -> int:
        return len(self._history._objects)  # noqa: SLF001
