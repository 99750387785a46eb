"""The native engine: the compiled core finds what changed, this module is what the core asks where Python must answer.

`cotrace.tracing._core.Core` takes the events of `sys.monitoring` and writes a log; how it finds changes is told in
core/recorder.h. It calls `Host` for what is rare: a type or code object at its first time, objects that are neither
lists, tuples, dicts nor plain instances, values with telling names. Those answers are given by the very functions that
the reference engine uses, so both record the same.
"""

from __future__ import annotations

import builtins
import platform
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from cotrace.model.state import Appear, Atom, Become, Delta, HeapObject, Ref, Value
from cotrace.tracing._core import Core
from cotrace.tracing.capture import Capture, Node, _length, _raw
from cotrace.tracing.codefacts import facts_of
from cotrace.tracing.diff import changes
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.exceptions import is_ours
from cotrace.tracing.lazy import Decoding, LazyParts, decoder_for
from cotrace.tracing.monitoring import MONITORING, Postponements, Tool
from cotrace.tracing.plan import PURE_CALLS, plan_of
from cotrace.tracing.postponed import NOP, operation_at
from cotrace.tracing.previews import safe_repr
from cotrace.tracing.private import BUILTINS
from cotrace.tracing.readers import (
    ATOM_IDS,
    BUILTINS_READER,
    LENT_TYPES,
    Reader,
    is_shown,
    make_reader,
    runs_unseen,
)
from cotrace.tracing.recording import Recording, why_full
from cotrace.tracing.scope import OWN_FOLDER
from cotrace.tracing.texts import TELLS, Texts, flags_of, span_facts
from cotrace.tracing.variables import NOTEBOOK_NAMES, FrameRecord, Namespace, read_locals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

    from cotrace.model.limits import Limits
    from cotrace.model.source import Span
    from cotrace.tracing._core import Decoder
    from cotrace.tracing.scope import Scope
    from cotrace.tracing.secrets import Redactor

__builtins__ = BUILTINS

ATOM, DESCRIBED, LIST, TUPLE, DICT, INSTANCE, BY_PYTHON = range(7)
"""How the core reads the objects of a type: `enum reading` in recorder.h."""

READ_DIRECTLY = {id(list): LIST, id(tuple): TUPLE, id(dict): DICT}
TypeRow = tuple[int, str, str, bool, bool, bool, bool, bool, bool, bool, object]
"""How a type is read, its kind and name, six facts of its `Reader`, whether an operator of
its objects may run something unseen, and the reader."""

SIMPLE = {int, float, bool, type(None)}
"""Types whose values the log need not be asked for."""

NAME = "native on sys.monitoring"
BROKEN_OFF = "recording ended early: the program was interrupted while what it holds was looked at"


class NativeCapture(Capture):
    """Reads objects as the reference engine does, with the core knowing which objects are in view."""

    def __init__(self, limits: Limits, redactor: Redactor, core: Core) -> None:
        super().__init__(limits, redactor)
        self._core = core

    def _visit(self, value: object) -> Value:
        number = self._core.child(value)
        if number is not None:
            return Ref(number)
        return self.described(value)

    def described(self, value: object) -> Atom:
        """Return the atom for a value that the core takes for one."""
        if id(type(value)) in ATOM_IDS:
            return self.atom(value)
        text = safe_repr(value)
        assert text is not None
        return self._described(self._readers.reader_for(value).name, self._redactor.text(text))

    def _part(self, value: object, name: str = "") -> Value:
        return self.atom(value, name) if id(type(value)) in ATOM_IDS else self._visit(value)

    def _known_number(self, value: object) -> int | None:
        return self._core.number_of(value)

    def content(self, node: Node, value: object) -> HeapObject:
        """Return what an object holds now; objects that it names are told to the core."""
        return self._content(node, value)


