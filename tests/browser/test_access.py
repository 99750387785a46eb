"""The timeline for those who see it in other colours, in little room, without motion, or not at all."""

import cotrace
import pytest
from browser.pages import grave_findings, open_file

pytestmark = [pytest.mark.slow, pytest.mark.newest]

SIGHTS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "contrast": {"forced_colors": "active"},
    "contrast-dark": {"forced_colors": "active", "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 400, "height": 900}},
}
FOCUSED = """(host) => {
  const inside = host.querySelector('[data-lm-suppress-shortcuts]').shadowRoot.activeElement;
  return inside && (inside.getAttribute('aria-label') || inside.labels?.[0]?.textContent || inside.textContent).trim();
}"""


def collatz(n):
    seen = {"n": [n]}
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        seen["n"].append(n)
        print("at", n)
    return seen


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "collatz.html"
    cotrace.trace(collatz, 6).to_html(path)
    return path


@pytest.fixture(params=SIGHTS)
def sight(request):
    return request.param


@pytest.fixture
def timeline(open_page, written, sight):
    return open_file(open_page(**SIGHTS[sight]), written)


def test_axe_finds_nothing_serious(timeline, sight):
    at_the_start = grave_findings(timeline)
    timeline.go(9)
    timeline.host.get_by_role("button", name="seen", exact=True).first.click()
    timeline.picture(f"sight-{sight}")
    at_a_step = grave_findings(timeline)
    timeline.press("?")
    timeline.picture(f"sight-{sight}-help")

    assert at_the_start == {}
    assert at_a_step == {}
    assert grave_findings(timeline) == {}


@pytest.mark.parametrize("sight", ["narrow"], indirect=True)
def test_at_400_pixels_nothing_is_cut_off(timeline):
    """The code may be scrolled sideways in its own box; the page is not."""
    overflow = timeline.page.evaluate(
        "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    button = timeline.host.get_by_role("button", name="over").first.bounding_box()

    assert overflow == 0
    assert button["x"] >= 0
    assert button["x"] + button["width"] <= 400


@pytest.mark.parametrize("sight", ["light"], indirect=True)
def test_where_moves_lead_is_said_aloud_after_a_rest(timeline):
    """A row of moves is told as one."""
    timeline.press("ArrowRight", "ArrowRight", "ArrowRight")
    line = timeline.line
    said = timeline.host.get_by_role("status").filter(has_text=f"line {line} of collatz")
    said.wait_for(state="attached")

    timeline.go(9)
    said = timeline.host.get_by_role("status").filter(has_text="seen is {'n': [6, 3, 10]}")
    said.wait_for(state="attached")
    assert said.count() == 1


@pytest.mark.parametrize("sight", ["light"], indirect=True)
def test_everything_that_tab_reaches_has_a_name(timeline):
    timeline.host.get_by_role("button", name="First step").focus()
    names = []
    while len(names) < 80 and (name := timeline.host.evaluate(FOCUSED)) is not None:
        names.append(name)
        timeline.page.keyboard.press("Tab")

    assert "" not in names
    assert {"Step over", "step", "The run, by steps", "Frames and variables"} <= set(names)
    assert len(names) < 80, "the focus does not come out again"
