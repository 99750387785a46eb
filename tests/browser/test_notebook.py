"""The timeline in the real JupyterLab and Notebook 7, driven as a user would: by mouse and keyboard."""

import json

import nbformat
import pytest
from browser.jupyter import Notebook, texts_of
from browser.pages import MARKUP, grave_findings

pytestmark = [pytest.mark.slow, pytest.mark.newest]

NESTED = """\
%%cotrace
total = 0
for row in [[1, 2], [3]]:
    for number in row:
        total += number
print("total", total)
total"""

RECURSION = """\
%%cotrace
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
fib(3)"""

EARLY = """\
%%cotrace
def first_even(numbers):
    for number in numbers:
        if number % 2 == 0:
            return number
first_even([1, 4, 6])"""

ALIASES = """\
%%cotrace
rows = [[1], [2]]
first = rows[0]
first.append(7)
other = {"deep": {"er": [10, 20, 30]}}
first.append(8)
rows"""


def test_nested_loops_are_stepped_by_keyboard(notebook, app):
    timeline = notebook(NESTED).timeline()
    timeline.picture(f"{app}-first-sight")

    assert timeline.walk(["ArrowRight", "ArrowRight", "l", "ArrowLeft", "h"]) == [1, 2, 3, 2, 1]
    assert timeline.walk(["ArrowDown", "j", "j", "k", "ArrowUp"]) == [2, 3, 4, 3, 2]
    assert [timeline.press("End"), timeline.press("Home")] == [22, 0]
    timeline.go(8)
    timeline.picture(f"{app}-nested-loops")


def test_recursion_is_stepped_into_over_and_out(notebook, app):
    timeline = notebook(RECURSION).timeline()

    call = timeline.go(4)
    assert timeline.walk(["Enter", "Enter", "Enter", "Enter"]) == [5, 6, 7, 8]
    timeline.picture(f"{app}-recursion")
    assert timeline.walk(["o", "ArrowUp"]) == [24, 8]  # what a step out did, a step back undoes
    assert timeline.go(call) == 4
    assert timeline.walk(["ArrowDown", "ArrowUp"]) == [25, 4]


def test_an_early_return_ends_the_loop(notebook, app):
    timeline = notebook(EARLY).timeline()

    timeline.go(4)
    assert timeline.walk(["Enter", "j", "j", "j", "j", "j", "j"]) == [5, 6, 7, 8, 9, 10, 11]
    assert "returns 4" in timeline.text()
    timeline.picture(f"{app}-early-return")


def test_a_click_on_the_strip_and_a_drag_go_there(notebook):
    timeline = notebook(NESTED).timeline()
    strip = timeline.host.get_by_role("slider", name="The run").bounding_box()
    middle = strip["y"] + strip["height"] / 2

    timeline.page.mouse.click(strip["x"] + strip["width"] * 0.5, middle)
    timeline.settle()
    half = timeline.step
    timeline.page.mouse.move(strip["x"] + strip["width"] * 0.5, middle)
    timeline.page.mouse.down()
    timeline.page.mouse.move(strip["x"] + strip["width"] * 0.9, middle, steps=8)
    timeline.page.mouse.up()
    timeline.settle()

    assert half == 11
    assert timeline.step == 19


def test_a_pass_is_picked(notebook, app):
    timeline = notebook(NESTED).timeline()
    timeline.go(5)

    timeline.host.get_by_role("button", name="Next pass of for row").click()
    timeline.settle()
    assert timeline.step == 10
    assert timeline.press("{") == 4
    timeline.press("ArrowRight")
    timeline.picture(f"{app}-passes")
    timeline.host.get_by_label("Pass of for number, 1 to").fill("2")
    timeline.page.keyboard.press("Enter")
    timeline.settle()
    assert timeline.step == 7


def test_changes_of_a_variable_are_jumped_to_through_an_alias(notebook, app):
    timeline = notebook(ALIASES).timeline()
    timeline.press("End")

    timeline.host.get_by_role("button", name="rows", exact=True).first.click()
    timeline.host.get_by_text("of 3 changes").wait_for()
    lines = []
    for _ in range(3):
        timeline.press("[")
        lines.append(timeline.line)
    timeline.picture(f"{app}-changes")

    assert lines == [6, 4, 2]


def test_a_run_is_searched(notebook, app):
    timeline = notebook(NESTED).timeline()

    timeline.press("/")
    timeline.page.keyboard.type("total +=")
    timeline.page.keyboard.press("Enter")
    timeline.host.get_by_role("status").filter(has_text="3").first.wait_for()
    timeline.picture(f"{app}-search")


