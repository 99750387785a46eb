"""Records of calls: the code that is cut out of the files, the call as it can be made again, the input."""

import pytest
from recorded import Recorded, approved, draft, given

CLASS = """\
class Account:
    interest = 2

    def __init__(self, balance):
        self.balance = balance

    def after(self, years):
        return self.balance + self.interest * years

    @classmethod
    def empty(cls, years):
        return cls(0).after(years)

    @staticmethod
    def doubled(amount):
        return 2 * amount


savings = Account(7)


def total(years):
    return savings.after(years) + Account(1).after(years)


def balance(account):
    return account.balance
"""
ASYNC = """\
import asyncio


async def doubled(n):
    return n * 2


async def f(n):
    return await doubled(n) + 1


def main(n):
    return asyncio.run(f(n))
"""
STATE = """\
count = 10
seen = {}


def f(x):
    global count
    count += x
    seen[x] = count
    return count, seen


f(1)
"""
DECORATED = """\
from functools import lru_cache, partial, wraps


def counted(function):
    @wraps(function)
    def wrapper(*args):
        return function(*args) + 1
    return wrapper


@counted
def double(x):
    return 2 * x


@lru_cache(None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def minus(a, b):
    return a - b


from_ten = partial(minus, 10)
"""
INNER = """\
square = lambda x: x * x


def adder(n):
    def add(x):
        return x + n
    return add


add_three = adder(3)


def applied(function, value):
    return function(value)


def both(x):
    return add_three(x) + square(x)
"""
REGISTERED = """\
import sys

sys.setrecursionlimit(2000)
HANDLERS = {}
SIZES = {}
SIZES["small"] = len
for name in ("a", "b"):
    SIZES[name] = str.upper


def handles(function):
    HANDLERS[function.__name__] = function
    return function


@handles
def plus(x):
    return x + 1


@handles
def minus(x):
    return x - 1


def unused():
    print("never needed")


def f(name, x):
    return HANDLERS[name](x), SIZES["small"]("abc"), SIZES["a"]("q")


if __name__ == "__main__":
    print(f("plus", 3))
"""


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    return Recorded(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("code", "call", "answer"),
    [
        ("K = 3\ndef h(x):\n    return x * K\ndef f(n):\n    return h(n) + 1\n", "f(2)", "7"),
        ("import math as m\nfrom math import *\ndef f(n):\n    return m.floor(sqrt(n)) + gcd(4, 6)\n", "f(17)", "6"),
        ("from __future__ import annotations\ndef f(x: Nowhere) -> Never:\n    return x\n", "f(3)", "3"),
        (CLASS, "total(2)", "16"),
        (CLASS, "Account.empty(4)", "8"),
        (CLASS, "Account.doubled(4)", "8"),
        (DECORATED, "double(3)", "7"),
        (DECORATED, "fibonacci(7)", "13"),
        (DECORATED, "from_ten(3)", "7"),
        (INNER, "both(4)", "23"),
        (INNER, "square(4)", "16"),
        (REGISTERED, "f('minus', 3)", "(2, 3, 'Q')"),
        ("def f(x):\n    def g(y):\n        return y * x\n    return [g(i) for i in range(3)]\n", "f(3)", "[0, 3, 6]"),
        ("def f(n):\n    return 1 if n == 0 else n * f(n - 1)\n", "f(5)", "120"),
        ("def g(n):\n    yield from range(n)\ndef f(n):\n    return list(g(n))\n", "f(3)", "[0, 1, 2]"),
        ("def f(xs):\n    return {x % 3 for x in xs}\n", "f({1, 2, 4})", "{1, 2}"),
        ("def f(x):\n    return [x, -x, 0.1 + 0.2]\n", "f(float('inf'))", "[inf, -inf, 0.30000000000000004]"),
        ("def f(x):\n    return {'k': x}\n", "f(float('nan'))", "{'k': nan}"),
        ("a = 1; b = 2\ndef f(x): return x + a + b\n", "f(3)", "6"),
        ("def f(d):\n    return d['missing']\n", "f({})", "KeyError: 'missing'"),
        ("def f(x):\n    assert x, 'none given'\n", "f(0)", "AssertionError: none given"),
        ("def f(input):\n    return input + 1\n", "f(3)", "4"),
        ("import datetime\ndef f(d):\n    return d.year\n", "f(datetime.date(2020, 5, 4))", "2020"),
        ("def f(s, *, n=2, **more):\n    return len(s) * n + len(more)\n", "f('x' * 300, n=3, z=1)", "901"),
        ("def f(a, /, b, *rest):\n    return len(a) + b + sum(rest)\n", "f('x' * 300, 2, 3, 4)", "309"),
        (ASYNC, "main(3)", "7"),
    ],
)  # fmt: skip
def test_a_call_of_plain_values_gives_its_answer_again(recorded, code, call, answer):
    assert approved(recorded.call(code, call)).answer == answer


