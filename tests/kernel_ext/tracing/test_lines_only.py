"""The setting `ledger = false` holds for all that a recording runs: its functions, their modules, late imports."""

import importlib
import sys

import cotrace
import pytest
from equality.engines import ENGINES

MODULE = """
def double(n):
    return n * 2

def total(n):
    return double(n) + 1
"""

IMPORTING = """
def late(n):
    import lines_only_module
    return lines_only_module.total(n)
"""


@pytest.fixture(params=ENGINES)
def functions(request, monkeypatch, tmp_path):
    """A module whose functions call each other, and one that imports it late, as files; the engine is each there is."""
    monkeypatch.setenv("COTRACE_ENGINE", request.param)
    monkeypatch.setenv("COTRACE_INCLUDE", "lines_only_module")
    monkeypatch.setenv("COTRACE_LEDGER", "false")
    (tmp_path / "lines_only_module.py").write_text(MODULE)
    (tmp_path / "lines_only_importing.py").write_text(IMPORTING)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module
    for name in ("lines_only_module", "lines_only_importing"):
        sys.modules.pop(name, None)


def lines_without_values(trace):
    """The names of the functions whose lines were recorded, of a trace that has no value of an expression."""
    assert [entry for i in range(len(trace.steps)) for entry in trace.expressions(i)] == []
    assert [note for note in trace.notes if "only its lines are recorded" in note.reason] == []
    return {frame.name for frame in trace.frames}


def test_a_called_function_has_lines_and_no_values(functions):
    trace = cotrace.trace(functions("lines_only_module").total, 3)

    assert trace.result == 7
    assert {"total", "double"} <= lines_without_values(trace)


def test_a_module_that_is_imported_while_recording_has_lines_and_no_values(functions):
    trace = cotrace.trace(functions("lines_only_importing").late, 3)

    assert trace.result == 7
    assert {"late", "total", "double"} <= lines_without_values(trace)


def test_a_block_s_functions_have_lines_and_no_values(functions):
    total = functions("lines_only_module").total

    with cotrace.tracing() as trace:
        total(3)

    assert {"total", "double"} <= lines_without_values(trace.trace)


def test_the_same_function_has_values_again_when_the_ledger_is_wanted(functions, monkeypatch):
    total = functions("lines_only_module").total
    cotrace.trace(total, 3)
    monkeypatch.setenv("COTRACE_LEDGER", "true")

    trace = cotrace.trace(total, 3)

    assert any(trace.expressions(i) for i in range(len(trace.steps)))
