"""A generator that outlives the call that made it is looked at once more when the recording ends: without harm.

On Python 3.13 the frame of a generator that was closed while it was suspended says garbage of its variables, and
reading that may end the process; so each program runs in a process of its own.
"""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = """\
import gc
import cotrace

def gen():
    big = [1]
    x = {{}}
    for i in range(10):
        yield i

kept = []

def f():
    g = gen()
    next(g)
{ending}

for _ in range(20):
    trace = cotrace.trace(f)
    gc.collect()
    junk = [object() for _ in range(1000)]
    assert trace.outcome.kind == "returned", trace.outcome
    assert not trace.truncated, trace.truncated
ends = [frame.end for frame in trace.frames if frame.name == "gen"]
print(len(ends), len(trace.steps))
"""
ENDINGS = {
    "dropped when the function returns": "return 1",
    "returned": "return g",
    "closed": "g.close()\nreturn 1",
    "kept": "kept.append(g)\nreturn 1",
    "kept until the next call": "kept[:] = [g]\nreturn 1",
    "in a cycle with itself": "cycle = [g]\ncycle.append(cycle)\nreturn 1",
    "deleted before": "del g\nreturn 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_suspended_generator_is_recorded_without_harm(ending):
    program = PROGRAM.format(ending=textwrap.indent(ENDINGS[ending], "    "))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    frames, steps = map(int, done.stdout.split())
    # Before 3.13 the last call's generator is run once more when it is closed, in the recording of this call.
    closes_another = ending == "kept until the next call" and sys.version_info < (3, 13)
    assert frames == 1 + closes_another
    assert steps > 8
