"""The timeline of a recording: as a widget in a notebook and as a page of its own.

`Timeline` is imported when it is first asked for: a page needs neither ipywidgets nor anywidget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotrace_widgets.timeline import Timeline

__all__ = ["Timeline"]


def __getattr__(name: str) -> object:
    if name != "Timeline":
        raise AttributeError(f"module 'cotrace_widgets' has no attribute {name!r}")
    from cotrace_widgets.timeline import Timeline

    return Timeline
