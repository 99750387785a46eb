"""Find a Chrome or Chromium for the tests of what people see, and print its path.

The environment variable COTRACE_BROWSER names one. Where there is none, it is installed if that is possible without
asking: the system's package as root on Debian and its kin, else Playwright's own. Where that fails too, the exit code
is 1: those tests can't run, and no test is left out in silence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
ADVICE = (
    "Install Chromium or Chrome (Debian, Ubuntu: apt install chromium), or set COTRACE_BROWSER to its path."
)


def main() -> int:
    """Print the path of a browser; exit code 1 where there is none."""
    chosen = os.environ.get("COTRACE_BROWSER", "")
    if chosen and not Path(chosen).is_file():
        say(f"Expected a Chrome or Chromium at {chosen}, as COTRACE_BROWSER says, found no file there.")
        return 1
    found = chosen or find() or install()
    if not found:
        say(f"Expected a Chrome or Chromium, found none, and it could not be installed. {ADVICE}")
        return 1
    print(found)
    return 0


def find() -> str:
    """Return the path of a browser that is here, or ""."""
    on_path = next(filter(None, map(shutil.which, NAMES)), "")
    return on_path or next((place for place in PLACES if Path(place).is_file()), "") or playwrights()


def playwrights() -> str:
    """Return the path of the browser that Playwright installed, or ""."""
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as here: print(here.chromium.executable_path)"
    )
    told = subprocess.run([sys.executable, "-c", ask], check=False, capture_output=True, text=True)
    path = told.stdout.strip()
    return path if path and Path(path).is_file() else ""


def install() -> str:
    """Install a browser where that is possible, and return its path or ""."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, check=False, stdout=sys.stderr, env=environment)
    else:
        say("Installing Playwright's Chromium ...")
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False, stdout=sys.stderr)
    return find()


def say(message: str) -> None:
    """Tell the person at the terminal; standard output is for the path."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
