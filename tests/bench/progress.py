"""Say how far a measurement is, on standard error: the tables on standard output stay whole.

On a terminal it is one line that is written over; elsewhere a line now and then.
"""

import sys
import time

SECONDS = 10
"""How often a line is written where lines can't be written over."""


class Progress:
    """Counts parts of the work up to `total`."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self._rewrites = sys.stderr.isatty()
        self._last = time.monotonic()

    def step(self, what):
        """Say that the next part begins, and what it is."""
        self.done += 1
        text = f"{self.done:,} of {self.total:,}: {what}"
        if self._rewrites:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last > SECONDS:
            self._last = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    def clear(self):
        """Take the line away, for what is printed next."""
        if self._rewrites:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
