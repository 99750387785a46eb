"""``%%cotrace`` and ``%cotrace`` in a shell: what is recorded, what is shown, and that the cell does not notice."""

from __future__ import annotations

import re
import sys

import pytest
from cotrace.dataset import Dataset, rerun
from cotrace.formats import to_text
from cotrace.model.trace import EventKind
from cotrace.notebook import magic, outcome
from cotrace.settings import load as load_settings
from cotrace.store import TraceStore, load
from IPython.core.completer import provisionalcompleter

DOUBLE = "def double(n):\n    return n * 2\n"


def sources(trace):
    """Return the source lines that ran, in order."""
    steps = [step for step in trace.steps if step.event is EventKind.LINE]
    return [trace.line_text(step.index).strip() for step in steps]


def computed(trace):
    return [(trace.text_of(entry), entry.value) for entry in trace.entries]


# --- what is recorded -----------------------------------------------------------------------------------


def test_a_cell_and_the_functions_of_other_cells_are_recorded(session):
    session.run(DOUBLE)

    trace = session.trace("x = double(3)\nx + 1")

    assert sources(trace) == ["x = double(3)", "return n * 2", "x + 1"]
    assert {"double(3)", "n * 2", "x + 1"} <= {text for text, _ in computed(trace)}
    assert trace.result == 7


def test_a_function_made_in_a_recorded_cell_is_recorded_as_well_in_the_next(session):
    session.trace(f"{DOUBLE}\ndouble(1)")

    trace = session.trace("double(2)")

    assert "n * 2" in {text for text, _ in computed(trace)}
    assert trace.notes == ()


def test_the_trace_is_what_the_cell_displayed_printed_and_raised(session):
    shown = session.trace("print('hello')\n[1, 2]")
    failed = session.trace("{}['k']", fails=True)

    assert (shown.call, shown.result, shown.stdout) == ("cell", [1, 2], "hello\n")
    assert (failed.outcome.kind, failed.outcome.exception, failed.outcome.message) == (
        "raised",
        "KeyError",
        "'k'",
    )
    assert isinstance(failed.exception, KeyError)


def test_what_ipython_writes_is_not_taken_for_the_programs(session):
    """The shell prints ``Out[1]:`` and tracebacks to the same stdout."""
    assert session.trace("'value'").stdout == ""
    assert session.trace("1 / 0", fails=True).stdout == ""


def test_showing_a_traceback_adds_no_steps(session):
    trace = session.trace("import collections\nP = collections.namedtuple('P', 'x')\n1 / 0", fails=True)

    assert trace.steps[-1].event is EventKind.UNWIND
    assert sources(trace)[-1] == "1 / 0"


def test_a_cell_that_awaits_is_recorded_to_its_end(session):
    trace = session.trace("import asyncio\nawait asyncio.sleep(0, 'slept')")

    assert sources(trace) == ["import asyncio", "await asyncio.sleep(0, 'slept')"]
    assert trace.result == "slept"


def test_only_calls_of_the_function_asked_for_are_recorded(session):
    session.run(DOUBLE)
    session.run("%%cotrace --quiet --name t --function double\nx = 1 + 1\ndouble(x)")

    assert sources(session.names["t"]) == ["return n * 2"]


def test_the_recording_ends_at_its_limit_and_the_cell_runs_on(session):
    session.run("%%cotrace --quiet --name t --max-steps 10\nn = 0\nwhile n < 100:\n    n += 1\nn")

    assert len(session.names["t"].steps) == 10
    assert "10" in session.names["t"].truncated
    assert session.names["n"] == 100


def test_a_value_that_comes_after_the_recording_is_told_all_the_same(session):
    out = session.run("%%cotrace --max-steps 10\nn = 0\nwhile n < 100:\n    n += 1\nn")

    assert "cell: 10 steps, showed 100" in out


def test_a_cell_that_was_stopped_in_c_code_says_why(session):
    out = session.run("%%cotrace --seconds 0.1\nimport time\ntime.sleep(0.4)", fails=True)

    assert re.search(r"StopTracedCode\S*: stopped after 0.1 seconds", out)


def test_a_module_to_include_of_which_nothing_ran_is_told_below_the_table(session):
    session.run("%%cotrace --include jsn\nn = 0")

    assert "nothing of jsn ran" in session.err


def test_a_cell_over_its_time_limit_is_stopped_and_its_trace_is_partial(session):
    loop = "try:\n    while True:\n        pass\nfinally:\n    done = 1"

    out = session.run(f"%%cotrace --seconds 0.3\n{loop}", fails=True)

    assert session.names["done"] == 1
    assert "was stopped" in out
    assert "StopTracedCode" in out
    assert "tracing/" not in out


