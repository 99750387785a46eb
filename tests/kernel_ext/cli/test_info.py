"""``cotrace info``, ``cotrace clean`` and ``cotrace lab``."""

import json
import sys

import pytest
from cotrace.cli import lab
from cotrace.store import TraceStore
from cotrace.tracing import choice
from cotrace.tracing.choice import choose


def test_info_says_which_engine_runs_and_why(cotrace):
    told = json.loads(cotrace("info", "--json").out)

    assert told["engine"]["name"].split()[0] == choose().engine
    assert told["engine"]["why"] == choose().why
    assert told["interpreter"] == sys.executable


def test_info_says_why_the_engine_that_is_set_can_not_run(cotrace, monkeypatch):
    monkeypatch.setenv("COTRACE_ENGINE", "native")
    monkeypatch.setattr(choice, "MONITORING", None)

    engine = json.loads(cotrace("info", "--json").out)["engine"]

    assert engine["name"] == "none"
    assert "has no sys.monitoring" in engine["why"]
    assert engine["advice"] == 'use Python 3.12 or later, or set engine = "auto"'


def test_info_says_who_set_what(cotrace, own_folders, monkeypatch):
    (own_folders / "pyproject.toml").write_text("[tool.cotrace]\nstyle = 'brief'\n")
    monkeypatch.setenv("COTRACE_LIMITS_STEPS", "77")

    rows = {row["key"]: row for row in json.loads(cotrace("info", "--json").out)["settings"]}

    assert (rows["style"]["value"], rows["style"]["origin"]) == ("brief", str(own_folders / "pyproject.toml"))
    assert (rows["limits.steps"]["value"], rows["limits.steps"]["origin"]) == (
        77,
        "environment COTRACE_LIMITS_STEPS",
    )
    assert rows["limits.depth"]["origin"] == "default"


def test_info_for_people_has_the_same(cotrace, own_folders):
    told = cotrace("info").out

    assert "limits.steps" in told
    assert str(own_folders.parent / "state") in told


def test_clean_empties_the_store_and_says_how_much_it_was(cotrace, loop):
    size = sum(row.bytes for row in TraceStore().entries())

    assert f"deleted 1 trace, {size:,} bytes" in cotrace("clean").err
    assert json.loads(cotrace("clean", "--json").out)["traces"] == 0


def test_lab_leaves_the_user_s_own_copy_alone(tmp_path):
    first = lab.copied(tmp_path / "new")
    first.write_text("mine")

    assert lab.copied(tmp_path / "new").read_text() == "mine"


def test_lab_says_how_to_install_what_it_needs(cotrace, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)

    ran = cotrace("lab")

    assert ran.code == 2
    assert "-m pip install 'cotrace[lab]'" in ran.err


@pytest.mark.parametrize("variable", ["COTRACE_STATE_DIR", "COTRACE_CONFIG_DIR"])
def test_info_makes_no_folder(cotrace, own_folders, variable):
    cotrace("info")

    assert not (own_folders.parent / "state").exists()
    assert not (own_folders.parent / "config").exists()
