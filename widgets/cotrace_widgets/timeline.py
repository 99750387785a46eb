"""The timeline as a widget of Jupyter's, for whatever shows ipywidgets: JupyterLab, Notebook 7, VS Code, Colab, marimo.

The head and the columns of a recording go with the widget, so a front end paints it and scrubs over all its steps
without asking. The chunks with the values follow by themselves from a thread, since a kernel that is busy with another
cell answers nothing; a view that missed some (it came later: a second view, a page that was loaded again) asks for
those it lacks.
"""

from __future__ import annotations

import contextlib
import threading
import time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from cotrace.errors import UsageError

from cotrace_widgets.packing import Packing

if TYPE_CHECKING:
    from cotrace.model.trace import Trace

BUNDLE = "static/timeline.js"
AT_ONCE = 20_000
"""Steps of a recording that is read to its end for the first picture; of a longer one, only the first steps are."""

HELD_BACK = 0.15
"""Seconds before the first chunk is pushed: to make it keeps the kernel from sending the first picture."""

STILL = 0.3
"""Seconds without a move before the next chunk is pushed: a page that takes one paints no step meanwhile."""

PUSHED = 24_000_000
"""Bytes that are pushed unasked: of a longer recording, the rest is sent when a view asks for it."""


class Timeline(anywidget.AnyWidget):
    """Shows a trace, and steps through it.

    ``timeline.step = n`` goes to step n; ``timeline.observe(f, "step")`` tells of moves made by hand: of a quick row of
    them some, and always where it ended.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _head = traitlets.Dict().tag(sync=True)
    _columns = traitlets.Bytes().tag(sync=True)
    _first = traitlets.Bytes().tag(sync=True)
    _pair = traitlets.Unicode().tag(sync=True)

    step = traitlets.Int(0, help="The step that is shown; the number of steps stands for the end.").tag(
        sync=True
    )

    def __init__(self, trace: Trace | Packing, *, step: int = 0, pair: str = "", **options: Any) -> None:
        """Show `trace`, from `step` on. `options` go to ipywidgets.

        Raises UsageError where there is no such step.
        """
        self._packing = trace if isinstance(trace, Packing) else Packing(trace)
        self._pushing: threading.Thread | None = None
        self._stepped = 0.0
        is_short = len(self._packing.trace.steps) <= AT_ONCE
        super().__init__(
            _esm=_bundle(),
            _head=self._packing.head,
            _columns=self._packing.columns,
            _first=self._packing.chunk(0) if is_short else self._packing.early,
            _pair=pair,
            step=step,
            **options,
        )
        self.on_msg(self._asked)
        self.observe(self._moved, "step")

    @property
    def trace(self) -> Trace:
        """The trace that is shown."""
        return self._packing.trace

    @traitlets.validate("step")
    def _is_there(self, proposal: dict[str, Any]) -> int:
        step, last = int(proposal["value"]), len(self._packing.trace.steps)
        if not 0 <= step <= last:
            raise UsageError(
                f"there is no step {step}: this recording has steps 0 to {last - 1}, and {last} is its end"
            )
        return step

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        shown: tuple[dict[str, Any], dict[str, Any]] | None = super()._repr_mimebundle_(**options)
        self._push()
        return shown

    def _moved(self, _change: object) -> None:
        self._stepped = time.monotonic()

    # --- the chunks -----------------------------------------------------------------------------------------------

    def _asked(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """Send the chunks that a view lacks. What is no request of ours is left alone: anyone can send a message."""
        wanted = content.get("need")
        if not isinstance(wanted, list):
            return
        for number in wanted:
            if isinstance(number, int) and 0 <= number < self._packing.chunks:
                self._send_chunk(number)

    def _push(self) -> None:
        """Send all chunks from a thread, once."""
        if self._pushing is None and self._packing.chunks > 1:
            self._pushing = threading.Thread(target=self._push_all, name="cotrace timeline", daemon=True)
            self._pushing.start()

    def _push_all(self) -> None:
        sent, last = 0, self._packing.chunks - 1
        time.sleep(HELD_BACK)
        # A kernel that shuts down closes the comm under the thread: there is nobody left to send to.
        with contextlib.suppress(Exception):
            # The end first: it is where a person looks next, and what lies between is a long way there.
            for number in (last, *range(last)):
                begun = time.thread_time()
                if number == 0 and self._packing.chunk(0) == self._first:
                    continue
                sent += self._send_chunk(number)
                time.sleep(time.thread_time() - begun)  # half of the time is the next cell's
                while time.monotonic() - self._stepped < STILL:
                    time.sleep(STILL)
                if sent > PUSHED or self.comm is None:
                    break

    def _send_chunk(self, number: int) -> int:
        chunk = self._packing.chunk(number)
        self.send({"chunk": number}, [chunk])
        return len(chunk)


@cache
def _bundle() -> str:
    """Return the script of the widget's views."""
    return resources.files("cotrace_widgets").joinpath(BUNDLE).read_text("utf-8")