def test_an_interrupted_cell_keeps_what_was_recorded(session):
    trace = session.trace("n = 1\nraise KeyboardInterrupt", fails=True)

    assert trace.outcome.kind == "interrupted"
    assert sources(trace)[0] == "n = 1"


# --- the forms of the directive -------------------------------------------------------------------------


def test_a_comment_does_what_the_magic_does(session):
    session.run("# cotrace: --quiet --name t\nx = 5")

    assert sources(session.names["t"]) == ["x = 5"]


def test_line_numbers_are_those_of_the_cell(session):
    trace = session.trace("\n\nx = 5")

    assert [step.line for step in trace.steps if step.event is EventKind.LINE] == [4]


@pytest.mark.parametrize(
    ("line", "hint"),
    [("--narate", "--narrate"), ("--max-steps 0", "--max-steps: expected a whole number from 1 on, found 0")],
)
@pytest.mark.parametrize("form", ["%%cotrace {}\nran = True", "# cotrace: {}\nran = True"])
def test_a_directive_that_cannot_be_meant_is_refused_before_anything_runs(session, form, line, hint):
    out = session.run(form.format(line), fails=True)

    assert "UsageError" in out + session.err
    assert hint in out + session.err
    assert "ran" not in session.names


@pytest.mark.parametrize(
    "cell",
    ["%%time\n%%cotrace --quiet --name t\nx = 5\nx + 1", "%%cotrace --quiet --name t\n%%time\nx = 5\nx + 1"],
)
def test_time_and_cotrace_go_together_in_either_order(session, cell):
    out = session.run(cell)

    assert "Wall time" in out
    assert "6" in out
    assert sources(session.names["t"]) == ["x = 5", "x + 1"]


def test_a_line_magic_records_an_expression_and_gives_its_value(session):
    session.run(DOUBLE)
    session.run("y = %cotrace --quiet --name t double(4) + 1")

    assert session.names["y"] == 9
    assert session.names["t"].call == "double(4) + 1"
    assert session.names["t"].result == 9


def test_a_line_magics_expression_may_raise(session):
    out = session.run("%cotrace 1 / 0", fails=True)

    assert "ZeroDivisionError" in out
    assert "raised ZeroDivisionError: division by zero" in out


def test_a_line_magic_without_an_expression_is_refused(session):
    assert "expected an expression" in session.run("%cotrace --quiet", fails=True) + session.err


def test_help_tells_the_options(session, monkeypatch):
    shown = []
    monkeypatch.setattr(session.shell.inspector, "pinfo", lambda found, *_, **__: shown.append(found.__doc__))

    session.run("%%cotrace?")

    assert "--max-steps N" in shown[0]


# --- what is shown --------------------------------------------------------------------------------------


def test_the_table_comes_below_the_cells_own_output(session):
    session.run(DOUBLE)

    out = session.run("%%cotrace\nprint('first')\ndouble(2)")

    assert out.index("first") < out.index("Out[2]: 4") < out.index("cell: ") < out.index("double(2) → 4")


def test_a_narrated_cell_shows_its_reasoning_with_verdicts(session):
    session.run(DOUBLE)

    out = session.run("%%cotrace --narrate\ndouble(2)")

    assert "✓ supported" in out
    assert "0 contradicted" in out


def test_a_quiet_cell_shows_nothing_of_ours(session):
    assert session.run("%%cotrace --quiet\nx = 1") == ""
    assert session.run("%%cotrace --quiet --narrate\nx = 1") == ""
    assert session.err == ""


@pytest.mark.parametrize(
    ("cell", "reason", "fails"),
    [
        ("%%cotrace\nx = ]", "the cell did not run", True),
        ("%%cotrace --function nobody\nx = 1", "the cell did not call nobody", False),
        ("%%cotrace\n%%html\n<b>", "%%html runs this cell", False),
        ("%%cotrace\n# nothing", "the cell ran no Python of its own", False),
    ],
)
def test_where_there_is_no_trace_the_reason_is_told(session, cell, reason, fails):
    session.run(cell, fails=fails)

    assert f"cotrace: no trace, because {reason}" in session.err


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from 3.12 on the engine does not need sys.settrace")
def test_another_trace_function_is_left_in_place_and_named(session):
    mine = lambda *_: None  # noqa: E731
    sys.settrace(mine)
    try:
        session.run("%%cotrace\nx = 1")
        kept = sys.gettrace()
    finally:
        sys.settrace(None)

    assert kept is mine
    assert session.names["x"] == 1
    assert "no trace, because" in session.err


# --- into a dataset -------------------------------------------------------------------------------------


