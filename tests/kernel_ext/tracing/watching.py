"""Run a program and note all that can be seen of it from outside, to compare it with and without probes.

Seen are its output, its exception with every line and caret of the traceback, and the stream of its events, from
`sys.monitoring` where the interpreter has it, else from `sys.settrace`. Addresses are left out.
"""

import contextlib
import io
import linecache
import re
import sys
import threading
import traceback
import types
import warnings
from dataclasses import dataclass, field

from cotrace.model.source import Span
from cotrace.tracing.instrument import Instrumented, compile_instrumented
from cotrace.tracing.sink import Sink

FILENAME = "<program>"
HAS_MONITORING = sys.version_info >= (3, 12)
EVENT_LIMIT = 60_000


@dataclass
class Seen:
    """What one run showed."""

    output: str
    error: str
    result: str = ""
    events: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass
class Ledger:
    """An instrumented program with the entries that its run left: (key, repr of the value)."""

    source: str
    spans: tuple[Span, ...]
    code: types.CodeType
    entries: list[tuple[int, str]] = field(default_factory=list)
    sink: Sink | None = None

    def texts(self, role=None):
        """Return (text, repr of value) of every entry, or of those with one role."""
        return [
            (self.text(key), shown) for key, shown in self.entries if role in (None, self.spans[key].role)
        ]

    def text(self, key):
        span = self.spans[key]
        rows = [row.encode() for row in self.source.split("\n")[span.line - 1 : span.end_line]]
        rows[-1] = rows[-1][: span.end_column]
        rows[0] = rows[0][span.column :]
        return b"\n".join(rows).decode()


def plain_code(source, mode="exec"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, FILENAME, mode, dont_inherit=True)


def ledger_of(source, mode="exec"):
    """Compile `source` with probes whose values go into a `Ledger`."""
    sink = Sink()
    made = compile_instrumented(source, FILENAME, mode, probe=lambda key: sink.probe(0, key))
    assert isinstance(made, Instrumented), made
    ledger = Ledger(source, made.spans, made.code, sink=sink)
    sink.recorder = lambda _, key, value: ledger.entries.append((key, repr(value)))
    return ledger


def run_ledger(source):
    """Run `source` with probes; what it raises is part of the test."""
    ledger = ledger_of(source)
    exec(ledger.code, {"__name__": "program"})
    return ledger


def see(source, code, *, call=None, events=True):
    """Run `code`, then evaluate the code `call` in its namespace, and return what could be seen."""
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(keepends=True), FILENAME)
    sys.modules["program"] = types.ModuleType("program")
    namespace = {"__name__": "program"}
    output, error, result = io.StringIO(), "", ""
    watcher = (_Watcher() if HAS_MONITORING else _TraceFunction()) if events else contextlib.nullcontext()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), watcher:
        try:
            exec(code, namespace)
            result = repr(eval(call, namespace)) if call is not None else ""
        except BaseException as raised:  # noqa: BLE001 - whatever it raises is part of what is seen
            error = "".join(traceback.format_exception(raised.with_traceback(_own(raised.__traceback__))))
    return Seen(*map(_without_addresses, (output.getvalue(), error, result)), getattr(watcher, "log", []))


def _own(trace):
    """Drop this module's frame from the top of a traceback."""
    return trace.tb_next if trace else None


def _without_addresses(text):
    text = re.sub(r"\[Previous line repeated \d+", "[Previous line repeated", text)
    return re.sub(r"0x[0-9a-f]+", "0x", text)


class _TraceFunction:
    """Collects the events of the program's code from `sys.settrace`."""

    def __init__(self):
        self.log = []

    def __enter__(self):
        sys.settrace(self)
        return self

    def __exit__(self, *_):
        sys.settrace(None)

    def __call__(self, frame, event, _):
        if frame.f_code.co_filename != FILENAME:
            return None
        if len(self.log) < EVENT_LIMIT:
            self.log.append((event, frame.f_code.co_qualname, frame.f_lineno if event == "line" else 0))
        return self


class _Watcher:
    """Collects the events of the program's code, thread after thread: how threads take turns is left out."""

    TOOL = 4

    def __init__(self):
        self.logs = {}
        self.lines = {}
        self.last = {}

    def __enter__(self):
        monitoring = sys.monitoring
        monitoring.use_tool_id(self.TOOL, "watching")
        events = monitoring.events
        callbacks = {events.LINE: self.line, events.JUMP: self.jump, events.PY_START: self.start}
        for name in "PY_RESUME PY_RETURN PY_YIELD PY_UNWIND PY_THROW RAISE STOP_ITERATION".split():
            callbacks[getattr(events, name)] = self.noting(name.lower())
        for event, callback in callbacks.items():
            monitoring.register_callback(self.TOOL, event, callback)
        monitoring.set_events(self.TOOL, sum(callbacks))
        self.events = list(callbacks)
        return self

    def __exit__(self, *_):
        sys.monitoring.set_events(self.TOOL, 0)
        for event in self.events:
            sys.monitoring.register_callback(self.TOOL, event, None)
        sys.monitoring.free_tool_id(self.TOOL)

    @property
    def log(self):
        return [event for log in self.logs.values() for event in log]

    def note(self, kind, code, line):
        if code.co_filename != FILENAME:
            return
        log = self.logs.setdefault(threading.get_ident(), [])
        if len(log) < EVENT_LIMIT:
            log.append((kind, code.co_qualname, line))

    def start(self, code, _):
        self.last.pop(id(sys._getframe(1)), None)  # a frame that is gone may have had the same id
        self.note("start", code, 0)

    def line(self, code, line):
        """Note a line, but not one that repeats the frame's last one without a jump back in between.

        3.12.1 has such events after a call returns into the middle of an ``or``; no step comes of them.
        """
        frame = id(sys._getframe(1))
        if code.co_filename == FILENAME and self.last.get(frame) != line:
            self.last[frame] = line
            self.note("line", code, line)

    def noting(self, kind):
        return lambda code, *_: self.note(kind, code, 0)

    def jump(self, code, source, target):
        """Note a backward jump to its own line: one more turn of a loop that has a single line."""
        if code.co_filename == FILENAME and target <= source:
            self.last.pop(id(sys._getframe(1)), None)
            line = self.line_of(code, source)
            if line == self.line_of(code, target):
                self.last[id(sys._getframe(1))] = line
                self.note("turn", code, line)

    def line_of(self, code, offset):
        if code not in self.lines:
            self.lines[code] = {o: line for a, b, line in code.co_lines() for o in range(a, b, 2)}
        return self.lines[code].get(offset)
