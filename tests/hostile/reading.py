"""The hostile programs and what each says of itself in its comments.

::

    # limits: seconds=0.4, elements=20   the Limits it is traced with
    # alone: no                          it can't be run without a limit, so there is nothing to compare with
    # ends: stopped                      `Outcome.kind`; "returned" where nothing is said
    # says: limits.steps                 what `truncated` or a note must say
    # settrace: was replaced             what `truncated` says below Python 3.12, under a trace function
    # prints: outer finally              what it must have printed
    # needs: numpy                       a package, or `monitoring` (Python 3.12 and later)
    # oracle: no, because ...            not run under the oracle's eyes, and why
    # looks: 300                         the oracle looks at so many steps only: at all of them it would take minutes
    # ledger: no, because ...            traced by line only, and why
    # differs: because ...               two traces of it may differ, and why
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "programs"


@dataclass
class Hostile:
    """One program."""

    name: str
    source: str
    about: str
    limits: dict = field(default_factory=dict)
    says: dict = field(default_factory=dict)
    """What its comments say, by their first word."""

    @property
    def ends(self):
        return self.says.get("ends", "returned")


def hostile_programs():
    """Return all of them, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.py"))]


def read(path):
    source = path.read_text(encoding="utf-8")
    says = dict(
        re.findall(
            r"^# (limits|alone|settrace|ends|says|prints|needs|oracle|looks|ledger|differs): (.*)$",
            source,
            re.MULTILINE,
        )
    )
    pairs = [part.split("=") for part in says.get("limits", "").split(", ") if part]
    limits = {name: ast.literal_eval(value) for name, value in pairs}
    return Hostile(path.stem, source, ast.get_docstring(ast.parse(source)), limits, says)
