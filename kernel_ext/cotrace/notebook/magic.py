"""``%%cotrace``: record the cell below it, and show what it did under what it shows itself.

The magic leaves the cell to IPython. An input transformer blanks the directive's line, so that line numbers
stay; events before and after the cell arm and finish a `Recorder`, which starts when IPython has the cell's
tree. A magic of this name is registered as well: for help and completion, for ``%%time`` above ``%%cotrace``
(whatever runs a cell's body as text comes here), and to refuse a directive that can't be meant, before
anything has run. ``%cotrace`` records one expression.

Whatever goes wrong in cotrace is told in one line; the cell's own result stands.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import no_var_expand, output_can_be_silenced

from cotrace import settings
from cotrace.errors import CotraceError
from cotrace.notebook import directive, display, outcome
from cotrace.notebook.directive import Directive, Options
from cotrace.notebook.recorder import Recorder

if TYPE_CHECKING:
    from cotrace.notebook.shell import CellInfo, CellResult, Shell

WRAPPERS = {"time"}
"""Cell magics that run the cell's body as Python, in this process: they go above ours."""

HELP = f"""Record how this cell really runs, and show it below the cell's own output.

Put it on the first line of a cell, or write the comment "# cotrace:" with the same options there.

::

  %%cotrace [options]

options:

{directive.help_text()}

%cotrace [options] EXPRESSION records one expression and gives its value.
"""


@dataclass
class Run:
    """One recording that is armed or under way."""

    options: Options
    recorder: Recorder


@dataclass
class Extension:
    """cotrace in one IPython shell; `load` makes it, `unload` takes it away."""

    shell: Shell
    run: Run | None = None
    cells: list[CellInfo] = field(default_factory=list)
    """The cells that run, each inside the one before."""

    finished: list[Callable[[], None]] = field(default_factory=list)
    """What is to be shown when the outermost cell has ended."""

    # --- what IPython calls -----------------------------------------------------------------------------

    def clean(self, lines: list[str]) -> list[str]:
        """Blank the directive of a cell that is about to run: an input transformer."""
        found = None if self.cells else directive.find("".join(lines))
        if found is None:
            return lines
        below = lines[found.place + 1 :]
        if _fault(found):
            return [f"%%cotrace {found.line}\n", *below]  # our magic, which says what is wrong
        if found.magic in WRAPPERS:
            place = next(place for place, line in enumerate(below) if line.strip())
            return [below[place], f"%%cotrace {found.line}\n", *below[place + 1 :]]
        if found.magic:
            return below
        return [*lines[: found.place], "\n", *below]

    def pre_run_cell(self, info: CellInfo) -> None:
        """Arm a recorder for a cell with a directive."""
        self.cells.append(info)
        found = directive.find(info.raw_cell or "")
        if found is None or self.run is not None or len(self.cells) > 1 or _fault(found):
            return
        if found.magic in WRAPPERS:
            return  # it will call our magic
        if found.magic:
            self.later(found.options, f"no trace, because %%{found.magic} runs this cell")
            return
        self.run = self.new_run(found.options)

    def visit(self, tree: ast.AST) -> ast.AST:
        """Start the armed recorder: IPython is about to compile and run `tree`. An AST transformer."""
        if self.run is None or self.run.recorder.started:
            return tree
        return self.run.recorder.start(tree)

    def post_run_cell(self, result: CellResult | None) -> None:
        """Finish the recording of the cell that has ended, and show what is to be shown."""
        if result is not None and (not self.cells or self.cells[-1] is not result.info):
            return  # an empty cell, for which there was no `pre_run_cell`
        if self.cells:
            self.cells.pop()
        if self.cells:
            return
        if self.run is not None:
            error = None if result is None else result.error_in_exec or result.error_before_exec
            self.finish(None if result is None else result.result, error)
        finished, self.finished = self.finished, []
        for show in finished:
            show()

    @no_var_expand
    @output_can_be_silenced
    def magic(self, line: str, cell: str | None = None) -> object:
        """Stand in for HELP, which `load` puts here."""
        __tracebackhide__ = True
        try:
            options = directive.parse(line, expression=cell is None)
            settings.load(options.settings)
        except CotraceError as error:
            raise IPythonUsageError(str(error)) from error
        text = options.expression if cell is None else cell
        if not text:
            raise IPythonUsageError("%cotrace: expected an expression after the options, found nothing")
        return self.run_text(options, text)

    # --- running what comes as text ---------------------------------------------------------------------

    def run_text(self, options: Options, raw: str) -> object:
        """Run text as IPython runs a cell, recorded, and return the value of the expression at its end."""
        __tracebackhide__ = True
        if self.run is None:
            self.run = self.new_run(options)
        else:
            self.later(options, "no trace of its own, because a cell around it is recorded already")
            return self.execute(raw)
        try:
            value = self.execute(raw)
        except BaseException as error:
            self.finish(None, error)
            raise
        self.finish(value, None)
        return value

    def execute(self, raw: str) -> object:
        """Do with a text what IPython does with a cell, and return the value of its last expression."""
        __tracebackhide__ = True
        text = self.shell.transform_cell(raw)
        name = self.shell.compile.cache(text, self.shell.execution_count, raw_code=raw)
        tree = self.shell.transform_ast(self.shell.compile.ast_parse(text, filename=name))
        assert isinstance(tree, ast.Module)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        namespace = self.shell.user_ns
        if tree.body:
            exec(self.shell.compile(tree, name, "exec"), namespace)  # noqa: S102 - running cells is our purpose
        if not isinstance(last, ast.Expr):
            return None
        code = self.shell.compile(ast.Expression(last.value), name, "eval")
        return eval(code, namespace)  # noqa: S307 - as above

    # --- the recording ----------------------------------------------------------------------------------

    def new_run(self, options: Options) -> Run | None:
        """Return a run that is armed; None where cotrace itself failed, which is told later."""
        try:
            recorder = Recorder(
                self.shell,
                settings.load(options.settings),
                call=options.expression or "cell",
                function=options.function,
                live=bool(options.name),
            )
            recorder.arm()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not keep the user's cell from running
            self.later(options, f"no trace: {_told(error)}")
            return None
        return Run(options, recorder)

    def finish(self, result: object, exception: BaseException | None) -> None:
        """End the recording; what came of it is shown when the outermost cell has ended."""
        run, self.run = self.run, None
        if run is None:
            return
        try:
            trace = run.recorder.finish(result, exception)
        except Exception as error:  # noqa: BLE001 - the cell has ended well: its result stands
            self.later(run.options, f"no trace: {_told(error)}")
            return
        if trace is None:
            self.later(run.options, f"no trace, because {run.recorder.reason}")
            return
        self.finished.append(lambda: self.guarded(lambda: outcome.deliver(self.shell, trace, run.options)))
        if not self.cells:
            self.post_run_cell(None)

    def later(self, options: Options, message: str) -> None:
        """Tell something when the cell has ended, unless nothing is to be shown."""
        if not options.quiet:
            self.finished.append(lambda: outcome.say(self.shell, message))

    def guarded(self, action: Callable[[], None]) -> None:
        """Do something of ours; where that fails, say so in one line."""
        try:
            action()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nothing of ours may reach the user's session
            outcome.say(self.shell, f"the cell ran, but {_told(error)}")