def test_values_are_unfolded(notebook, app):
    timeline = notebook(ALIASES).timeline()
    timeline.press("End")

    for name in ("Open other", "Open 'deep'", "Open 'er'"):
        timeline.host.get_by_role("button", name=name).first.click()
    timeline.picture(f"{app}-unfolded")
    assert "[2]" in timeline.host.get_by_label("Frames and variables").inner_text()


def test_keys_stay_inside(notebook):
    shown = notebook(NESTED, "'the last cell'")
    timeline = shown.timeline()
    before = shown.sources()

    for key in (
        "b",
        "m",
        "d",
        "d",
        "x",
        "y",
        "a",
        "Enter",
        "Shift+Enter",
        "ArrowDown",
        "ArrowUp",
        " ",
        "Escape",
    ):
        timeline.press(key)

    assert shown.sources() == before


def test_the_notebooks_keys_stay_outside(notebook):
    shown = notebook(NESTED, "'the last cell'")
    timeline = shown.timeline()
    timeline.go(4)

    cell = shown.page.locator(".jp-CodeCell").last.locator(".cm-content")
    cell.click()
    shown.page.keyboard.type("xyz")
    shown.page.keyboard.press("ArrowRight")

    assert "xyz" in shown.sources()[-1]
    assert timeline.step == 4


def test_python_moves_it_and_is_told_of_moves(notebook):
    shown = notebook(
        "%%cotrace --name t\nn = 0\nfor i in range(4):\n    n += i",
        "from cotrace_widgets import Timeline\nw = Timeline(t)\n"
        "seen = []\nw.observe(lambda change: seen.append(change.new), 'step')\nw",
    )
    timeline = shown.timeline(1)

    shown.run("w.step = 5")
    timeline.settle()
    assert timeline.step == 5
    timeline.press("ArrowRight", "ArrowRight")
    shown.page.wait_for_timeout(300)
    assert "[5, 6, 7]" in shown.run("print(seen)")
    assert "there is no step 99" in shown.run("w.step = 99")


def test_it_lives_in_a_box_and_in_interact(notebook, app):
    shown = notebook(
        "%%cotrace --name t --quiet\nn = 0\nfor i in range(4):\n    n += i",
        "import ipywidgets\nfrom cotrace_widgets import Timeline\n"
        "w = Timeline(t)\nslider = ipywidgets.IntSlider(max=len(t.steps))\n"
        "ipywidgets.jslink((slider, 'value'), (w, 'step'))\nipywidgets.VBox([slider, w])",
        "ipywidgets.interact(lambda n: Timeline(t, step=n), n=ipywidgets.IntSlider(value=2, max=5)); None",
    )
    boxed, given = shown.timeline(0), shown.timeline(1)
    boxed.press("ArrowRight", "ArrowRight", "ArrowRight")
    boxed.picture(f"{app}-box")

    assert given.step == 2
    assert "3" in shown.run("print(slider.value)")


def test_a_saved_notebook_shows_a_player_when_it_is_opened_again(notebook, server, open_page, app):
    shown = notebook(NESTED)
    shown.timeline().go(3)
    shown.save()
    server.forget_kernels()

    again = Notebook(server, open_page(), shown.name, app).open()
    timeline = again.timeline()
    timeline.picture(f"{app}-opened-again")

    assert timeline.walk(["ArrowRight", "ArrowDown"]) == [1, 2]
    assert "Error displaying widget" not in again.output(1)


def test_a_kernel_that_is_restarted_leaves_the_timeline_alive(notebook, server):
    shown = notebook("%%cotrace\nn = 0\nfor i in range(9000):\n    n += i")
    timeline = shown.timeline()
    timeline.go(15_000)  # its values have come by now, and stay
    timeline.press("Home")
    server.forget_kernels()

    assert timeline.go(15_000) == 15_000
    variables = timeline.host.get_by_label("Frames and variables")
    variables.get_by_text("7497", exact=True).first.wait_for()


def test_after_a_restart_by_jupyters_menu_it_steps_on_and_a_new_run_has_its_own(
    notebook, server, open_page, app
):
    shown = notebook(NESTED)
    before = shown.timeline()
    before.go(3)
    shown.restart()

    assert before.walk(["ArrowRight", "ArrowDown"]) == [4, 5]
    before.picture(f"{app}-restarted")

    shown.run_all()
    after = shown.timeline()
    assert after.walk(["ArrowRight", "ArrowDown"]) == [1, 2]
    assert shown.page.locator("[data-ready='1']:visible").count() == 1

    shown.save()
    shown.restart()
    again = Notebook(server, open_page(), shown.name, app).open().timeline()
    assert again.walk(["ArrowRight", "ArrowDown"]) == [1, 2]


