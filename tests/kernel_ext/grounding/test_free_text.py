"""Free text: what people and models write about a run, without a word on which steps they mean."""

from pathlib import Path

import pytest

ACCOUNTS = dict(
    part.split("\n", 1) for part in Path(__file__).with_name("accounts.txt").read_text().split("=== ") if part
)
"""Right accounts of runs, as people and models write them, by the call that they speak of."""


@pytest.mark.parametrize(("call", "text"), ACCOUNTS.items(), ids=ACCOUNTS)
def test_a_right_account_is_not_refuted(told, verdicts, call, text):
    """Accounts in many words and notations, each of which is true of its run."""
    grounding = told(call).check(text)

    assert [line for line in verdicts(grounding) if line.startswith("✗")] == []
    assert grounding.counts["supported"] >= 3


class TestEquations:
    @pytest.mark.parametrize(
        "right",
        [
            "48 mod 18 = 12.",
            "48 % 18 is 12.",
            "The remainder when 48 is divided by 18 is 12.",
            "2^3 = 8.",
            "2 to the power of 3 equals 8.",
            "1/4 = 0.25, and 10 / 3 is 3.33.",
            "Adding 3 to 4 gives 7.",
            "The sum of 3 and 4 is 7.",
            "1,000 + 24 = 1024.",
            "7 // 2 = 3 and 7 × 2 = 14.",
            "The length of 'abc', which is 3.",
            "'ab' + 'c' = 'abc'.",
        ],
    )
    def test_right_arithmetic_in_any_notation_holds(self, told, right):
        """Powers may be written with a caret, numbers rounded or with commas."""
        grounding = told("gcd(48, 18)").check(right)

        assert grounding.counts["supported"] >= 1
        assert grounding.ok

    @pytest.mark.parametrize(
        "wrong", ["48 mod 18 = 13.", "2^3 = 9.", "The sum of 3 and 4 is 8.", "1/4 = 0.26.", "5 / 0 = 0."]
    )
    def test_wrong_arithmetic_is_refuted(self, told, wrong):
        """Whatever the run: it can be worked out anew."""
        assert not told("gcd(48, 18)").check(wrong).ok

    def test_an_operand_that_the_run_did_not_have_is_refuted(self, told):
        """50 mod 19 is 12 too, but no such numbers were divided."""
        grounding = told("gcd(48, 18)").check("First 48 mod 36 = 12.")

        assert [j.reason for j in grounding.refuted] == [
            "the text says “48 mod 36 = 12”; at step 2 of the recording, the operands are 48 and 18"
        ]


class TestValues:
    def test_a_value_that_a_variable_never_had_is_refuted_with_the_right_one(self, told):
        """The fix is what it became next at that point of the account."""
        judged = told("count_evens([3, 4, 6])").check("n is 6. Then count becomes 3.").refuted[0]

        assert judged.claim.text == "count becomes 3"
        assert judged.reason.startswith("the text says “count becomes 3”; the recording shows 2 at step")
        assert judged.fix == "2"

    def test_values_in_the_wrong_order_are_misplaced(self, told):
        """Each was there, but a becomes 12 after it became 18."""
        grounding = told("gcd(48, 18)").check("a becomes 12. Then a becomes 18. Finally a becomes 6.")

        assert [j.reason.partition(":")[0] for j in grounding.refuted] == ["misplaced"]

    def test_states_told_together_must_hold_at_one_moment(self, told):
        """There were a left of 0 and a mid of 3, but never at once."""
        assert told("search([1, 3, 5, 7, 9], 7)").check("At some point left = 3 and mid = 2.").ok
        assert not told("search([1, 3, 5, 7, 9], 7)").check("At some point left = 0 and mid = 3.").ok

    def test_a_value_must_belong_to_the_pass_that_is_named(self, told):
        """In the second pass i is 1."""
        assert told("bubble([3, 1, 2])").check("In iteration 2, i is 1.").ok
        assert not told("count_evens([3, 4, 6])").check("In iteration 2, n is 6.").ok

    def test_an_attribute_may_be_called_by_its_name_alone(self, told):
        """People say "the balance", not "acc.balance"."""
        assert told("bank([5, -3, 7])").check("The balance becomes 15.").ok
        assert not told("bank([5, -3, 7])").check("The balance becomes 16.").ok

    def test_a_slip_in_a_list_is_found_and_put_right(self, told):
        """No such list was in the run; one that differs in one place was."""
        judged = told("search([1, 3, 5, 7, 9], 7)").check("We look for 7 in [1, 3, 6, 7, 9].").refuted[0]

        assert judged.fix == "[1, 3, 5, 7, 9]"

    def test_infinity_is_read_as_it_is_written(self, told):
        """Both signs; it is no variable."""
        assert told("second([4, 9, 2, 7])").check("best is -inf at first.").counts["supported"] == 1
        assert not told("second([4, 9, 2, 7])").check("best is inf at first.").ok

    def test_a_variable_may_be_called_inf(self, told):
        """Then its value is what the run gave it."""
        assert told("bounded(3)").check("inf is 1000.").counts["supported"] == 1
        assert not told("bounded(3)").check("inf is 1001.").ok

    def test_an_unknown_variable_is_neither_right_nor_wrong(self, told):
        """Nothing is known of it."""
        grounding = told("gcd(48, 18)").check("The carry bit is 7 = 7.")

        assert grounding.ok