@pytest.mark.parametrize(
    ("code", "call", "reason"),
    [
        (CLASS, "savings.after(2)", "Account.after was called as a method of an object"),
        (CLASS, "balance(savings)", "the argument account is Account(balance=7)"),
        (CLASS, "Account(3)", "what it returned is Account(balance=3)"),
        (INNER, "add_three(4)", "adder.<locals>.add can't be called from outside"),
        (INNER, "applied(lambda x: x, 4)", "the argument function is <function <lambda>>"),
        ("def g(n):\n    yield n\ndef f(n):\n    return g(n)\n", "f(3)", "what it returned is <generator g>"),
        ("def g(n):\n    yield n\n", "g(3)", "nothing was recorded"),
        ("def f(n):\n    return list(range(n))\n", "f(1500)", "what it returned is [0, 1, 2"),
        ("def f(s):\n    return len(s)\n", "f('x' * 20_000)", "the argument s is 'xxxxx"),
        ("def f(x):\n    api_key = 'sk-0123456789'\n    return x\n", "f(3)", "the code holds a secret"),
        ("def f(password):\n    return len(password)\n", "f('pw-123456789')", "the call holds a secret"),
        ("def f(x):\n    return repr(object())\n", "f(3)", "an address in memory"),
        ("def f(x):\n    return x\n", "f(object())", "the argument x is <object o1>"),
    ],
)  # fmt: skip
def test_a_call_that_can_not_be_made_again_is_a_draft_that_says_why(recorded, code, call, reason):
    assert reason in draft(recorded.call(code, call))


class TestTheCode:
    def test_is_what_ran_and_what_it_needs(self, recorded):
        record = approved(recorded.call(REGISTERED, "f('minus', 3)"))

        assert "never needed" not in record.code
        assert "__main__" not in record.code
        assert "sys.setrecursionlimit(2000)" in record.code

    def test_keeps_constants_where_they_stand_and_leaves_out_what_is_input(self, recorded):
        code = "LIMIT = 3\nTABLE = [n * n for n in range(4)]\ndef f(x):\n    return TABLE[x] + LIMIT\n"
        record = approved(recorded.call(code, "f(2)"))

        assert record.code == "LIMIT = 3\n\n\ndef f(x):\n    return TABLE[x] + LIMIT\n"
        assert given(record) == {"TABLE": "[0, 1, 4, 9]"}

    def test_holds_modules_of_the_users_own_whichever_way_they_are_imported(self, recorded):
        recorded.write("shapes/__init__.py", "from .area import square\n")
        recorded.write(
            "shapes/area.py", "from . import units\ndef square(x):\n    return units.scaled(x * x)\n"
        )
        recorded.write("shapes/units.py", 'def scaled(x):\n    """It\'s "scaled"."""\n    return 10 * x\n')
        imports = "import shapes.units\nfrom shapes import square as sq\n"
        code = f"{imports}def f(x):\n    return sq(x) + shapes.units.scaled(1)\n"
        record = approved(recorded.call(code, "f(3)"))

        assert record.answer == "100"
        assert "Module `shapes.area`:\n\n```python\nfrom . import units" in record.question.text
        assert "def _load" in record.code
        assert "def _load" not in record.question.text

    def test_takes_a_value_of_a_module_that_did_not_run_as_input(self, recorded):
        recorded.write("config.py", "RATE = 7\n")
        record = approved(recorded.call("from config import RATE\ndef f(x):\n    return x * RATE\n", "f(2)"))

        assert given(record) == {"RATE": "7"}
        assert "import" not in record.code


