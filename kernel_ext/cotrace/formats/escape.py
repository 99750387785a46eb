"""Make text from a traced program safe to show: no character may act on the place that shows it.

A program's strings, names, source lines and messages can hold anything: terminal escape sequences,
bidirectional controls that reorder what a reader sees, markup. `visible` spells the characters that act
rather than show, as Python's `repr` would; `html` does so too and escapes markup. Whatever is written of a
trace passes through one of them.
"""

from __future__ import annotations

import html as _html
import re

_ACTING = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0 and C1 controls: terminals act on them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls: reorder what is seen
    "\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible, or a line end to some
    "\ud800-\udfff"  # surrogates: no encoding can write them
    "\U000e0000-\U000e007f"  # invisible tags
    "]"
)


def visible(text: str, *, keep: str = "") -> str:
    r"""Return `text` with every acting character spelled out (``\x1b``, ``\n``), except those in `keep`."""
    return _ACTING.sub(lambda found: found[0] if found[0] in keep else _spelled(found[0]), text)


def html(text: str, *, keep: str = "") -> str:
    """Return `text` as HTML that shows it and does nothing, in an element or in a quoted attribute."""
    return _html.escape(visible(text, keep=keep), quote=True)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
