"""What the ledger holds is enough to work out every value: operations, and what has no entry of its own."""

import pytest
from kernel_ext.tracing.recomputing import Recomputer
from kernel_ext.tracing.snippets import SINCE, SNIPPETS
from kernel_ext.tracing.watching import ledger_of, see

OPERATIONS = """
def work(n, words):
    total = 0
    for i in range(n):
        total = total + i * 2 - (i // 3) ** 2
        if 0 <= i - 1 < 3 and not total % 4 == 2 or i > 7:
            total += -i << 1
    ratio = total / (n or 1)
    longest = ""
    for word in words:
        longest = longest + word if len(word) > 2 else longest
    inner = [x * y for x in range(3) for y in range(x) if x != y]
    return ratio, longest, inner, ~n, +n, n is None, "a" in longest, "b" not in words
print(work(9, ["one", "of", "three"]))

def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
print(fact(6) + fact(3))
"""

DERIVED = """
def same(x): return x
for a in (0, 1, 2):
    for b in (0, "", 3):
        for c in (0, 5):
            same(a and b), same(a or b or c), same(a and b or c), same(a or 7), same(a and 7), same(b or (a and c))
            same(a if b else c), same(a if b and not c else b or 9), same((d := a) or b), same(1 if a else 2)
            same((a if b else c) if a > 1 else -1), same((a or b) if (a and b) else (a if c else b))
            same(a < b and c if b != "" else 4), same((a or 3) + (c and 2)), same(not (a or b)), same(not (a is b))
"""


def recomputed(source):
    ledger = ledger_of(source)
    ledger.sink.recorder = recomputer = Recomputer(ledger)
    seen = see(source, ledger.code, events=False)
    ledger.sink.recorder = None
    return recomputer, seen


def test_an_operation_has_the_value_that_its_operands_entries_give():
    """Arithmetic, comparisons and signs can be worked out again from the entries inside them."""
    found, seen = recomputed(OPERATIONS)

    assert not seen.error
    assert not found.wrong
    assert found.checked["BinOp"] > 60
    assert found.checked["Compare"] > 30
    assert found.checked["UnaryOp"] >= 4


def test_what_has_no_entry_follows_from_what_is_inside():
    """The value of `and`, `or`, conditionals and `:=` is derived as the rewriter's docstring says."""
    found, seen = recomputed(DERIVED)

    assert not seen.error
    assert not found.wrong
    assert found.checked["Call"] == 3 * 3 * 2 * 16
    assert not found.checked["unknown"]


@pytest.mark.parametrize("links", [41, 90])
def test_the_inner_links_of_a_long_sum_are_derived(links):
    """Only the whole of a long sum has an entry, and it follows from its terms."""
    found, _ = recomputed("x = 3\ny = x" + " + x * 2" * links)

    assert found.checked == {"BinOp": links + 1}
    assert not found.wrong


def test_snippets_can_be_worked_out_again():
    """So it is in programs that were written to be difficult."""
    checked = 0
    for name in SNIPPETS.keys() - SINCE.keys() - {"callers_frames"}:
        found, _ = recomputed(SNIPPETS[name])
        assert not found.wrong, name
        checked += found.checked.total() - found.checked["unknown"]

    assert checked > 300
