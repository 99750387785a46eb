"""The command line, run in this process in a folder of its own; the programs it traces are real children."""

from dataclasses import dataclass

import pytest
from cotrace.cli.main import main

LOOP = "total = 0\nfor i in range(3):\n    total += i\nprint('total', total)\n"


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Keep the user's own settings and traces out of the tests, and the tests out of them."""
    monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv(
        "COTRACE_REWRITE_GOLDEN", raising=False
    )  # the tests' own: to the command line no setting
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def cotrace(capfd):
    """Return a function that runs one command: ``cotrace("trace", "x.py")``."""

    def run(*arguments: str) -> Ran:
        try:
            code = main(arguments)
        except SystemExit as exit_:  # argparse's own way to refuse
            code = exit_.code
        printed = capfd.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def loop(own_folders, cotrace):
    """Trace a small loop; the store then holds it."""
    (own_folders / "loop.py").write_text(LOOP)
    assert cotrace("trace", "loop.py").code == 0
    return own_folders / "loop.py"
