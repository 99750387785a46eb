"""The timeline in HTML that needs nothing else: a page of its own, and a piece for a notebook's output.

Both hold the recording, packed, and the component that plays it; nothing is loaded, so they work from a disk, without
a network and without a kernel. Where scripts don't run (a notebook that is not trusted, a page's strict reader) what
is there is the table of `cotrace.formats.page`, which the player takes the place of.

What a page holds is bounded; a recording that is larger is kept up to its last whole chunk within the bound, and the
player says how much is missing and where all of it is.

No text of the traced program is markup here: it is in JSON and base64 inside a script element that is no script, with
every character escaped that HTML looks at. A page's policy allows the one script by its hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import cache
from importlib import resources
from typing import Any

from cotrace.formats.escape import html
from cotrace.formats.page import PAGE_ROWS, html_fragment, page_around
from cotrace.formats.table import title
from cotrace.model.trace import Trace

from cotrace_widgets.packing import Packing, as_json

NOTEBOOK_BYTES = 1_250_000
"""What a notebook's output holds of a recording, packed: with the player and in base64 less than 2 MB."""

PAGE_BYTES = 64_000_000
"""What a page holds of a recording, packed: what a browser still opens from a disk without a pause."""


def page(trace: Trace, most: int = PAGE_BYTES) -> str:
    """Return the trace as one self-contained page with at most about `most` bytes of it."""
    player = _player()
    digest = base64.b64encode(hashlib.sha256(player.encode()).digest()).decode("ascii")
    body = _mounted(html_fragment(trace, PAGE_ROWS), _recording(Packing(trace), most), player, "page")
    return page_around(title(trace), body, scripts=f"'sha256-{digest}'")


def fragment(packing: Packing, table: str, pair: str = "", most: int = NOTEBOOK_BYTES) -> str:
    """Return the trace as HTML for a notebook's output with at most about `most` bytes of it.

    `table` is the trace's table as `cotrace.formats.page` makes it, for where scripts don't run. `pair` names the live
    widget that is shown beside it: the player then steps back where that one is alive.
    """
    return _mounted(table, _recording(packing, most), _player(), pair or secrets.token_hex(8))


def _mounted(table: str, recording: str, player: str, pair: str) -> str:
    """Put the table, the recording and the player where the player looks for them."""
    return (
        f'<div class="cotrace-player" data-cotrace-pair="{html(pair)}">\n{table}\n'
        f'<script type="application/json" class="cotrace-recording">{recording}</script>\n'
        f"<script>{player}</script>\n</div>"
    )


def _recording(packing: Packing, most: int) -> str:
    """Return head, columns and chunks as JSON that can stand in a script element."""
    chunks: list[str] = []
    head, room = dict(packing.head), most - len(packing.columns)
    for number in range(packing.chunks):
        chunk = packing.chunk(number)
        room -= len(chunk)
        if room < 0 and chunks:
            head |= _cut(head, number)
            break
        chunks.append(_text(chunk))
    return as_json({"head": head, "columns": _text(packing.columns), "chunks": chunks})


def _cut(head: dict[str, Any], chunks: int) -> dict[str, Any]:
    """Return what the head says of a recording of which only so many chunks are kept."""
    kept = chunks * head["chunk"]
    reason = (
        f"Only the first {kept:,} of {head['steps']:,} steps are saved here, to keep the file small. "
        "All of them are in the recording: trace.save(PATH) keeps it, cotrace show PATH opens it."
    )
    return {"kept": kept, "cut": reason}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


@cache
def _player() -> str:
    """Return the script that plays what is beside it. It holds no ``</script`` nor ``<!--``, which a test checks."""
    return resources.files("cotrace_widgets").joinpath("static/player.js").read_text("utf-8")