class Host:
    """Answers the core."""

    pure_calls = PURE_CALLS
    lent_types = frozenset(LENT_TYPES)
    pattern_type = re.Pattern

    def __init__(self, engine: NativeEngine) -> None:
        self._engine = engine
        self.capture: NativeCapture
        self._big: dict[int, Node] = {}
        self._no_namespace = Namespace({}, -1)
        self.passed_over = engine.scope.passed_over

    # --- types and objects ------------------------------------------------------------------------------------------

    def describe(self, kind: type) -> TypeRow:
        """Tell how the objects of a class are read."""
        reader = make_reader(kind)
        return self._row(reader, self._reading(kind, reader), unseen=runs_unseen(kind))

    def describe_builtins(self) -> TypeRow:
        """Do the same for the one dict that is not looked into."""
        return self._row(BUILTINS_READER, BY_PYTHON, unseen=False)

    def _row(self, reader: Reader, reading: int, *, unseen: bool) -> TypeRow:
        watched = reader.weak and reader.kind in ("instance", "exception")
        flags = reader.fixed, reader.fleeting, reader.weak, reader.may_miss, watched, reader.lent, unseen
        return (reading, reader.kind, reader.name, *flags, reader)

    def _reading(self, kind: type, reader: Reader) -> int:
        if id(kind) in ATOM_IDS:
            return ATOM
        if reader.kind == "opaque":
            return DESCRIBED
        if reader.kind == "instance" and reader.instance_dict and not reader.slots and reader.text is None:
            return INSTANCE
        return READ_DIRECTLY.get(id(kind), BY_PYTHON)

    def described(self, value: object) -> Atom | None:
        """Return the atom for a value that is shown in place by a text; None where it is no such value."""
        if id(type(value)) in ATOM_IDS or safe_repr(value) is not None:
            return self.capture.described(value)
        return None

    def content(
        self,
        value: object,
        number: int,
        reader: Reader,
        seen: HeapObject | None,
        told: int,
        cause: int,
        stores: int,
    ) -> tuple[HeapObject, list[Any], list[Any], list[Delta], int, bool]:
        """Read an object: its content, its raw parts, the changes since it was `seen`, and how many parts they tell.

        Of one over the limit there are no raw parts, which is said last.
        """
        node = self._known_big(number, seen)
        if node is None:
            node = Node(number, reader)
            node.kind = type(value)
        node.seen = seen
        self.capture.stores = bool(stores)
        now = self.capture.content(node, value)
        if node.big is not None:
            self._big[number] = node
        else:
            self._big.pop(number, None)
        deltas: list[Delta]
        if seen is None:
            deltas = [Become(now, cause) if told else Appear(now, cause)]
        else:
            stretch = node.big.stretch if node.big is not None else None
            deltas = [] if now is seen else changes(seen, now, cause, stretch)
        if node.big is not None:
            node.big.settle()
        wholes = [delta.object for delta in deltas if isinstance(delta, (Appear, Become))]
        parts = sum(len(o.elements) + 2 * len(o.entries) + len(o.attributes) for o in wholes)
        first, second = node.raw or ([], [])
        return now, first, second, deltas, parts, node.raw is None

    def glance(self, value: object, number: int, reader: Reader, seen: HeapObject | None) -> HeapObject:
        """Return what an object holds now, between events: what the events told of it stays."""
        node = self._known_big(number, seen) or Node(number, reader)
        node.kind, node.seen = type(value), seen
        big, self.capture.stores = node.big, True
        now = self.capture.content(node, value)
        node.big = big
        if big is not None:
            big.unsettle()
        return seen if seen is not None and now == seen else now

    def _known_big(self, number: int, seen: HeapObject | None) -> Node | None:
        """Return what is known of a container that was over the limit, and is to be compared with that."""
        return self._big.get(number) if seen is not None and seen.cut == "length" else None

    def closed(self, value: object, number: int, reader: Reader) -> HeapObject:
        """Return what is told of an object that is too far away to be looked into."""
        return HeapObject(number, reader.kind, reader.name, length=_length(reader, value), cut="depth")

    def parts_of(self, seen: HeapObject) -> int:
        """Return how many parts of an object the ledger tells."""
        return len(seen.elements) + 2 * len(seen.entries)

    def dropped(self, number: int) -> None:
        """An object left the view of which more is known here."""
        self._big.pop(number, None)

    def raw(self, value: object, reader: Reader) -> tuple[list[Any], list[Any]]:
        """Return the raw parts of an object, to be compared by identity."""
        return _raw(reader, value) if reader.kind != "opaque" else ([], [])

    def length(self, value: object, reader: Reader) -> int:
        """Return how many parts an object has; -1 where that means nothing."""
        return _length(reader, value)

    # --- secrets ----------------------------------------------------------------------------------------------------

    def is_telling(self, name: str) -> bool:
        """Tell whether a thing of that name may be secret."""
        return self._engine.redactor.is_telling(name)

    def named_atom(self, value: object, name: str) -> Atom:
        """Return the atom for a value that a thing with a telling name holds."""
        self._engine.flush()  # what was recorded before is read with what was known before
        known = len(self._engine.redactor.known)
        atom = self.capture.atom(value, name)
        if len(self._engine.redactor.known) != known:
            self._engine.learned()
        return atom

    # --- frames -----------------------------------------------------------------------------------------------------

    def meet_code(self, code: CodeType, frame: FrameType) -> object:
        """Return the plan of code that begins to run; None where it is out of scope."""
        return self._engine.meet_code(code, frame)

    def body(self, frame: FrameType) -> object:
        """Return the namespace that a class body or module runs in."""
        return frame.f_locals

    def read_local(self, frame: FrameType, name: str) -> tuple[object, ...]:
        """Return the value of a variable whose name has two slots, in a tuple; an empty one where it is not bound."""
        code = frame.f_code
        found = read_locals(FrameRecord(frame, code, facts_of(code), 0, self._no_namespace))
        return (found[name],) if name in found else ()

    def is_users_name(self, name: str) -> bool:
        """Tell whether a new name in a notebook's namespace is the user's own."""
        return is_shown(name) and not NOTEBOOK_NAMES.match(name)

    def module_ended(self, namespace: dict[str, object]) -> None:
        """A module's code has run to its end."""
        self._engine.on_module_end(namespace)

    # --- the end ----------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Read what the log has got since the last time."""
        self._engine.flush()

    def end_full(self) -> None:
        """A record limit is reached."""
        self._engine.end_full()

    def stop_program(self) -> None:
        """Raise in the program, as was asked for."""
        self._engine.stop_program()

    def take_stop(self) -> None:
        """Somebody else stopped the program."""
        self._engine.take_stop()

    def failed(self, error: BaseException) -> None:
        """Raise `error` in the program if it is the program's; else the recording ends."""
        self._engine.failed(error)

    def postpone(self, frame: FrameType, error: BaseException, is_jump: int) -> bool:
        """Have an error raised a little later; False: now."""
        return bool(is_jump or operation_at(frame) == NOP) and self._engine.postpone(frame, error)


