"""See what the program writes to stdout and stderr, without standing in its way.

The streams stay the very objects that they were: only their `write` is shadowed by an attribute of the instance,
which forwards first. What bypasses `write` (a subprocess, `os.write`, C code) is not seen.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cotrace.tracing.private import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Callable

__builtins__ = BUILTINS


class OutputTap:
    """Forwards to `listener(stream name, text)` what is written while it is open."""

    def __init__(self, listener: Callable[[str, str], None]) -> None:
        self._listener = listener
        self._tapped: list[tuple[Any, object, object]] = []

    def open(self) -> list[str]:
        """Begin to listen; return the names of the streams that can't be listened to."""
        return [name for name in ("stdout", "stderr") if not self._tap(name)]

    def close(self) -> None:
        """Leave the streams as they were found."""
        while self._tapped:
            stream, write, before = self._tapped.pop()
            if vars(stream).get("write") is not write:
                continue  # somebody tapped it after us and is still there
            if before is None:
                del stream.write
            else:
                stream.write = before

    def _tap(self, name: str) -> bool:
        stream = getattr(sys, name, None)
        if stream is None or any(stream is known for known, *_ in self._tapped):
            return True
        original = stream.write
        before = getattr(stream, "__dict__", {}).get("write")
        listener = self._listener

        def write(text: str) -> object:
            written = original(text)
            if type(text) is str:
                listener(name, text)
            return written

        try:
            stream.write = write
        except (AttributeError, TypeError):
            return False
        self._tapped.append((stream, write, before))
        return True
