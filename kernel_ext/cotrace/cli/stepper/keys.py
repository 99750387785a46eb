"""The bytes that a terminal sends become names of keys: ``right``, ``enter``, ``/``, ``é``.

Terminals differ in what they send for a key, and one read may bring a part of a key or many of them. What begins with
an escape and is no key known here is dropped whole, so that no part of it is taken for a letter.
"""

from __future__ import annotations

import codecs
import re

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|\x1b)", re.DOTALL)
_PARTIAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?\Z", re.DOTALL)

_LETTERS = {b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"H": "home", b"F": "end", b"M": "enter"}
_NUMBERS = {
    b"1": "home", b"7": "home", b"4": "end", b"8": "end", b"5": "page up", b"6": "page down", b"3": "delete",
}  # fmt: skip
_NAMES = {"\r": "enter", "\n": "enter", "\x7f": "backspace", "\x08": "backspace", "\t": "tab"}


class Keys:
    """Collects bytes, and gives the keys that they make."""

    def __init__(self) -> None:
        self._waiting = b""
        self._text = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_unfinished(self) -> bool:
        """True if an escape waits: it is a key of its own unless more comes at once."""
        return bool(self._waiting)

    def feed(self, received: bytes) -> list[str]:
        """Return the keys that are complete with these bytes."""
        waiting = self._waiting + received
        keys: list[str] = []
        while waiting:
            if waiting[0] != 0x1B:
                end = waiting.find(b"\x1b")
                plain, waiting = (waiting, b"") if end < 0 else (waiting[:end], waiting[end:])
                keys += [_NAMES.get(c, c) for c in self._text.decode(plain) if c in _NAMES or c.isprintable()]
            elif _PARTIAL.match(waiting):
                break
            else:
                found = _SEQUENCE.match(waiting)
                length = 1 if found is None else found.end()  # an escape, and then another key
                keys += ["escape"] if length <= 2 and found is None else _named(waiting[:length])
                waiting = waiting[length:]
        self._waiting = waiting
        return keys

    def finish(self) -> list[str]:
        """Return the escape key if it was that: to be called when nothing more came."""
        was_escape = self._waiting == b"\x1b"
        self._waiting = b""
        return ["escape"] if was_escape else []


def _named(sequence: bytes) -> list[str]:
    """Return the key that a sequence stands for, with or without Shift, Alt or Ctrl; none for an unknown one."""
    if sequence == b"\x1b\x1b":
        return ["escape"]
    if sequence[-1:] == b"~":
        key = _NUMBERS.get(sequence[2:-1].partition(b";")[0])
    elif sequence[1:2] == b"O" or sequence[2:-1].partition(b";")[0] in (b"", b"1"):
        key = _LETTERS.get(sequence[-1:])
    else:
        key = None
    return [] if key is None else [key]
