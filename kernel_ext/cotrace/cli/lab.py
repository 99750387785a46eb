"""``cotrace lab``: JupyterLab with an example notebook in a folder of the user's, so that nothing of ours is edited."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from cotrace.cli.terminal import Terminal
from cotrace.errors import StorageError, UsageError

EXAMPLES = Path(__file__).parent.parent / "examples"
NOTEBOOK = "tour.ipynb"


def arguments(_name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.usage = "cotrace lab [FOLDER] [options] [-- OPTIONS OF JUPYTERLAB]"
    parser.epilog = "In a container, where you are root, JupyterLab wants: cotrace lab -- --allow-root"
    parser.add_argument(
        "folder", type=Path, nargs="?", help="where to put the notebook (default: a temporary folder)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="do not open a browser; the address is printed"
    )
    parser.set_defaults(run=command)


def command(options: argparse.Namespace, terminal: Terminal) -> int:
    """Copy the notebook and start JupyterLab there; return what it ends with."""
    if find_spec("jupyterlab") is None or find_spec("ipykernel") is None:
        raise UsageError(
            f"expected jupyterlab in {sys.executable}'s packages, found none: install it with "
            f"{sys.executable} -m pip install 'cotrace[lab]'"
        )
    folder = options.folder or Path(tempfile.mkdtemp(prefix="cotrace-lab-"))
    notebook = copied(folder)
    terminal.say(f"the notebook is {notebook}")
    launch = [sys.executable, "-m", "jupyter", "lab", str(notebook)]
    if options.no_browser:
        launch.append("--no-browser")
    launch += options.rest
    try:
        return subprocess.run(launch, check=False).returncode  # noqa: S603 - our own interpreter
    finally:
        terminal.say(f"your copy stays in {folder}")


def copied(folder: Path) -> Path:
    """Put the notebook into the folder; one that is there already is the user's, and stays."""
    notebook = folder / NOTEBOOK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not notebook.exists():
            shutil.copyfile(EXAMPLES / NOTEBOOK, notebook)
    except OSError as error:
        raise StorageError(f"{folder}: expected a folder to put a notebook in: {error.strerror}") from error
    return notebook
