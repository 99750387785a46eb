"""Nothing is left of a recording that nobody holds: ten thousand take no more memory than a thousand.

Measured in a process of its own: the blocks that Python's allocator has given out, which a forgotten reference makes
more, and the most memory that the process ever took, which a forgotten allocation of the core makes more.
"""

import json
import subprocess
import sys

import pytest
from equality.engines import needs_both

pytestmark = [pytest.mark.slow, needs_both]

TRACED = """
class Point:
    def __init__(self, x): self.x = x

def small(n):
    found, seen = [], {}
    for k in range(n):
        found.append(Point(k)); seen[str(k)] = found
    try: found[99]
    except IndexError as error: seen[error] = {k for k in "ab"}
    turns = (p.x for p in found)
    return next(turns), sum(turns), "long" * 60 + str(n)
"""

MEASURES = """
import functools, gc, json, resource, sys
import cotrace
from cotrace.tracing.tracer import Tracer

namespace = {"__name__": "program"}
exec(compile(TRACED, "<program>", "exec"), namespace)

def by_line():
    return Tracer(engine="native", files=["<program>"]).run(functools.partial(namespace["small"], 2))

def with_expressions():
    tracer = Tracer(engine="native", files=["<program>"])
    code = tracer.compile(TRACED + "small(2)", "<program>")
    return tracer.run(functools.partial(exec, code, {"__name__": "program"}))

def rounds(make, n):
    for _ in range(n):
        trace = make()
        assert len(trace.steps) > 10 and trace.engine.startswith("native")
    del trace
    gc.collect()
    return sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

make = {"by line": by_line, "with expressions": with_expressions}[sys.argv[1]]
n = int(sys.argv[2])
(blocks, most), (blocks_then, most_then) = rounds(make, n // 10), rounds(make, n)
print(json.dumps([blocks_then - blocks, most_then - most]))
"""


@pytest.mark.parametrize(("way", "times"), [("by line", 10_000), ("with expressions", 1_000)])
def test_tracing_again_and_again_takes_no_more_memory(way, times):
    """A tenth of the times comes first, for what is kept once and for all; some tables are full only later."""
    program = f"TRACED = {TRACED!r}\n{MEASURES}"
    ran = subprocess.run(
        [sys.executable, "-c", program, way, str(times)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    blocks, most = json.loads(ran.stdout)

    assert blocks < times / 2, "blocks of Python's allocator: a reference that is forgotten each time"
    assert most < 1_000 * (1024 if sys.platform == "darwin" else 1), (
        "kilobytes: an allocation that is forgotten"
    )