class TestComparisons:
    @pytest.mark.parametrize(
        "right",
        [
            "48 > 18.",
            "18 is less than 48.",
            "48 is at least 18.",
            "18 >= 48 is false.",
            "We check if 18 is greater than 48, which is false.",
            "18 is not equal to 0.",
            "18 is even and 12 is divisible by 6.",
            "18 > 48 comes out false.",
            "48 > 18, which is the case.",
        ],
    )
    def test_a_comparison_that_is_so_holds(self, told, right):
        """In signs and in words, with or without its truth beside it."""
        assert told("gcd(48, 18)").check(right).ok

    @pytest.mark.parametrize(
        "wrong",
        ["18 > 48.", "18 >= 48 is true.", "18 is odd.", "12 is not divisible by 6.", "48 is below 18."],
    )
    def test_a_comparison_that_is_not_so_is_refuted(self, told, wrong):
        """Worked out anew."""
        assert not told("gcd(48, 18)").check(wrong).ok

    def test_what_is_only_considered_is_not_stated(self, told):
        """After "if", "whether", "until" nothing is claimed."""
        grounding = told("gcd(48, 18)").check("We go on until b is 99, and check whether 3 > 5.")

        assert grounding.ok


class TestEvents:
    def test_returns_and_calls_are_looked_up(self, told):
        """By function, and by arguments where they are named."""
        fib = told("fib(3)")

        assert fib.check("fib(2) returns 1. fib(3) = 1 + 1 = 2.").ok
        assert not fib.check("fib(2) returns 2.").ok
        assert not fib.check("fib(3) = 1 + 1 = 3.").ok

    def test_the_number_of_passes_is_counted(self, told):
        """From the flow of lines."""
        assert told("count_evens([3, 4, 6])").check("The loop runs 3 times.").ok
        assert not told("count_evens([3, 4, 6])").check("The loop runs four times.").ok

    def test_output_and_exceptions_are_looked_up(self, told):
        """What was printed, what was raised."""
        assert told("rev('abc')").check("It prints 'cba'.").ok
        assert not told("rev('abc')").check("It prints 'abc'.").ok
        assert told("parse('abc')").check("A ValueError is raised.").ok
        assert not told("parse('abc')").check("A KeyError is raised.").ok

    def test_what_is_appended_is_looked_up(self, told):
        """With what the container holds then."""
        caesar = told("caesar('ab', 1)")

        assert caesar.check(
            "We append 'b' to result. Then 'c' is appended to result, which is now ['b', 'c']."
        ).ok
        assert not caesar.check("We append 'a' to result.").ok


class TestAnswers:
    @pytest.mark.parametrize(
        "form", ["The final answer is {}.", "Answer: {}", "So the answer is `{}`.", r"\boxed{{{}}}"]
    )
    def test_the_answer_is_the_outcome(self, told, form):
        """In the ways models end their accounts."""
        assert told("gcd(48, 18)").check(form.format(6)).answer.verdict.value == "supported"
        assert told("gcd(48, 18)").check(form.format(12)).answer.verdict.value == "contradicted"

    def test_a_wrong_answer_is_put_right(self, told):
        """The fix replaces the value alone."""
        grounding = told("gcd(48, 18)").check("The final answer is 12.")
        start, end = grounding.answer.fix_span

        assert (
            grounding.text[:start] + grounding.answer.fix + grounding.text[end:] == "The final answer is 6."
        )

    def test_the_answer_of_a_run_that_raised_is_the_exception(self, told):
        """Nothing was returned."""
        assert told("divide(1, 0)").check("The final answer is ZeroDivisionError.").ok
        assert not told("divide(1, 0)").check("The final answer is 0.").ok

    def test_a_variable_called_result_is_no_answer(self, told):
        """It may hold anything on the way."""
        assert told("power(2, 5)").check("result is 1 at first. Then result becomes 2.").answer is None


class TestTraps:
    @pytest.mark.parametrize(
        "text",
        [
            "The loop header is `for i in range(0, 5)`.",
            "The number 6 is 110 in binary, so x is the binary string '101'.",
            "It goes over a list of 3 numbers, each between 1 and 9.",
            "Version 1.2 of the text has 3 parts (see section 4).",
            "a, b = b, a % b is the step that does the work.",
            "`def f(x): return x + 1` adds 1.",
        ],
    )
    def test_what_is_no_claim_about_the_run_is_not_refuted(self, told, text):
        """Headers, binary strings, prose with numbers, code."""
        assert told("gcd(48, 18)").check(text).ok
