"""What is on the screen, for terminals of many sizes, and that nothing of the program's acts on them."""

import re
from dataclasses import replace

import pytest
from cotrace.cli.stepper.layout import picture
from cotrace.cli.stepper.recording import Recording
from cotrace.cli.stepper.session import Session
from cotrace.formats.escape import visible
from cotrace.model.trace import Note
from stepped import PROGRAMS, record, recorded

HOSTILE = recorded(
    "names = ['日本語', 'e\\u0301', '\\U0001f469\\u200d\\U0001f467', '\\u202eabc', '[bold]x[/]']\n"
    "names.append('\\x1b]0;owned\\x07')\n"
    "def show(name):  # \x1b[2J \u202e 日本 [red]\n"
    "    print(name, '\\x1b[2J', end='\\r\\n\\t\\x9b1m')\n"
    "    raise KeyError(name)\n"
    "for 名 in names:\n"
    "    try:\n"
    "        show(名)\n"
    "    except KeyError as error:\n"
    "        seen = {名: error, '\\x00': [名] * 50}\n",
    name="x\x1b[31m.py",
)


def rows(session, width=120, height=30):
    """The picture as text: each row's pieces at their columns."""
    drawn = {}
    for piece in sorted(picture(session, width, height), key=lambda piece: piece.column):
        line = drawn.get(piece.row, "").ljust(piece.column)
        drawn[piece.row] = line[: piece.column] + piece.text.plain
    return [drawn.get(row, "") for row in range(height)]


CODE = re.compile(r"[▶ ] +(\d+)  (.*)│")
"""A line of code with its number."""


def session_at(trace, position):
    session = Session(Recording(trace))
    session.jump(position)
    return session


def test_a_step_shows_its_line_hits_values_effects_state_and_place():
    trace = record("nested")
    step = next(s.index for s in trace.steps if s.line == 6 and s.index > 6)
    text = "\n".join(rows(session_at(trace, step)))

    assert "nested.py" in text
    assert f"step {step} of 24" in text
    assert "line 6 of <module> · for in line 2: pass 1 of 3 · for in line 3: pass 2 of 2" in text
    assert re.search(r"▶ +6 +2/2 +total \+= number   total = 1, number = 2", text)
    assert "● total = 3" in text, "what the line does"
    assert re.search(r"│    total = 1 *$", text, re.MULTILINE), "the state before it"


def test_values_stand_only_behind_lines_of_the_running_code():
    """`n` of the one function is not `n` of the other."""
    trace = recorded("def f(n):\n    m = n\n    return g(m)\n\ndef g(n):\n    k = n\n    return k\n\nf(5)\n")
    position = next(step.index for step in trace.steps if step.line == 7)
    code = {
        int(found[1]): found[2] for row in rows(session_at(trace, position)) if (found := CODE.match(row))
    }

    assert "   k = 5" in code[6]
    assert "   n = 5" in code[5]
    assert "5" not in code[1] + code[2] + code[3]


def test_what_changed_since_the_step_before_is_marked_through_every_name():
    trace = recorded("a = [1]\nb = a\nb.append(2)\nc = 0\nd = 1\n")
    position = next(s.index for s in trace.steps if s.line == 4)
    text = "\n".join(rows(session_at(trace, position)))

    assert " ● a = [1, 2]" in text
    assert " ● b = [1, 2]" in text
    assert "● a" not in "\n".join(rows(session_at(trace, position + 1)))


def test_the_end_tells_how_it_ended_and_all_that_was_written():
    trace = recorded("print('hello')\nprint('world')\n1 // 0\n")
    text = "\n".join(rows(session_at(trace, len(trace.steps))))

    assert "the end: raised ZeroDivisionError" in text
    assert "hello" in text
    assert "world" in text
    before = "\n".join(rows(session_at(trace, 2)))
    assert re.search("│ hello$", before, re.MULTILINE)
    assert not re.search("│ world$", before, re.MULTILINE), "it is yet to be written"


def test_the_end_tells_what_the_recording_lacks():
    trace = replace(record("nested"), truncated="more than 24 steps", notes=(Note("f", "it is compiled"),))
    text = "\n".join(rows(session_at(trace, len(trace.steps))))

    assert "! Recording ended early: more than 24 steps." in text
    assert "! Not traced in full: f: it is compiled." in text


def test_the_stack_has_the_running_frame_first():
    trace = record("recursion")
    deepest = max((step for step in trace.steps if step.line == 3), key=lambda step: step.depth)
    text = "\n".join(rows(session_at(trace, deepest.index)))

    assert re.findall(r"│  .  ?n = (\d)\s*$", text, re.MULTILINE) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("size", [(40, 10), (20, 6), (89, 24), (90, 24), (200, 60), (1, 1), (10, 3), (80, 2)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_picture_keeps_within_the_terminal(name, size):
    width, height = size
    session = Session(Recording(trace := record(name)))
    for position in range(0, len(trace.steps) + 1, 5):
        for mode in ("step", "help", "choose"):
            session.jump(position)
            session.mode = mode
            for piece in picture(session, width, height):
                assert 0 <= piece.row < height
                assert piece.column >= 0
                assert piece.column + piece.width <= max(width, len("step 99 of 99"))


def test_forty_columns_and_ten_rows_show_line_effect_and_variable():
    trace = record("nested")
    step = next(s.index for s in trace.steps if s.line == 6)
    text = "\n".join(rows(session_at(trace, step), 40, 10))

    assert re.search(r"▶ +6 ", text)
    assert "total = 1" in text
    assert "total = 0" in text


@pytest.mark.parametrize("size", [(40, 12), (120, 30)])
def test_no_character_of_the_program_acts(size):
    session = Session(Recording(HOSTILE))
    session.press("/")
    for key in "\u202e\x1b":
        session.press(key)
    for position in range(len(HOSTILE.steps) + 1):
        session.walk.go(position)
        for mode in ("step", "choose", "search"):
            session.mode = mode
            for piece in picture(session, *size):
                assert visible(piece.text.plain) == piece.text.plain
    assert any("[bold]x[/]" in row for row in rows(session_at(HOSTILE, len(HOSTILE.steps)), 200, 40))


def test_more_variables_than_fit_are_counted_and_scrolled_to():
    trace = recorded("\n".join(f"v{n} = {n}" for n in range(60)) + "\nend = 1\n")
    session = session_at(trace, len(trace.steps))
    assert any("more lines: PgDn" in row for row in rows(session))
    for _ in range(20):
        session.press("page down")

    assert any("end = 1" in row for row in rows(session))
    session.press("v")
    for _ in range(30):
        session.press("down")
    assert any("v30 = 30" in row for row in rows(session)), "the cursor is kept in sight"


def test_the_help_sheet_is_scrolled_where_it_does_not_fit():
    session = session_at(record("nested"), 3)
    session.press("?")
    assert any("next step, into a call" in row for row in rows(session, 40, 10))
    for _ in range(40):
        session.press("down")

    assert [row for row in rows(session, 40, 10) if row][-2].endswith("quit")
    session.press("q")
    assert (session.mode, session.is_over, session.position) == ("step", False, 3)


def test_the_strip_has_the_depth_of_the_run_and_the_position():
    trace = record("recursion")
    bars = rows(session_at(trace, len(trace.steps) // 2), 80)[1]

    assert len(bars) == 80
    assert bars.index("◆") == 40
    assert "█" in bars
    assert bars[0] == "▁"
