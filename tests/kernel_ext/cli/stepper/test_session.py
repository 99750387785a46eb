"""What each key does: the cursor goes where the moves say, and nothing else is needed to try it."""

from dataclasses import replace

import pytest
from cotrace.cli.stepper.recording import Recording
from cotrace.cli.stepper.session import HELP, Session
from cotrace.model import moves
from cotrace.model.changes import change_steps
from cotrace.model.trace import Note
from stepped import PROGRAMS, record, recorded

NESTED = record("nested")


@pytest.fixture
def session():
    return Session(Recording(NESTED))


def press(session, *keys):
    for key in keys:
        session.press(key)
    return session.position


def typed(text):
    return [*text, "enter"]


@pytest.mark.parametrize(("arrow", "letter"), [("right", "l"), ("left", "h"), ("down", "j"), ("up", "k")])
def test_letters_do_what_arrows_do(arrow, letter):
    trace = record("recursion")
    by_arrow, by_letter = Session(Recording(trace)), Session(Recording(trace))
    for session in (by_arrow, by_letter):
        session.jump(20)

    assert press(by_arrow, arrow) == press(by_letter, letter) != 20


def test_the_keys_go_where_the_moves_say():
    session = Session(Recording(trace := record("recursion")))
    for position in range(len(trace.steps) + 1):
        for key, move in (("down", moves.over), ("o", moves.out), ("enter", moves.following)):
            session.jump(position)
            assert press(session, key) == move(trace, position)
        for key, move in (("up", moves.back), ("O", moves.out_back)):
            session.jump(position)
            assert press(session, key) == move(trace, position)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("key", ["down", "o", "right"])
def test_a_move_forward_and_back_over_is_no_move_at_all(name, key):
    session = Session(Recording(trace := record(name)))
    for position in range(len(trace.steps)):
        session.jump(position)

        assert press(session, key, "up") == position


def test_home_and_end_and_a_step_by_number(session):
    end = len(NESTED.steps)

    assert press(session, "end") == end
    assert press(session, "home") == 0
    assert press(session, "g", *typed("7")) == 7
    assert press(session, "g", *typed("-1")) == end


@pytest.mark.parametrize(
    "answer", ["999", "x", "1.5", "\uff19\uff19", "0" * 30 + "9" * 5000, "-2", "9" * 5000]
)
def test_a_step_that_is_not_there_is_told_and_nothing_moves(session, answer):
    assert press(session, "right", "g", *typed(answer)) == 1
    assert session.message.startswith("expected a step from 0 to 24, found ")


def test_an_answer_can_be_mended_and_left(session):
    assert press(session, "g", "1", "2", "backspace", *typed("1")) == 11
    assert press(session, "g", "3", "escape", "right") == 12
    assert press(session, "g", "backspace", "right") == 13, "a prompt without an answer is left by backspace"


def test_search_goes_to_lines_names_and_values_both_ways_and_round(session):
    press(session, "/", *typed("print"))
    at = session.position

    assert NESTED.line_text(at).lstrip().startswith("print")
    assert press(session, "n") > at
    assert press(session, "N") == at
    press(session, "N")
    assert session.message == "from the end again: match 3 of 3"


def test_a_value_is_found_at_the_line_that_made_it():
    session = Session(Recording(trace := recorded("x = 40 + 2\ny = {'k': [x]}\nz = y['k'][0] - 1\n")))
    found = [press(session, *keys) for keys in (("/", *typed("42")), ("n",), ("n",))]

    assert [trace.line_text(position) for position in found] == ["x = 40 + 2", "y = {'k': [x]}", "x = 40 + 2"]
    assert session.message == "from the beginning again: match 1 of 2"


def test_what_the_recording_lacks_is_said_at_once():
    trace = replace(NESTED, truncated="more than 24 steps", notes=(Note("f", "it is compiled"),))

    assert (
        Session(Recording(trace)).message
        == "! Recording ended early: more than 24 steps. (1 more: see the end)"
    )


def test_what_is_not_there_is_told(session):
    assert press(session, "right", "/", *typed("nowhere")) == 1
    assert session.message == "not found: nowhere"
    press(session, "/", "N", "u", "m", "b", "e", "r", "enter")
    assert session.message == "not found: Number", "a capital letter is meant"


def test_changes_of_a_chosen_variable_are_gone_through(session):
    press(session, "right", "right", "right", "v")
    names = [name for _, name in session.shown_names()]
    press(session, *["down"] * names.index("total"), "enter", "home")
    frame, name = session.chosen
    visited = []
    while press(session, "]") not in visited:
        visited.append(session.position)

    assert name == "total"
    assert visited == [s for s in change_steps(NESTED, frame, "total") if s > 0]
    assert session.message == "total does not change after this"
    assert press(session, "[") == visited[-2]


def test_without_a_chosen_variable_it_is_said_how_to_choose_one(session):
    press(session, "]")

    assert session.message == "no variable is chosen: v chooses one"


def test_passes_of_the_innermost_loop_are_gone_through(session):
    begins = [step.index for step in NESTED.steps if step.line == 3][:2]
    session.jump(begins[0])

    assert press(session, "}") == begins[1]
    assert press(session, "}") == begins[1]
    assert session.message == "this is the last pass"
    assert press(session, "{") == begins[0]
    press(session, "home", "}")
    assert session.message == "no loop is around this"


def test_space_plays_until_the_end_or_the_next_key(session):
    press(session, " ")
    assert session.is_playing
    session.tick()
    assert session.position == 1
    press(session, " ")
    assert not session.is_playing

    session.jump(len(NESTED.steps) - 1)
    press(session, " ")
    session.tick()
    assert (session.position, session.is_playing) == (len(NESTED.steps), False)


def test_the_help_sheet_tells_of_every_key_and_is_closed_by_another(session):
    told = " ".join(keys for keys, _ in HELP).split()
    press(session, "?")

    assert session.mode == "help"
    assert press(session, "right") == 0
    assert session.mode == "step"
    assert set("hjkloOgnNv?q[]{}/") <= set(told)


def test_q_ends_it_but_not_while_something_is_typed(session):
    press(session, "/", "q")
    assert not session.is_over
    press(session, "escape", "q")
    assert session.is_over


def test_a_recording_without_steps_can_be_looked_at():
    empty = type(NESTED)((), (), (), (), (), NESTED.outcome, NESTED.limits, "nothing")
    session = Session(Recording(empty))

    keys = [
        "right",
        "left",
        "up",
        "down",
        "o",
        "O",
        "home",
        "end",
        "n",
        "]",
        "}",
        "v",
        " ",
        "page down",
        "/",
        "x",
        "enter",
    ]
    assert press(session, *keys) == 0
