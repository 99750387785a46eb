"""Where the programs of the corpora are, and what they are: JSON lines with ``id``, ``code``, ``call`` and ``check``.

They are not part of this repository: `COTRACE_CORPORA` names their folder, else ../shared/corpora beside the clone.
``check`` tells what a program did alone: ``status``, and ``steps``, the lines it ran, if ``steps_status`` is ``ok``.
"""

import json
import os
from pathlib import Path

NAMES = ("cruxeval", "humaneval", "mbpp", "pyedu_toy")
FOLDER = Path(os.environ.get("COTRACE_CORPORA") or Path(__file__).resolve().parents[3] / "shared" / "corpora")
ARE_HERE = all((FOLDER / f"{name}.jsonl").is_file() for name in NAMES)
ABSENT = (
    "the corpora are not here: set COTRACE_CORPORA to the folder that holds cruxeval.jsonl and the others"
)


def programs(names=NAMES):
    """Return the items of these corpora, in order."""
    return [
        json.loads(line)
        for name in names
        for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def runs_within(item, lines):
    """Tell from what the program did alone whether it ends, after at most so many lines."""
    check = item["check"]
    return check["status"] == check.get("steps_status") == "ok" and check["steps"] <= lines
