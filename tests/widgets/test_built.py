"""What is committed of what is built, is what would be built."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TIMELINE = ROOT / "widgets" / "timeline"
STATIC = ROOT / "widgets" / "cotrace_widgets" / "static"


def test_the_types_of_the_timeline_are_those_of_the_model():
    """``make timeline`` writes them anew."""
    spec = importlib.util.spec_from_file_location("generate_model", ROOT / "widgets" / "generate_model.py")
    generate_model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate_model)
    assert generate_model.TARGET.read_text() == generate_model.model()


@pytest.mark.newest
def test_the_committed_bundles_are_built_from_the_sources(tmp_path):
    """``make timeline`` builds them anew."""
    subprocess.run(["node", "build.mjs", "--into", tmp_path], cwd=TIMELINE, check=True)
    built = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert built == {file.name: file.read_text() for file in STATIC.glob("*.js")}


def test_a_bundle_can_stand_in_a_script_element():
    for file in STATIC.glob("*.js"):
        text = file.read_text().lower()
        assert "</script" not in text
        assert "<!--" not in text
