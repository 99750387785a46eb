"""The page that `to_html` writes, opened from the disk with the network off."""

import subprocess
import sys

import cotrace
import nbformat
import pytest
from browser.pages import MARKUP, open_file, timeline_of

pytestmark = [pytest.mark.slow, pytest.mark.newest]

CANARY = "hunter2-canary-of-the-page"
NBCONVERTS = ("file:", "data:", "blob:", "require.js", "mathjax", "html-manager")


def nested(rows):
    total = 0
    for row in rows:
        for number in row:
            total += number
    return total


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "run.html"
    cotrace.trace(nested, [[1, 2], [3]]).to_html(path)
    return path


def test_a_page_is_stepped_without_a_network(page, written):
    timeline = open_file(page, written)
    timeline.picture("page-first-sight")

    assert timeline.walk(["ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowLeft"]) == [1, 2, 3, 2, 1]
    assert timeline.press("End") > 8
    timeline.picture("page-end")


def test_an_address_can_name_a_step(page, written):
    page.goto(f"{written.as_uri()}#step=5")

    assert timeline_of(page).step == 5


def test_without_scripts_a_page_is_a_table(open_page, written):
    page = open_page(java_script_enabled=False)
    page.goto(written.as_uri())

    assert "total = 6" in page.locator("table").inner_text()
    assert page.locator("[data-ready]").count() == 0


def test_no_other_script_runs_on_a_page(chrome, written):
    """Its policy names the one script by its hash."""
    page = chrome.new_page()
    open_file(page, written)
    refused = page.evaluate(
        """() => new Promise((done) => {
          addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
          const script = document.createElement('script');
          script.textContent = 'window.broken = 1';
          document.body.append(script);
        })"""
    )
    broken = page.evaluate("() => window.broken === 1")
    page.close()

    assert refused.startswith("script-src")
    assert not broken


def hold(texts):
    names = {}
    for text in texts:
        names[text] = [text, len(text)]
        print(text)
    kind = type("Odd<b>name</b>", (), {})
    made = kind()
    setattr(made, "<i>attribute</i>", texts[0])
    raise ValueError(texts[0] + texts[2])


@pytest.mark.parametrize("width", [1280, 400])
def test_markup_in_values_names_output_and_exceptions_is_text(open_page, tmp_path, width):
    with pytest.raises(ValueError, match="script"), cotrace.tracing() as t:
        hold([*MARKUP, "<b>" + "x" * 1_000_000])
    t.to_html(tmp_path / "odd.html")
    page = open_page(viewport={"width": width, "height": 900})
    timeline = open_file(page, tmp_path / "odd.html")

    for key in ("End", "ArrowLeft", "ArrowLeft", "Home", *["ArrowRight"] * 40):
        timeline.press(key)
        assert page.evaluate("() => window.broken") is None
    timeline.press("End")
    timeline.picture(f"page-markup-{width}")
    for name in ("script", "img", "b", "i", "iframe", "a[href^=javascript]"):
        assert timeline.host.locator(name).count() == 0, name
    assert "<script>window.broken = 1</script>" in timeline.text()
    assert not set("\u202e\u2066\x00\x1b\x07") & set(timeline.text())


def test_the_secret_is_not_in_the_page(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", CANARY)

    def log_in(password):
        told = f"<{password}>"
        print(told)
        return [password, {"password": told}]

    cotrace.trace(log_in, CANARY).to_html(tmp_path / "secret.html")

    assert CANARY not in (tmp_path / "secret.html").read_text()


@pytest.fixture
def converted(tmp_path, kernel_name):
    cells = ["%load_ext cotrace", "%%cotrace\ntotal = 0\nfor i in range(3):\n    total += i\ntotal"]
    spec = {"kernelspec": {"name": kernel_name, "display_name": kernel_name, "language": "python"}}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text) for text in cells], metadata=spec
    )
    nbformat.write(notebook, tmp_path / "run.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "run.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "run.html"


def test_a_notebook_that_nbconvert_made_a_page_of_is_stepped_without_a_network(chrome, converted):
    """The template of nbconvert asks for three libraries where there is a network; the timeline for none."""
    page = chrome.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    timeline = open_file(page, converted)
    timeline.picture("nbconvert")
    walked = timeline.walk(["ArrowRight", "ArrowRight", "ArrowLeft"])
    page.close()

    assert walked == [1, 2, 1]
    assert [url for url in asked if not any(own in url for own in NBCONVERTS)] == []
