"""Narrations of real programs pass their own check: a sample of each corpus, drawn by a fixed seed."""

import contextlib
import io
import random
import warnings

import cotrace
import pytest
from corpora.items import ABSENT, ARE_HERE, NAMES, programs, runs_within
from recorded import Recorded

MANY = 40
"""Programs of each corpus."""

LONGEST = 1_000
"""Lines that a program of the sample runs."""


@pytest.mark.slow
@pytest.mark.skipif(not ARE_HERE, reason=ABSENT)
@pytest.mark.parametrize("name", NAMES)
def test_no_claim_of_a_narration_is_contradicted_by_its_recording(name, tmp_path):
    fit = [item for item in programs([name]) if runs_within(item, LONGEST)]
    refuted = {}
    for number, item in enumerate(random.Random(20_27).sample(fit, MANY)):
        quiet = warnings.catch_warnings(action="ignore")  # of the programs' own odd escapes and comparisons
        with quiet, contextlib.redirect_stdout(io.StringIO()), pytest.MonkeyPatch.context() as patch:
            trace = Recorded(tmp_path / str(number), patch).call(
                item["code"], item["call"], steps=10 * LONGEST
            )
        grounding = cotrace.check(cotrace.narrate(trace), trace)
        wrong = [f"{judged.claim.text}: {judged.reason}" for judged in grounding.refuted]
        if wrong or not grounding.answer:
            refuted[item["id"]] = wrong

    assert refuted == {}
