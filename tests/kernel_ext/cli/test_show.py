"""``cotrace show``: the whole recording, one step, or a file to give to others."""

import io
import json

import pytest
from cotrace.cli import render
from cotrace.store import TraceStore, load
from rich.console import Console


def test_the_latest_recording_is_shown_as_a_table(cotrace, loop):
    shown = cotrace("show").out

    assert "loop.py: " in shown
    assert "total += i" in shown
    assert "total = 3" in shown
    assert "prints 'total 3'" in shown


def test_a_long_recording_is_folded_unless_all_is_asked_for(cotrace, own_folders):
    (own_folders / "long.py").write_text("x = 0\nwhile x < 500:\n    x += 1\n")
    cotrace("trace", "long.py")

    folded, whole = cotrace("show").out, cotrace("show", "--all").out

    assert "steps: line" in folded
    assert "x = 250" not in folded
    assert "x = 250" in whole


def test_one_step_shows_where_it_is_what_it_does_and_the_state_before_it(cotrace, loop):
    lines = [json.loads(line) for line in cotrace("show", "--format", "jsonl").out.splitlines()]
    step = next(line["step"] for line in lines if changes(line) == {"total": "1"})

    shown = cotrace("show", "--step", str(step)).out

    assert f"step {step} of 0 to {len(lines) - 1}: line in <module>, line 3" in shown
    assert "▶ 3     total += i" in shown
    assert "changes  total = 1" in shown
    assert "total = 0" in shown


def changes(line):
    return {change["name"]: change["value"] for change in line["changes"]}


def test_the_end_is_step_minus_one(cotrace, loop):
    shown = cotrace("show", "--step", "-1").out

    assert "after the last of" in shown
    assert "total = 3" in shown


def test_a_step_that_is_not_there_is_refused(cotrace, loop):
    ran = cotrace("show", "--step", "999")

    assert ran.code == 2
    assert "expected --step from 0 to" in ran.err


def test_a_page_and_a_picture_are_written(cotrace, loop, own_folders):
    assert cotrace("show", "--html", "t.html").code == 0
    assert cotrace("show", "--svg", "t.svg").code == 0

    assert "total += i" in (own_folders / "t.html").read_text()
    drawn = (own_folders / "t.svg").read_text()
    assert drawn.startswith("<svg")
    assert "url(http" not in drawn.replace('"', ""), "nothing is fetched when it is looked at"


def test_json_sums_it_up(cotrace, loop):
    told = json.loads(cotrace("show", "--json").out)

    assert told["call"] == "loop.py"
    assert told["outcome"]["told"] == "ended"


def test_text_of_the_program_neither_marks_up_nor_drives_the_terminal(cotrace, own_folders):
    """Square brackets are rich's markup, and an escape would clear the screen or change its title."""
    (own_folders / "bad.py").write_text(
        "x = '[bold red]not bold[/] [/link]'\ny = '\\x1b]0;owned\\x07'\nprint(y)\n# \x1b[2J\n"
    )

    cotrace("trace", "bad.py")
    shown = cotrace("show").out + cotrace("show", "--step", "2").out + cotrace("show", "--step", "-1").out

    assert "[bold red]not bold[/] [/link]" in shown
    assert "\x1b" not in shown
    assert "\\x1b]0;owned" in shown


def test_what_render_returns_fits_into_the_terminal_it_is_printed_to(cotrace, loop):
    trace = load(TraceStore().path(TraceStore().latest()))
    console = Console(width=60, file=io.StringIO())

    console.print(render.timeline(trace, None), render.state(trace, 3), render.headline(trace))

    assert max(map(len, console.file.getvalue().splitlines())) <= 60


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_long_source_leaves_room_for_what_its_line_did(cotrace, own_folders, width):
    (own_folders / "long.py").write_text(f"n = int('7')  # {'x' * 200}\n")
    cotrace("trace", "long.py")
    console = Console(width=width, file=io.StringIO())

    console.print(render.timeline(load(TraceStore().path(TraceStore().latest())), None))

    lines = console.file.getvalue().splitlines()
    assert any("what it did" in line for line in lines)
    assert any(line.rstrip().endswith("n = 7") for line in lines)
    assert max(map(len, lines)) <= width
