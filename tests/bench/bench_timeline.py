"""`make bench-timeline`: how soon a recording is shown in a warm JupyterLab, and what moving through it costs.

A kernel records a loop, and a cell shows its timeline. The clock starts when that cell is run and stops when the first
picture is there, then when the first and the last step's values are: what Python does to pack the recording counts. A
step is timed from its key to its picture with the layout done. While the strip is dragged the browser itself tells of
every task longer than 50 ms. The heap is what is held after a collection, over what Lab holds.

    python tests/bench/bench_timeline.py [--steps N ...] [--json]
"""

import argparse
import gzip
import json
import os
import re
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser.conftest import FLAGS
from browser.jupyter import Notebook, Server
from browser.timeline import Shown, chromium
from playwright.sync_api import sync_playwright
from progress import Progress
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "widgets" / "cotrace_widgets" / "static" / "timeline.js"
SIZES = (1_000, 100_000, 1_000_000)
PRESSES = 300
MARKS = {True: "met", False: "NOT MET"}

WARM = "%load_ext cotrace\nimport cotrace, cotrace_widgets"
RECORD = """\
def work(turns):
    found, total = [], 0
    for turn in range(turns):
        total += turn % 7
        if total % 5 == 0:
            found = [total, turn]
    return total

with cotrace.tracing(limits=cotrace.Limits(steps={steps}, bytes=2_000_000_000)) as t:
    work({steps})
print('steps', len(t.steps))"""
SHOW = "timeline = cotrace_widgets.Timeline(t)\ntimeline"

FIRST_PAINT = """async (text) => {
  const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.length - 1;
  await app.commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(text);
  const begun = performance.now();
  const seen = (mark) => new Promise((done) => {
    const look = () => document.querySelector(mark) ? done(performance.now() - begun) : requestAnimationFrame(look);
    look();
  });
  const both = Promise.all([seen('[data-position]'), seen("[data-ready='1']")]);
  void app.commands.execute('notebook:run-cell');
  return both;
}"""
LAST_STEP = """async () => {
  const host = document.querySelector("[data-ready='1']");
  const shadow = host.querySelector('[data-lm-suppress-shortcuts]').shadowRoot;
  const strip = shadow.querySelector('[role=slider]');
  const begun = performance.now();
  strip.focus();
  strip.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, composed: true }));
  const isThere = () => host.dataset.position === strip.getAttribute('aria-valuemax')
    && !shadow.querySelector("[aria-busy='true']");
  await new Promise((done) => {
    const look = () => isThere() ? done() : requestAnimationFrame(look);
    look();
  });
  return performance.now() - begun;
}"""
PRESSED = """async ([key, times]) => {
  const host = document.querySelector("[data-ready='1']");
  const strip = host.querySelector('[data-lm-suppress-shortcuts]').shadowRoot.querySelector('[role=slider]');
  const took = [];
  for (let i = 0; i < times; i++) {
    await new Promise(requestAnimationFrame);
    const before = host.dataset.position;
    const begun = performance.now();
    strip.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
    while (host.dataset.position === before && performance.now() - begun < 1000) await null;
    host.getBoundingClientRect();
    took.push(performance.now() - begun);
  }
  return took;
}"""
WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((task) => task.duration)))
    .observe({ entryTypes: ['longtask'] });
}"""


WHAT = {
    "first_paint_s": "cell run to first picture, s",
    "first_values_s": "... and to the first step's values, s",
    "last_step_s": "... and to the last step's values, s",
    "step_p50_ms": "one step, 50 of 100, ms",
    "step_p95_ms": "one step, 95 of 100, ms",
    "long_tasks": "tasks over 50 ms while scrubbing",
    "longest_ms": "the longest of them, ms",
    "heap_mb": "heap, MB",
}


@dataclass
class Figures:
    """What one size took: seconds, milliseconds, MB."""

    steps: int
    first_paint_s: float
    first_values_s: float
    last_step_s: float
    step_p50_ms: float
    step_p95_ms: float
    long_tasks: int
    longest_ms: float
    heap_mb: float


GOALS = (
    ("first paint at 1M steps, s", 1_000_000, "first_paint_s", 0.3),
    ("every step at 1M steps, s", 1_000_000, "last_step_s", 1.0),
    ("one step, 95 of 100, at 1M steps, ms", 1_000_000, "step_p95_ms", 4.0),
    ("tasks over 50 ms while scrubbing 1M steps", 1_000_000, "long_tasks", 0),
    ("heap at 1M steps, MB", 1_000_000, "heap_mb", 40.0),
)
BUNDLE_KB = 80.0
SAVED_STEPS, SAVED_MB = 100_000, 2.0

CELL = """\
%%cotrace --max-steps {steps}
def work(turns):
    found, total = [], 0
    for turn in range(turns):
        total += turn % 7
        if total % 5 == 0:
            found = [total, turn]
    return total
