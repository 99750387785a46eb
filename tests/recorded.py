"""A small language for tests of records: a program in a folder, recorded as a call, as a script, or as cells.

`composed` makes the record without any reasoning, so that these tests speak of composition only.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import textwrap
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import cotrace
from cotrace.dataset import compose
from cotrace.runner import run
from cotrace.tracing.calls import traced_call
from cotrace.tracing.program import Program
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


class Recorded:
    """Programs of one test, in one folder."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self._patch = monkeypatch

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def call(self, code, call, **limits):
        """Record a call with the Python API: `call` says of which function, with which arguments."""
        module = self.module(code)
        function, args, kwargs = evaluated(call, vars(module))
        return traced_call(function, args, kwargs, limits=cotrace.Limits(seconds=10, **limits))

    def module(self, code, name="program"):
        """Import a text as a module from a file of its own."""
        self._patch.syspath_prepend(self.folder)
        path = self.write(f"{name}.py", code)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        self._patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module

    def command(self, code, call="", stdin=""):
        """Record as the command line does: the file as ``__main__``, or a call in it, in a process of its own."""
        path = self.write("program.py", code)
        given = self.write("stdin", "")
        given.write_text(stdin)
        usual = os.dup(0)
        with given.open("rb") as opened, Path(os.devnull).open("wb") as nowhere:
            os.dup2(opened.fileno(), 0)
            try:
                return run(Program(str(path), call=call), stdout=nowhere.fileno())
            finally:
                os.dup2(usual, 0)
                os.close(usual)

    def cell(self, *cells):
        """Run cells in an IPython shell of this process; the last one is recorded."""
        from cotrace.notebook import magic

        self._patch.setenv("COTRACE_STATE_DIR", str(self.folder))
        self._patch.setenv("COTRACE_CONFIG_DIR", str(self.folder))
        shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}, colors="NoColor"))
        magic.load(shell)
        try:
            with redirect_stdout(StringIO()):
                for cell in cells[:-1]:
                    assert shell.run_cell(cell, store_history=True).success
                shell.run_cell(f"%%cotrace --quiet --name recorded_\n{cells[-1]}", store_history=True)
        finally:
            magic.unload(shell)
        return shell.user_ns["recorded_"]


def evaluated(call, namespace):
    """Return the function and the arguments of a call that is written as text."""
    tree = ast.parse(call, mode="eval").body
    function = eval(compile(ast.Expression(tree.func), "<call>", "eval"), namespace)
    tree.func = ast.Name("taken", ast.Load())
    text = ast.unparse(tree)
    args, kwargs = eval(text, {**namespace, "taken": lambda *args, **kwargs: (args, kwargs)})
    return function, args, kwargs


def composed(trace, **how):
    """Return the record of a trace, approved if nothing speaks against it."""
    return compose(trace, **{"status": "approved", **how})


def approved(trace, **how):
    """Return the record, which has been run again in a fresh process and gave its answer."""
    made = composed(trace, **how)
    assert not made.shortcomings, made.shortcomings
    assert made.record.review.status == "approved", made.record
    return made.record


def draft(trace, **how):
    """Return why the record stays a draft."""
    made = composed(trace, **how)
    assert made.record.review.status == "draft", made.record
    return "; ".join(made.shortcomings)


def given(record):
    """Return a record's input as a dictionary."""
    return {value.name: value.value for value in record.input}
