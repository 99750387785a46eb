"""The oracle's memory: the whole state at every step of a program, taken by brute force.

`Observer` listens to an `Ear` and at each step walks everything that the frames in view reach. What it saw is kept
as differences of plain dicts, so that long runs fit into memory; `Observations` gives each step back whole.

With `holds`, it keeps every object it ever saw alive (but for those whose end the program could notice), so that two
objects can never be mistaken for one another because they had the same address at different times.
"""

import dis
import functools
import inspect
import itertools
import sys
import threading
import time
from dataclasses import dataclass, field

from cotrace.model.state import NO_CAUSE
from cotrace.model.trace import EventKind
from oracle.events import NOTHING
from oracle.reading import Key, closed, described, is_atom, is_fleeting, is_private_name, kind_of, read

FIRST_OF_FRAME = (EventKind.START, EventKind.RESUME)
LOCALS_READERS = frozenset({"locals", "vars", "dir", "eval", "exec"})


@dataclass
class Look:
    """What the oracle saw at one step."""

    event: EventKind
    frame: int
    line: int
    depth: int
    stack: tuple
    cause: int
    value: object
    thread: int
    frames: dict = field(default_factory=dict)
    """Frame number -> variables; `("globals", n)` for module namespaces."""
    heap: dict = field(default_factory=dict)
    """Key -> Seen."""
    held: frozenset = frozenset()
    """Keys that surely mean the same object at the next step."""


