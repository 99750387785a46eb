"""The terminal while it is stepped through: all of it ours, and given back as it was, whatever happens.

Between entering and leaving, keys come one by one and unseen, and the picture is on the terminal's other page, so that
what was there before is there again afterwards. It is given back on an exception and on Ctrl-C, on the signals that end
a process, and while the process is stopped (Ctrl-Z); then it is taken again. Only a kill that no process can see leaves
it as it is: the shell's ``reset`` helps.

A signal also writes into a pipe that is waited for together with the keys, so none is missed between two looks.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from cotrace.cli.stepper.layout import Piece

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""The other page, no cursor, no line that goes on in the next row."""

LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGQUIT"))
"""Signals that end the process: it gives the terminal back first."""

PLAIN = str.maketrans("▶●»◆│─▁▂▃▄▅▆▇█…→←↑↓·", ">*>^|-.:-=+*#@~><^v-")
"""What stands for our own signs where the terminal's encoding has none of them."""


class Ended(BaseException):
    """A signal came that ends the process. Like SystemExit no Exception: nobody is to go on after it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Screen:
    """A context manager that holds the terminal."""

    def __init__(self, console: Console) -> None:
        """`console` says what colours and characters there are."""
        self._keys = sys.stdin.fileno()
        self._picture = console.file.fileno()
        self._console = console
        self._encoding = console.encoding
        self._drawn: dict[int, str] = {}
        self._usual: list[Any] = []
        self._handlers: dict[int, Any] = {}
        self._pipe = (-1, -1)
        self._woken_before = -1

    # --- taken and given back -------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._usual = termios.tcgetattr(self._keys)
        self._pipe = os.pipe()
        for end in self._pipe:
            os.set_blocking(end, False)
        self._woken_before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        try:
            for number in ENDING:
                self._handle(number, self._end)
            self._handle(signal.SIGTSTP, self._stop)
            self._handle(signal.SIGCONT, self._go_on)
            self._handle(signal.SIGWINCH, self._resized)
            self._take()
        except BaseException:
            self._give_back_for_good()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back_for_good()

    def _give_back_for_good(self) -> None:
        for number in (*ENDING, signal.SIGINT):  # a second signal must not cut this short
            self._handle(number, signal.SIG_IGN)
        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()
        signal.set_wakeup_fd(self._woken_before)
        for end in self._pipe:
            os.close(end)

    def _handle(
        self, number: int, handler: Callable[[int, FrameType | None], None] | signal.Handlers
    ) -> None:
        before = signal.signal(number, handler)
        self._handlers.setdefault(number, before)

    def _take(self) -> None:
        tty.setcbreak(self._keys)
        self._write(ENTER)
        self._drawn.clear()

    def _give_back(self) -> None:
        try:
            self._write(LEAVE)
        finally:
            termios.tcsetattr(self._keys, termios.TCSADRAIN, self._usual)

    # --- signals --------------------------------------------------------------------------------------------------

    def _end(self, number: int, _frame: FrameType | None) -> None:
        raise Ended(number)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """Give the terminal back, and stop as if the signal had not been handled."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _go_on(self, _number: int, _frame: FrameType | None) -> None:
        """Take the terminal again: after Ctrl-Z, or after a stop that could not be seen coming."""
        signal.signal(signal.SIGTSTP, self._stop)
        self._take()

    def _resized(self, _number: int, _frame: FrameType | None) -> None:
        self._drawn.clear()

    # --- keys -----------------------------------------------------------------------------------------------------

    def wait(self, seconds: float | None) -> bytes | None:
        """Return what was typed; b"" where nothing was in time or a signal came; None where nothing will come."""
        ready, _, _ = select.select([self._keys, self._pipe[0]], [], [], seconds)
        if self._pipe[0] in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._pipe[0], 4096)
        if self._keys not in ready:
            return b""
        try:
            return os.read(self._keys, 4096) or None
        except OSError:  # the terminal is gone
            return None

    # --- the picture ----------------------------------------------------------------------------------------------

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, as they are at this moment."""
        try:
            size = os.get_terminal_size(self._picture)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def draw(self, pieces: Sequence[Piece]) -> None:
        """Draw a picture: those rows of it that are not on the screen already."""
        rows: dict[int, str] = {}
        for piece in pieces:
            rows[piece.row] = (
                rows.get(piece.row, "")
                + f"\x1b[{piece.row + 1};{piece.column + 1}H"
                + (self._painted(piece.text, piece.width))
            )
        erased = "" if self._drawn else "\x1b[0m\x1b[2J"  # nobody knows what is there
        stale = sorted(row for row in {*rows, *self._drawn} if rows.get(row) != self._drawn.get(row))
        drawn = erased + "".join(f"\x1b[{row + 1};1H\x1b[0m\x1b[2K{rows.get(row, '')}" for row in stale)
        if drawn:
            self._drawn = rows
            self._write(drawn + "\x1b[0m")

    def _painted(self, text: Text, width: int) -> str:
        """Return text with its colours, as the terminal takes it, cut to `width` columns."""
        line = text.copy()
        line.truncate(max(width, 0), overflow="crop")
        segments: list[Segment] = [*line.render(self._console)]
        if self._console.no_color:
            segments = [*Segment.remove_color(segments)]
        system = ColorSystem.STANDARD if self._console.color_system else None
        return "".join(
            segment.style.render(segment.text, color_system=system) if segment.style else segment.text
            for segment in segments
        )

    def _write(self, text: str) -> None:
        encoded = self._encoded(text)
        while encoded:
            encoded = encoded[os.write(self._picture, encoded) :]

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return text.translate(PLAIN).encode("ascii", "replace")
