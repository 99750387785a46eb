"""The compiled core that these tests run with is the one that its sources make."""

import importlib.util
from pathlib import Path

import pytest
from cotrace.tracing.choice import CORE, core_fact

SOURCE_ROOT = Path(__file__).parents[3] / "kernel_ext"


@pytest.fixture
def core():
    if importlib.util.find_spec(CORE) is None:
        pytest.skip(f"the core is {core_fact()}")
    from cotrace.tracing import _core

    return _core


def test_it_was_compiled_from_the_sources_as_they_are(core):
    """Else a test may pass or fail for what the core was before."""
    spec = importlib.util.spec_from_file_location("build_core", SOURCE_ROOT / "build_core.py")
    build_core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_core)

    assert build_core.fingerprint() == core.SOURCES, "run `python kernel_ext/build_core.py`"
