"""The oracle's own ear: what happens in a program, by the table in `cotrace.model.trace` and by nothing else.

On Python 3.12 and later it is a `sys.monitoring` tool of its own, with a higher number than the engine's, so that it
hears each event first and sees the state as the program left it. On 3.11, where there is one trace function for all,
it stands in front of the engine's: `SettraceEar.in_front_of` is given that function and hands every event on.
"""

import dis
import functools
import gc
import inspect
import sys
import types
import weakref

from cotrace.model.trace import EventKind

TOOL = 4  # the interpreter tells the tool with the highest number first; the engine takes 3
SUSPENDABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
GENERATORS = {
    types.GeneratorType: types.GeneratorType.gi_frame.__get__,
    types.CoroutineType: types.CoroutineType.cr_frame.__get__,
    types.AsyncGeneratorType: types.AsyncGeneratorType.ag_frame.__get__,
}
NOTHING = object()
"""Stands for the value of an event that has none."""


class Activation:
    """One frame of the program under watch; never holds the frame itself, whose lifetime is the program's business."""

    def __init__(self, number, frame):
        self.number = number
        self.code = frame.f_code
        self.namespace = None if frame.f_code.co_flags & inspect.CO_OPTIMIZED else frame.f_locals
        self.line = frame.f_code.co_firstlineno
        self.has_line = self.jumped = False
        self.offset = -1
        self.raised_at = None
        self.last_step = -1
        self._address = id(frame)
        self._generator = (
            generator_with(frame.f_code, id(frame)) if frame.f_code.co_flags & SUSPENDABLE else None
        )

    @property
    def suspended_frame(self):
        """The frame of a generator that is not running; None once it has ended or was closed."""
        generator = self._generator() if self._generator is not None else None
        if generator is None and self.code.co_flags & inspect.CO_ASYNC_GENERATOR:
            # A dropped asynchronous generator lives on, for its event loop to close, but its weak references do not.
            self._generator = generator_with(self.code, self._address)
            generator = self._generator() if self._generator is not None else None
        return None if generator is None else GENERATORS[type(generator)](generator)


def generator_with(code, address):
    """Return a weak reference to the generator or coroutine that has the frame at `address`; None if there is none."""
    for generation in range(3):
        for candidate in gc.get_objects(generation):
            if any(type(candidate) is kind for kind in GENERATORS):  # a class may have no hash
                frame = GENERATORS[type(candidate)](candidate)
                if id(frame) == address and frame.f_code is code:
                    return weakref.ref(candidate)
    return None


class Scope:
    """Which code is watched: that of some files, and text that such code executes."""

    def __init__(self, files):
        self.files = set(files)
        self._inside = {}

    def __contains__(self, frame):
        code = frame.f_code
        if code.co_filename in self.files or self._inside.get(id(code)) is code:
            return True
        caller = frame.f_back
        executed = code.co_filename.startswith("<") and code.co_name == "<module>"
        if not (executed and caller is not None and caller in self):
            return False
        self._take_in(code)
        return True

    def _take_in(self, code):
        self._inside[id(code)] = code
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self._take_in(constant)


class Ear:
    """Turns interpreter events into the table's, and tells `listener(kind, activation, frame, value)` of each."""

    def __init__(self, scope, listener):
        self.scope = scope
        self.listener = listener
        self.activations = {}  # id of the frame -> Activation, while the frame lives
        self._count = 0

    def started(self, frame):
        activation = self.activations[id(frame)] = Activation(self._count, frame)
        self._count += 1
        self.tell(EventKind.START, activation, frame)

    def resumed(self, frame):
        activation = self.activations.get(id(frame))
        if activation is None or activation.code is not frame.f_code:
            self.started(frame)
        else:
            self.tell(EventKind.RESUME, activation, frame)

    def line(self, frame, number, *, again=False):
        activation = self.activations.get(id(frame))
        if activation is None:
            return
        if activation.has_line and activation.line == number and not (again or activation.jumped):
            return
        activation.line, activation.has_line, activation.jumped = number, True, False
        self.tell(EventKind.LINE, activation, frame)

    def passing(self, frame, kind, value):
        activation = self.activations.get(id(frame))
        if activation is not None:
            self.tell(kind, activation, frame, value)
            if kind in (EventKind.RETURN, EventKind.UNWIND):
                del self.activations[id(frame)]

    def mute(self):
        """Hear no more."""

    def tell(self, kind, activation, frame, value=NOTHING):
        self.listener(kind, activation, frame, value)


