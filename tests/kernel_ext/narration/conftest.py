"""A small language for what is said of a program: its code and a call in, a narration out."""

import ast
import importlib.util
import itertools

import cotrace
import pytest
from cotrace.narration import narrate

_numbers = itertools.count(1)


def load(path):
    """Import a program from its file, so that its functions have a source."""
    spec = importlib.util.spec_from_file_location(f"told_{path.stem}_{next(_numbers)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(module, text):
    """Trace a call that is written as text, such as ``area(3)``."""
    node = ast.parse(text, mode="eval").body
    values = [eval(ast.unparse(argument), vars(module)) for argument in node.args]
    return cotrace.trace(getattr(module, node.func.id), *values)


@pytest.fixture
def recorded(tmp_path):
    """Return a function that writes a program down, traces a call of it, and returns the trace."""

    def record(code, text):
        path = tmp_path / "program.py"
        path.write_text(code)
        return call(load(path), text)

    return record


@pytest.fixture
def told(recorded):
    """Return a function that tells in words what a call of a program did."""

    def tell(code, text, style="normal", seed=0):
        return narrate(recorded(code, text), style, seed)

    return tell


@pytest.fixture(scope="session")
def program():
    """Return a function that traces the call in a program's first line."""

    def run(path):
        text = path.read_text().partition("\n")[0].removeprefix("# call: ")
        return call(load(path), text)

    return run
