"""An IPython shell with cotrace in it, in this process."""

from __future__ import annotations

import pytest
from cotrace.notebook import magic
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


class Session:
    """A shell whose cells are run one after the other."""

    def __init__(self, capsys):
        self.shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}, colors="NoColor"))
        self._capsys = capsys
        self.err = ""

    def run(self, cell, *, fails=False):
        """Run a cell and return what it printed; `err` has what went to stderr."""
        result = self.shell.run_cell(cell, store_history=True)
        captured = self._capsys.readouterr()
        self.err = captured.err
        assert fails != result.success, captured.out + captured.err
        return captured.out

    def trace(self, cell, **how):
        """Run a cell under ``%%cotrace`` and return its trace."""
        self.run(f"%%cotrace --quiet --name _t\n{cell}", **how)
        return self.shell.user_ns.pop("_t")

    @property
    def names(self):
        return self.shell.user_ns


@pytest.fixture
def session(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    made = Session(capsys)
    magic.load(made.shell)
    yield made
    magic.unload(made.shell)
