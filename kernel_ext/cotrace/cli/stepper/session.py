"""Where the reader of a recording is, and what each key does about it. Knows neither terminal nor colours."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from cotrace.cli.stepper.recording import Recording
from cotrace.cli.stepper.search import Search
from cotrace.formats.escape import visible
from cotrace.model import moves
from cotrace.model.moves import Walk

Mode = Literal["step", "help", "search", "go", "choose"]

HELP: tuple[tuple[str, str], ...] = (
    ("→ l Enter", "next step, into a call"),
    ("← h", "previous step"),
    ("↓ j", "over: to this function's next step"),
    ("↑ k", "back over; after →, ↓ or o: to where that began"),
    ("o", "out: to where the caller goes on"),
    ("O", "back out: to the call"),
    ("Home End", "the beginning, the end"),
    ("g", "go to a step by its number"),
    ("/", "search in lines, names and values"),
    ("n N", "next, previous match"),
    ("v", "choose a variable"),
    ("] [", "next, previous step that changes it"),
    ("} {", "next, previous pass of the innermost loop"),
    ("space", "play, pause"),
    ("PgDn PgUp", "scroll the variables"),
    ("?", "this list of keys"),
    ("q", "quit"),
)
"""The keys, and what they do."""


@dataclass
class Session:
    """A reader's place in a recording, what is chosen, and what is being typed."""

    recording: Recording
    mode: Mode = "step"
    typed: str = ""
    """What has been typed in answer to a prompt."""

    message: str = ""
    """What the last key had to say; it stays until the next one."""

    search: Search | None = None
    chosen: tuple[int, str] | None = None
    """The frame and name of the variable whose changes are jumped to."""

    cursor: int = 0
    """While a variable is chosen, its place among those that are shown."""

    scrolled: int = 0
    """How many lines of the variables are above those shown."""

    is_playing: bool = False
    is_over: bool = False
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.recording.trace)
        lacking = self.recording.warnings
        if lacking:
            more = f" ({len(lacking) - 1} more: see the end)" if lacking[1:] else ""
            self.message = f"! {lacking[0]}{more}"

    @property
    def position(self) -> int:
        """The step that is about to run, or the number of steps at the end."""
        return self.walk.position

    def press(self, key: str) -> None:
        """Do what a key says."""
        was_playing, self.is_playing = self.is_playing, False
        self.message = ""
        if self.mode == "help":
            self._read_help(key)
        elif self.mode == "choose":
            self._choose(key)
        elif self.mode in ("search", "go"):
            self._type(key)
        elif key == " ":
            self.is_playing = not was_playing and self.position < self.recording.end
        else:
            _ACTIONS.get(key, _nothing)(self)

    def tick(self) -> None:
        """Play on by a step; at the end the playing ends."""
        self.walk.go(self.position + 1)
        self.is_playing = self.position < self.recording.end

    # --- moves ----------------------------------------------------------------------------------------------------

    def forward(self, move: Callable[..., int]) -> None:
        """Make a move forward that stepping back takes back."""
        if self.position == self.recording.end:
            self.message = "this is the end"
        self.walk.forward(move)

    def back(self) -> None:
        """Go to the step before."""
        if self.position == 0:
            self.message = "this is the beginning"
        self.walk.go(self.position - 1)

    def back_over(self) -> None:
        """Step back over calls: to where the last move forward began, else to this frame's step before."""
        if self.position == 0:
            self.message = "this is the beginning"
        self.walk.back()

    def jump(self, position: int) -> None:
        """Go anywhere."""
        self.walk.go(position)

    def next_change(self, *, forward: bool) -> None:
        """Go to the next or previous step that changes the chosen variable."""
        if self.chosen is None:
            self.message = "no variable is chosen: v chooses one"
            return
        steps = self.recording.change_steps(*self.chosen)
        name = visible(self.chosen[1])
        place = bisect_right(steps, self.position) if forward else bisect_left(steps, self.position) - 1
        if not 0 <= place < len(steps):
            self.message = f"{name} does not change {'after' if forward else 'before'} this"
            return
        self.jump(steps[place])
        self.message = f"{name}: change {place + 1:,} of {len(steps):,}"

    def next_pass(self, *, forward: bool) -> None:
        """Go to where the next or previous pass of the innermost loop begins."""
        around = self.recording.loops(self.position)
        if not around:
            self.message = "no loop is around this"
            return
        run, current = around[-1]
        wanted = current + 1 if forward else max(current - 1, 1)
        if wanted > len(run.starts):
            self.message = "this is the last pass" if run.starts else "this loop has no pass"
            return
        if not forward and current <= 1:
            self.message = "this is the first pass"
        self.jump(run.starts[wanted - 1])

    def next_match(self, *, forward: bool) -> None:
        """Go to the next or previous place where the query is found."""
        if self.search is None:
            self.message = "nothing was searched for yet: / searches"
            return
        found = self.search.find(self.position, forward=forward)
        if found is None:
            self.message = f"not found: {visible(self.search.query)}"
            return
        if (found <= self.position) if forward else (found >= self.position):
            self.message = f"from the {'beginning' if forward else 'end'} again: "
        hits = self.search.hits
        self.message += f"match {bisect_right(hits, found):,} of {len(hits):,}"
        self.jump(found)

    # --- prompts --------------------------------------------------------------------------------------------------

    def ask(self, mode: Mode) -> None:
        """Begin to read an answer, or to show the help sheet."""
        self.mode, self.typed, self.cursor = mode, "", 0
        if mode == "help":
            self.scrolled = 0
        if mode == "choose":
            self._begin_choosing()

    def _read_help(self, key: str) -> None:
        if key in _SCROLLING:
            _SCROLLING[key](self)
        else:
            self.mode, self.scrolled = "step", 0

    def _type(self, key: str) -> None:
        if key == "escape":
            self.mode = "step"
        elif key == "backspace":
            if not self.typed:
                self.mode = "step"
            self.typed = self.typed[:-1]
        elif key == "enter":
            asked, self.mode = self.mode, "step"
            self._answered(asked)
        elif len(key) == 1:
            self.typed += key

    def _answered(self, asked: Mode) -> None:
        if asked == "search":
            if self.typed:
                self.search = Search(self.recording.trace, self.typed)
            self.next_match(forward=True)
            return
        wanted = self.typed.strip().replace(",", "").replace("_", "")
        end = self.recording.end
        if wanted == "-1" or (re.fullmatch("[0-9]{1,18}", wanted) and int(wanted) <= end):
            self.jump(end if wanted == "-1" else int(wanted))
        elif wanted:
            self.message = f"expected a step from 0 to {end:,}, found {visible(self.typed)}"

    # --- the chosen variable --------------------------------------------------------------------------------------

    def shown_names(self) -> list[tuple[int, str]]:
        """Return the frame and name of each variable in the order in which they are shown."""
        return [
            (frame.id, name)
            for frame, variables in self.recording.variables(self.position)
            for name in variables
        ]

    def _begin_choosing(self) -> None:
        names = self.shown_names()
        if not names:
            self.mode, self.message = "step", "there is no variable here"
        elif self.chosen in names:
            self.cursor = names.index(self.chosen)

    def _choose(self, key: str) -> None:
        names = self.shown_names()
        if key in ("down", "j", "tab"):
            self.cursor = min(self.cursor + 1, len(names) - 1)
        elif key in ("up", "k"):
            self.cursor = max(self.cursor - 1, 0)
        elif key in ("home", "end"):
            self.cursor = 0 if key == "home" else len(names) - 1
        elif key in ("enter", "v", " "):
            self.chosen, self.mode = names[self.cursor], "step"
            self.message = f"{visible(self.chosen[1])} is chosen: ] and [ go to its changes"
        elif key in ("escape", "q"):
            self.mode = "step"


