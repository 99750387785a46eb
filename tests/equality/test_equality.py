"""The native engine records byte for byte what the reference engine records: on hostile, random and real programs.

`make fuzz` compares thousands of random programs.
"""

import random

import pytest
from corpora.items import ABSENT, ARE_HERE, programs, runs_within
from equality.engines import needs_both
from equality.pair import difference
from fuzz.run_fuzz import chosen
from hostile.reading import hostile_programs
from hostile.test_hostile import why_not

pytestmark = [pytest.mark.slow, needs_both]

OWN_WAYS = ("differs", "alone", "settrace")
"""What a hostile program says of itself where two recordings of it need not be the same."""

COMPARABLE = {p.name: p for p in hostile_programs() if not p.says.keys() & OWN_WAYS and p.ends != "stopped"}
STACK_IS_FULL = {"recursion_too_deep", "recursion_limit_changed"}
"""Callbacks in Python need stack: under the reference engine the program's own error comes some frames earlier."""

SAMPLE = 60
ITEMS = {item["id"]: item for item in programs() if runs_within(item, 5_000)} if ARE_HERE else {}
NOTHING = pytest.param("", marks=pytest.mark.skip(reason=ABSENT))


SHOWS_US = {"forks", "modules_with_getattr"}
"""The number of a child process; the table of all modules that are loaded, an engine's own among them."""


@pytest.mark.parametrize("name", sorted(COMPARABLE.keys() - STACK_IS_FULL - SHOWS_US))
def test_a_hostile_program_is_recorded_the_same(name, zygote):
    program = COMPARABLE[name]
    if why_not(program):
        pytest.skip(why_not(program))

    told = difference(zygote, program.source, limits=program.limits, ledger="ledger" not in program.says)

    assert told == ""


@pytest.mark.parametrize("seed", range(200))
def test_a_random_program_is_recorded_the_same(seed, zygote):
    text, options = chosen(seed)

    assert difference(zygote, text, **options) == ""


@pytest.mark.parametrize("name", random.Random(11).sample(list(ITEMS), SAMPLE) if ITEMS else [NOTHING])
def test_a_real_program_is_recorded_the_same(name, zygote):
    item = ITEMS[name]

    assert difference(zygote, item["code"], item["call"], limits={"steps": 10_000}) == ""


LINES_WITHOUT_A_CALL = {
    "unpacking": "xs = [1, 2, 3]\nturns = map(xs.__delitem__, [0])\n(n,) = turns\nend = 1\n",
    "membership": "xs = [1, 2, 3]\nturns = map(xs.pop, [0, 0])\nfound = 2 in turns\nend = 1\n",
    "a look-up": "import collections\nd = collections.defaultdict(list)\nfresh = d['a']\nend = 1\n",
    "a loop": "xs = [1, 2, 3]\nfor n in iter(xs.pop, 1):\n    end = 1\n",
    "a loop over another range": "xs = [1, 2]\nrange = iter(xs.pop, 1)\nfor n in range: pass\nend = 1\n",
    "a name of Python's own": "xs = [1, 2]\nlen = xs.pop\nn = len(0)\nend = 1\n",
    "a name of Python's own, later": (
        "xs = [1, 2]\ndef f(x):\n    n = len(x)\n    return n\nf(xs)\nlen = list.clear\nf(xs)\nend = 1\n"
    ),
}


@pytest.mark.parametrize("ledger", [True, False])
@pytest.mark.parametrize("what", LINES_WITHOUT_A_CALL)
def test_a_line_that_changes_something_without_a_call_is_looked_behind(what, ledger, zygote):
    """Iterators written in C run what they were given; a look-up may make an entry."""
    assert difference(zygote, LINES_WITHOUT_A_CALL[what], ledger=ledger) == ""


SHARED_AND_DROPPED = """\
def f():
    e = 0
    for x in (1, 2):
        def local():
            yield x
            print(e)
        e = local()
        next(e)
f()
"""


@pytest.mark.parametrize("ledger", [True, False])
def test_the_frame_of_a_generator_that_a_function_shared_ends_when_it_is_dropped(ledger, zygote):
    assert difference(zygote, SHARED_AND_DROPPED, ledger=ledger) == ""


def test_what_only_an_expression_held_dies_while_its_line_runs(zygote):
    program = "class Dies:\n    def __del__(self): pass\na = [Dies() for k in range(3)][-1]\nend = 1\n"

    assert difference(zygote, program) == ""


def test_what_one_expression_looks_into_another_one_may_reach_too_far_away(zygote):
    program = "a = [[[[1]]]]\nb = [a[0][0], [[a[0][0]]]]\nend = 1\n"

    assert difference(zygote, program, limits={"depth": 2}) == ""


CELLS = """\
import random
random.seed(3)
rows = [[n, n * n] for n in range(4)]
def total(rows): return sum(b for _, b in rows)
# ---
rows.append([9, 81])
kept = rows
total(rows)
# ---
class Account:
    rate = 2
    def __init__(self, held): self.held = held
    def grow(self): self.held[:] = [h * self.rate for h in self.held]
a = Account([1, 2])
# ---
a.grow(); Account.rate = 3
for _ in range(2): a.grow()
# ---
try:
    rows[99]
except IndexError as error:
    kept = [error.args]
del rows
# ---
def lines():
    for row in kept:
        yield row
open_one = lines()
next(open_one)
# ---
list(open_one)
kept.clear()
1 / 0
""".split("# ---\n")


@pytest.mark.parametrize("ledger", [True, False], ids=["with expressions", "by line"])
@pytest.mark.parametrize("count", range(2, len(CELLS) + 1))
def test_cells_that_share_a_namespace_are_recorded_the_same(count, ledger, zygote):
    assert difference(zygote, CELLS[:count], ledger=ledger) == ""
