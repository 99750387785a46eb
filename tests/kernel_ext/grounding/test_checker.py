"""The checker as a whole: total, deterministic, and honest about what it can't read."""

import pytest
from cotrace import Limits, narrate
from cotrace.grounding import CHECKER, check
from cotrace.model.grounding import Grounding, Verdict
from cotrace.model.reasoning import Reasoning, Sentence
from cotrace.tracing.calls import traced_call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCRAPS = [
    *(
        "a = ",
        "gcd(",
        "[1, 2",
        "'",
        '"',
        "`",
        "**",
        "…",
        " (12 elements)",
        "<P o3>",
        "10**10**10",
        " is ",
        "None",
    ),
    *(
        " becomes ",
        "\\boxed{",
        " % 0",
        "λ",
        "\x00",
        "\x02",
        "\n",
        "; ",
        ", so ",
        "Pass 99999999999999999999: ",
    ),
    *(
        "list(range(10**12))",
        "range(1000000000000)",
        "set(range(1000000000000))",
        "'a' * 10**12",
        "((((((((",
        "nan",
    ),
    *(
        "not not ",
        "{1: 2, **x}",
        "yield",
        "So the answer is ",
        "a mod b",
        "In iteration 2, ",
        "the loop runs 3 times",
    ),
    *("48", "18.5", "-3", "{}", "x := 3", "f(x)(y)"),
]
"""Pieces of texts, such as may go wrong in any reader."""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scraps=st.lists(st.sampled_from(SCRAPS), max_size=25),
    anchor=st.lists(st.integers(-3, 60), max_size=4),
    generator=st.sampled_from(["offline", "person"]),
)
def test_any_text_gets_verdicts_and_nothing_is_raised(told, scraps, anchor, generator):
    """Spans lie in the text and hold the claim; no reading fails."""
    text = "".join(scraps)
    reasoning = Reasoning((Sentence(text, tuple(sorted(set(anchor)))),), generator=generator)
    grounding = check(reasoning, told("gcd(48, 18)").trace)

    for judged in grounding.claims:
        assert grounding.text[judged.claim.start : judged.claim.end] == judged.claim.text
        assert "reading it failed" not in judged.reason
        assert (judged.fix is None) is (judged.fix_span is None)


def test_a_check_of_the_same_is_the_same(told):
    """Nothing depends on chance or on what was checked before."""
    gcd = told("gcd(48, 18)")
    text = "a is 48 and b is 18. Then a becomes 12. The answer is 6."

    assert gcd.check(text) == gcd.check(text)


def test_every_sentence_gets_a_verdict(told):
    """One that states nothing about the run is uncheckable, and says so."""
    grounding = told("gcd(48, 18)").check("Let us begin. a is 48. What a lovely day!")

    assert {judged.claim.sentence for judged in grounding.claims} == {0, 1, 2}
    assert [judged.verdict for judged in grounding.of_sentence(2)] == [Verdict.UNCHECKABLE]


def test_counts_and_coverage_sum_up(told):
    """Counts name every verdict; coverage names what no sentence tells."""
    grounding = told("gcd(48, 18)").check("a is 48. The answer is 7.")

    assert grounding.counts == {"supported": 1, "contradicted": 1, "unsupported": 0, "uncheckable": 0}
    assert not grounding.ok
    assert grounding.checker == CHECKER
    assert grounding.coverage.share < 1
    assert "a = 18" in grounding.coverage.untold[0].text


@pytest.mark.parametrize("steps", range(1, 25))
def test_a_recording_may_end_anywhere(steps):
    """Also just as a function is called, before its first step."""

    def fact(n):
        if n < 2:
            return 1
        return n * fact(n - 1)

    trace = traced_call(fact, (5,), limits=Limits(steps=steps))

    assert isinstance(check(narrate(trace), trace), Grounding)


def test_an_empty_text_claims_nothing(told):
    """It is not wrong; it tells nothing."""
    grounding = told("gcd(48, 18)").check("")

    assert isinstance(grounding, Grounding)
    assert grounding.claims == ()
    assert grounding.coverage.told == 0


@pytest.mark.parametrize("verdict", list(Verdict))
def test_verdicts_are_told_apart_without_colour(verdict):
    """Each has a symbol of its own."""
    assert len({other.symbol for other in Verdict}) == len(Verdict)
    assert len(verdict.symbol) == 1
