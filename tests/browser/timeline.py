"""The timeline on a page, as a user meets it."""

import os
from pathlib import Path

SHADOW = "host.querySelector('[data-lm-suppress-shortcuts]').shadowRoot"
PICTURES = Path(__file__).parents[2] / ".screenshots"


class Shown:
    """One timeline that is shown. Waits for it."""

    def __init__(self, page, host):
        self.page, self.host = page, host
        host.wait_for(timeout=60_000)

    @property
    def step(self):
        """The position that is painted."""
        return int(self.host.get_attribute("data-position"))

    @property
    def line(self):
        """The line that is about to run."""
        return int(
            self.host.locator("[aria-current], .row.current, .line.current").first.get_attribute("data-line")
        )

    def press(self, *keys):
        """Press keys inside, one after the other, and return the position that this leads to."""
        self.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()
        return self.step

    def walk(self, keys):
        """Return the position after each of these keys."""
        return [self.press(key) for key in keys]

    def focus(self):
        if not self.host.evaluate(f"(host) => {SHADOW}.activeElement !== null"):
            self.host.get_by_role("slider").focus()

    def settle(self):
        """Wait until what is asked for is painted, with its values."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        self.host.locator("[aria-busy='true']").first.wait_for(state="detached")

    def go(self, position):
        """Go to a position by keyboard."""
        self.focus()
        self.page.keyboard.press("g")
        field = self.host.get_by_label("step", exact=True).element_handle()
        self.page.wait_for_function("(field) => field.getRootNode().activeElement === field", arg=field)
        self.page.keyboard.type(str(position))
        self.page.keyboard.press("Enter")
        self.settle()
        return self.step

    def text(self):
        return self.host.evaluate(f"(host) => {SHADOW}.textContent")

    def picture(self, name):
        """Keep a picture of the page, to be looked at."""
        PICTURES.mkdir(exist_ok=True)
        self.host.scroll_into_view_if_needed()
        self.page.screenshot(path=PICTURES / f"{name}.png")


def chromium():
    """The browser that `.ci/browser.py` finds or installs."""
    import subprocess
    import sys

    finder = Path(__file__).parents[2] / ".ci" / "browser.py"
    found = subprocess.run(
        [sys.executable, finder], check=True, capture_output=True, text=True, env=os.environ
    )
    return found.stdout.strip()
