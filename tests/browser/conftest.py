"""One Jupyter server for all tests of a process, one browser for those of a file, a page of its own for each."""

import re

import pytest
from browser.jupyter import Notebook, Server
from browser.timeline import PICTURES, chromium
from e2e.conftest import kernel_name  # noqa: F401 - a fixture
from playwright.sync_api import sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-precise-memory-info",
)  # fmt: skip
HARMLESS = (
    "favicon",
    "ResizeObserver loop",
    "the server responded with a status of 404",
    "(reading 'schema')",  # this and the next: Notebook 7 without any of ours
    "Command 'filebrowser:open-path' not registered.",
    "Comm not found for comm id",  # what it says of any widget of a kernel that was restarted
    "Error: widget model not found",  # what Jupyter says of any widget of a notebook that is opened again
)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running: no test besides these may meet it
def chrome():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        yield found
        found.close()


@pytest.fixture
def open_page(chrome, request):
    """Return a function that opens an empty page; what it asks the network for, and its errors, fail the test.

    How the page looked in the end is kept as a picture.
    """
    contexts, asked, errors = [], [], []

    def opened(**options):
        context = chrome.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
        return page

    yield opened
    PICTURES.mkdir(exist_ok=True)
    for number, context in enumerate(contexts):
        name = re.sub(r"\W+", "-", f"{request.node.name} {number or ''}").strip("-")
        for page in context.pages:
            page.screenshot(path=PICTURES / f"end-{name}.png")
        context.close()
    foreign = [
        url for url in asked if not url.startswith(("http://127.0.0.1", "file:", "data:", "blob:", "about:"))
    ]
    assert foreign == []
    assert [error for error in errors if not any(word in error for word in HARMLESS)] == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="session")
def server(tmp_path_factory, kernel_name):  # noqa: F811 - the fixture
    running = Server(tmp_path_factory.mktemp("served"), kernel_name)
    yield running
    running.stop()


@pytest.fixture(params=["lab", "notebook"])
def app(request):
    return request.param


@pytest.fixture
def notebook(server, page, app, request):
    """Return a function that opens a notebook of these cells, with a fresh kernel, in Lab and Notebook 7, and runs."""
    server.forget_kernels()

    def opened(*cells, run=True):
        name = f"{request.node.name.replace('[', '-').replace(']', '')}.ipynb"
        server.write(name, ["%load_ext cotrace", *cells])
        shown = Notebook(server, page, name, app).open()
        if run:
            shown.run_all()
        return shown

    return opened
