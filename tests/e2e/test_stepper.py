"""``cotrace show`` in a terminal: stepping by keyboard, and the terminal given back whatever happens."""

import os
import re
import signal
import sys

import pytest
from stepped import record, recorded
from terminals import Terminal

pytestmark = pytest.mark.slow

LEFT, RIGHT, UP, DOWN, END = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[F"
STEP = r"step {} of "
GIVEN_BACK = r"\[ended {}, terminal as it was\]"


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def show(tmp_path):
    """Return a function that shows a trace in a terminal, and end what it began."""
    begun = []

    def shown(trace, *options, **settings):
        trace.save(tmp_path / "t.cotrace")
        command = [sys.executable, "-m", "cotrace", "show", "t.cotrace", *options]
        begun.append(Terminal(*command, **settings))
        return begun[-1]

    yield shown
    for terminal in begun:
        terminal.close()


def is_given_back(terminal):
    screen = terminal.screen
    return screen.wraps and screen.shows_cursor and not screen.on_other_page


def test_a_person_steps_through_and_quits(show):
    terminal = show(record("recursion"))
    terminal.wait_for(STEP.format(0))
    assert terminal.screen.on_other_page

    terminal.send(RIGHT * 3)
    terminal.wait_for(STEP.format(3))
    terminal.send("g20\r")
    assert "depth" in terminal.wait_for(STEP.format(20))
    terminal.send(DOWN)
    terminal.wait_for(r"step (?!20 )\d+ of ")
    terminal.send(UP)
    terminal.wait_for(STEP.format(20))
    terminal.send("?")
    terminal.wait_for("next, previous pass of the innermost loop")
    terminal.send("x/answer\r")
    terminal.wait_for(r"▶ +6")
    terminal.send(END)
    terminal.wait_for("the end: ended")
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))
    assert is_given_back(terminal)


def test_an_escape_leaves_a_prompt(show):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    terminal.send("/abc")
    terminal.wait_for("search: abc")
    terminal.send("\x1b")
    terminal.wait_for(r"\? help")
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


def test_it_plays_by_itself_and_any_key_stops_it(show):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    terminal.send(" ")
    terminal.wait_for(r"playing  step 3 of ")
    terminal.send(LEFT)
    terminal.wait_for(r"(?<!playing  )step \d+ of ")
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, -15), (signal.SIGHUP, -1), (signal.SIGQUIT, -3), (signal.SIGINT, 130)],
)
def test_a_signal_that_ends_it_finds_the_terminal_given_back(show, number, code):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    os.kill(terminal.pid, number)

    terminal.wait_for(GIVEN_BACK.format(code))
    assert is_given_back(terminal)


def test_control_c_ends_it_as_it_ends_any_command(show):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    terminal.send("\x03")

    terminal.wait_for(GIVEN_BACK.format(130))
    assert is_given_back(terminal)


def test_stopped_by_control_z_it_gives_the_terminal_back_and_takes_it_again(show):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    for at in (1, 2):
        terminal.send(RIGHT)
        terminal.wait_for(STEP.format(at))
        terminal.send("\x1a")
        terminal.wait_for(r"(\[stopped, terminal as it was\]\s*)" * at)
        assert is_given_back(terminal)
        terminal.send("\n")
        terminal.wait_for(STEP.format(at))
        assert terminal.screen.on_other_page
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


def test_a_stop_that_cannot_be_seen_coming_is_drawn_over_when_it_goes_on(show):
    terminal = show(record("nested"))
    terminal.wait_for(STEP.format(0))
    os.kill(terminal.pid, signal.SIGSTOP)
    terminal.wait_for(r"\[stopped")
    terminal.send("\n")
    terminal.wait_for(r"(?s)\A(?!.*\[stopped).*step 0 of ")
    terminal.send(RIGHT)
    terminal.wait_for(STEP.format(1))
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


def test_a_mistake_of_ours_gives_the_terminal_back_before_it_is_told(tmp_path):
    record("nested").save(tmp_path / "t.cotrace")
    program = (
        "import sys; from cotrace.cli.stepper import session; from cotrace.cli.main import main\n"
        "session._ACTIONS['x'] = lambda _: 1 // 0\n"
        "sys.exit(main(['show', 't.cotrace']))"
    )
    with Terminal(sys.executable, "-c", program) as terminal:
        terminal.wait_for(STEP.format(0))
        terminal.send("x")

        assert "ZeroDivisionError" in terminal.wait_for(GIVEN_BACK.format(1))
        assert is_given_back(terminal)


def test_a_terminal_that_changes_its_size_is_drawn_anew(show):
    terminal = show(record("nested"), columns=120, rows=30)
    terminal.wait_for("── this line")
    for columns, rows in ((40, 10), (100, 24), (20, 3), (120, 40)):
        terminal.resize(columns, rows)
        terminal.send(RIGHT)
        terminal.wait_for(r"step \d+ of ")
    terminal.wait_for(STEP.format(4))
    assert len(terminal.screen.lines) <= 40
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


def test_text_of_the_program_never_acts_and_wide_characters_keep_their_place(show):
    """The screen refuses every sequence but those that are drawn with, and every character beyond its edge."""
    program = (
        "names = ['日本語', 'e\\u0301', '\\x1b[2J\\x9b31m', '\\u202eabc', '\\U0001f469\\u200d\\U0001f467' * 9]\n"
        "for 名 in names:  # 漢字 👍🏽 \u202e \x1b]0;owned\x07\n"
        "    print(名, '\\x1b[2J\\r', 名 * 30)\n"
    )
    trace = recorded(program, name="日本\x1b[31m.py")
    terminal = show(trace, columns=97)
    for position in range(len(trace.steps) + 1):
        terminal.wait_for(STEP.format(position))
        terminal.send(RIGHT)
        assert {line.index("│") for line in terminal.screen.lines if "│" in line} != set()
    terminal.send("q")

    terminal.wait_for(GIVEN_BACK.format(0))


@pytest.mark.parametrize(
    "setting",
    [{"NO_COLOR": "1"}, {"TERM": "vt100"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}],
)
def test_it_does_without_colours_and_without_signs(show, setting):
    terminal = show(record("nested"), **setting)
    terminal.wait_for(STEP.format(0))
    terminal.send(RIGHT * 4)
    text = terminal.wait_for(STEP.format(4))

    assert ("> 4" if "LC_ALL" in setting else "▶ 4") in text
    terminal.send("q")
    terminal.wait_for(GIVEN_BACK.format(0))


@pytest.mark.parametrize(
    "options",
    [
        ["--plain"],
        ["--all"],
        ["--rows", "50"],
        ["--format", "table"],
        ["--format", "next"],
        ["--json"],
        ["--step", "2"],
    ],
)
def test_who_asks_for_text_gets_text_also_in_a_terminal(show, options):
    terminal = show(record("nested"), *options, TERM="dumb", NO_COLOR="1")

    terminal.wait_for(GIVEN_BACK.format(0))
    assert re.search(r"total|nested\.py", terminal.screen.text)


def test_a_terminal_that_cannot_draw_gets_the_table(show):
    terminal = show(record("nested"), TERM="dumb")

    assert "what it did" in terminal.wait_for(GIVEN_BACK.format(0))


def test_a_terminal_to_draw_on_is_not_enough_without_one_to_type_in(tmp_path):
    record("nested").save(tmp_path / "t.cotrace")
    with Terminal(
        "sh", "-c", f"{sys.executable} -m cotrace show t.cotrace </dev/null", NO_COLOR="1", TERM="vt100"
    ) as terminal:
        assert "what it did" in terminal.wait_for(GIVEN_BACK.format(0))
