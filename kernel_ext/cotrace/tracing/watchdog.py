"""Stop traced code when its time is over, also where no event comes: in the standard library, in untraced code.

A timer thread first asks the engine, which raises at the next event. If the code has not ended a moment later, an
exception is sent to the thread that runs it, and again every second: a program may catch one, or be in C code, where
it arrives late. Code that never comes back from C is beyond the process; the command line kills its child then.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

from cotrace.tracing.engine import StopTracedCode

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 0.25
"""Seconds for the engine to stop the code by itself."""


ARRIVES_WITHIN = 100_000
"""Turns of a loop; an exception that was sent arrives at one of the first."""


class _TakenBackError(BaseException):
    """Takes the place of what was sent and has not arrived."""


class Watchdog:
    """Stops the thread that made it after `seconds`, unless it is cancelled before."""

    def __init__(self, seconds: float, request_stop: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._request_stop = request_stop
        self._thread_id = threading.get_ident()
        self._is_over = threading.Event()
        self._sending = threading.Lock()
        self._has_sent = False
        self._thread = threading.Thread(target=self._watch, name="cotrace watchdog", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def cancel(self) -> None:
        """End it: nothing is sent any more, and what was sent and has not arrived is taken back."""
        with self._sending:
            self._is_over.set()
        if self._has_sent and threading.get_ident() == self._thread_id:
            self._take_back()

    def _take_back(self) -> None:
        """Have whatever is on its way arrive here.

        Sending "no exception" instead would leave Python 3.11 looking for what is not there, and under a trace
        function for ever.
        """
        try:
            _send(self._thread_id, _TakenBackError)
            for _ in range(ARRIVES_WITHIN):
                pass
        except _TakenBackError:
            return

    def _watch(self) -> None:
        if self._is_over.wait(self._seconds):
            return
        self._request_stop(f"stopped after {self._seconds:g} seconds (limits.seconds)")
        wait = GRACE
        while not self._is_over.wait(wait):
            with self._sending:
                if not self._is_over.is_set():
                    self._has_sent = True
                    _send(self._thread_id, StopTracedCode)
            wait = 1.0


def _send(thread: int, exception: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(exception))
