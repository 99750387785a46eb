"""Record a cell that IPython runs: armed before it, started as late as can be, stopped when its code has ended.

IPython compiles and runs the cell itself, so that everything about it (what is displayed, `await`, tracebacks, `Out`,
history) is as without us. We only add the probes of the expression ledger, in two places that IPython passes
the cell through: when it lets AST transformers see the cell's tree, the tree gets marks, and when it has compiled a
statement of it, the marks in the code are replaced by probes. The code then refers to no name of ours, and the
functions it makes are known as code with probes to every later recording.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Literal

from cotrace.errors import CotraceError, TraceError
from cotrace.tracing.engine import StopTracedCode
from cotrace.tracing.instrument import MARK, NotInstrumented
from cotrace.tracing.probes import INSTRUMENTATION
from cotrace.tracing.scope import OWN_FOLDER
from cotrace.tracing.tracer import ABSENT, Tracer

if TYPE_CHECKING:
    from cotrace.model.trace import Trace
    from cotrace.notebook.shell import Shell
    from cotrace.settings import Settings


@dataclass(frozen=True, slots=True)
class Text:
    """What IPython is about to compile."""

    name: str
    """The file name that it is compiled under."""

    text: str


class Recorder:
    """Records one cell: `arm` before it, `start` when its tree is there, `finish` when it has ended."""

    def __init__(
        self, shell: Shell, settings: Settings, *, call: str, function: str = "", live: bool = False
    ) -> None:
        """Prepare a recording.

        `call` says what runs, `function` limits the recording to calls of one, and `live` keeps the very objects
        in the trace.
        """
        self._shell = shell
        self._settings = settings
        self._call = call
        self._function = function
        self._live = live
        self._tracer: Tracer | None = None
        self._undo = ExitStack()
        self._texts: list[Text] = []
        self._marked: int | None = None
        self.started = False
        self.reason = ""
        """Why nothing is recorded, where that is so."""

    def arm(self) -> None:
        """Watch the shell's compiler from now on, so that `start` knows the cell's text."""
        self._undo.callback(_watch_compiler(self._shell, self._texts.append, self._finished))

    def start(self, tree: ast.AST) -> ast.AST:
        """Begin to record, and return `tree` with marks for probes; where that fails, as it is.

        Nothing is raised: the cell is to run in any case. `reason` then says what was wrong.
        """
        self.started = True
        try:
            return self._start(tree)
        except CotraceError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not keep the user's cell from running
            self.reason = f"cotrace failed: {type(error).__name__}: {error}"
        self._undo.close()
        self._tracer = None
        return tree

    def finish(self, result: object = None, exception: BaseException | None = None) -> Trace | None:
        """End the recording and return the trace, or None: `reason` says why there is none.

        `result` is the cell's displayed value.
        """
        self._undo.close()
        if not self.started:
            self.reason = "the cell did not run"
        if self._tracer is None:
            return None
        tracer, self._tracer = self._tracer, None
        trace = tracer.stop(ABSENT if result is None else result, exception, live=self._live)
        if trace.steps:
            return trace
        self.reason = self._why_empty(trace)
        return None

    def _start(self, tree: ast.AST) -> ast.AST:
        if not self._texts:
            raise TraceError("the shell compiles this cell apart from the others, where it can't be followed")
        text = self._texts[-1]
        tracer = self._tracer = Tracer(
            limits=self._settings.limits(),
            files=[text.name],
            include=self._settings.include,
            function=self._function,
            redact_names=self._settings.redact_names,
            engine=self._settings.engine,
            ledger=self._settings.ledger,
            call=self._call,
            hears=lambda: is_programs_own(self._shell),
        )
        marked = tree
        if self._settings.ledger:
            marked = self._with_marks(tracer, text, tree)
            tracer.instrument_namespace(self._shell.user_ns)
        tracer.start()
        self._undo.callback(_watch_for_traceback(self._shell, self._failed))
        return marked

    def _with_marks(self, tracer: Tracer, text: Text, tree: ast.AST) -> ast.AST:
        assert isinstance(tree, ast.Module)
        made = INSTRUMENTATION.mark(tree, text.name, text.text)
        if isinstance(made, NotInstrumented):
            tracer.note("the cell", f"only its lines are recorded. {made.reason.value}", made.detail)
            return tree
        self._marked = made.number
        return made.tree

    def _finished(self, compiled: CodeType) -> CodeType:
        """Put the probes into code of the marked tree; other code that is compiled meanwhile has no marks."""
        if self._marked is None or not _has_marks(compiled):
            return compiled
        return INSTRUMENTATION.finish(compiled, self._marked)

    def _failed(self, error: BaseException | None) -> None:
        """End the recording before IPython shows the traceback: that runs code which is not the program's."""
        if self._tracer is None:
            return
        trace = self._tracer.stop(exception=error, live=self._live)
        if isinstance(error, StopTracedCode) and not error.args:
            error.args = (trace.outcome.message,)  # it came from where the limit is not known

    def _why_empty(self, trace: Trace) -> str:
        if self._function:
            return f"the cell did not call {self._function}"
        if trace.notes:
            return f"{trace.notes[0].subject}: {trace.notes[0].reason}"
        return "the cell ran no Python of its own"


