"""A recording in a program that a debugger runs: it stops at its breakpoints, and the trace is what it is without.

The debugger is debugpy, as Jupyter and VS Code have it; it watches by `sys.monitoring` too.
"""

import os
import subprocess
import sys

import pytest
from equality.engines import ENGINES
from kernel_ext.tracing.debug_client import debugged
from kernel_ext.tracing.running import HAS_MONITORING

PROGRAM = """\
import functools, hashlib, sys
from dataclasses import replace
from cotrace.model.codec import encode
from cotrace.tracing.tracer import Tracer

TEXT = '''
def squares(n):
    for i in range(n):
        yield i * i

def total(n):
    found = []
    for s in squares(n):
        found.append(s)
    found[0] = n
    return sum(found)
'''
exec(compile(TEXT, "<program>", "exec"), globals())

def here(n):
    kept = [n]
    kept[0] = total(n)
    return kept  # stop

tracer = Tracer(engine=sys.argv[1], files=["<program>", __file__])
trace = tracer.run(functools.partial(here, 3))
print(trace.engine.split()[0], len(trace.steps), hashlib.sha256(encode(replace(trace, engine=""))).hexdigest())
"""
STOP = next(n for n, line in enumerate(PROGRAM.splitlines(), 1) if "# stop" in line)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not HAS_MONITORING,
        reason="before Python 3.12 debuggers use sys.settrace: a recording refuses to start",
    ),
]


@pytest.fixture
def program(tmp_path, engine):
    """Return a file that records itself with the engine and prints a digest of the trace."""
    found = tmp_path / "program.py"
    found.write_text(PROGRAM.replace("sys.argv[1]", repr(engine)), "utf-8")
    return found


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


def stops_at(client, program):
    """Attach with a breakpoint, go on from each stop until the end; return the line and the variables of each."""
    client.ask("initialize", adapterID="test", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    attached = client.send("attach", justMyCode=False)
    client.event("initialized")
    told = client.ask("setBreakpoints", source={"path": str(program)}, breakpoints=[{"line": STOP}])
    assert [point["verified"] for point in told["breakpoints"]] == [True]
    client.ask("configurationDone")
    client.answer(attached)
    stops = []
    while (event := client.event("stopped", "terminated", "exited"))["event"] == "stopped":
        thread = event["body"]["threadId"]
        frame = client.ask("stackTrace", threadId=thread)["stackFrames"][0]
        scope = client.ask("scopes", frameId=frame["id"])["scopes"][0]["variablesReference"]
        variables = client.ask("variables", variablesReference=scope)["variables"]
        stops.append((frame["line"], {v["name"]: v["value"] for v in variables}))
        client.ask("continue", threadId=thread)
    client.close()
    return stops


def test_a_breakpoint_is_hit_while_a_trace_runs_and_the_trace_is_what_it_is_without(program, engine):
    alone = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=60, env=os.environ
    )

    with debugged(program) as (process, client):
        [(line, variables)] = stops_at(client, program)
        printed, _ = process.communicate(timeout=60)

    assert (line, variables["kept"], variables["n"]) == (STOP, "[8]", "3")
    assert printed == alone.stdout
    assert printed.startswith(f"{engine} ")
