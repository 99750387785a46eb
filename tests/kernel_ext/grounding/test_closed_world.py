"""Sentences of the offline narrator at their steps: each slot is verified, and the account as a whole."""

from dataclasses import replace

import pytest
from cotrace.grounding import check

CALLS = [
    *(
        "count_evens([3, 4, 6])",
        "fib(3)",
        "bubble([3, 1, 2])",
        "search([1, 3, 5, 7, 9], 7)",
        "words('a b a')",
    ),
    *(
        "gcd(48, 18)",
        "parse('abc')",
        "power(2, 5)",
        "rev('abc')",
        "binary(6)",
        "bank([5, -3, 7])",
        "primes(10)",
    ),
    *("caesar('aZ!', 1)", "group([('a', 1), ('b', 2), ('a', 3)])", "factorial(4)", "second([4, 9, 2, 7])"),
    *("compress('aab')", "divide(1, 0)"),
]


@pytest.mark.parametrize("style", ["brief", "normal", "full"])
@pytest.mark.parametrize("call", CALLS)
def test_the_narration_passes_its_own_check(told, verdicts, call, style):
    """Every claim is read and holds; nothing is missing."""
    run = told(call)
    grounding = check(run.narrated(style), run.trace)

    assert [line for line in verdicts(grounding) if not line.startswith("✓")] == []


@pytest.mark.parametrize(
    ("call", "old", "new"),
    [
        ("gcd(48, 18)", "is 48", "is 49"),
        ("count_evens([3, 4, 6])", "3 mod 2 = 1", "3 mod 2 = 2"),
        ("count_evens([3, 4, 6])", "3 mod 2", "5 mod 2"),
        ("count_evens([3, 4, 6])", "Pass 2", "Pass 3"),
        ("count_evens([3, 4, 6])", "[3, 4, 6]", "[3, 6, 4]"),
        ("caesar('aZ!', 1)", "'Z'", "'z'"),
        ("fib(3)", "returns 1", "returns 0"),
        ("fib(3)", "So the answer is 2", "So the answer is 3"),
        ("words('a b a')", "{'a': 2, 'b': 1}", "{'a': 1, 'b': 2}"),
        ("parse('abc')", "ValueError", "KeyError"),
        ("rev('abc')", "So the answer is False", "So the answer is True"),
    ],
)
def test_one_wrong_word_is_refuted(told, call, old, new):
    """A value, an operand, a pass, an element, a string, a result."""
    assert not told(call).changed(old, new).ok


def test_a_fact_told_of_the_wrong_step_is_misplaced(told):
    """It is the second turn of the loop at which a becomes 12."""
    gcd = told("gcd(48, 18)")
    steps = [
        step.index for step in gcd.trace.steps if gcd.trace.line_text(step.index).strip() == "a, b = b, a % b"
    ]

    assert gcd.at("a becomes 12.", steps[1]).ok
    assert (
        gcd.at("a becomes 12.", steps[0])
        .refuted[0]
        .reason.startswith("misplaced: the recording shows this at step")
    )


def test_a_wrong_value_is_put_right_at_its_step(told):
    """The fix replaces the value alone."""
    gcd = told("gcd(48, 18)")
    step = next(s.index for s in gcd.trace.steps if gcd.trace.line_text(s.index).strip() == "a, b = b, a % b")
    judged = gcd.at("a becomes 17.", step).refuted[0]

    assert (judged.fix, judged.fix_span) == ("18", (10, 12))


def test_a_sentence_left_out_is_a_gap(told):
    """Offline narration promises to speak of every line; the gap's place is where the sentence was."""
    run = told("gcd(48, 18)")
    whole = run.narrated()
    short = replace(whole, sentences=(*whole.sentences[:2], *whole.sentences[3:]))
    gaps = [judged for judged in check(short, run.trace).refuted if judged.claim.kind == "gap"]

    assert len(gaps) == 1
    assert gaps[0].claim.sentence == 1
    assert gaps[0].reason.startswith("no sentence tells of step")


def test_sentences_that_changed_places_are_misordered(told):
    """A sentence may not speak of what was over before the sentence before it."""
    run = told("gcd(48, 18)")
    whole = run.narrated()
    first, second, third, *rest = whole.sentences
    swapped = replace(whole, sentences=(first, third, second, *rest))

    assert "order" in [judged.claim.kind for judged in check(swapped, run.trace).refuted]


def test_other_words_at_the_same_steps_are_read_as_free_text(told):
    """A person's wording is no phrase of ours; its steps still count."""
    gcd = told("gcd(48, 18)")
    step = next(s.index for s in gcd.trace.steps if gcd.trace.line_text(s.index).strip() == "a, b = b, a % b")

    assert gcd.at("Now a ends up as 18, and b is updated to 48 % 18 = 12.", step).ok
    assert not gcd.at("Now a ends up as 12.", step).ok


@pytest.mark.parametrize(
    "call",
    [
        "links([('s', 'z'), ('z', 'k')])",
        "account(3)",
        "chained([8, 8, 9])",
        "missing_letter('ab')",
        "weekdays(2004, 3)",
        "cheapest([3, 1])",
        "war([9, 1, 9, 3], [2, 8, 2, 4])",
        "marked([1, 1, 1, 0, 1, 1, 1, 1])",
        "points(9)",
        "waited(2)",
        "delegated()",
        "cheap_first({'a': 12, 'b': 5})",
    ],
)
def test_what_python_does_unseen_is_told_and_checked_rightly(told, verdicts, call):
    """Elements made by asking for them, private names, broken chains, infinities, indexes that are no plain value."""
    run = told(call)

    assert [line for line in verdicts(check(run.narrated(), run.trace)) if not line.startswith("✓")] == []


def test_a_longer_chain_holds_only_as_a_whole(told):
    """The first links are true, the last is not: that they hold is not what was tested."""
    run = told("chained([8, 8, 9])")

    assert "8 = 8 = 9" in run.narrated().text
    assert not run.changed("8 = 8 = 9", "8 = 8 = 8").ok
    assert not run.changed("8 = 8 = 9", "8 = 9 = 9").ok


def test_what_is_so_by_then_is_so_at_the_end_of_the_stretch(told):
    """A value that a container had in between is contradicted."""
    run = told("war([9, 1, 9, 3], [2, 8, 2, 4])")

    assert "by then" in run.narrated("brief").text
    stated = next(s for s in run.narrated("brief").sentences if "by then" in s.text)
    value = stated.text.rpartition("by then ")[2].partition(" is ")[2].rstrip(".")
    assert not run.changed(f"is {value}", "is [9, 1, 9, 3]", "brief").ok
