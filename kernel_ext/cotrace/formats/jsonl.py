"""JSON Lines: one object a step, for programs.

Every object has the same keys in the same order; texts are empty and lists are empty where there is nothing
to tell::

    {"step": 3, "event": "line", "frame": 1, "function": "total", "file": "sum.py", "line": 4, "depth": 0,
     "source": "        sum += i", "expressions": [{"source": "sum + i", "value": "1"}], "changes": [{"name":
     "sum", "value": "1", "seen": 4, "remark": ""}], "value": "", "stdout": "", "stderr": ""}

Values are texts as `cotrace.formats.values.show` gives them, up to about 1,000 characters each. A change
whose value is "" is a deletion. The last step's object also has ``end``: how the run ended, and what was not
recorded.
"""

from __future__ import annotations

import json

from cotrace.formats.telling import Row, ending, tell, warnings
from cotrace.formats.values import Budget
from cotrace.model.trace import Trace

LONG = Budget(characters=1_000, depth=20)


def to_jsonl(trace: Trace) -> str:
    """Return the trace as JSON Lines, one object a step."""
    rows = tell(trace, budget=LONG, part=LONG)
    objects = [_step(trace, row) for row in rows.values()]
    if objects:
        objects[-1]["end"] = {
            "outcome": trace.outcome.kind,
            "text": ending(trace),
            "truncated": trace.truncated,
            "warnings": warnings(trace),
        }
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)


def _step(trace: Trace, row: Row) -> dict[str, object]:
    step = row.step
    frame = trace.frames[step.frame]
    return {
        "step": step.index,
        "event": step.event.value,
        "frame": step.frame,
        "function": frame.name,
        "file": trace.sources[frame.source].name if frame.source >= 0 else "",
        "line": step.line,
        "depth": step.depth,
        "source": trace.line_text(step.index),
        "expressions": [{"source": part.source, "value": part.value} for part in row.computed],
        "changes": [
            {"name": change.target, "value": change.value, "seen": change.seen, "remark": change.remark}
            for change in row.changes
        ],
        "value": row.value,
        "stdout": "".join(out.text for out in step.output if out.stream == "stdout"),
        "stderr": "".join(out.text for out in step.output if out.stream == "stderr"),
    }
