"""``%%cotrace`` in a real kernel: what it shows, what it leaves in the saved notebook, and what an interrupt leaves."""

from __future__ import annotations

import re
import time
from pathlib import Path

import cotrace
import nbformat
import pytest
from cotrace.dataset import Dataset
from jupyter_client.manager import KernelManager

pytestmark = pytest.mark.slow

LOAD = "%load_ext cotrace"
DOUBLE = "def double(n):\n    return n * 2"


WIDGET = "application/vnd.jupyter.widget-view+json"


def shown(outputs):
    """Return the MIME bundles of what was displayed, without the live widgets."""
    bundles = [output["data"] for output in outputs if output["output_type"] == "display_data"]
    return [bundle for bundle in bundles if WIDGET not in bundle]


def test_a_cell_shows_a_table_as_html_and_as_text_below_its_result(run_notebook):
    *_, outputs = run_notebook([LOAD, DOUBLE, "%%cotrace\nx = double(4)\nx + 1"])

    assert [output["output_type"] for output in outputs] == ["execute_result", "display_data", "display_data"]
    (bundle,) = shown(outputs)
    assert "double begins with n = 4" in bundle["text/html"]
    assert re.search(r"\n +\d+ +3 +x \+ 1 +x \+ 1 → 9", bundle["text/plain"])


def test_what_is_saved_is_a_table_without_its_scripts_and_fits_the_servers_limit(run_notebook):
    loop = "%%cotrace\ntotal = 0\nfor i in range(3000):\n    total += i\ntotal"
    (bundle,) = shown(run_notebook([LOAD, loop])[1])

    table = re.sub(r"<script.*?</script>", "", bundle["text/html"], flags=re.DOTALL)
    assert len(table) < 100_000 < len(bundle["text/html"]) < 500_000
    assert "×2,99" in table
    assert "×2,99" in bundle["text/plain"]


def test_the_reasoning_is_shown_with_its_verdicts(run_notebook):
    *_, outputs = run_notebook([LOAD, DOUBLE, "%%cotrace --narrate\ndouble(4)"])

    (bundle,) = shown(outputs)
    assert "✓ supported" in bundle["text/html"]
    assert "0 contradicted" in bundle["text/plain"]


def test_an_error_is_shown_first_and_its_trace_below(run_notebook):
    *_, outputs = run_notebook([LOAD, DOUBLE, "%%cotrace\ny = double(1)\ny / 0"])

    assert [output["output_type"] for output in outputs] == ["error", "display_data", "display_data"]
    assert "raised ZeroDivisionError: division by zero" in outputs[2]["data"]["text/plain"]


def test_without_a_trace_the_reason_is_shown(run_notebook):
    *_, outputs = run_notebook([LOAD, "%%cotrace --function double\nx = 1"])

    assert shown(outputs)[0]["text/plain"] == "cotrace: no trace, because the cell did not call double"


def test_an_option_that_does_not_exist_stops_the_cell(run_notebook):
    *_, refused, after = run_notebook([LOAD, "%%cotrace --narate\nran = 1", "'ran' in globals()"])

    assert "Did you mean --narrate?" in str(refused)
    assert after[0]["data"]["text/plain"] == "False"


def test_a_cell_is_appended_to_a_dataset(run_notebook, tmp_path):
    path = tmp_path / "made.jsonl"
    *_, outputs = run_notebook([LOAD, DOUBLE, f"%%cotrace --dataset {path}\ndouble(21)"])

    (record,) = Dataset(path)
    assert record.answer == "42"
    assert record.id in str(outputs)


def test_the_tour_runs_and_only_its_own_exception_is_raised(run_notebook):
    tour = nbformat.read(Path(cotrace.__file__).parent / "examples" / "tour.ipynb", as_version=4)
    outputs = run_notebook([cell.source for cell in tour.cells if cell.cell_type == "code"])

    errors = [output["evalue"] for cell in outputs for output in cell if output["output_type"] == "error"]
    assert errors == ["20 is not enough for 30"]
    assert [len(shown(cell)) for cell in outputs[1:3]] == [1, 1]


@pytest.fixture
def kernel(kernel_name, tmp_path):
    """Start a kernel that a test talks to itself."""
    manager = KernelManager(kernel_name=kernel_name)
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_an_interrupt_ends_the_cell_and_keeps_what_was_recorded(kernel):
    manager, client = kernel
    client.execute(LOAD, reply=True, timeout=60)
    cell = "%%cotrace\nimport time\nbegun = True\nprint('begun')\nwhile True:\n    time.sleep(0.01)"
    request = client.execute(cell)
    outputs = []
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        outputs.append(message)
        if message["msg_type"] == "stream":
            time.sleep(0.2)
            manager.interrupt_kernel()
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break

    (error,) = [message["content"] for message in outputs if message["msg_type"] == "error"]
    (table,) = shown([{"output_type": message["msg_type"], **message["content"]} for message in outputs])
    assert error["ename"] == "KeyboardInterrupt"
    assert "was interrupted" in table["text/plain"]
    assert "begun = True" in table["text/plain"]
    again = client.execute("1 + 1", reply=True, timeout=60)
    assert again["content"]["status"] == "ok"