def test_axe_finds_nothing_serious_in_a_notebook(notebook):
    timeline = notebook(NESTED).timeline()
    timeline.go(5)

    assert grave_findings(timeline) == {}


def test_a_page_that_is_loaded_again_finds_its_live_timeline(notebook):
    shown = notebook("%%cotrace\nn = 0\nfor i in range(3000):\n    n += i")
    shown.timeline().go(7)
    shown.page.wait_for_timeout(500)
    shown.save()
    shown.open()
    timeline = shown.timeline()
    timeline.press("End")

    assert timeline.step > 6000
    assert shown.page.locator("[data-ready='1']:visible").count() == 1


def test_a_notebook_that_is_not_trusted_shows_the_table(notebook, server, open_page, app):
    shown = notebook(NESTED)
    shown.timeline()
    saved = shown.save()
    foreign = nbformat.from_dict(saved)
    foreign.metadata.pop("signature", None)
    for cell in foreign.cells:
        cell.metadata.trusted = False
        cell.id = f"x{cell.id[:7]}"
    foreign.cells.append(nbformat.v4.new_code_cell("'another text, so another signature'"))
    (server.folder / f"foreign-{app}.ipynb").write_text(json.dumps(foreign))
    server.forget_kernels()

    again = Notebook(server, open_page(), f"foreign-{app}.ipynb", app).open()
    again.page.wait_for_timeout(2500)
    table = again.output(1)
    again.page.screenshot(path=f".screenshots/{app}-not-trusted.png")

    assert "what it did" in table
    assert "total = 6" in table
    assert again.page.locator("[data-ready]").count() == 0


def test_the_secret_is_in_no_part_of_the_saved_notebook(notebook, monkeypatch):
    shown = notebook(
        "import os\nos.environ['DB_PASSWORD'] = 'hunter2' + '-canary'",
        "%%cotrace\npassword = os.environ['DB_PASSWORD']\n"
        "made = {'password': password, 'text': f'<{password}>'}\nprint(password)",
    )
    shown.timeline()
    saved = shown.save()
    of_ours = [
        output
        for cell in saved["cells"]
        for output in cell["outputs"]
        if output["output_type"] == "display_data"
    ]

    assert "hunter2-canary" not in texts_of({"cells": [{"outputs": of_ours}]})


ODD = """\
from cotrace.tracing.tracer import Tracer
from cotrace_widgets import Timeline
texts = [*{markup!r}, "<b>" + "x" * 1_000_000]
program = '''
names = {{}}
for text in texts:
    names[text] = [text, len(text)]
    print(text[:200])
made = type("Odd<b>name</b>", (), {{}})()
setattr(made, "<i>attribute</i>", texts[0])
raise ValueError(texts[0] + texts[2])
'''
name = "<img src=x onerror=window.broken=1>.py"
tracer = Tracer(files=[name])
code = tracer.compile(program, name)
tracer.start()
try:
    exec(code, {{"__name__": "__main__", "texts": texts}})
except ValueError as error:
    trace = tracer.stop(exception=error)
Timeline(trace)"""


def test_markup_in_a_notebook_is_text(notebook, app):
    shown = notebook(ODD.format(markup=MARKUP))
    timeline = shown.timeline()
    for key in ("End", "ArrowLeft", "ArrowLeft", "Home", *["ArrowRight"] * 30):
        timeline.press(key)
        assert shown.page.evaluate("() => window.broken") is None
    timeline.press("End")
    timeline.picture(f"{app}-markup")

    for name in ("script", "img", "b", "i", "iframe", "a[href^=javascript]"):
        assert timeline.host.locator(name).count() == 0, name
    assert "<img src=x onerror=window.broken=1>.py" in timeline.text()
    assert not set("\u202e\u2066\x00\x1b\x07") & set(timeline.text())


def test_dark_theme_and_narrow_cell(notebook, app):
    shown = notebook(NESTED)
    shown.page.evaluate(
        "() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    shown.page.wait_for_timeout(800)
    timeline = shown.timeline()
    timeline.go(8)
    timeline.picture(f"{app}-dark")
    shown.page.set_viewport_size({"width": 620, "height": 900})
    shown.page.wait_for_timeout(500)
    timeline.picture(f"{app}-narrow")
    assert timeline.press("ArrowRight") == 9
