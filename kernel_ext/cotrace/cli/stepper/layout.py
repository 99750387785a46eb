"""Where each part of the stepper's picture stands, for a terminal of any size.

Wide terminals have the code on the left and the state on the right; narrow ones have one under the other. In a low one
the parts shrink, the code and the state last. A `Piece` is one line's share of a row: it is drawn at its own column, so
what a terminal takes for wider than we do can't push what stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.text import Text

from cotrace.cli.stepper import views
from cotrace.cli.stepper.session import Session

WIDE = 90
"""From this many columns on, code and state stand side by side."""


LOW = 11
"""With fewer rows than this the bars of the depth give way."""


class Piece(NamedTuple):
    """Text that begins at a row and column, from 0, and has so many columns."""

    row: int
    column: int
    width: int
    text: Text


def picture(session: Session, width: int, height: int) -> list[Piece]:
    """Return all that is on the screen, row by row; at most `height` rows."""
    pieces = _top(session, width, has_strip=height >= LOW)
    top, bottom = len({piece.row for piece in pieces}), max(height - 1, 1)
    room = max(bottom - top, 0)
    if session.mode == "help":
        pieces += _lines(views.help_sheet(session, room), top, 0, width)
    elif width >= WIDE:
        pieces += _side_by_side(session, top, width, room)
    else:
        pieces += _stacked(session, top, width, room)
    pieces.append(Piece(bottom, 0, width, views.status(session)))
    return [piece for piece in pieces if piece.row < height]


def _top(session: Session, width: int, *, has_strip: bool) -> list[Piece]:
    ran, where = views.heading(session)
    left = max(width - where.cell_len - 1, 0)
    return [
        Piece(0, 0, left, ran),
        Piece(0, max(width - where.cell_len, 0), where.cell_len, where),
        *([Piece(1, 0, width, views.strip(session, width))] if has_strip else []),
        Piece(1 + has_strip, 0, width, views.place(session)),
    ]


def _side_by_side(session: Session, top: int, width: int, room: int) -> list[Piece]:
    left = width * 11 // 20
    right = width - left - 2
    pieces = _lines(views.code(session, left, room), top, 0, left)
    pieces += _state(session, top, left + 2, right, room)
    return pieces + [Piece(top + row, left, 1, Text("│", "dim")) for row in range(room)]


def _stacked(session: Session, top: int, width: int, room: int) -> list[Piece]:
    lines = max(room * 2 // 5, min(room, 3))
    pieces = _lines(views.code(session, width, lines), top, 0, width)
    return pieces + _state(session, top + lines, 0, width, room - lines)


def _state(session: Session, top: int, column: int, width: int, room: int) -> list[Piece]:
    """Put effects, variables and output under one another, each with a line above it where there is room for that."""
    effects = views.effects(session, width)
    written = views.output(session, max(room // 4, 1))
    titled = room >= 9
    spare = room - (3 if titled and written else 2 if titled else 0)
    of_effects = min(len(effects), max(spare // 3, 1))
    of_output = min(len(written), spare // 4)
    parts: list[tuple[str, int, Callable[[int], list[Text]]]] = [
        ("this line", of_effects, lambda rows: _cut(effects, rows)),
        ("variables", spare - of_effects - of_output, lambda rows: views.variables(session, width, rows)),
        ("output", of_output, lambda rows: written[len(written) - rows :]),
    ]
    pieces: list[Piece] = []
    for title, rows, lines in parts:
        if rows > 0:
            if titled:
                pieces.append(Piece(top, column, width, _ruled(title, width)))
            pieces += _lines(lines(rows), top + titled, column, width)
            top += rows + titled
    return pieces


def _cut(lines: list[Text], rows: int) -> list[Text]:
    if len(lines) <= rows:
        return lines
    return [*lines[: rows - 1], Text(f"… {len(lines) - rows + 1} more", "dim")]


def _ruled(title: str, width: int) -> Text:
    return Text(f"── {title} ".ljust(width, "─"), "dim")


def _lines(lines: list[Text], row: int, column: int, width: int) -> list[Piece]:
    return [Piece(row + place, column, width, line) for place, line in enumerate(lines)]
