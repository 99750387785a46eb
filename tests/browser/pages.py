"""Pages that cotrace writes, opened from the disk without a network, and what axe finds wrong with them."""

from pathlib import Path

from browser.timeline import Shown

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
MARKUP = (
    "<script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 2'>",
    "</script><script>window.broken = 3</script>",
    "<!--<script>",
    "\"'` onload=window.broken=4 `${window.broken = 5}",
    "javascript:window.broken=6",
    "left \u202e right \u2066 isolated \u2069",
    "control \x00 \x1b[31m \x07 \x7f \x85",
)
"""Texts that must stay texts, wherever they come from."""


def open_file(page, path) -> Shown:
    """Open a file as a double click does, on a machine that has no network."""
    page.context.set_offline(True)
    page.goto(Path(path).as_uri())
    return timeline_of(page)


def timeline_of(page) -> Shown:
    """The timeline that the page shows."""
    return Shown(page, page.locator("[data-ready='1']:visible").first)


def grave_findings(timeline: Shown):
    """Return what axe calls serious or critical in a timeline: the rule, and the elements by their markup."""
    page = timeline.page
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "(host) => axe.run(host, {resultTypes: ['violations']})", timeline.host.element_handle()
    )
    return {
        rule["id"]: [node["html"][:160] for node in rule["nodes"]]
        for rule in found["violations"]
        if rule["impact"] in GRAVE
    }