def _nothing(_session: Session) -> None:
    """A key that means nothing here does nothing."""


def _scroll(lines: int) -> Callable[[Session], None]:
    def scroll(session: Session) -> None:
        session.scrolled = max(session.scrolled + lines, 0)

    return scroll


_SCROLLING = {
    **dict.fromkeys(("down", "j"), _scroll(1)),
    **dict.fromkeys(("up", "k"), _scroll(-1)),
    "page down": _scroll(5),
    "page up": _scroll(-5),
}
"""What keys do on the help sheet."""


def _quit(session: Session) -> None:
    session.is_over = True


_INTO = dict.fromkeys(("right", "l", "enter"), lambda session: session.forward(moves.following))
_ACTIONS: dict[str, Callable[[Session], None]] = {
    **_INTO,
    **dict.fromkeys(("left", "h"), Session.back),
    **dict.fromkeys(("down", "j"), lambda session: session.forward(moves.over)),
    **dict.fromkeys(("up", "k"), Session.back_over),
    "o": lambda session: session.forward(moves.out),
    "O": lambda session: session.jump(moves.out_back(session.recording.trace, session.position)),
    "home": lambda session: session.jump(0),
    "end": lambda session: session.jump(session.recording.end),
    "g": lambda session: session.ask("go"),
    "/": lambda session: session.ask("search"),
    "v": lambda session: session.ask("choose"),
    "?": lambda session: session.ask("help"),
    "n": lambda session: session.next_match(forward=True),
    "N": lambda session: session.next_match(forward=False),
    "]": lambda session: session.next_change(forward=True),
    "[": lambda session: session.next_change(forward=False),
    "}": lambda session: session.next_pass(forward=True),
    "{": lambda session: session.next_pass(forward=False),
    "page down": _scroll(5),
    "page up": _scroll(-5),
    "q": _quit,
}
