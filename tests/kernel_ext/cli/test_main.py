"""What holds for every command: exit codes, one message for a mistake, no tracebacks, quiet ends."""

import os
import signal
import subprocess
import sys

import pytest
from cotrace.cli.dataset import ACTIONS
from cotrace.cli.main import COMMANDS

COTRACE = [sys.executable, "-m", "cotrace"]


def test_no_command_shows_the_commands(cotrace):
    ran = cotrace()

    assert ran.code == 2
    assert all(command.name in ran.out for command in COMMANDS)


def test_dataset_without_an_action_shows_the_actions(cotrace):
    ran = cotrace("dataset")

    assert ran.code == 2
    assert all(f"\n    {action.name} " in ran.out for action in ACTIONS)


def test_help_is_a_word_too(cotrace):
    assert cotrace("help").out == cotrace("--help").out


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_says_what_it_takes(cotrace, command):
    ran = cotrace(command, "--help")

    assert ran.code == 0
    assert ran.out.startswith(f"usage: cotrace {command}")


def test_the_version_is_the_one_that_is_installed(cotrace):
    from importlib.metadata import version

    assert cotrace("--version").out == f"cotrace {version('cotrace')}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frob"], "expected COMMAND to be one of demo, trace"),
        (["trac"], "found 'trac': did you mean trace?"),
        (["dataset", "lst"], "found 'lst': did you mean list?"),
        (["trace", "empty.py", "--max-stesp", "3"], "found --max-stesp 3: did you mean --max-steps?"),
        (["trace", "empty.py", "3"], "expected nothing more, found 3: see --help"),
        (["trace", "empty.py::f(3)"], "cotrace trace empty.py --call 'f(3)'"),
        (["trace"], "required: FILE"),
        (["trace", "nothing.py"], "nothing.py: expected a source file, found nothing there"),
        (["trace", "."], "expected a source file, found a folder"),
        (["trace", "x.ipynb"], "found a notebook: put %%cotrace at the top of a cell"),
        (["trace", "x.cotrace"], "found a recording: look at it with cotrace show"),
        (["trace", "empty.py::"], "expected FILE::FUNCTION"),
        (
            ["trace", "empty.py", "--max-steps", "0"],
            "--max-steps: expected a whole number from 1 on, found 0",
        ),
        (["trace", "empty.py", "--max-steps", "x"], "invalid int value: 'x'"),
        (["trace", "empty.py::f", "--", "3"], "expected no arguments after -- with a call"),
        (["show"], "found none: make one with cotrace trace FILE"),
        (["show", "nothing.cotrace"], "expected a .cotrace file, found nothing"),
        (["show", "empty.py"], "found a program: record it with cotrace trace empty.py"),
        (["show", "x.cotrace"], "x.cotrace"),
        (["check", "nothing.txt"], "nothing.txt: expected a text file, found nothing there"),
        (["check", "empty.py"], "expected a text in empty.py, found nothing"),
        (["narrate", "--style", "bref"], "found 'bref': did you mean brief?"),
    ],
)
def test_a_mistake_is_told_in_one_message(cotrace, own_folders, arguments, message):
    for name in ("empty.py", "x.ipynb", "x.cotrace"):
        (own_folders / name).touch()

    ran = cotrace(*arguments)

    assert ran.code == 2
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_setting_that_is_unknown_is_told(cotrace, own_folders):
    (own_folders / "pyproject.toml").write_text("[tool.cotrace]\nstile = 'brief'\n")

    ran = cotrace("info")

    assert ran.code == 2
    assert "did you mean style?" in ran.err


def test_a_file_that_may_not_be_read_is_told(cotrace, own_folders):
    if os.geteuid() == 0:
        pytest.skip("root may read everything: run the tests as another user to see this one")
    (own_folders / "mine.py").write_text("x = 1")
    (own_folders / "mine.py").chmod(0)

    assert "you may not read it" in cotrace("trace", "mine.py").err


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "FORCE_COLOR": "1"}, {}])
def test_no_colour_where_it_is_not_wanted(loop, variables):
    """Not in a pipe, and not where NO_COLOR is set, whatever else is."""
    ran = subprocess.run([*COTRACE, "show"], env=os.environ | variables, capture_output=True, check=True)

    assert b"\x1b[3" not in ran.stdout
    assert b"total = 3" in ran.stdout


def test_a_reader_that_goes_away_is_no_trouble(loop):
    """As with ``cotrace show --format jsonl | head -1``, many times the pipe's room long."""
    (loop.parent / "long.py").write_text("for i in range(3000): x = [i] * 50\n")
    subprocess.run([*COTRACE, "trace", "long.py"], check=True, capture_output=True)
    with subprocess.Popen(
        [*COTRACE, "show", "--format", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as shown:
        shown.stdout.readline()
        shown.stdout.close()
        told = shown.stderr.read()

    assert (shown.returncode, told) == (0, b"")


def test_ctrl_c_reaches_the_program_and_what_was_recorded_is_kept(cotrace, own_folders):
    """The program ends as it chooses to; cotrace keeps the recording and says how it ended."""
    (own_folders / "wait.py").write_text("import time\nx = 41\nprint('ready', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [*COTRACE, "trace", "wait.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as traced:
        traced.stdout.readline()
        traced.send_signal(signal.SIGINT)
        _, told = traced.communicate(timeout=30)

    assert traced.returncode == 0
    assert "was interrupted" in told
    assert "x = 41" in cotrace("show").out


def test_being_terminated_leaves_no_program_behind(own_folders):
    (own_folders / "wait.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [*COTRACE, "trace", "wait.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as traced:
        program = int(traced.stdout.readline())
        traced.terminate()
        traced.communicate(timeout=30)

    with pytest.raises(ProcessLookupError):
        os.kill(program, 0)


def test_text_that_the_encoding_lacks_is_spelled(loop):
    ran = subprocess.run(
        [*COTRACE, "narrate", "--check"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert rb"\u2713" in ran.stdout
