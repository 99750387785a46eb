"""A notebook's cells, run by a real kernel of the Python that runs the tests."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cotrace
import cotrace_widgets
import nbformat
import pytest
from nbclient import NotebookClient

KERNEL = "cotrace-tests"


@pytest.fixture(scope="session")
def kernel_name(tmp_path_factory) -> Iterator[str]:
    """Install a kernel for this very interpreter, with folders of its own, for as long as the tests run."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = home / "data" / "kernels" / KERNEL
    folder.mkdir(parents=True)
    environment = {
        "PYTHONPATH": os.pathsep.join(
            str(Path(ours.__file__).parents[1]) for ours in (cotrace, cotrace_widgets)
        ),
        "COTRACE_STATE_DIR": str(home / "state"),
        "COTRACE_CONFIG_DIR": str(home / "config"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": KERNEL, "language": "python", "env": environment}
    (folder / "kernel.json").write_text(json.dumps(spec))
    variables = {"JUPYTER_PATH": str(home / "data"), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setitem(os.environ, name, value)
        yield KERNEL


@pytest.fixture(scope="session")
def run_notebook(kernel_name, tmp_path_factory) -> Callable[[Sequence[str]], list[list[dict]]]:
    """Return a function that runs cells in a fresh kernel and gives the outputs of each."""

    def run(cells: Sequence[str]) -> list[list[dict]]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
        client = NotebookClient(
            notebook,
            kernel_name=kernel_name,
            allow_errors=True,
            timeout=120,
            resources={"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}},
        )
        client.execute()
        return [joined(cell.outputs) for cell in notebook.cells]

    return run


def joined(outputs: Sequence[dict]) -> list[dict]:
    """Return the outputs with neighbouring pieces of one stream put together: time decides where a kernel cuts."""
    found: list[dict] = []
    for output in outputs:
        last = found[-1] if found else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            found.append(dict(output))
    return found