# --- what is put into the shell while a cell runs, each with how to take it out again ------------------------


def _watch_compiler(
    shell: Shell, texts: Callable[[Text], None], change: Callable[[CodeType], CodeType]
) -> Callable[[], None]:
    """Have the shell's compiler tell `texts` what it takes in, and pass on what it compiles through `change`.

    The compiler stays the very object that it is, for it may be in other hands already: its class changes.
    """
    compiler: Any = shell.compile
    usual: Any = type(compiler)

    class Watched(usual):  # type: ignore[misc] # whatever class the compiler has
        def cache(self, transformed_code: str, *args: object, **kwargs: object) -> str:
            name: str = super().cache(transformed_code, *args, **kwargs)
            texts(Text(name, transformed_code))
            return name

        def __call__(self, *args: object, **kwargs: object) -> CodeType:
            compiled: CodeType = super().__call__(*args, **kwargs)
            return change(compiled)

    def undo() -> None:
        if type(compiler) is Watched:
            compiler.__class__ = usual

    compiler.__class__ = Watched
    return undo


def _has_marks(code: CodeType) -> bool:
    constants = code.co_consts
    return any(
        constant.startswith(MARK)
        if isinstance(constant, str)
        else isinstance(constant, CodeType) and _has_marks(constant)
        for constant in constants
    )


def _watch_for_traceback(
    shell: Shell, listener: Callable[[BaseException | None], None]
) -> Callable[[], None]:
    """Call `listener` when IPython is about to show an exception that left the cell."""
    show = shell.showtraceback

    def showtraceback(*args: object, **kwargs: object) -> object:
        error = sys.exception()
        if not _runs_in_cell(shell):
            listener(error)
        if isinstance(error, StopTracedCode) and not args:
            args = ((type(error), error, without_ours(error.__traceback__)),)
        return show(*args, **kwargs)

    def undo() -> None:
        if vars(shell).get("showtraceback") is showtraceback:
            del shell.showtraceback

    if "showtraceback" in vars(shell):
        return lambda: None  # somebody else has put something there: leave it to them
    shell.showtraceback = showtraceback
    return undo


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


# --- whose doing something is --------------------------------------------------------------------------------


def is_programs_own(shell: Shell) -> bool:
    """Tell whether the program is writing; else it is IPython, which shows a value while the cell still runs."""
    return _nearest_caller(shell) == "cell"


def _runs_in_cell(shell: Shell) -> bool:
    """Tell whether code of the user's namespace is among the callers."""
    return bool(_nearest_caller(shell))


def _nearest_caller(shell: Shell) -> Literal["", "cell", "displayhook"]:
    """Return which comes first among the callers: code of the user's namespace, or IPython showing a value."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is shell.user_ns:
            return "cell"
        if frame.f_globals.get("__name__") == "IPython.core.displayhook":
            return "displayhook"
        frame = frame.f_back
    return ""