def _fault(found: Directive) -> bool:
    """Tell whether a directive asks for something that can't be meant."""
    try:
        settings.load(found.options.settings)
    except CotraceError:
        return True
    return False


def _told(error: BaseException) -> str:
    if isinstance(error, CotraceError):
        return str(error)
    return f"cotrace failed: {type(error).__name__}: {error}"


# --- coming and going -----------------------------------------------------------------------------------

_loaded: dict[int, Extension] = {}


def load(shell: Shell) -> None:
    """Put cotrace into a shell: what ``%load_ext cotrace`` does."""
    unload(shell)
    extension = _loaded[id(shell)] = Extension(shell)
    shell.input_transformers_cleanup.append(extension.clean)
    shell.ast_transformers.append(extension)
    shell.events.register("pre_run_cell", extension.pre_run_cell)
    shell.events.register("post_run_cell", extension.post_run_cell)
    Extension.magic.__doc__ = HELP
    shell.register_magic_function(extension.magic, "line_cell", "cotrace")
    display.prepare(shell)


def unload(shell: Shell) -> None:
    """Take cotrace out of a shell; code that was recorded goes on to work."""
    extension = _loaded.pop(id(shell), None)
    if extension is None:
        return
    shell.input_transformers_cleanup.remove(extension.clean)
    shell.ast_transformers.remove(extension)
    shell.events.unregister("pre_run_cell", extension.pre_run_cell)
    shell.events.unregister("post_run_cell", extension.post_run_cell)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("cotrace", None)
