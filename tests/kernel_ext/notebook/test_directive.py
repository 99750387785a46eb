"""A directive is found only at the top of a cell, and says what its options say or why it can't."""

from __future__ import annotations

import pytest
from cotrace.errors import UsageError
from cotrace.notebook.directive import OPTIONS, Options, find, help_text, parse


@pytest.mark.parametrize(
    ("cell", "place", "line"),
    [
        ("%%cotrace\nx = 1", 0, ""),
        ("%%cotrace --narrate --name t  \nx = 1", 0, "--narrate --name t"),
        ("\n\n  \n%%cotrace\nx", 3, ""),
        ("# cotrace:\nx", 0, ""),
        ("#cotrace: --quiet\r\nx\r\n", 0, "--quiet"),
        ("%%cotrace", 0, ""),
    ],
)
def test_a_directive_is_the_first_line_that_is_not_empty(cell, place, line):
    found = find(cell)

    assert found is not None
    assert (found.place, found.line) == (place, line)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "\n\n",
        "x = 1\n%%cotrace\n",
        "%%cotrace?",
        "%%cotrace??",
        "%%cotraces\nx",
        " %%cotrace\nx",
        "# cotrace is what records this\nx",
        "text = '''\n%%cotrace\n'''",
        "%cotrace f(3)",
    ],
)
def test_nothing_else_is_a_directive(cell):
    assert find(cell) is None


def test_the_magic_that_runs_the_cell_is_named():
    assert find("%%cotrace\n\n%%time -x\nf()").magic == "time"
    assert find("%%cotrace\nx = 1\n%%time\n").magic == ""


def test_every_option_is_understood():
    line = (
        "--function f --max-steps 9 --seconds 1.5 --depth 3 --include a.b --include=c --narrate --style brief "
        "--question 'How many?' --answer n --dataset d.jsonl --name t --quiet"
    )

    assert parse(line) == Options(
        function="f",
        max_steps=9,
        seconds=1.5,
        depth=3,
        include=("a.b", "c"),
        narrate=True,
        style="brief",
        question="How many?",
        answer="n",
        dataset="d.jsonl",
        name="t",
        quiet=True,
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--narate", r"--narate\. Did you mean --narrate\?"),
        ("--max-steps many", r"--max-steps: .*'many'"),
        ("--style long", r"--style to be one of brief, normal, full, found 'long'"),
        ("f(3)", r"f\(3\)\. Its options are --function,"),
        ("--question 'open", "every quote to be closed"),
        ("--name", "--name: expected one argument"),
        ("--quie", "Did you mean --quiet"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_with_a_hint(line, message):
    with pytest.raises(UsageError, match=message):
        parse(line)


@pytest.mark.parametrize(
    ("line", "expression", "name"),
    [
        ("f(3)", "f(3)", ""),
        ("--name t f(3) - 2", "f(3) - 2", "t"),
        ("--question 'a b' --quiet -x", "-x", ""),
        ("--name=t 'x' + \"--quiet\"", "'x' + \"--quiet\"", "t"),
        ("--quiet", "", ""),
    ],
)
def test_what_follows_a_line_magics_options_is_the_expression(line, expression, name):
    found = parse(line, expression=True)

    assert (found.expression, found.name) == (expression, name)


def test_a_dataset_needs_words():
    assert parse("--dataset d.jsonl").tells
    assert not parse("--name t").tells


def test_the_help_has_every_option():
    assert [line.split()[0] for line in help_text().splitlines()] == OPTIONS