class TestTheInput:
    def test_is_what_globals_held_when_the_call_began(self, recorded):
        record = approved(recorded.call(STATE, "f(2)"))

        assert given(record) == {"count": "11", "seen": "{1: 11}"}
        assert record.answer == "(13, {1: 11, 2: 13})"
        assert "```python\ncount = 11\nseen = {1: 11}\n\ndef f(x):" in record.question.text

    def test_has_an_argument_that_only_an_import_can_spell(self, recorded):
        code = "from decimal import Decimal\ndef f(price):\n    return price * 2\n"
        record = approved(recorded.call(code, "f(Decimal('1.50'))"))

        assert record.call == "f(price)"
        assert given(record) == {"price": "Decimal('1.50')"}

    def test_is_not_what_a_default_held_only_by_earlier_calls(self, recorded):
        code = "def f(x, kept=[]):\n    kept.append(x)\n    return kept\nf(1)\n"
        record = approved(recorded.call(code, "f(2)"))

        assert (record.call, record.answer) == ("f(2, kept=[1])", "[1, 2]")


class TestAnAnswer:
    def test_may_be_a_global_after_the_call(self, recorded):
        code = "total = 0\ndef add(x):\n    global total\n    total += x\n"
        record = approved(recorded.call(code, "add(3)"), answer="total")

        assert (record.call, record.answer) == ("total", "3")
        assert record.code.endswith("add(3)\n")

    def test_is_no_variable_that_is_gone_by_then(self, recorded):
        trace = recorded.call("def f(x):\n    y = x\n", "f(3)")

        assert "y is no variable that is there when all has run" in draft(trace, answer="y")


@pytest.mark.parametrize(
    ("code", "call", "question", "answer"),
    [
        ("def f(a, b=2):\n    return [a, b]\n", "f('x', b=(1,))", "f(??) == ['x', (1,)]", "'x', b=(1,)"),
        ("def f(a):\n    return a + ')'\n", "f('(,')", "f(??) == '(,)'", "'(,'"),
        (CLASS, "Account.empty(4)", "Account.empty(??) == 8", "4"),
    ],
)
def test_a_call_turned_round_asks_for_its_arguments(recorded, code, call, question, answer):
    record = approved(recorded.call(code, call), kind="input")

    assert (record.call, record.answer) == (question, answer)


@pytest.mark.parametrize(
    ("code", "call"), [("def f(x):\n    return 1 / x\n", "f(0)"), ("def f():\n    return 1\n", "f()")]
)
def test_only_a_call_with_arguments_that_returned_can_be_turned_round(recorded, code, call):
    assert "can be asked for" in draft(recorded.call(code, call), kind="input")


class TestACallFromTheCommandLine:
    """There the text of the call is the user's own."""

    @pytest.mark.parametrize(
        ("code", "call", "answer"),
        [
            (CLASS, "Account(3).after(2)", "7"),
            (CLASS, "savings.after(2)", "11"),
            (INNER, "applied(lambda x: -x, 4)", "-4"),
            ("async def f(n):\n    return n\n", "f(3)", "3"),
            ("import datetime\ndef f(d):\n    return d.year\n", "f(datetime.date(2020, 1, 2))", "2020"),
        ],
    )
    def test_is_kept_as_it_was_written(self, recorded, code, call, answer):
        record = approved(recorded.command(code, call))

        assert call in record.call
        assert record.answer == answer

    def test_reads_standard_input_that_becomes_input(self, recorded):
        record = approved(recorded.command("def f(x):\n    return input() + x\n", "f('c')", stdin="ab\n"))

        assert given(record) == {"sys.stdin": "'ab\\n'"}
        assert record.question.text.endswith("Its standard input:\n\n```\nab\n```")
