"""A cell under ``%%cotrace`` is recorded the same by both engines: every kind of cell, in a real kernel."""

from __future__ import annotations

import re

import pytest
from e2e.test_notebook_transparency import CELLS, SETUP
from equality.engines import ENGINES, needs_both

pytestmark = [pytest.mark.slow, needs_both]

SHOW = """\
_t = globals().pop("_t", None)
print(*(part for name in ("frames", "steps", "entries", "final", "outcome", "notes", "truncated")
        for part in ([getattr(_t, name)] if not hasattr(getattr(_t, name, ""), "__getitem__") else getattr(_t, name))),
      _t and _t.engine, sep="\\n")
"""


@pytest.fixture(scope="module")
def recorded(run_notebook):
    """Return a function that gives, by the kind of cell, what an engine recorded, as lines of text."""

    def by(engine):
        texts = ["%load_ext cotrace", SETUP]
        for text in CELLS.values():
            texts += [f"%%cotrace --quiet --name _t\n{text}", SHOW]
        with pytest.MonkeyPatch.context() as patch:  # the cells must not tell the engines apart
            patch.setenv("COTRACE_ENGINE", engine)
            shown = run_notebook(texts)[3::2]
        return dict(zip(CELLS, map(lines_of, shown), strict=True))

    return {engine: by(engine) for engine in ENGINES}


def lines_of(outputs):
    text = "".join(output.get("text", "") for output in outputs)
    text = re.sub(r"([^\s'\"]*ipykernel_\d+[/\\]+)?\b\d{5,}\.py", "CELL", text)
    text = re.sub(r"[^\s'\"]*pytest-\d+[^\s'\"]*notebook\d+", "FOLDER", text)
    return re.sub(r"0x[0-9a-f]+", "0x", text).splitlines()


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_recorded_the_same(recorded, kind):
    reference, native = (recorded[engine][kind] for engine in ("reference", "native"))

    assert native[:-1] == reference[:-1]


def test_each_engine_recorded_the_cells_it_was_given(recorded):
    for engine, cells in recorded.items():
        last = [lines[-1] for lines in cells.values() if lines and lines[-1] not in ("None", "")]
        assert len(last) > 40
        assert all(engine in line for line in last)
