"""Records of cells and scripts, which are taken whole: what earlier cells gave them, and what they read and show."""

import pytest
from recorded import Recorded, approved, draft, given


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    return Recorded(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("cells", "answer", "values"),
    [
        (["x = 3", "x = x + 1\nx"], "4", {"x": "3"}),
        (["x = 3", "x += 1\nprint(x)"], "4", {"x": "3"}),
        (["x = 3\ny = [1]", "x = 5\ny.append(x)\ny"], "[1, 5]", {"y": "[1]"}),
        (["K = 2\ndef f(x):\n    return x * K", "f(3)"], "6", {}),
        (["import math as m", "m.floor(2.5)"], "2", {}),
        (["p = object()", "for p in [1, 2]:\n    q = p\nq"], "2", {}),
        (
            [
                "def up(f):\n    def w(x):\n        return f(x) + 1\n    return w",
                "@up\ndef g(x): return x",
                "g(3)",
            ],
            "4",
            {},
        ),
    ],
)
def test_a_cell_has_what_earlier_cells_gave_it(recorded, cells, answer, values):
    record = approved(recorded.cell(*cells))

    assert (record.answer, given(record)) == (answer, values)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["class P:\n    x = 1\np = P()", "p.x"], "p was P() before, which can't be written down exactly"),
        (["big = list(range(5000))", "len(big)"], "big was [0, 1, 2"),
        (["1", "!true\nprint(1)"], "commands of IPython's own"),
        (["1", "x = 2"], "name the variable that holds the answer"),
    ],
)
def test_a_cell_that_can_not_run_again_is_a_draft_that_says_why(recorded, cells, reason):
    assert reason in draft(recorded.cell(*cells))


def test_a_cell_turned_round_asks_for_the_values_that_it_reads(recorded):
    record = approved(recorded.cell("x = 1", "z = x + 1"), kind="input", answer="z")

    assert (record.call, record.answer) == ("z == 2", "x = 1")
    assert record.question.text.startswith("For which `x` before this code runs is `z == 2` true after it?")


@pytest.mark.parametrize(
    ("code", "stdin", "answer"),
    [
        ("if __name__ == '__main__':\n    print(sum(int(input()) for _ in '12'))\n", "5\n6\n", "11"),
        (
            "import sys\ninput = sys.stdin.readline\na, b = map(int, input().split())\nprint(a + b)\n",
            "5 1\n",
            "6",
        ),
        ("print('first')\n[][1]\n", "", "IndexError: list index out of range"),
    ],
)
def test_a_script_shows_what_it_prints_or_ends_with(recorded, code, stdin, answer):
    record = approved(recorded.command(code, stdin=stdin))

    assert record.answer == answer
    assert given(record) == ({"sys.stdin": repr(stdin)} if stdin else {})


def test_a_script_that_reads_in_another_way_is_a_draft(recorded):
    code = "import sys\nfor line in sys.stdin:\n    print(line)\n"

    assert "reads its standard input in a way" in draft(recorded.command(code, stdin="1\n"))
