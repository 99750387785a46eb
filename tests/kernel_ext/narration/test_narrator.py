"""What every narration keeps to, whatever the program: the rules, the answer, and the same text for the same trace."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import cotrace
import pytest
from cotrace.errors import UsageError
from cotrace.grounding.checker import check
from cotrace.grounding.templates import parts_of
from cotrace.model.limits import Limits
from cotrace.narration import narrate
from cotrace.tracing.calls import traced_call
from cotrace.tracing.tracer import Tracer

PROGRAMS = sorted((Path(__file__).parents[2] / "golden" / "narrations").glob("*.py"))
STYLES = ("brief", "normal", "full")

PYTHON = re.compile(
    r"==|!=|[-+*/%]=|//|\*\*|:=|->|<=|>=|\breturn\b|\bdef\b|\blambda\b|\belif\b|\bif \w+:|\bfor \w+ in\b"
)
"""Operators and statements of Python."""


def without_strings(text):
    return re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", text)


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda path: path.stem)
def trace(request, program):
    return program(request.param)


@pytest.mark.parametrize("style", STYLES)
def test_every_sentence_is_made_of_phrases_of_the_closed_list(trace, style):
    """No part of a sentence is outside the table that the checker compiles."""
    for sentence in narrate(trace, style).sentences:
        parts = parts_of(sentence.text)

        assert parts, sentence.text
        assert all(part.readings for part in parts), sentence.text


@pytest.mark.parametrize("style", STYLES)
def test_no_operator_or_statement_of_python_is_written(trace, style):
    """Names and values stay as written; everything else is words and mathematical signs."""
    text = without_strings(narrate(trace, style).text)

    assert PYTHON.findall(text) == []
    assert not re.search(r"\b(line|trace|step) \d", text)


@pytest.mark.parametrize("style", STYLES)
def test_every_sentence_is_anchored_within_the_recording(trace, style):
    """An anchor has at least one step, in rising order, and all of them exist."""
    for sentence in narrate(trace, style).sentences:
        assert sentence.anchor, sentence.text
        assert list(sentence.anchor) == sorted(set(sentence.anchor))
        assert 0 <= sentence.anchor[0] <= sentence.anchor[-1] < len(trace.steps)


def test_the_same_trace_and_seed_give_the_same_text_and_another_seed_other_words(trace):
    """The seed chooses wordings, never facts: anchors stay."""
    first, again, other = narrate(trace), narrate(trace), narrate(trace, seed=7)

    assert first == again
    assert other.text != first.text
    assert other.sentences[-1] == replace(first.sentences[-1], text=other.sentences[-1].text)


def test_the_text_can_be_cut_into_its_sentences_again(trace):
    """Editing a narration without changing it changes nothing."""
    reasoning = narrate(trace, "full")

    assert reasoning.edited(reasoning.text) == reasoning


def test_what_was_recorded_by_line_only_is_told_from_the_changes(trace):
    """Without an expression ledger the narration still ends with the answer and passes its check."""
    lines_only = replace(trace, entries=())

    reasoning = narrate(lines_only)

    assert reasoning.sentences[-1].text == narrate(trace).sentences[-1].text
    assert check(reasoning, lines_only).refuted == ()


def test_a_trace_without_any_source_is_told_too(trace):
    """Code made from a string has no text that could be parsed: its changes are told all the same."""
    bare = replace(trace, entries=(), sources=tuple(replace(s, text="", spans=()) for s in trace.sources))

    assert narrate(bare).sentences[-1].text == narrate(trace).sentences[-1].text


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("'a. b; c'", "'a. b; c'"),
        ("list(range(400))", str(list(range(400)))),
        ("[0] * 3000", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] (3000 elements)"),
        ("None", "None"),
        ("{'k': (1, 2.5)}", "{'k': (1, 2.5)}"),
    ],
)
def test_the_answer_is_the_last_sentence_and_all_that_was_recorded(told, code, answer):
    """However long: the answer is what the text is for. Beyond the capture limits its length is told."""
    reasoning = told(f"def f():\n    return {code}\n", "f()")

    assert reasoning.sentences[-1].text == f"So the answer is {answer}."


def test_an_uncaught_exception_is_the_answer(told):
    """Type and message, as the run ended with them."""
    reasoning = told("def f(d):\n    return d['b']\n", "f({'a': 1})")

    assert reasoning.sentences[-1].text == "So the run ends with KeyError: \"'b'\"."


def test_a_loop_of_a_thousand_passes_takes_at_most_fifteen_sentences(told):
    """The first passes, those that go another way and the last are told; for the rest the values that were taken."""
    code = "def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n"

    reasoning = told(code, "f(1000)")

    assert len(reasoning.sentences) <= 15
    assert "t goes 3, 6, 10, …, 497503, 498501" in reasoning.text.replace("takes the values", "goes")
    assert reasoning.sentences[-1].text == "So the answer is 499500."


def test_what_a_statement_did_not_do_is_not_told(told):
    """An assignment whose right-hand side raised gave nothing to anyone."""
    code = "def f(d):\n    n = 2\n    try:\n        n += d['b']\n    except KeyError:\n        pass\n    return n\n"

    text = told(code, "f({})").text

    assert "stays" not in text
    assert "n is again" not in text
    assert "KeyError" in text


def test_a_break_on_the_line_of_its_condition_is_told_only_where_it_happened(told):
    """``if i > 2: break`` is one line: that it ran does not mean that the loop was left."""
    code = "def f():\n    i = 0\n    while True:\n        i += 1\n        if i > 2: break\n    return i\n"

    text = told(code, "f()", "full").text

    assert len(re.findall(r"pass 3\b|in pass 3", text)) == 1
    assert "in pass 1" not in text


def test_a_called_functions_object_is_told_as_it_was_when_it_came_back(told):
    """A list that a function filled before it returned is not shown empty."""
    code = "def g(n):\n    out = []\n    out.append(n)\n    return out\n"
    code += "def f(n):\n    got = g(n)\n    return len(got)\n"

    assert re.search(r"got \S+( \S+)* \[4\]", told(code, "f(4)").text)


def test_a_run_that_was_stopped_has_no_answer(tmp_path):
    """What is known ends where the run was stopped; nothing is made up."""
    path = tmp_path / "endless.py"
    path.write_text("def f():\n    n = 0\n    while True:\n        n += 1\n")
    space = {}
    exec(compile(path.read_text(), str(path), "exec"), space)

    trace = traced_call(space["f"], limits=Limits(seconds=0.3))

    assert trace.outcome.kind == "stopped"
    assert narrate(trace).sentences[-1].text == "What is known ends here, before the code does."


def test_a_cells_answer_is_what_it_printed(tmp_path):
    """Code outside any function that shows no value ends with its output."""
    path = tmp_path / "cell.py"
    tracer = Tracer(files=[str(path)], call="cell")
    code = tracer.compile("x = 2\nfor i in range(2):\n    print(x * i)\n", str(path))
    with redirect_stdout(io.StringIO()):
        tracer.start()
        exec(code, {"__name__": "__main__"})
        trace = tracer.stop()

    assert narrate(trace).sentences[-1].text == "So the printed output is '0\\n2\\n'."


def test_an_unknown_style_is_an_error_that_names_the_known_ones():
    """The message says what was expected."""
    with pytest.raises(UsageError, match="expected brief, normal or full"):
        narrate(cotrace.trace(len, "abc"), "long")


def test_a_wait_is_told_as_waiting_and_going_on(told):
    """The exception by which Python ends a wait is none of the program's."""
    code = (
        "import asyncio\nasync def slow(n):\n    await asyncio.sleep(0)\n    return n * 2\n"
        "async def both(n):\n    a = await slow(n)\n    return a + await slow(a)\n"
        "def run(n):\n    return asyncio.run(both(n))\n"
    )
    text = told(code, "run(2)", "full").text

    assert "StopIteration" not in text
    assert len(re.findall(r"slow (?:waits|is left waiting)\.", text)) == 2
    assert len(re.findall(r"slow (?:goes on|is resumed)\.", text)) == 2


def test_a_container_that_was_changed_in_its_parts_is_told_as_it_then_is(told):
    """Not as it was when it got its name."""
    code = (
        "def spared(board):\n    spare = []\n    for place in range(8):\n        if board[place] == 0:\n"
        "            spare = list(board)\n            spare[place] = 9\n    return spare\n"
    )
    text = told(code, "spared([1, 1, 1, 0, 1, 1, 1, 1])", "brief").text

    assert "by then spare is [1, 1, 1, 9, 1, 1, 1, 1]" in text


def test_what_is_in_the_keys_of_a_dictionary_is_told_as_in_it(told):
    """The object that holds the keys for a moment has no name and no value of its own."""
    text = told("def known(d, k):\n    return k in d.keys()\n", "known({'a': 1}, 'a')").text

    assert "'a' is in d" in text


def test_a_variable_that_is_given_its_value_again_and_again_is_no_series(told):
    """What changed in the passes is told instead."""
    code = (
        "def counts(numbers):\n    found = {}\n    for number in numbers:\n        one = 1\n"
        "        found[number] = one\n    return found\n"
    )
    text = told(code, "counts([1, 2, 3, 4, 5, 6, 7, 8])").text

    assert "1, 1, 1" not in text
    assert "by then found is {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1}" in text
