"""A secret that a program holds in every way is in nothing that cotrace writes: only in the user's own source.

The program's own terminal output passes through as it is, so it has the secret too.
"""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

CANARY = "canary-7f3b19c2e5d84a60"
PROGRAM = f"""\
import os


class Client:
    def __init__(self, password):
        self.password = password


def f(x):
    api_key = "{CANARY}"
    token = os.environ["MY_API_TOKEN"]
    held = {{"secret_key": api_key, "x": x}}
    client = Client(token)
    print("using", token, api_key)
    text = "with " + token
    if x > 1:
        raise ValueError("refused " + client.password)
    return len(text) + len(held)
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def folders(tmp_path):
    """The environment of a process all of whose files go below one folder."""
    made = {
        "HOME": tmp_path / "home",
        "TMPDIR": tmp_path / "tmp",
        "COTRACE_STATE_DIR": tmp_path / "state",
        "COTRACE_CONFIG_DIR": tmp_path / "config",
        "IPYTHONDIR": tmp_path / "ipython",
    }
    for folder in made.values():
        folder.mkdir()
    return {name: str(folder) for name, folder in made.items()} | {"MY_API_TOKEN": CANARY}


def files_with_canary(folder):
    """Return the files that hold the canary, also where they are packed."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".cotrace":
            content += zlib.decompress(content.partition(b"\n")[2])
        if CANARY.encode() in content:
            found.append(path.name)
    return sorted(found)


def test_by_the_command_line(tmp_path, folders):
    script = Path(sys.executable).with_name("cotrace")

    def run(*arguments):
        ran = subprocess.run(
            [script, *arguments],
            cwd=tmp_path,
            env=os.environ | folders,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, f"{arguments}: {ran.stderr}"
        return ran

    (tmp_path / "p.py").write_text(PROGRAM)
    said = ""
    for number in (1, 2):
        ran = run("trace", "p.py::f", "--call", f"f({number})", "-o", f"{number}.cotrace")
        assert CANARY in ran.stdout  # what the program prints is its own
        trace = f"{number}.cotrace"
        run("narrate", trace, "-o", f"{number}.txt")
        run("show", trace, "--html", f"{number}.html")
        for arguments in (("show", trace), ("show", trace, "--json"), ("narrate", trace, "--json")):
            said += run(*arguments).stdout
        said += run("dataset", "add", trace, "--dataset", "d.jsonl", "--json").stdout
    said += run("dataset", "list", "--dataset", "d.jsonl", "--json").stdout

    assert "<redacted" in said
    assert CANARY not in said
    assert files_with_canary(tmp_path) == ["p.py"]


@pytest.mark.newest
def test_in_a_notebook(tmp_path, folders, kernel_name):
    """The cell's source and what it prints are the user's own; IPython's history is off."""
    cells = [
        f"import os\nos.environ['MY_API_TOKEN'] = '{CANARY}'",
        "%load_ext cotrace",
        PROGRAM.replace('print("using", token, api_key)', "pass"),
        "%%cotrace --narrate --dataset d.jsonl\nf(1)",
        "%%cotrace --narrate\nf(2)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    client = NotebookClient(
        notebook,
        kernel_name=kernel_name,
        allow_errors=True,
        timeout=60,
        resources={"metadata": {"path": str(tmp_path)}},
        extra_arguments=["--HistoryManager.enabled=False"],
    )
    client.execute(env=os.environ | folders)
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    made = [output for output in outputs if output.output_type == "display_data"]

    assert made
    assert "<redacted" in str(made)
    assert CANARY not in str(made)
    assert files_with_canary(tmp_path) == []