def test_a_cell_goes_into_a_dataset_and_runs_again_there(session, tmp_path):
    session.run(DOUBLE)
    session.run("n = 3")

    session.run("%%cotrace --dataset made.jsonl\ndouble(n) + 1")

    (record,) = Dataset(tmp_path / "made.jsonl")
    assert (record.answer, record.review.status, record.grounding.counts.contradicted) == ("7", "draft", 0)
    assert record.id in session.err
    assert rerun(record).agrees


def test_the_curators_own_question_makes_a_task_whose_answer_is_a_variable(session, tmp_path):
    session.run(
        "%%cotrace --dataset made.jsonl --question 'What is twice seven?' --answer x\nx = 7 * 2\ny = 0"
    )

    (record,) = Dataset(tmp_path / "made.jsonl")
    assert (record.question.kind, record.question.text) == ("task", "What is twice seven?")
    assert record.answer == "14"


def test_a_cell_that_is_run_twice_is_in_the_dataset_once(session, tmp_path):
    for _ in range(2):
        session.run("%%cotrace --quiet --dataset made.jsonl\n1 + 1")

    assert len(list(Dataset(tmp_path / "made.jsonl"))) == 1
    assert "has this example already" in session.err


def test_a_dataset_that_cannot_be_written_is_told_below_the_table(session, tmp_path):
    (tmp_path / "made.jsonl").mkdir()

    out = session.run("%%cotrace --dataset made.jsonl\n1 + 1")

    assert "cell: " in out
    assert session.err.startswith("cotrace: the cell ran, but ")
    assert "made.jsonl" in session.err


# --- what is left behind --------------------------------------------------------------------------------


def test_the_trace_is_in_the_store(session):
    session.run("%%cotrace --quiet\nx = 41 + 1")

    store = TraceStore(load_settings())
    (stored,) = store.entries()
    assert "x = 41 + 1" in to_text(load(store.path(stored)))


def test_a_store_that_fails_is_told_and_the_trace_shown(session, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")

    out = session.run("%%cotrace\nx = 1")

    assert "cell: " in out
    assert "the trace was not kept there" in session.err


def test_a_fault_of_ours_is_told_in_one_line_and_the_cells_result_stands(session, monkeypatch):
    def broken(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr(outcome, "deliver", broken)

    out = session.run("%%cotrace\nx = 1\nx + 1")

    assert "Out[1]: 2" in out
    assert session.err == "cotrace: the cell ran, but cotrace failed: RuntimeError: boom\n"


def test_a_fault_when_the_recording_starts_does_not_keep_the_cell_from_running(session, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr("cotrace.notebook.recorder.Tracer", broken)

    out = session.run("%%cotrace\nx = 1\nx + 1")

    assert "Out[1]: 2" in out
    assert session.err == "cotrace: no trace, because cotrace failed: RuntimeError: boom\n"


@pytest.mark.parametrize("cell", ["x = 1", "1 / 0", "x = ]", "await __import__('asyncio').sleep(0)"])
def test_after_a_cell_the_shell_is_as_before(session, cell):
    shell = session.shell
    before = type(shell.compile), "showtraceback" in vars(shell), sys.gettrace(), type(sys.stdout.write)

    shell.run_cell(f"%%cotrace --quiet\n{cell}")

    assert (
        type(shell.compile),
        "showtraceback" in vars(shell),
        sys.gettrace(),
        type(sys.stdout.write),
    ) == before


def test_a_cell_inside_a_recorded_cell_belongs_to_it(session):
    session.run("%%cotrace --name t\nget_ipython().run_cell('%%cotrace\\ninner = 1')\nouter = 2")

    assert "outer = 2" in sources(session.names["t"])
    assert "inner = 1" in sources(session.names["t"])
    assert "a cell around it is recorded already" in session.err


def test_the_next_cell_is_not_recorded(session):
    session.run("%%cotrace --quiet --name t\nx = 1")
    first = session.names["t"]

    session.run("y = 2")

    assert session.names["t"] is first
    assert session.run("z = 3") == ""


def test_unloading_takes_everything_out(session):
    shell = session.shell
    magic.unload(shell)
    found = (
        [f for f in shell.input_transformers_cleanup if "cotrace" in f.__module__],
        [t for t in shell.ast_transformers if "cotrace" in type(t).__module__],
        shell.find_cell_magic("cotrace"),
        shell.find_line_magic("cotrace"),
    )

    assert found == ([], [], None, None)


def test_loading_twice_is_loading_once(session):
    magic.load(session.shell)

    assert session.run("%%cotrace\nx = 1").count("cell: ") == 1


def test_completion_knows_the_magic(session):
    with provisionalcompleter():
        found = [completion.text for completion in session.shell.Completer.completions("%%cotr", 6)]

    assert "%%cotrace" in found
