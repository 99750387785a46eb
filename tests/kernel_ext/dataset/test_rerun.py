"""A record runs again from code and input alone, in a fresh process, and gives its answer or not."""

import os
import sys
import time
from pathlib import Path

import pytest
from corpora.items import ABSENT, ARE_HERE, programs
from cotrace.dataset import rerun
from cotrace.errors import UsageError
from cotrace.model.record import InputValue, Question, Record


def run(code, answer, call="", kind="output", seconds=30.0, **inputs):
    """Run a record that is made of these; an input's name has __ for a dot."""
    values = tuple(InputValue(name.replace("__", "."), value) for name, value in inputs.items())
    record = Record(question=Question(kind), code=code, answer=answer, call=call, input=values)
    return rerun(record, seconds)


class TestAnswer:
    @pytest.mark.parametrize(
        ("code", "call", "answer", "outcome"),
        [
            ("def f(n):\n    return n * 2\n", "f(3)", "6", "value"),
            ("def f():\n    print('done')\n", "f()", "None", "value"),
            ("x = 3\nx * 2\n", "", "6", "value"),
            ("x = 3\nprint(x)\n", "", "3", "output"),
            ("x = 3\n", "x", "3", "value"),
            ("print('hi')\n1 / 0\n", "", "ZeroDivisionError: division by zero", "exception"),
            ("def f():\n    raise KeyError('a')\n", "f()", "KeyError: 'a'", "exception"),
            ("import sys\nprint('bye')\nsys.exit()\n", "", "bye", "output"),
            ("if __name__ == '__main__':\n    print('main')\n", "", "main", "output"),
            ("import asyncio\nawait asyncio.sleep(0)\n'a'", "", "'a'", "value"),
            ("async def f():\n    return 1\n", "await f()", "1", "value"),
            ("'''Doc.'''\n__doc__", "", "'Doc.'", "value"),
            ("from __future__ import annotations\ndef f(x: no): ...\nf.__annotations__", "", "{'x': 'no'}", "value"),
            ("2 ** 20_000 % 10 ** 5000 > 0 and 10 ** 5000", "", "1" + "0" * 5000, "value"),
            ("import inspect\ndef f(): pass\ninspect.getsource(f)", "", r"'def f(): pass\n'", "value"),
            ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n", "P(1)", "P(x=1)", "value"),
        ],
    )  # fmt: skip
    def test_is_found_where_a_cell_or_call_shows_it(self, code, call, answer, outcome):
        """A call's value; without one the last expression's, else what was printed; else the exception."""
        result = run(code, answer, call)

        assert (result.agrees, result.outcome, result.problem) == (True, outcome, "")

    def test_that_is_wrong_is_told_with_what_was_found(self):
        result = run("def f(n):\n    return n * 2\n", "7", "f(3)")

        assert not result.agrees
        assert result.message == "expected 7, found the value 6"

    def test_of_a_set_may_come_in_any_order(self):
        """Each process orders the strings of a set its own way."""
        names = [f"name{number}" for number in range(30)]

        assert run(f"set({names!r})", "{" + ", ".join(map(repr, names)) + "}").agrees

    def test_of_a_task_may_be_the_text_itself(self):
        """A curator writes hello, not 'hello'; where code is asked for its value, the quotes count."""
        assert run("'hel' + 'lo'", "hello", kind="task").agrees
        assert not run("'hel' + 'lo'", "hello").agrees


class TestInput:
    def test_is_bound_before_the_code_runs(self):
        assert run("y = x + len(names)\ny", "5", x="3", names="['a', 'b']").agrees

    def test_of_a_class_of_the_code_is_made_by_that_class(self):
        """A repr that calls a constructor is evaluated once the code has defined it, and the rest runs after that."""
        code = (
            "from dataclasses import dataclass\n"
            "@dataclass\nclass Point:\n    x: int\n    y: int\n"
            "assert type(p) is Point\n"
            "p.x + p.y\n"
        )

        assert run(code, "7", p="Point(x=3, y=4)").agrees

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("Counter({'a': 2})", "Counter({'a': 2})"),
            ("defaultdict(<class 'list'>, {'a': [1]})", "defaultdict(<class 'list'>, {'a': [1]})"),
            ("deque([1, 2], maxlen=3)", "deque([1, 2], maxlen=3)"),
            ("datetime.date(2020, 1, 2)", "datetime.date(2020, 1, 2)"),
            ("Decimal('1.50')", "Decimal('1.50')"),
            ("[nan, inf, -inf]", "[nan, inf, -inf]"),
            ("set()", "set()"),
            ("range(3)", "range(0, 3)"),
            ("array('i', [1, 2])", "array('i', [1, 2])"),
            ("{1: frozenset({2})}", "{1: frozenset({2})}"),
        ],
    )
    def test_of_the_standard_library_needs_no_import(self, value, shown):
        assert run("x", shown, x=value).agrees

    def test_that_is_no_value_is_told(self):
        result = run("x", "1", x="<open file>")

        assert not result.agrees
        assert result.message.startswith("input x: expected the repr of a value, found '<open file>'")

    def test_can_be_what_the_program_reads(self):
        assert run("print(sum(map(int, input().split())))", "6", sys__stdin=repr("1 2 3\n")).agrees


