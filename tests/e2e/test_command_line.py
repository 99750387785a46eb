"""The installed `cotrace` command, run as a user runs it: one story from a program to a valid dataset."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """\
def mean(numbers):
    total = 0
    for number in numbers:
        total += number
    return total / len(numbers)


if __name__ == "__main__":
    print(mean([int(line) for line in open(0)]))
"""


@pytest.fixture
def cotrace(tmp_path):
    """Return a function that runs the installed script in a folder of its own."""
    script = Path(sys.executable).with_name("cotrace")
    assert script.exists(), f"expected {script}: install the package first (make does)"
    folders = {"COTRACE_STATE_DIR": str(tmp_path / "state"), "COTRACE_CONFIG_DIR": str(tmp_path / "config")}

    def run(*arguments, code=0, **options):
        ran = subprocess.run(
            [script, *arguments],
            cwd=tmp_path,
            env=os.environ | folders,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        assert ran.returncode == code, ran.stderr
        assert "Traceback" not in ran.stderr
        return ran

    return run


def test_from_a_program_to_a_valid_dataset(cotrace, tmp_path):
    (tmp_path / "mean.py").write_text(PROGRAM)

    assert cotrace("trace", "mean.py", input="1\n2\n6\n").stdout == "3.0\n"
    assert "prints '3.0'" in cotrace("show").stdout

    cotrace("trace", "mean.py::mean", "--call", "mean([1, 2, 6])")
    cotrace("narrate", "-o", "told.txt")
    assert "✗ 0 contradicted" in cotrace("check", "told.txt").stdout
    told = (tmp_path / "told.txt").read_text()
    (tmp_path / "told.txt").write_text(told.replace("3.0", "4.0"))
    assert "write '3.0'" in cotrace("check", "told.txt", code=1).stdout

    cotrace("dataset", "add", "--approve")
    cotrace("dataset", "validate", "--run")
    (record,) = json.loads(cotrace("dataset", "list", "--json").stdout)
    assert (record["call"], record["answer"]) == ("mean([1, 2, 6])", "3.0")
    cotrace("dataset", "undo")
    assert json.loads(cotrace("dataset", "list", "--json").stdout) == []
    assert "deleted 2 traces" in cotrace("clean").stderr


def test_the_demo_in_an_empty_folder(cotrace, tmp_path):
    assert "What next" in cotrace("demo").stdout

    assert json.loads((tmp_path / "demo.jsonl").read_text())["review"]["status"] == "approved"


def test_the_module_is_the_same_command(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "cotrace", "--help"], capture_output=True, text=True, check=True
    )

    assert ran.stdout.startswith("usage: cotrace ")


@pytest.mark.skipif(shutil.which("script") is None, reason="needs script(1) to make a terminal")
def test_at_a_terminal_there_is_colour_and_word_of_a_long_run(tmp_path):
    """And the program's own output passes through, with a terminal of its own to ask about."""
    (tmp_path / "long.py").write_text(
        "import sys, time\nprint(sys.stdout.isatty())\nfor i in range(15): time.sleep(0.1)\n"
    )
    cotrace = Path(sys.executable).with_name("cotrace")
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {
        "TERM": "xterm-256color",
        "COTRACE_STATE_DIR": str(tmp_path),
    }

    ran = subprocess.run(
        ["script", "-qec", f"{cotrace} trace {tmp_path}/long.py && {cotrace} show --plain", "/dev/null"],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=True,
    )

    assert "True" in ran.stdout.splitlines()[0]
    assert "steps after 1 s (stopped at 10 s)" in ran.stdout
    assert "\x1b[" in ran.stdout


@pytest.mark.newest
def test_lab_serves_the_notebook(tmp_path):
    """A real JupyterLab on a loopback port that the system chooses."""
    command = [sys.executable, "-m", "cotrace", "lab", str(tmp_path / "lab"), "--no-browser", "--"]
    options = ["--allow-root", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1", "--LabApp.news_url="]
    with subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as lab:
        try:
            address = next(line for line in lab.stderr if "http://127.0.0.1:" in line and "token=" in line)
            place, _, token = address.split()[-1].partition("?")
            base = place.partition("/lab")[0]
            with urllib.request.urlopen(f"{base}/api/contents/tour.ipynb?{token}") as answer:
                notebook = json.load(answer)
        finally:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.stderr.read()

    assert notebook["type"] == "notebook"
    assert "%load_ext cotrace" in notebook["content"]["cells"][1]["source"]