class Observer:
    """Looks at the program at each step; `looks` gives what it saw."""

    def __init__(self, limits, *, holds=True, most=100_000, patience=600.0, is_over=lambda: False):
        """Look at the first `most` steps and for `patience` seconds, or until the recording `is_over`."""
        self.limits = limits
        self.is_over = is_over
        self.holds = holds
        self.most = most
        self._deadline = time.monotonic() + patience
        self.ear = None
        self.namespaces = {}
        self._kept = {}
        self._keys = {}
        self._loose = {}
        self._count = 0
        self._own = threading.local()  # the system gives a new thread the identity of one that has ended
        self._threads = 0
        self.recorded = []
        self._last = ({}, {})

    # --- listening -------------------------------------------------------------------------------------------------

    def __call__(self, kind, activation, frame, value=NOTHING):
        if len(self.recorded) >= self.most or self.is_over() or time.monotonic() > self._deadline:
            self.most = min(self.most, len(self.recorded))
            self.ear.mute()
            return
        if kind is EventKind.START:
            self._namespace(frame).use(frame.f_code)
        running = self._chain(frame)
        stack = tuple(activation.number for activation, _ in reversed(running))
        below = running[1][0] if len(running) > 1 else None
        ran = below if kind in FIRST_OF_FRAME else activation
        cause = NO_CAUSE if ran is None else ran.last_step
        line = activation.code.co_firstlineno if kind is EventKind.START else activation.line
        if not hasattr(self._own, "number"):
            self._own.number, self._threads = self._threads, self._threads + 1
        thread = self._own.number
        look = Look(kind, activation.number, line, len(stack) - 1, stack, cause, NOTHING, thread)
        self._see(look, value)
        if kind in (EventKind.START, EventKind.LINE):
            activation.last_step = len(self.recorded)
        self._keep_difference(look)

    def finish(self):
        """Take the last look, when the recording has ended."""
        if len(self.recorded) >= self.most:
            return
        look = Look(None, -1, 0, 0, (), NO_CAUSE, NOTHING, 0)
        self._see(look, NOTHING)
        self._keep_difference(look)

    def _namespace(self, frame):
        known = self.namespaces.get(id(frame.f_globals))
        if known is None:
            known = self.namespaces[id(frame.f_globals)] = Names(len(self.namespaces), frame.f_globals)
        return known

    def _chain(self, frame):
        """Return the watched frames from `frame` outwards, as (activation, frame)."""
        found = []
        while frame is not None:
            activation = self.ear.activations.get(id(frame))
            if activation is not None and activation.code is frame.f_code:
                found.append((activation, frame))
            frame = frame.f_back
        return found

    def _frames_in_view(self):
        """Return every live frame under watch: on the stacks of all threads, and suspended in a generator."""
        tops = sys._current_frames()
        tops[threading.get_ident()] = sys._getframe(1)  # our own frame must not be held by itself
        found = {pair[0].number: pair for top in tops.values() for pair in self._chain(top)}
        for key, activation in list(self.ear.activations.items()):
            if activation.number not in found:
                frame = activation.suspended_frame
                if frame is None:
                    del self.ear.activations[key]
                else:
                    found[activation.number] = activation, frame
        return [found[number] for number in sorted(found)]

    # --- looking ---------------------------------------------------------------------------------------------------

    def _see(self, look, value):
        walk = Walk(self)
        for names in self.namespaces.values():
            present = names.present()
            look.frames["globals", names.number] = {name: walk.name(held) for name, held in present.items()}
        for activation, frame in self._frames_in_view():
            present = variables_of(activation, frame)
            look.frames[activation.number] = {name: walk.name(held) for name, held in present.items()}
        if value is not NOTHING:
            look.value = walk.name(value)
        walk.finish(self.limits.depth)
        look.heap = walk.heap
        look.held = frozenset(self._hold(walk)) if self.holds else frozenset()

    def key_of(self, value):
        """Return the Key of an object; the same one as long as the object is known to live."""
        known = self._keys.get(id(value))
        if known is None:
            self._count += 1
            known = self._keys[id(value)] = Key(self._count)
        return known

    def _hold(self, walk):
        """Keep what may be kept alive, and return its keys; forget the names of the rest."""
        unsafe = {key for key, value in walk.objects.items() if is_fleeting(value, kind_of(value))}
        grown = True
        while grown:
            grown = False
            for key, parts in walk.parts.items():
                if key not in unsafe and not unsafe.isdisjoint(parts):
                    unsafe.add(key)
                    grown = True
        for key, value in walk.objects.items():
            if key in unsafe:
                self._kept.pop(id(value), None)
            else:
                self._kept[id(value)] = value
                yield key
        loose = {id(walk.objects[key]): key for key in unsafe}
        for address in self._loose:
            if address not in loose and address not in self._kept:
                self._keys.pop(address, None)
        self._loose = loose

    # --- keeping ---------------------------------------------------------------------------------------------------

    def _keep_difference(self, look):
        frames, heap = self._last
        for key, seen in look.heap.items():
            if key in heap and is_same(heap[key], seen):
                look.heap[key] = heap[key]
        self._last = look.frames, look.heap
        look.frames = difference(
            frames, look.frames, lambda a, b: list(a) == list(b) and all(map(_is, a.values(), b.values()))
        )
        look.heap = difference(heap, look.heap, _is)
        self.recorded.append(look)

    def looks(self):
        """Yield each look whole, in order. One is valid until the next is asked for."""
        frames, heap = {}, {}
        for look in self.recorded:
            put(frames, look.frames)
            put(heap, look.heap)
            yield Look(
                look.event, look.frame, look.line, look.depth, look.stack, look.cause, look.value, look.thread,
                frames, heap, look.held,
            )  # fmt: skip


class Walk:
    """One walk over everything in view, breadth first."""

    def __init__(self, observer):
        self.observer = observer
        self.heap = {}
        self.objects = {}
        self.parts = {}
        self._next = {}
        self._parts_here = None

    def name(self, value):
        """Return what stands for `value`, and note an object that is still to be visited."""
        if is_atom(value):
            return value
        told = described(value)
        if told is not None:
            return told
        key = self.observer.key_of(value)
        if key not in self.objects:
            self.objects[key] = value
            self._next[key] = value
        if self._parts_here is not None:
            self._parts_here.add(key)
        return key

    def finish(self, depth):
        level = 0
        while self._next:
            visiting, self._next = self._next, {}
            for key, value in visiting.items():
                self._parts_here = self.parts[key] = set()
                self.heap[key] = read(value, self.name) if level < depth else closed(value)
            level += 1