class TestAskedFor:
    """Questions that ask for an input."""

    @pytest.mark.parametrize(("answer", "agrees"), [("3", True), ("-3", True), ("4", False)])
    def test_input_of_a_call_may_be_any_that_fits(self, answer, agrees):
        assert run("def f(n):\n    return n * n\n", answer, "f(??) == 9", kind="input").agrees is agrees

    @pytest.mark.parametrize(("answer", "agrees"), [("x = 3", True), ("x = 4", False)])
    def test_input_of_a_cell_is_assignments(self, answer, agrees):
        assert run("y = x * x", answer, "y == 9", kind="input", x="5").agrees is agrees

    def test_input_that_is_neither_is_told(self):
        result = run("y = x * x", "three", "y == 9", kind="input")

        assert result.problem == "expected assignments (x = 3) as the answer, or ?? in the call, found three"


class TestProcess:
    def test_is_fresh(self, tmp_path, monkeypatch):
        """Neither settings, packages path, folder nor environment of the one who asks reach the code."""
        (tmp_path / "mine.py").write_text("")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("MY_TOKEN", "secret")
        monkeypatch.chdir(tmp_path)
        code = (
            "import os, sys, importlib.util\n"
            "(os.listdir(), 'MY_TOKEN' in os.environ, importlib.util.find_spec('mine'), sys.argv)"
        )

        assert run(code, "([], False, None, ['<record>'])").agrees

    @pytest.mark.slow
    def test_that_never_ends_is_stopped_with_what_it_started(self, tmp_path):
        """The time limit holds for the process and for those it started."""
        note = tmp_path / "pids"
        code = (
            "import os, subprocess, sys\n"
            "child = subprocess.Popen([sys.executable, '-c', 'while True: pass'])\n"
            f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
            "while True: pass\n"
        )

        result = run(code, "", seconds=3.0)

        assert result.problem == "stopped after 3 s: raise the time limit if it needs more"
        assert result.seconds < 20
        assert wait_until_gone([int(pid) for pid in note.read_text().split()])

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("import os\nos._exit(5)", "the process ended without an answer (exit status 5)"),
            ("%timeit 1", "expected plain Python, found SyntaxError"),
            ("x = 1", "expected 1, found neither a value nor output"),
        ],
    )
    def test_that_gives_nothing_says_why(self, code, message):
        assert run(code, "1").message.startswith(message)

    def test_may_close_its_output(self):
        assert run("import sys\nsys.stdout.close()\n41 + 1", "42").agrees

    def test_needs_time(self):
        with pytest.raises(UsageError, match="expected a time limit above 0 seconds, found 0"):
            run("1", "1", seconds=0)

    @pytest.mark.skipif(sys.platform != "linux", reason="limits of memory hold on Linux only")
    def test_has_limited_memory(self):
        assert run("x = bytearray(8 << 30)", "MemoryError").agrees


def wait_until_gone(pids):
    """Whether these processes end soon."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def is_running(pid):
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.exists():
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(not ARE_HERE, reason=ABSENT)
def test_real_functions_give_their_answers_both_ways():
    """Functions with a known output give it; with another answer they do not; their input is an answer too."""
    for item in programs(["cruxeval"])[:40]:
        code, call, answer = item["code"], item["call"], item["expected_repr"]
        assert run(code, answer, call).agrees, item["id"]
        assert not run(code, f"[{answer}]", call).agrees, item["id"]
        assert run(code, item["args_repr"], f"{item['entry']}(??) == {answer}", kind="input").agrees, item[
            "id"
        ]
