"""Narrations of our own programs, as people read them. COTRACE_REWRITE_GOLDEN=1 rewrites them; read the diff."""

import os
from pathlib import Path

import pytest
from cotrace.grounding.checker import check
from cotrace.narration import narrate

FOLDER = Path(__file__).parents[2] / "golden" / "narrations"
PROGRAMS = sorted(FOLDER.glob("*.py"))


def as_page(trace):
    """Show a narration in every style, a sentence a line, with the steps that each speaks of."""
    lines = []
    for style in ("brief", "normal", "full"):
        lines.append(f"--- {style} ---")
        for sentence in narrate(trace, style).sentences:
            steps = f"{sentence.anchor[0]}-{sentence.anchor[-1]}"
            lines.append(f"{steps:>9}  {sentence.text}")
        lines.append("")
    return "\n".join(lines)


@pytest.mark.newest
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_narration_reads_as_it_did(path, program):
    """Each program's narration is the one that was read and kept."""
    page = as_page(program(path))
    kept = path.with_suffix(".txt")
    if os.environ.get("COTRACE_REWRITE_GOLDEN"):
        kept.write_text(page)

    assert page == kept.read_text()


@pytest.mark.parametrize("style", ["brief", "normal", "full"])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_narration_passes_its_own_check(path, style, program):
    """Whatever the narrator says, the checker finds in the recording."""
    trace = program(path)

    grounding = check(narrate(trace, style), trace)

    assert [(j.claim.text, j.reason) for j in grounding.claims if j.verdict.value != "supported"] == []
