"""Pages that cotrace writes, opened from the disk without a network, and what axe finds wrong with them."""

from pathlib import Path

from browser.timeline import Shown

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


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
