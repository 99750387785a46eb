"""CPython's own tests of the language come out the same under a recording: programs that nobody here wrote."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("cpython_child.py")
STEPS = 2_000
MODULES = (
    "test_grammar", "test_generators", "test_scope", "test_patma", "test_with", "test_super",
    "test_named_expressions", "test_coroutines", "test_asyncgen", "test_except_star", "test_contextlib",
    "test_descr", "test_call", "test_fstring",
    *(["test_listcomps"] if sys.version_info >= (3, 12) else []),  # before, one doctest that runs text
)  # fmt: skip


def results(module, steps):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-X", "faulthandler", str(CHILD), module, str(steps)],
        capture_output=True, text=True, timeout=250, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_tests_of_the_language_come_out_the_same_under_a_recording(module):
    if importlib.util.find_spec(f"test.{module}") is None:
        pytest.skip(f"this Python was installed without its own tests ({module})")

    alone, recorded = results(module, 0), results(module, STEPS)

    words = recorded["words"]
    if not hasattr(sys, "monitoring"):  # some tests are not meant for a trace function, and say so
        words = {name: alone["words"][name] if word == "skipped" else word for name, word in words.items()}
    assert words == alone["words"]
    assert list(alone["words"].values()).count("ok") > 5
    assert "mistake" not in recorded["truncated"]
    assert recorded["steps"] > 100