class MonitoringEar(Ear):
    """Hears through a tool of its own."""

    def open(self):
        monitoring, events = sys.monitoring, sys.monitoring.events
        monitoring.use_tool_id(TOOL, "oracle")
        self._lines = {}
        self._codes = {}  # by id: equal code objects, of a text that is executed twice, are two
        self._callbacks = {
            events.PY_START: lambda code, offset: self._enter(self.started),
            events.PY_RESUME: lambda code, offset: self._enter(self.resumed),
            events.PY_THROW: lambda code, offset, error: self._enter(self.resumed),
            events.LINE: lambda code, line: self.line(sys._getframe(1), line),
            events.JUMP: self._jump,
            events.PY_RETURN: lambda code, offset, value: self.passing(
                sys._getframe(1), EventKind.RETURN, value
            ),
            events.PY_YIELD: lambda code, offset, value: self.passing(
                sys._getframe(1), EventKind.YIELD, value
            ),
            events.RAISE: lambda code, offset, error: self.passing(sys._getframe(1), EventKind.RAISE, error),
            events.STOP_ITERATION: lambda code, offset, error: self.passing(
                sys._getframe(1), EventKind.RAISE, error
            ),
            events.PY_UNWIND: lambda code, offset, error: self.passing(
                sys._getframe(1), EventKind.UNWIND, error
            ),
        }
        for event, callback in self._callbacks.items():
            monitoring.register_callback(TOOL, event, callback)
        monitoring.set_events(
            TOOL, events.PY_START | events.PY_RESUME | events.PY_THROW | events.RAISE | events.PY_UNWIND
        )

    def mute(self):
        sys.monitoring.set_events(TOOL, 0)
        for code in self._codes.values():
            sys.monitoring.set_local_events(TOOL, code, 0)

    def close(self):
        self.mute()
        for event in self._callbacks:
            sys.monitoring.register_callback(TOOL, event, None)
        sys.monitoring.free_tool_id(TOOL)

    def _enter(self, action):
        frame = sys._getframe(2)
        if frame not in self.scope:
            return
        if id(frame.f_code) not in self._codes:
            self._codes[id(frame.f_code)] = frame.f_code
            events = sys.monitoring.events
            wanted = events.LINE | events.PY_START | events.PY_RETURN | events.PY_YIELD | events.PY_RESUME
            sys.monitoring.set_local_events(TOOL, frame.f_code, wanted | events.JUMP | events.STOP_ITERATION)
        action(frame)

    def _jump(self, code, source, destination):
        frame = sys._getframe(1)
        activation = self.activations.get(id(frame))
        if activation is None or destination > source:
            return
        activation.jumped = True
        lines = self._lines.setdefault(code, list(code.co_lines()))
        here = [line for first, last, line in lines if first <= destination < last]
        there = [line for first, last, line in lines if first <= source < last]
        if here == there == [activation.line]:
            self.line(frame, activation.line, again=True)


@functools.cache
def jumped_to(code):
    """Return the offsets that backward jumps lead to: within one line, maybe behind its beginning."""
    return {
        step.argval
        for step in dis.get_instructions(code)
        if "JUMP_BACKWARD" in step.opname and "NO_INTERRUPT" not in step.opname
    }


class SettraceEar(Ear):
    """Hears what the engine's trace function hears, just before it does."""

    def in_front_of(self, outer, inner):
        """Return what is to stand for the engine's trace function and for its local one."""

        def first(frame, event, argument):
            if event == "call" and frame in self.scope:
                self._called(frame)
            return outer(frame, event, argument)

        def then(frame, event, argument):
            self._hear(frame, event, argument)
            return inner(frame, event, argument)

        return first, then

    def _called(self, frame):
        known = self.activations.get(id(frame))
        (self.resumed if known is not None and known.code is frame.f_code else self.started)(frame)

    def _hear(self, frame, event, argument):
        activation = self.activations.get(id(frame))
        if event == "call":
            self._called(frame)
        elif activation is None:
            return
        elif event == "line":
            jumped = frame.f_lasti <= activation.offset or frame.f_lasti in jumped_to(frame.f_code)
            activation.offset = frame.f_lasti
            self.line(frame, frame.f_lineno, again=jumped)
        elif event == "exception":
            activation.raised_at = frame.f_lasti
            self.passing(frame, EventKind.RAISE, argument[1])
        else:
            self._left(frame, activation, argument)

    def _left(self, frame, activation, argument):
        operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
        if operation == "RETURN_VALUE":
            self.passing(frame, EventKind.RETURN, argument)
        elif operation == "YIELD_VALUE" and activation.raised_at != frame.f_lasti:
            self.passing(frame, EventKind.YIELD, argument)
        else:
            self.passing(frame, EventKind.UNWIND, NOTHING)
        activation.raised_at = None