work({steps})"""


def measure(server, page, steps) -> Figures:
    """Record so many steps in a fresh kernel, show them, and move through them."""
    server.forget_kernels()
    name = f"bench-{steps}.ipynb"
    server.write(name, [WARM])
    notebook = Notebook(server, page, name).open()
    notebook.run_all()
    recorded = number_in(notebook.run(RECORD.format(steps=steps)), "steps")
    page.evaluate(WATCH)
    before = heap(page)
    first, values = (took / 1000 for took in page.evaluate(FIRST_PAINT, SHOW))
    last = values + page.evaluate(LAST_STEP) / 1000
    notebook.wait_idle()
    page.wait_for_timeout(2_000)  # chunks that are still on their way
    long_tasks = scrub(page)
    page.keyboard.press("Home")
    took = sorted(page.evaluate(PRESSED, ["ArrowRight", PRESSES]))
    held = heap(page) - before
    return Figures(
        int(recorded), first, values, last, took[PRESSES // 2], took[PRESSES * 95 // 100],
        len(long_tasks), max(long_tasks, default=0.0), held,
    )  # fmt: skip


def saved_mb(server, page):
    """Return what a notebook weighs whose only cell was recorded for so many steps, in MB."""
    server.forget_kernels()
    server.write("saved.ipynb", ["%load_ext cotrace"])
    notebook = Notebook(server, page, "saved.ipynb").open()
    notebook.run_all()
    notebook.run(CELL.format(steps=SAVED_STEPS))
    notebook.save()
    return (server.folder / "saved.ipynb").stat().st_size / 1e6


def scrub(page):
    """Drag the strip to and fro by mouse, and return the tasks over 50 ms that this made."""
    shown = Shown(page, page.locator("[data-ready='1']:visible").first)
    strip = shown.host.get_by_role("slider").first
    strip.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = strip.bounding_box()
    page.evaluate("() => { window.longTasks.length = 0; }")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 5, middle)
    page.mouse.down()
    for part in (0.95, 0.1, 0.8, 0.3):
        page.mouse.move(box["x"] + box["width"] * part, middle, steps=60)
    page.mouse.up()
    page.wait_for_timeout(300)
    return page.evaluate("() => window.longTasks")


def heap(page):
    """MB that a page's scripts hold after a collection, with what typed arrays hold."""
    inspector = page.context.new_cdp_session(page)
    inspector.send("HeapProfiler.collectGarbage")
    used = inspector.send("Runtime.getHeapUsage")
    inspector.detach()
    return (used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6


def number_in(output, word):
    found = re.search(rf"{word} ([\d.e-]+)", output)
    if found is None:
        sys.exit(f"expected '{word} NUMBER' below the cell, found: {output[-800:]}")
    return float(found.group(1))


def targets(measured, bundle, saved):
    """Return what must hold: a name, what was measured, the goal, whether it holds."""
    by_size = dict(measured)
    rows = [
        (what, getattr(by_size[size], field), goal) for what, size, field, goal in GOALS if size in by_size
    ]
    rows.append(("bundle, gzipped, kB", bundle, BUNDLE_KB))
    rows.append((f"a notebook with {SAVED_STEPS:,} steps, saved, MB", saved, SAVED_MB))
    return [(what, round(value, 3), goal, value <= goal) for what, value, goal in rows]


def show(measured, promised):
    console = Console()
    table = Table(
        "the timeline in a warm JupyterLab",
        *(f"{size:,} steps" for size, _ in measured),
    )
    for field, what in WHAT.items():
        table.add_row(what, *(f"{getattr(figures, field):,.3g}" for _, figures in measured))
    goals = Table("what", "measured", "at most", "")
    for what, value, goal, is_met in promised:
        goals.add_row(what, f"{value:g}", f"{goal:g}", MARKS[is_met])
    console.print(table, goals)


def kernel(folder):
    """Return the variables under which Jupyter finds the kernel of this interpreter alone."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "bench",
        "language": "python",
        "env": {
            "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ("kernel_ext", "widgets")),
            "COTRACE_STATE_DIR": str(folder / "state"),
            "COTRACE_CONFIG_DIR": str(folder / "config"),
        },
    }
    place = folder / "kernels" / "kernels" / "bench"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
    return {"JUPYTER_PATH": str(folder / "kernels"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}


def run(sizes):
    progress = Progress(len(sizes) + 1)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        patch.dict(os.environ, kernel(Path(folder))),
        sync_playwright() as playwright,
    ):
        server = Server(Path(folder), "bench")
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
            measured = []
            for steps in sizes:
                progress.step(f"{steps:,} steps")
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.set_default_timeout(240_000)
                measured.append((steps, measure(server, page, steps)))
                page.close()
            progress.step("a saved notebook")
            saved = saved_mb(server, browser.new_page())
            browser.close()
        finally:
            server.stop()
    progress.clear()
    return measured, saved


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", action="store_true", help="figures for a program to read")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # the server and its kernels end too
    measured, saved = run(options.steps)
    promised = targets(measured, len(gzip.compress(BUNDLE.read_bytes(), 9)) / 1000, saved)
    if options.json:
        kept = {"figures": [vars(figures) for _, figures in measured], "promised": promised}
        print(json.dumps(kept, indent=1))
    else:
        show(measured, promised)
    return 0


if __name__ == "__main__":
    sys.exit(main())
