"""Record a cell that IPython runs: armed before it, started as late as can be, stopped when it has ended.

IPython compiles and runs the cell itself, so that everything about it (what is displayed, `await`,
tracebacks, `Out`, history) is as without us. All that we add are probes for the expression ledger: the
recorder is an element of ``shell.ast_transformers`` that does nothing unless armed. When IPython hands it the
tree of the armed cell, it puts probes in and starts the tracer. The probes call a name in `builtins`; it
hands values back untouched and passes them on to the recorder whose number they carry, if that one still
records. The name stays there for good: functions that were made in a recorded cell go on to call it.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import sys
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from cotrace.errors import CotraceError
from cotrace.model.limits import Limits
from cotrace.model.trace import Trace
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.instrument import BUILTIN_NAME, LedgerTransformer
from cotrace.tracing.scope import OWN_FOLDER
from cotrace.tracing.tracer import ABSENT, Tracer

if TYPE_CHECKING:
    from collections.abc import Callable

    from cotrace.notebook.shell import Shell
    from cotrace.settings import Settings

T = TypeVar("T")

_numbers = itertools.count(1)
_recording: dict[int, Recorder] = {}
"""The recorder that takes the values of each number's probes; empty while nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Code:
    """The code that is to be recorded."""

    name: str
    """The file name that it is compiled under."""

    text: str
    call: str = "cell"


class Recorder:
    """Records one cell. IPython calls `visit`; whoever armed it calls `finish`."""

    def __init__(self, shell: Shell, settings: Settings, *, function: str = "", live: bool = False) -> None:
        """Prepare a recording; `function` limits it to calls of one, `live` keeps the very objects in the trace."""
        self._shell = shell
        self._limits: Limits = settings.limits()
        self._settings = settings
        self._function = function
        self._live = live
        self._unwatch: Callable[[], None] = lambda: None
        self._number = next(_numbers)
        self._source = -1
        self._tracer: Tracer | None = None
        self._visited = False
        self.reason = ""
        """Why nothing is recorded, where that is so."""

    @property
    def is_recording(self) -> bool:
        """True between the start of the cell's code and `finish`."""
        return self._number in _recording

    def start(self, code: Code, tree: ast.AST) -> ast.AST:
        """Begin to record, and return `tree` with probes in it; where that fails, as it is.

        Nothing is raised: the cell is to run in any case. `reason` then says what was wrong.
        """
        self._visited = True
        try:
            return self._start(code, tree)
        except CotraceError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not keep the user's cell from running
            self.reason = f"a fault in cotrace: {type(error).__name__}: {error}"
        _recording.pop(self._number, None)
        return tree

    def finish(self, result: object = None, exception: BaseException | None = None) -> Trace | None:
        """End the recording and return the trace, or None: `reason` says why there is none.

        `result` is the cell's displayed value.
        """
        _recording.pop(self._number, None)
        self._unwatch()
        if not self._visited:
            self.reason = self.reason or "the cell did not run"
        if self._tracer is None:
            return None
        tracer, self._tracer = self._tracer, None
        trace = tracer.stop(ABSENT if result is None else result, exception, live=self._live)
        if not trace.steps:
            self.reason = self._why_empty(trace)
            return None
        return trace

    def take(self, span: int, value: object) -> None:
        """Take the value of one sub-expression."""
        tracer = self._tracer
        if tracer is not None:
            tracer.record(self._source, span, value)

    def _start(self, code: Code, tree: ast.AST) -> ast.AST:
        tracer = Tracer(
            limits=self._limits,
            files=[code.name],
            include=self._settings.include,
            function=self._function,
            redact_names=self._settings.redact_names,
            call=code.call,
            hears=lambda: is_programs_own(self._shell),
        )
        probed = self._probed(tracer, code, tree)
        tracer.instrument_namespace(self._shell.user_ns)
        self._tracer = tracer
        _recording[self._number] = self
        try:
            tracer.start()
        except BaseException:
            self._tracer = None
            raise
        self._unwatch = _watch_for_traceback(self._shell, self._failed)
        return probed

    def _failed(self, error: BaseException | None) -> None:
        """End the recording before IPython shows the traceback: that runs code which is not the program's."""
        _recording.pop(self._number, None)
        if self._tracer is not None:
            self._tracer.stop(exception=error, live=self._live)

    def _probed(self, tracer: Tracer, code: Code, tree: ast.AST) -> ast.AST:
        if not self._settings.ledger:
            self._source = tracer.add_source(code.name, code.text, ())
            return tree
        transformer = LedgerTransformer()
        transformer.source = self._number
        probed = transformer.visit(tree)
        self._source = tracer.add_source(code.name, code.text, tuple(transformer.spans))
        if transformer.skipped is not None:
            skipped = transformer.skipped
            tracer.note("the cell", f"only lines are recorded: {skipped.reason.value}", skipped.detail)
        return probed

    def _why_empty(self, trace: Trace) -> str:
        if self._function:
            return f"the cell did not call {self._function}"
        if trace.notes:
            return f"{trace.notes[0].subject}: {trace.notes[0].reason}"
        return "the cell ran no Python of its own"


def install_sink() -> None:
    """Put the name that probes call where they find it. It stays: code with probes outlives recordings."""
    setattr(builtins, BUILTIN_NAME, _hand_on)


def _hand_on(number: int, span: int, value: T) -> T:
    recorder = _recording.get(number)
    if recorder is not None:
        with suppress(RecursionError):  # the program's stack is nearly full: it will be told when it is
            recorder.take(span, value)
    return value


def _watch_for_traceback(
    shell: Shell, listener: Callable[[BaseException | None], None]
) -> Callable[[], None]:
    """Call `listener` when IPython is about to show an exception that left the cell; return how to end that."""
    show = shell.showtraceback

    def showtraceback(*args: object, **kwargs: object) -> object:
        error = sys.exception()
        if not _runs_in_cell(shell):
            listener(error)
        if isinstance(error, StopTracedCode) and not args:
            args = ((type(error), error, without_ours(error.__traceback__)),)
        return show(*args, **kwargs)

    def unwatch() -> None:
        if vars(shell).get("showtraceback") is showtraceback:
            del shell.showtraceback

    if "showtraceback" in vars(shell):
        return lambda: None  # somebody else has put something there: leave it to them
    shell.showtraceback = showtraceback
    return unwatch


def without_ours(trail: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of cotrace, in which a program is stopped."""
    links: list[TracebackType] = []
    while trail is not None:
        if not trail.tb_frame.f_code.co_filename.startswith(OWN_FOLDER):
            links.append(trail)
        trail = trail.tb_next
    for link in reversed(links):
        trail = TracebackType(trail, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return trail


def is_programs_own(shell: Shell) -> bool:
    """Tell whether the program is writing; else it is IPython, which shows a value while the cell still runs."""
    return not getattr(shell.displayhook, "_is_active", False) and _runs_in_cell(shell)


def _runs_in_cell(shell: Shell) -> bool:
    """Tell whether code of the user's namespace is among the callers."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is shell.user_ns:
            return True
        frame = frame.f_back  # type: ignore[assignment] # the loop ends at None
    return False
