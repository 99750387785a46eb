"""The variables of the frames in view, and of the module namespaces that they use.

Reading them must leave no mark. On Python 3.11 and 3.12 a function's `f_locals` is a dictionary that the frame keeps,
that reading brings up to date, and that `locals()` gives. So each time it is put back as it was: empty, since it would
keep values alive, or as the code that took it left it. Under a trace function neither can be: the interpreter brings
that dictionary up to date for every call of it, and writes it back into the frame afterwards. A program that keeps
what `locals()` gave and looks at it later sees values of later there. From 3.13 on `f_locals` is a view and reading it
is harmless (PEP 667).
"""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING

from cotrace.model.state import NO_CAUSE, Bind, Delta, Ref, Unbind, Value
from cotrace.tracing.codefacts import HAS_VIEWS
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import ATOM_IDS, has, is_shown, mro_of

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from cotrace.tracing.capture import Capture
    from cotrace.tracing.codefacts import CodeFacts

__builtins__ = BUILTINS

OURS_AND_THE_FRAMES = 3
"""`sys.getrefcount` of a frame's dictionary, where the program does not hold it."""

NOTEBOOK_NAMES = re.compile(r"(In|Out|exit|quit|open|get_ipython|_{1,3}|_i{1,3}|_i?[0-9]+|_[iod]h)\Z")
"""What IPython itself puts into a notebook's namespace."""

_ABSENT = object()


class FrameRecord:
    """One frame in view: what is known of it between events."""

    __slots__ = (
        "body",
        "code",
        "entry_at",
        "facts",
        "frame",
        "has_line",
        "held",
        "in_trace_function",
        "is_function",
        "is_handling",
        "jumped",
        "kept",
        "last_line",
        "last_step",
        "line_before",
        "namespace",
        "number",
        "roots",
        "source",
        "suspended",
        "thread",
        "values",
    )  # fmt: skip

    def __init__(
        self, frame: FrameType, code: CodeType, facts: CodeFacts, number: int, namespace: Namespace
    ) -> None:
        self.frame = frame
        self.code = code
        self.facts = facts
        self.number = number
        self.namespace = namespace
        self.kept: dict[str, object] | None = None
        """The frame's own dictionary of its variables, on Python 3.12, once it was read."""

        self.in_trace_function = False
        """Whether what is read is read while the interpreter calls a trace function for it."""

        self.source = -1
        self.thread = 0
        self.last_line = 0
        self.line_before = 0
        self.last_step = -1
        self.entry_at = -1
        self.jumped = False
        self.has_line = False
        self.is_handling = False
        self.suspended = False
        self.is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)
        self.body = None if self.is_function else _body(frame)
        self.held: dict[str, object] = {}
        self.values: dict[str, Value] = {}
        self.roots: list[Ref] = []

    def look(self, capture: Capture, cause: int, deltas: list[Delta]) -> None:
        """Bring the frame's variables into view, and add how they changed to `deltas`."""
        self.roots = bind(self, read_locals(self), capture, cause, deltas)

    def stay(self, capture: Capture, cause: int, deltas: list[Delta]) -> None:
        """Do the same for a frame that has not run since the last look: its own variables are what they were.

        Only variables that it shares with other frames, and the objects, may have changed.
        """
        if self.facts.has_cells or not self.is_function or not capture.keep(self.roots):
            self.look(capture, cause, deltas)


def _body(frame: FrameType) -> dict[str, object] | None:
    """Return the namespace that a class body, or text that is executed with one of its own, runs in.

    None where it is the module's, or a mapping of a metaclass's own, which can't be read without running its code.
    """
    found = frame.f_locals
    return found if found is not frame.f_globals and has(mro_of(type(found)), dict) else None


class Namespace:
    """The global names of one module, as far as code in view uses them."""

    def __init__(self, namespace: dict[str, object], number: int) -> None:
        self.dict = namespace
        self.number = number
        self.names: dict[str, None] = {}
        self.held: dict[str, object] = {}
        self.values: dict[str, Value] = {}
        self._is_notebook = "get_ipython" in namespace
        self._before = set(namespace)
        self._size = len(namespace)
        self._last = next(reversed(namespace), "")
        self._just_shown: set[str] = set()

    def use(self, facts: CodeFacts) -> None:
        """Show the names that a piece of code refers to."""
        for name in facts.global_names:
            if is_shown(name) and name not in self.names:
                self.names[name] = None
                self._just_shown.add(name)

    def look(self, capture: Capture, cause: int, deltas: list[Delta]) -> None:
        """Bring the namespace's variables into view, and add how they changed to `deltas`."""
        if len(self.dict) != self._size or next(reversed(self.dict), "") is not self._last:
            self._find_new_names()
        held = self.dict
        present = {name: held[name] for name in self.names if name in held}
        if self._just_shown:
            shown = {
                name: value for name, value in present.items() if name in self._just_shown & self._before
            }
            bind(self, shown, capture, NO_CAUSE, deltas, whole=False)
            self._just_shown = set()
        bind(self, present, capture, cause, deltas)

    def _find_new_names(self) -> None:
        self._size, self._last = len(self.dict), next(reversed(self.dict), "")
        for name in list(self.dict):
            if (
                name not in self._before
                and is_shown(name)
                and not (self._is_notebook and NOTEBOOK_NAMES.match(name))
            ):
                self.names[name] = None


