"""Write the golden files that the timeline's two languages share: a packed trace, and what Python says of it.

``python tests/timeline_golden.py`` writes tests/golden/timeline/*.json anew; their diff is to be looked at. Programs
are small and traced by the reference engine, so that what is expected is told by the plainest code there is.
"""

import ast
import base64
import json
import textwrap
from pathlib import Path

import stepped
from cotrace.formats.telling import tell
from cotrace.formats.values import show
from cotrace.model.changes import change_steps
from cotrace.model.limits import Limits
from cotrace.model.moves import back, out, out_back, over
from cotrace.model.passes import passes_at
from cotrace.model.state import Bind, Ref
from cotrace_widgets.packing import Packing

CHUNK = 16
"""Steps a chunk, so that small programs have several."""

MOVES = (over, out, back, out_back)
FOLDER = Path(__file__).parent / "golden" / "timeline"

SHARED = {
    "nested_loops": "nested",
    "recursion": "recursion",
    "generators": "generators",
    "exceptions": "exceptions",
}
"""Programs that other tests walk through as well, by the names they have there."""

PROGRAMS = {
    **{name: textwrap.dedent(stepped.PROGRAMS[other]) for name, other in SHARED.items()},
    "early_return": """\
def first_even(numbers):
    for number in numbers:
        if number % 2 == 0:
            return number
    return None

found = [first_even([1, 4, 6]), first_even([3]), first_even([])]
""",
    "aliases": """\
class Node:
    def __init__(self, value):
        self.value = value
        self.next = None

a = [1, [2, 3]]
b = a
b[1].append(4)
a[0] = "one"
del b[1][0]
node = Node(a)
node.next = node
pairs = {"a": a, (1, 2): {3, 4}}
pairs["b"] = node.value
del pairs["a"]
nan = {float("nan"): 1, float("nan"): 2}
""",
    "cut": """\
long = list(range(60))
long.append(-1)
long[30] = "middle"
del long[5]
text = "ab" * 100
deep = [[[[[1]]]]]
deep.append(text)
""",
    "statements": """\
def double(n):
    return 2 * n

total = double(4)
for i in range(2):
    total += i
total
""",
    "hostile_text": """\
name = "</script><img src=x onerror=alert(1)> `[a](command:x)` \\u202e\\x1b[31m"
\u0101\U0001d465 = name + "\U0001f600"
print(name)
data = {name: [name], "\\ud83d": b"\\x00<b>"}
""",
}  # fmt: skip

SMALL = Limits(elements=20, edge=3, string=40, depth=4)


def record(name):
    """Return the trace of one of the programs."""
    limits = SMALL if name == "cut" else stepped.LIMITS
    return stepped.recorded(*pieces(name), name=f"{name}.py", limits=limits)


def pieces(name):
    """Return the texts that are compiled: of one program each statement by itself, as in a cell."""
    text = PROGRAMS[name]
    if name != "statements":
        return [text]
    places = [(node.lineno, node.end_lineno) for node in ast.parse(text).body]
    lines = text.splitlines(keepends=True)
    return ["\n" * (first - 1) + "".join(lines[first - 1 : last]) for first, last in places]


def packed(trace):
    """Return everything a front end gets of a trace, as JSON holds it."""
    packing = Packing(trace, chunk=CHUNK)
    return {
        "head": packing.head,
        "columns": base64.b64encode(packing.columns).decode(),
        "chunks": [base64.b64encode(packing.chunk(k)).decode() for k in range(packing.chunks)],
    }


def expected(trace):
    """Return what Python says of a trace."""
    rows, positions = tell(trace), range(len(trace.steps) + 1)
    return {
        "snapshots": [snapshot(trace, position) for position in positions],
        "rows": [row(trace, rows[step]) for step in range(len(trace.steps))],
        "moves": {move.__name__: [move(trace, position) for position in positions] for move in MOVES},
        "passes": [passes(trace, position) for position in positions],
        "changes": [
            {"frame": frame, "name": name, "steps": change_steps(trace, frame, name)}
            for frame, name in sorted({(d.frame, d.name) for _, d in trace.deltas() if isinstance(d, Bind)})
        ],
    }


def passes(trace, position):
    return [
        {"line": run.loop.header_line, "current": current, "starts": run.starts}
        for run, current in passes_at(trace, position)
    ]


def snapshot(trace, position):
    taken = trace.snapshot(position)
    return {
        "stack": list(taken.stack),
        "frames": {
            frame: [[name, show(value, taken.heap)] for name, value in variables.items()]
            for frame, variables in taken.frames.items()
        },
        "objects": {
            number: [seen.kind, seen.type, seen.length, seen.cut, show(Ref(number), taken.heap)]
            for number, seen in taken.heap.items()
        },
    }


def row(trace, told):
    return {
        "computed": [[part.source, part.value] for part in told.computed],
        "changes": [[c.target, c.value, c.seen, c.remark] for c in told.changes],
        "value": told.value,
    }


def text_of(name):
    """Return the golden file of one of the programs."""
    trace = record(name)
    told = {"program": PROGRAMS[name], **packed(trace), "expected": expected(trace)}
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        (FOLDER / f"{program}.json").write_text(text_of(program))