class Names:
    """The names of one module that are to be shown."""

    def __init__(self, number, namespace):
        self.number = number
        self._namespace = namespace
        self._before = set(namespace)
        self._used = set()
        self._codes = {}

    def use(self, code):
        if self._codes.get(id(code)) is code:
            return
        self._codes[id(code)] = code
        for instruction in dis.get_instructions(code):
            if instruction.opname.split("_")[0] in ("LOAD", "STORE", "DELETE") and (
                instruction.opname.endswith(("_NAME", "_GLOBAL", "_GLOBALS"))
            ):
                self._used.add(instruction.argval)

    def present(self):
        return {
            name: value
            for name, value in dict.items(self._namespace)
            if not is_private_name(name) and (name in self._used or name not in self._before)
        }


def variables_of(activation, frame):
    """Return the variables that belong to a frame itself."""
    code, found = frame.f_code, frame.f_locals
    shadowed = {name for name, first, last in shadows(code) if first < frame.f_lasti <= last}
    if not code.co_flags & inspect.CO_OPTIMIZED:
        named = {} if activation.namespace is frame.f_globals else own(activation.namespace)
        if found is activation.namespace:
            return named
        hidden = {
            *code.co_varnames,
            *code.co_cellvars,
        } - shadowed  # an inlined comprehension's own, while it runs
        # Before Python 3.13 `found` is the namespace itself with the comprehension's variables put over it.
        below = {} if sys.version_info >= (3, 13) else frame.f_globals
        return named | {
            name: found[name]
            for name in hidden
            if name in found and below.get(name, hidden) is not found[name]
        }
    known = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    if shadowed:
        names = {*code.co_varnames, *code.co_cellvars, *code.co_freevars} - shadowed
        return own({name: found[name] for name in names if name in found})
    # An executed text may have put names of its own into the dictionary that older Pythons keep.
    present = own({name: found[name] for name in found if name in known})
    if type(found) is dict and sys.version_info >= (3, 12) and LOCALS_READERS.isdisjoint(code.co_names):
        found.clear()  # it is the frame's own, and would keep the values alive
    return present


@functools.cache
def shadows(code):
    """Return from where to where an inlined comprehension's own lies in the place of a cell: 3.13.0 would crash."""
    shared = {*code.co_cellvars, *code.co_freevars} if (3, 13) <= sys.version_info < (3, 13, 3) else ()
    if not shared:
        return []
    bytecode, found = dis.Bytecode(code), []
    instructions, entries = list(bytecode), bytecode.exception_entries
    targets = {entry.target for entry in entries}
    for taken, after in itertools.pairwise(instructions):
        if taken.opname == "LOAD_FAST_AND_CLEAR" and taken.argval in shared and after.opname != "MAKE_CELL":
            handler = min((e.start, e.target) for e in entries if e.start > taken.offset)[1]
            handlers = min(i.offset for i in instructions if i.opname == "SWAP" and i.offset in targets)
            ending = max(e.end for e in entries if e.target == handler and e.start < handlers)
            for begin, end in ((taken.offset, ending), (handler - 1, handler)):
                back = next(i for i in instructions if i.offset >= end and is_put_back(i, taken.argval))
                found.append((taken.argval, begin, back.offset))
    return found


def is_put_back(instruction, name):
    names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
    return instruction.opname.startswith("STORE_FAST") and name in names


def own(found):
    if dict not in type(found).__mro__ and type(found).__name__ != "FrameLocalsProxy":
        return {}
    pairs = dict.items(found) if isinstance(found, dict) else found.items()
    return {name: value for name, value in pairs if not is_private_name(name) and name[0] != "."}


def _is(a, b):
    return a is b


def is_same(a, b):
    """True if two looks at one object saw the very same parts."""
    return (
        (a.kind, a.type, a.length, a.text, a.is_cut) == (b.kind, b.type, b.length, b.text, b.is_cut)
        and all(len(x) == len(y) for x, y in zip(a[2:5], b[2:5], strict=True))
        and all(map(_is, a.elements, b.elements))
        and all(
            x is u and y is v
            for (x, y), (u, v) in zip(a.entries + a.attributes, b.entries + b.attributes, strict=True)
        )
    )


ABSENT = object()


def difference(old, new, same):
    """Return {key: its new value, or ABSENT}."""
    changed = {key: value for key, value in new.items() if key not in old or not same(old[key], value)}
    return changed | {key: ABSENT for key in old if key not in new}


def put(state, changed):
    for key, value in changed.items():
        if value is ABSENT:
            del state[key]
        else:
            state[key] = value
