"""A secret that a program holds in every way is in nothing that cotrace writes: only in the user's own source.

Every file that is there in the end is searched, also where it is packed, and for the letters one by one.

The program's own terminal output passes through as it is, so it has the secret too.
"""

import html
import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import cotrace
import nbformat
import pytest
from cotrace.model.state import Atom
from nbclient import NotebookClient

CANARY = "canary-7f3b19c2e5d84a60"
PROGRAM = f"""\
import logging
import os
import sys
from collections import deque
from dataclasses import dataclass


@dataclass
class Login:
    user: str
    password: str


class Client:
    def __init__(self, password):
        self.password = password


def f(x):
    api_key = "{CANARY}"
    token = os.environ["MY_API_TOKEN"]
    held = {{"secret_key": api_key, "x": x}}
    client = Client(token)
    raw = token.encode()
    login = Login("me", token)
    header = f"Bearer {{token!r:>40}}"
    packed = (raw, [login], {{"header": header}}, list(sys.argv))
    apart = [list(token), tuple(token), deque(token), set(token), dict(enumerate(token)), list(raw)]
    grown = []
    grown.extend(token[::-1])
    grown.reverse()
    print("using", token, api_key)
    logging.warning("logged in with %s", token)
    text = "with " + token
    if x > 1:
        error = ValueError("refused " + client.password)
        error.add_note(f"it was {{token}}")
        raise error from KeyError(login)
    return len(text) + len(held) + len(packed) + len(apart)
"""
FORMS = (CANARY, CANARY[::-1], "".join(str(ord(c)) for c in CANARY))
"""The canary as it is, backwards, and as the numbers of its letters."""

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


def holds_canary(text):
    """Tell whether a text holds the canary, also letter by letter with whatever signs stand between."""
    return any(form in text or form in re.sub(r"[^\w-]", "", html.unescape(text)) for form in FORMS)


def rows_of(path):
    """Return the containers of a recording at all their moments, each as the text that its elements make."""
    trace = cotrace.load(path)
    found = [seen for entry in trace.entries for seen in entry.objects]
    for number in range(len(trace.steps) + 1):
        found += trace.snapshot(number).heap.values()
    rows = [row for seen in found for row in (seen.elements, *zip(*seen.entries, strict=True))]
    return ["".join(str(v.value) for v in row if isinstance(v, Atom) and v.literal) for row in rows]


def files_with_canary(folder):
    """Return the files that hold the canary, in their name too, and also where they are packed."""
    found = []
    for path in folder.rglob("*"):
        texts = [path.name]
        if path.is_file():
            texts.append(path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".cotrace":
            texts.append(zlib.decompress(path.read_bytes().partition(b"\n")[2]).decode())
            texts += rows_of(path)
        if any(map(holds_canary, texts)):
            found.append(path.name)
    return sorted(found)


def kinds_of_files(folder):
    return {path.suffix for path in folder.rglob("*.*") if path.is_file()}


def test_the_search_finds_a_canary_that_was_not_recognised(tmp_path):
    """Under innocent names all is recorded: a search that found nothing here would prove nothing."""
    for name, held in {"plain": CANARY, "letters": list(CANARY), "numbers": list(CANARY.encode())}.items():
        trace = cotrace.trace(copied, held)
        trace.save(tmp_path / f"{name}.cotrace")
        (tmp_path / f"{name}.html").write_text(trace.to_html())
        (tmp_path / f"{name}.json").write_text(json.dumps(held))

    assert files_with_canary(tmp_path) == sorted(path.name for path in tmp_path.iterdir())


def copied(held):
    return [held, held[:]]


@pytest.fixture
def run(tmp_path, folders):
    """Runs `cotrace` in the folder; what it finds (exit code 1) is no failure."""
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
        assert ran.returncode in (0, 1), f"{arguments}: {ran.stderr}"
        return ran

    return run


RUNS = (
    ("p.py::f", "--call", "f(1)"),
    ("p.py::f", "--call", "f(2)"),
    ("script.py", "--", f"--token={CANARY}", CANARY),
)


def test_by_the_command_line(tmp_path, run):
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "script.py").write_text(f"{PROGRAM}\nprint(f(len(sys.argv)))\n")
    said = ""
    for number, what in enumerate(RUNS):
        trace = f"{number}.cotrace"
        ran = run("trace", "-o", trace, *what)
        assert CANARY in ran.stdout  # what the program prints is its own
        run("narrate", trace, "-o", f"{number}.txt")
        run("show", trace, "--html", f"{number}.html")
        run("show", trace, "--svg", f"{number}.svg")
        for arguments in (
            ("show", trace),
            ("show", trace, "--json"),
            ("narrate", trace, "--json"),
            ("check", f"{number}.txt", trace, "--all", "--json"),
            ("dataset", "add", trace, "--dataset", "d.jsonl", "--json"),
            ("dataset", "list", "--dataset", "d.jsonl", "--json"),
        ):
            ran = run(*arguments)
            said += ran.stdout + ran.stderr

    assert "<redacted" in said
    assert not holds_canary(said)
    assert kinds_of_files(tmp_path) >= {".cotrace", ".html", ".svg", ".txt", ".jsonl"}
    assert len(list((tmp_path / "state").rglob("*.cotrace"))) == len(RUNS)
    assert files_with_canary(tmp_path) == ["p.py", "script.py"]


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
    assert not holds_canary(str(made))
    assert {".cotrace", ".jsonl"} <= kinds_of_files(tmp_path)
    assert files_with_canary(tmp_path) == []
