"""Take the README's pictures of the timeline anew, after changes that show: ``python tests/browser/pictures.py``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import FLAGS  # noqa: E402 - the tests' folder is on the path by now
from browser.jupyter import Notebook, Server  # noqa: E402
from browser.timeline import Shown, chromium  # noqa: E402

SORT = """\
%%cotrace
def insertion_sort(items):
    for i in range(1, len(items)):
        key, j = items[i], i - 1
        while j >= 0 and items[j] > key:
            items[j + 1] = items[j]
            j -= 1
        items[j + 1] = key
    return items

numbers = [5, 2, 9, 1]
insertion_sort(numbers)"""
PATHS = ROOT / "kernel_ext" / "cotrace" / "examples" / "shortest_path.py"


def in_a_notebook(browser, folder):
    """The timeline below a cell in JupyterLab, in the middle of a sort."""
    server = Server(folder, "python3")
    try:
        server.write("Sorting.ipynb", ["%load_ext cotrace", SORT])
        page = browser.new_page(viewport={"width": 1180, "height": 860}, device_scale_factor=1.5)
        shown = Notebook(server, page, "Sorting.ipynb").open()
        shown.command("application:toggle-left-area")
        shown.run_all()
        timeline = shown.timeline()
        timeline.go(29)
        timeline.host.get_by_role("button", name="numbers", exact=True).first.click()
        page.wait_for_timeout(800)
        timeline.host.evaluate("(host) => host.scrollIntoView({block: 'end'})")
        page.screenshot(path=ROOT / "widgets" / "timeline.png")
    finally:
        server.stop()


def on_a_page(browser, folder):
    """The timeline as a page of its own, in a dark browser, inside a call."""
    import runpy

    import cotrace

    program = runpy.run_path(str(PATHS))
    trace = cotrace.trace(program["shortest_path"], (0, 0), (2, 2))
    trace.to_html(folder / "path.html")
    page = browser.new_page(
        viewport={"width": 1180, "height": 700}, color_scheme="dark", device_scale_factor=1.5
    )
    page.goto((folder / "path.html").as_uri())
    timeline = Shown(page, page.locator("[data-ready='1']"))
    timeline.go(len(trace.steps) // 2)
    page.wait_for_timeout(500)
    page.screenshot(path=ROOT / "widgets" / "page.png")


def main():
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        for number, take in enumerate((in_a_notebook, on_a_page)):
            own = Path(folder, str(number))
            own.mkdir()
            take(browser, own)
        browser.close()


if __name__ == "__main__":
    main()