class NativeEngine:
    """Records by the compiled core; see `cotrace.tracing.engine.Engine` for what each method does for its caller."""

    def __init__(
        self, scope: Scope, limits: Limits, redactor: Redactor, *, call: str = "", stream: int | None = None
    ) -> None:
        """Prepare to record code in `scope`; `stream` is a file descriptor to write each step to."""
        self.name = NAME
        self.recording = Recording(limits, call, self.name, platform.python_version(), stream)
        self.final: Sequence[Delta] = []
        self.result: Value | None = None
        self.stop_reason = ""
        self.on_end: Callable[[], None] = lambda: None
        self.text_of: Callable[[CodeType, dict[str, object]], int | None] = lambda _code, _namespace: None
        self.on_module_end: Callable[[dict[str, object]], None] = lambda _namespace: None
        self.redactor = redactor
        self.scope = scope
        self._limits = limits
        self._objects: list[object] = []
        self._codes: list[tuple[str, int, int, tuple[str, ...]]] = []
        self._types: list[tuple[str, str]] = []
        self._host = Host(self)
        self._core = Core(
            self._host, self._objects, self._codes, self._types, builtins.__dict__, StopTracedCode,
            limits.elements, limits.edge, limits.string, limits.depth, limits.steps, limits.bytes, bool(scope.function),
        )  # fmt: skip
        self.core: object = self._core
        self._capture = self._host.capture = NativeCapture(limits, redactor, self._core)
        self._core.has_secrets = bool(redactor.known)
        self._core.is_live = stream is not None
        self._new_decoder = partial(
            decoder_for, self._objects, self._codes, self._types, self._capture.described, self._long_atom
        )
        self._decoder: Decoder | None = None
        self._read = 0
        self._knew_less = False
        self._tool: Tool | None = None
        self._texts = Texts(self.recording, redactor, self._masked)
        self._is_over = False
        self._stop_wanted = ""
        self._postponements = Postponements()

    # --- the engine's door ------------------------------------------------------------------------------------------

    def start(self, block: FrameType | None = None) -> None:
        """Begin to record. Raises TracingBusyError where no tool id is free."""
        self._tool = Tool(self._callbacks())
        self._core.start()
        if block is not None:
            self._core.add_block(block)
        self._tool.switch_on()

    def _callbacks(self) -> dict[int, object]:
        events, core = MONITORING.events, self._core
        return {
            events.PY_START: core.on_start,
            events.PY_RESUME: core.on_resume,
            events.PY_THROW: core.on_resume,
            events.LINE: core.on_line,
            events.JUMP: core.on_jump,
            events.PY_RETURN: core.on_return,
            events.PY_YIELD: core.on_yield,
            events.RAISE: core.on_raise,
            events.STOP_ITERATION: core.on_raise,
            events.PY_UNWIND: core.on_unwind,
        }

    def stop(self, result: object = None, exception: BaseException | None = None) -> None:
        """End the recording: switch events off, then take one last look at what is in view."""
        self._switch_off()
        if self._is_over:
            return
        self._is_over = True
        ended_with = result if exception is None else exception
        if self._core.is_on:
            self._end(ended_with)
        else:
            self._look_at_outcome(ended_with)

    def _switch_off(self) -> None:
        self._postponements.cancel()
        if self._tool is not None:
            self._tool.close()

    def _end(self, ended_with: object = None) -> None:
        self._switch_off()
        try:
            self._core.finish(ended_with)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not reach the program
            self.recording.note_mistake(error)
        self.on_end()
        if self._core.is_live:
            self.flush()
            decoder = self._decoder or self._new_decoder()
            self.final, self.result = list(decoder.final), decoder.result
        else:
            self._keep_log(ended_with)
        self._core.forget()

    def _keep_log(self, ended_with: object) -> None:
        """Leave the log to be read when somebody asks for what is in it; only the result is read now."""
        if type(ended_with) in SIMPLE:
            self.result = self._capture.atom(ended_with)
        else:
            last = self._new_decoder()
            ending = self._core.log(self._core.final_at)
            last.feed(ending, 0, len(ending))
            self.result = last.result
        begun = (self._decoder, self._read) if self._decoder is not None and self._knew_less else None
        unread = Decoding(self._core.log(0), self._new_decoder, self.recording.outputs, begun)
        self.recording.unread, self.recording.n_steps = unread, self._core.steps
        self.final = LazyParts(unread, "final")

    def _look_at_outcome(self, ended_with: object) -> None:
        told: list[Delta] = []
        capture = Capture(self._limits, self.redactor, first=self._core.n_numbers + 1)
        try:
            capture.begin()
            self.result = capture.root(ended_with)
            capture.finish(self._core.steps - 1, told)
        except Exception as error:  # noqa: BLE001 - as above
            self.recording.note_mistake(error)
        if self.recording.unread is None:
            self.final = [*self.final, *told]
        else:
            self.recording.unread.add_final(told)
        capture.forget()

    def abandon(self) -> None:
        """Forget the recording, in a forked child."""
        self.recording.detach()
        self._stop_wanted = ""
        self._switch_off()
        self._core.forget()

    def expression(self, source: int, span: int, value: object, frame: FrameType | None) -> None:
        """Take one value for the expression ledger."""
        name = self._texts.telling[source].get(span)
        while frame is not None and frame.f_code.co_filename.startswith(OWN_FOLDER):
            frame = frame.f_back
        kind = self.recording.sources[source].spans[span].kind
        self._core.expression(source, span, value, frame, name, flags_of(kind))

    def output(self, stream: str, text: str) -> None:
        """Take what the traced code writes."""
        if self._core.is_on and self._core.steps:
            self.recording.add_output(
                max(self._core.running_step(), 0), stream, self.redactor.text(text), self._core.steps
            )

    def add_source(self, name: str, text: str, spans: Sequence[Span]) -> int:
        """Add an instrumented source; frames of code with that file name belong to it."""
        return self._texts.add(name, text, spans)

    def connect_text(self, number: int, source: int) -> None:
        """Take what the probes of text `number` see as entries of source `source`, without Python code."""
        telling = self._texts.telling[source]
        flags = bytearray(span_facts(self.recording.sources[source]).flags)
        for place in telling:
            flags[place] |= TELLS
        self._core.connect(number, source, bytes(flags), telling)

    def request_stop(self, reason: str) -> None:
        """Ask from another thread that the traced code be stopped at its next event."""
        self._stop_wanted = reason
        self._core.request_stop()

    # --- what the core asks for, by its host -------------------------------------------------------------------------

    def meet_code(self, code: CodeType, frame: FrameType) -> object:
        """Decide whether code is traced, and get ready to trace it."""
        if self.scope.reason_against(code, frame.f_globals, frame.f_back):
            return None
        if self._tool is not None:
            self._tool.watch(code)
        source = self._texts.index_of(code, lambda: self.text_of(code, frame.f_globals))
        if facts_of(code).writes_locals:
            self._core.writes_locals = True
        plan = plan_of(code, len(self._codes), source, frame.f_globals, is_root=self.scope.is_root(code))
        self._codes.append((code.co_qualname, source, code.co_firstlineno, plan.names))
        return plan

    def _masked(self, text: str) -> str:
        self.flush()
        known = len(self.redactor.known)
        self.redactor.learn_from(text)
        if len(self.redactor.known) != known:
            self.learned()
        return self.redactor.masked(text)

    def flush(self) -> None:
        """Read what the log has got since the last time."""
        new = self._core.log(self._read)
        if not new:
            return
        decoder = self._decoder = self._decoder or self._new_decoder()
        decoder.feed(new, 0, len(new))
        self._read += len(new)
        if self._core.is_live:
            self.recording.add_decoded(decoder.frames, decoder.entries, decoder.steps)

    def learned(self) -> None:
        """A secret was learned: what is read from here on is read with it."""
        self._core.has_secrets = True
        if self._decoder is not None:
            self._decoder.forget_atoms()
            self._knew_less = True

    def _long_atom(self, head: str, length: int) -> Atom:
        if len(head) == length:
            return self._capture.atom(head)
        kept = self.redactor.text(head)
        return (
            Atom("redacted", repr(kept[: self._limits.string]))
            if kept != head
            else Atom("str", repr(head), length)
        )

    def end_full(self) -> None:
        """End the recording at a record limit."""
        self.recording.truncated = why_full(self._limits, self._core.steps, self._core.bytes)
        self._end()

    def stop_program(self) -> None:
        """Raise once in the program."""
        if self.take_stop():
            raise StopTracedCode(self.stop_reason)

    def take_stop(self) -> bool:
        """Record no more from here on, so that the program's `finally` bodies run freely; once."""
        reason, self._stop_wanted = self._stop_wanted, ""
        if not (reason and self._core.is_on):
            return False
        self.stop_reason = reason
        self.recording.truncated = self.recording.truncated or reason
        self._end()
        return True

    def failed(self, error: BaseException) -> None:
        """End the recording after a look that was broken off; raise `error` again if it is the program's own.

        That is what a signal handler of the program raised while Python code of ours looked for the core.
        """
        mistake = error if isinstance(error, Exception) and is_ours(error) else None
        if mistake is not None:
            self.recording.note_mistake(mistake)
        else:
            self.recording.truncated = self.recording.truncated or BROKEN_OFF
        if self._core.is_on:
            self._end()
        if mistake is None:
            raise error

    def postpone(self, frame: FrameType, error: BaseException) -> bool:
        """Have an exception raised a little later; False if there is no tool id left to do it with."""
        return self._postponements.postpone(frame, error)
