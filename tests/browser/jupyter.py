"""A small language for tests in the real JupyterLab and Notebook 7.

`Server` serves a folder, `Notebook` is one that is open in a page.

Everything is as a user has it but the settings' folders, which are the test's own. Keys and clicks are real ones; where
Jupyter itself is meant (run all cells, restart the kernel), its commands are called.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import nbformat
from browser.timeline import Shown

QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
STARTING = 60
IDLE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel;
  return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle';
}"""


class Server:
    """JupyterLab and Notebook 7, serving a folder on a port of this machine."""

    def __init__(self, folder: Path, kernel_name: str):
        self.folder = folder / "notebooks"
        self.folder.mkdir()
        self.kernel_name = kernel_name
        config = folder / "config"
        (config / "labconfig").mkdir(parents=True)
        (config / "labconfig" / "page_config.json").write_text(json.dumps(QUIET))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        own = {
            "JUPYTER_CONFIG_DIR": config,
            "JUPYTER_DATA_DIR": folder / "data",
            "IPYTHONDIR": folder / "ipython",
        }
        self.log = folder / "server.log"
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "lab",
            f"--ServerApp.port={self.url.rpartition(':')[2]}",
            *OPTIONS,
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, f"--ServerApp.root_dir={self.folder}"],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **{name: str(path) for name, path in own.items()}},
                start_new_session=True,
            )
        self._wait()

    def _wait(self):
        for _ in range(STARTING * 10):
            try:
                self._ask("/api")
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.log.read_text()[-2000:]
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"no answer in {STARTING} s: {self.log.read_text()[-2000:]}")

    def _ask(self, path, method="GET"):
        with urllib.request.urlopen(
            urllib.request.Request(self.url + path, method=method), timeout=10
        ) as answer:
            return answer.read()

    def write(self, name, cells):
        """Write a notebook of these cells."""
        spec = {
            "kernelspec": {"name": self.kernel_name, "display_name": self.kernel_name, "language": "python"}
        }
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(text) for text in cells], metadata=spec
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def forget_kernels(self):
        """End all kernels: they outlive the pages that started them."""
        for session in json.loads(self._ask("/api/sessions")):
            self._ask(f"/api/sessions/{session['id']}", "DELETE")

    def stop(self):
        self.forget_kernels()
        self.process.terminate()
        self.process.wait(20)


class Notebook:
    """A notebook that is open in JupyterLab (``lab``) or Notebook 7 (``notebook``)."""

    def __init__(self, server: Server, page, name: str, app: str = "lab"):
        self.server, self.page, self.name, self.app = server, page, name, app
        path = "/lab/tree/" if app == "lab" else "/notebooks/"
        self.address = f"{server.url}{path}{quote(name)}?reset"

    def open(self, *, kernel=True):
        """Show it, and wait until its kernel is ready (without `kernel`: until its cells are there)."""
        self.page.goto(self.address, wait_until="domcontentloaded")
        self.page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)")
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        if kernel:
            self.wait_idle()
        return self

    def wait_idle(self):
        self.page.wait_for_function(IDLE)

    def command(self, name):
        """Call one of Jupyter's commands, as its menus do."""
        self.page.evaluate("(name) => window.jupyterapp.commands.execute(name)", name)

    def run_all(self):
        self.command("notebook:run-all-cells")
        self.page.wait_for_timeout(200)
        self.wait_idle()

    def restart(self):
        """Restart the kernel by the menu, and say yes to the question."""
        self.page.evaluate("() => void window.jupyterapp.commands.execute('kernelmenu:restart')")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.page.wait_for_timeout(500)
        self.wait_idle()

    def run(self, text):
        """Put a cell at the end and run it."""
        self.command("notebook:move-cursor-down")
        self.page.evaluate(
            """async (text) => {
              const notebook = window.jupyterapp.shell.currentWidget.content;
              notebook.activeCellIndex = notebook.widgets.length - 1;
              await window.jupyterapp.commands.execute('notebook:insert-cell-below');
              notebook.activeCell.model.sharedModel.setSource(text);
              await window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            text,
        )
        self.page.wait_for_timeout(150)
        self.wait_idle()
        return self.output(-1)

    def output(self, cell):
        """The text below a cell."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea").inner_text()

    def sources(self):
        """The text of every cell."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
              .map((cell) => cell.model.sharedModel.getSource())"""
        )

    def save(self):
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        return json.loads((self.server.folder / self.name).read_text())

    def timeline(self, number=0) -> Shown:
        """The timeline that is shown, once it is ready."""
        return Shown(self.page, self.page.locator("[data-ready='1']:visible").nth(number))


def texts_of(saved):
    """All that a saved notebook has in its outputs, as one text."""
    outputs = [output for cell in saved["cells"] for output in cell.get("outputs", ())]
    return re.sub(r"\s+", " ", json.dumps(outputs))