def bind(
    owner: FrameRecord | Namespace,
    present: dict[str, object],
    capture: Capture,
    cause: int,
    deltas: list[Delta],
    *,
    whole: bool = True,
) -> list[Ref]:
    """Add the variables of `owner` that changed to `deltas`; all that are `present` come into view.

    Returns the objects that they hold.

    `whole`: what is not `present` is gone. Each change is added before it is noted, so that none is lost where the
    stack is full and this is broken off.
    """
    held, values, resyncing = owner.held, owner.values, capture.resyncing
    for name, value in present.items():
        if id(type(value)) in ATOM_IDS:
            if held.get(name, _ABSENT) is value and not resyncing:
                continue
        else:
            held.pop(name, None)
        now = capture.root(value, name)
        if values.get(name) != now or resyncing:
            deltas.append(Bind(owner.number, name, now, cause))
            values[name] = now
        if id(type(value)) in ATOM_IDS:
            held[name] = value
    if whole and len(values) != len(present):
        for name in [name for name in values if name not in present]:
            deltas.append(Unbind(owner.number, name, cause))
            del values[name]
            held.pop(name, None)
    return [value for value in values.values() if type(value) is Ref]


def read_locals(record: FrameRecord) -> dict[str, object]:
    """Return the frame's own variables, by name."""
    if record.facts.kind in ("class", "module", "block") and not record.is_function:
        found = {} if record.body is None else {n: v for n, v in dict.items(record.body) if is_shown(n)}
        return found | _hidden_locals(record)
    return {n: v for n, v in _function_locals(record).items() if n[0] != "." and is_shown(n)}


def _function_locals(record: FrameRecord) -> dict[str, object]:
    if HAS_VIEWS and record.facts.shadows:
        return _readable(record)
    if HAS_VIEWS:
        found = record.frame.f_locals.copy()
    else:
        found = dict(record.frame.f_locals) if record.in_trace_function else _read_and_put_back(record)
    code = record.code  # others may be there, too: those of a text that the function executes
    names = dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars)
    return {name: found[name] for name in names if name in found}


def _read_and_put_back(record: FrameRecord) -> dict[str, object]:
    before = None if record.kept is None else dict.copy(record.kept)
    kept = record.frame.f_locals
    if before is None and sys.getrefcount(kept) <= OURS_AND_THE_FRAMES:
        before = {}
    record.kept = kept
    present = dict.copy(kept)
    if (
        before is not None
    ):  # None: code that ran before us has it, and what was in it is not to be known any more
        kept.clear()
        kept.update(before)
    return present


def _readable(record: FrameRecord) -> dict[str, object]:
    """Return what can be read of a frame that has shadowed variables; see `cotrace.tracing.shadowed`."""
    code, found, hidden = record.code, record.frame.f_locals, _shadowed(record)
    names = dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars)
    return {name: found[name] for name in names if name not in hidden and name in found}


def _shadowed(record: FrameRecord) -> set[str]:
    at = record.frame.f_lasti
    return {shadow.name for shadow in record.facts.shadows if shadow.first < at <= shadow.last}


def _hidden_locals(record: FrameRecord) -> dict[str, object]:
    """Return the variables that an inlined comprehension has at the moment, in code that is no function's."""
    names = record.code.co_varnames + record.code.co_cellvars
    if not names:
        return {}
    found = record.frame.f_locals
    if found is record.body or found is record.frame.f_globals:
        return {}
    readable = [name for name in names if name not in _shadowed(record)] if record.facts.shadows else names
    hidden = {name: found[name] for name in readable if name in found and is_shown(name)}
    if HAS_VIEWS:
        return hidden
    # Before Python 3.13 what was read is a copy of the namespace with the comprehension's variables in it.
    own = record.frame.f_globals
    return {name: value for name, value in hidden.items() if own.get(name, _ABSENT) is not value}
