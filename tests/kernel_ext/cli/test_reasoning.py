"""``cotrace narrate`` and ``cotrace check``: words from a recording, and words against it."""

import io
import json
import sys

import pytest


@pytest.fixture
def double(cotrace, own_folders):
    (own_folders / "f.py").write_text("def double(n):\n    twice = n * 2\n    return twice\n")
    assert cotrace("trace", "f.py::double", "--call", "double(21)").code == 0


def test_the_run_is_told_in_words(cotrace, double):
    told = cotrace("narrate").out

    assert "42" in told
    assert told == cotrace("narrate").out


def test_another_style_and_seed_tell_it_otherwise(cotrace, loop):
    tellings = {
        cotrace("narrate", "--style", style, "--seed", seed).out
        for style in ("brief", "full")
        for seed in "1234"
    }

    assert len(tellings) >= 3


def test_json_has_the_steps_that_each_sentence_speaks_of(cotrace, double):
    told = json.loads(cotrace("narrate", "--json").out)

    for sentence in told["sentences"]:
        assert told["text"][sentence["start"] : sentence["end"]] == sentence["text"]
        assert sentence["steps"]


def test_what_was_narrated_is_supported(cotrace, double, own_folders):
    assert cotrace("narrate", "-o", "told.txt").code == 0

    ran = cotrace("check", "told.txt")

    assert ran.code == 0
    assert "✗ 0 contradicted" in ran.out


def test_a_wrong_number_is_found_by_word_and_symbol(cotrace, double, own_folders):
    cotrace("narrate", "-o", "told.txt")
    text = (own_folders / "told.txt").read_text()
    (own_folders / "wrong.txt").write_text(text.replace("42", "43"))

    ran = cotrace("check", "wrong.txt")

    assert ran.code == 1
    assert "✗ contradicted: " in ran.out
    assert "write '42' for '43'" in ran.out


def test_json_has_every_claim_with_its_place(cotrace, double, own_folders):
    (own_folders / "wrong.txt").write_text("21 * 2 = 42. So the answer is 43.")

    ran = cotrace("check", "wrong.txt", "--json")

    checked = json.loads(ran.out)
    verdicts = {claim["text"]: claim["verdict"] for claim in checked["claims"]}
    assert (ran.code, checked["ok"]) == (1, False)
    assert "contradicted" in verdicts.values()
    assert sum(checked["counts"].values()) == len(checked["claims"])


def test_the_text_may_come_from_stdin(cotrace, double, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("21 * 2 = 42.\n"))

    assert cotrace("check", "-").code == 0


def test_each_sentence_can_be_shown_with_its_verdict(cotrace, double):
    ran = cotrace("narrate", "--check")

    assert "✓ supported" in ran.out
    assert "changes told" in ran.out
