"""A program runs in a child as it would run alone, and whatever becomes of it, a trace is left that says so."""

import os
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from cotrace.errors import TraceError
from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.runner import run, told
from cotrace.tracing.program import Program

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a subreaper")
BEGINNING = "done = 0\nfor i in range(3):\n    done += i\n"


@pytest.fixture
def traced(tmp_path, capfd):
    """Return a function that writes a program to a file and runs it: its trace, with what it printed."""

    def trace(text, *arguments, seconds=20.0, name="program.py", **fields):
        path = tmp_path / name
        path.write_text(text)
        recorded = run(Program(str(path), arguments, limits=Limits(seconds=seconds), **fields))
        return recorded, capfd.readouterr()

    return trace


def names(trace, step=None):
    """Return the global variables at a step, at the end by default, as text."""
    snapshot = trace.snapshot(len(trace.steps) if step is None else step)
    return {
        name: getattr(value, "text", value)
        for frame in snapshot.frames.values()
        for name, value in frame.items()
    }


# --- as Python would run it ---------------------------------------------------------------------------------------


SHOW_WORLD = """\
import json, os, sys
kinds = {name: type(value).__name__ for name, value in globals().items()}
print(json.dumps([kinds, __name__, __file__, sys.argv, sys.path[0], sys.orig_argv[1:], sys.getrecursionlimit()]))
"""


def test_the_program_finds_the_world_that_python_makes(tmp_path, capfd, monkeypatch):
    """The path is a relative one, to a file behind a link: argv keeps it, and the link's goal is on the path."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "show.py").write_text(SHOW_WORLD)
    (tmp_path / "link.py").symlink_to(tmp_path / "real" / "show.py")
    monkeypatch.chdir(tmp_path)
    alone = subprocess.run(
        [sys.executable, "./link.py", "a", "-b"], capture_output=True, text=True, check=True
    )

    run(Program("./link.py", ("a", "-b")))

    assert capfd.readouterr().out == alone.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "import sys; sys.exit()",
        "import sys; sys.exit(3)",
        "import sys; sys.exit('out of paper')",
        "def f(): return 1 / 0\nf()",
        "import sys\nsys.excepthook = lambda *found: print('mine', found[1])\n1 / 0",
        "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()\n1 / 0",
        "import atexit\natexit.register(print, 'at exit')\nprint('first')",
        "import warnings; warnings.warn('careful')\nprint(2 is 2)",
        "try: print(1 / 0)\nexcept ZeroDivisionError as e: raise KeyError('k') from e",
        "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    ],
)
def test_what_the_program_prints_is_what_it_prints_alone(traced, tmp_path, text):
    _, printed = traced(text)

    alone = subprocess.run(
        [sys.executable, tmp_path / "program.py"], capture_output=True, text=True, check=False
    )
    assert (printed.out, printed.err) == (alone.stdout, alone.stderr)


@pytest.mark.slow
def test_the_program_is_not_misled_by_files_beside_it(traced, tmp_path):
    """A file named like a module that cotrace uses is the program's to import, not ours."""
    for name in ("json", "zlib", "dataclasses", "cotrace", "threading"):
        (tmp_path / f"{name}.py").write_text("found = 'mine'")

    trace, _ = traced(
        "import sys\nfor name in ['json', 'cotrace']: sys.modules.pop(name)\nimport json\nx = json.found"
    )

    assert trace.outcome.kind == "returned"
    assert names(trace)["x"] == "'mine'"


def test_the_child_imports_little_more_than_the_standard_library(traced):
    """So that it runs in any environment, and beside any version of what our other parts need."""
    _, printed = traced(
        "import sys\n"
        "own = {name.partition('.')[2].partition('.')[0] for name in sys.modules if name.startswith('cotrace.')}\n"
        "print(*sorted(own))\n"
        "print(*({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names - {'cotrace'}))\n"
    )

    own, foreign = printed.out.splitlines()
    light = {"errors", "files", "formats", "model", "processes", "settings", "tracing", "unchanged"}
    assert set(own.split()) <= light
    build = {
        name for name in foreign.split() if name.startswith("_sysconfigdata_")
    }  # the library's, on each platform
    site = {
        "_distutils_hack",
        "_virtualenv",
        "sitecustomize",
        "usercustomize",
    }  # what an environment starts with
    assert set(foreign.split()) - build - site <= {"__main__"}


def test_a_program_can_use_cotrace_itself(traced):
    trace, printed = traced(
        "import cotrace\nfrom cotrace import *\nprint(Limits().depth, cotrace.Trace.__name__)\n"
    )

    assert (trace.outcome.kind, printed.out) == ("returned", "8 Trace\n")


def test_input_comes_from_this_process_s_stdin(tmp_path):
    program = tmp_path / "ask.py"
    program.write_text("name = input('who? ')\nprint('hello', name)")
    code = (
        "from cotrace.runner import run; from cotrace.tracing.program import Program; "
        f"run(Program({str(program)!r}))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], input="Ann\n", capture_output=True, text=True, check=True
    )

    assert ran.stdout == "who? hello Ann\n"


def test_descriptors_of_the_program_begin_at_three(traced, tmp_path):
    _, printed = traced(f"import os; print(os.open({str(tmp_path)!r}, os.O_RDONLY))")

    assert printed.out == "3\n"


# --- how it ended -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "exception", "message"),
    [
        ("x = 1", "returned", "", ""),
        ("raise ValueError('no')", "raised", "ValueError", "no"),
        ("import sys; sys.exit(3)", "exited", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "interrupted", "KeyboardInterrupt", ""),
    ],
)
def test_the_end_of_a_program_that_ends_by_itself_is_told(traced, text, kind, exception, message):
    trace, _ = traced(BEGINNING + text)

    assert (trace.outcome.kind, trace.outcome.exception, trace.outcome.message) == (kind, exception, message)
    assert names(trace)["done"] == "3"


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("import os; os._exit(5)", "exited", "it exited with 5"),
        ("import os; os._exit(0)", "exited", "it exited with 0"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "killed",
            "it died of SIGKILL (signal 9)",
        ),
        ("import ctypes; ctypes.string_at(0)", "killed", "it died of SIGSEGV (signal 11)"),
        ("import os; os.abort()", "killed", "it died of SIGABRT (signal 6)"),
    ],
)
def test_a_process_that_dies_leaves_what_was_recorded(traced, text, kind, message):
    trace, _ = traced(BEGINNING + text)

    assert (trace.outcome.kind, trace.outcome.message) == (kind, message)
    assert names(trace)["done"] == "3"


@pytest.mark.slow
def test_a_recursion_without_end_leaves_what_was_recorded(traced):
    trace, printed = traced(
        BEGINNING + "import sys\nsys.setrecursionlimit(300)\ndef f(n): return f(n + 1)\nf(0)"
    )

    assert (trace.outcome.kind, trace.outcome.exception) == ("raised", "RecursionError")
    assert "RecursionError: " in printed.err
    assert max(step.depth for step in trace.steps) > 250


# --- limits -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "while True: pass",
        "import time; time.sleep(1e9)",
        "input()",
        "import threading; threading.Event().wait()",
        "import subprocess; subprocess.run(['sleep', '1000'])",
        "import time\nwhile True:\n    try: time.sleep(1e9)\n    except BaseException: pass",
        "import signal, time\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ntime.sleep(1e9)",
        "sum(range(10**12))",
    ],
)
def test_a_program_that_does_not_end_is_stopped(traced, silent_input, text):
    began = time.monotonic()

    trace, _ = traced(BEGINNING + text, seconds=1.0)

    assert trace.outcome.kind == "stopped"
    assert "after 1 s" in trace.outcome.message
    assert time.monotonic() - began < 8
    assert names(trace)["done"] == "3"


@pytest.fixture
def silent_input():
    """Make stdin a pipe into which nothing is written."""
    before = os.dup(0)
    reader, writer = os.pipe()
    os.dup2(reader, 0)
    yield
    os.dup2(before, 0)
    for descriptor in (before, reader, writer):
        os.close(descriptor)


def test_finally_runs_when_a_sleeping_program_is_stopped(traced):
    _, printed = traced("import time\ntry: time.sleep(1e9)\nfinally: print('cleaned up')", seconds=0.5)

    assert printed.out == "cleaned up\n"


@pytest.mark.slow
@linux_only
def test_nothing_that_a_stopped_program_started_is_left(traced):
    """A daemon, by two forks and a session of its own, and a plain child; the program waits for ever."""
    trace, printed = traced(
        "import os, subprocess, time\n"
        "print(subprocess.Popen(['sleep', '1000']).pid, flush=True)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        print(os.getpid(), flush=True)\n"
        "        time.sleep(1000)\n"
        "    os._exit(0)\n"
        "while True:\n"
        "    try: time.sleep(1000)\n"
        "    except BaseException: pass\n",
        seconds=1.0,
    )

    assert trace.outcome.kind == "stopped"
    pids = printed.out.split()
    assert len(pids) == 2
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.slow
def test_a_program_that_ends_by_itself_keeps_what_it_started(traced):
    """Starting something and leaving it is what some programs are for."""
    trace, printed = traced(
        "import subprocess\n"
        "print(subprocess.Popen(['sleep', '60'], start_new_session=True, stdout=subprocess.DEVNULL).pid)\n"
    )

    assert trace.outcome.kind == "returned"
    os.kill(int(printed.out), signal.SIGKILL)


@pytest.mark.slow
def test_a_flood_of_output_neither_hangs_nor_fills_the_trace(tmp_path):
    """100 MB go to a pipe; a million characters of them are kept."""
    program = tmp_path / "flood.py"
    program.write_text("line = 'x' * 1_000_000 + '\\n'\nfor i in range(100):\n    print(line, end='')\n")
    code = (
        "from cotrace.runner import run; from cotrace.tracing.program import Program\n"
        f"trace = run(Program({str(program)!r}))\n"
        "import sys; print(len(trace.stdout), trace.outcome.kind, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=True)

    assert len(ran.stdout) == 100_000_100
    assert ran.stderr.split() == [b"1000000", b"returned"]


# --- processes and descriptors of the program's own ---------------------------------------------------------------


@pytest.mark.slow
def test_a_fork_goes_on_untraced_and_the_parent_traced(traced):
    trace, printed = traced(
        "import os\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    for i in range(1000): in_child = i\n"
        "    print('child', in_child, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "after = 7\n"
    )

    assert printed.out == "child 999\n"
    assert names(trace)["after"] == "7"
    assert "in_child" not in names(trace)


@pytest.mark.slow
def test_a_pool_of_processes_works(traced):
    trace, printed = traced(
        "import multiprocessing\n"
        "def square(n): return n * n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.map(square, [1, 2, 3]))\n"
    )

    assert (trace.outcome.kind, printed.out) == ("returned", "[1, 4, 9]\n")


@pytest.mark.slow
def test_a_program_that_closes_every_descriptor_is_recorded_all_the_same(traced):
    trace, _ = traced("import os\nos.closerange(3, 2000)\nafter = 5\n")

    assert (trace.outcome.kind, names(trace)["after"]) == ("returned", "5")


# --- what can't be recorded ---------------------------------------------------------------------------------------


def test_a_mistake_in_the_source_is_shown_with_its_place(traced):
    with pytest.raises(TraceError, match=r"(?s)expected Python.*line 2.*x = = 1.*\^"):
        traced("x = 1\nx = = 1\n")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "program.py"
    path.write_bytes(b"x = '\xff\xfe\x00'")

    with pytest.raises(TraceError, match="expected Python source as text"):
        run(Program(str(path)))


def test_an_interpreter_that_dies_at_once_is_told():
    with pytest.raises(TraceError, match="exited with 1 before the recording began"):
        run(Program("x.py"), interpreter="/bin/false")


def test_an_interpreter_that_is_not_there_is_told():
    with pytest.raises(
        TraceError, match=r"expected a Python to run x\.py with, but /no/python: No such file"
    ):
        run(Program("x.py"), interpreter="/no/python")


def test_without_the_ledger_only_lines_are_recorded(traced):
    trace, _ = traced(BEGINNING, ledger=False)

    assert len(trace.entries) == 0
    assert trace.line_text(1) == "done = 0"
    assert names(trace)["done"] == "3"


# --- one call -----------------------------------------------------------------------------------------------------

FUNCTIONS = (
    "import asyncio\n"
    "def add(a, b=1):\n    total = a + b\n    return total\n"
    "async def later(n):\n    await asyncio.sleep(0)\n    return n\n"
    "class Box:\n    def __init__(self, n): self.n = n\n    def twice(self): return self.n * 2\n"
    "def fails(): raise LookupError('gone')\n"
    "limit = 3\n"
)


@pytest.mark.parametrize(
    ("qualname", "call", "text"),
    [
        ("add", "add(2, b=5)", "7"),
        ("", "add(*[1, 2])", "3"),
        ("", "add(add(1, 1), limit)", "5"),
        ("later", "later(4)", "4"),
        ("Box.twice", "Box(4).twice()", "8"),
    ],
)
def test_one_call_is_traced(traced, qualname, call, text):
    """Its arguments are made before the recording begins, so only the call is in it."""
    trace, _ = traced(FUNCTIONS, qualname=qualname, call=call)

    assert (trace.call, trace.outcome.kind) == (call, "returned")
    assert trace.outcome.value.text == text
    assert [frame.name for frame in trace.frames if frame.parent < 0 and frame.kind == "function"] == [
        call.split("(")[0] if "." not in call else "Box.twice"
    ][: 0 if "later" in call else 1]


def test_a_call_that_raises_is_traced(traced):
    trace, _ = traced(FUNCTIONS, qualname="fails")

    assert (trace.call, trace.outcome.kind, trace.outcome.exception) == ("fails()", "raised", "LookupError")


@pytest.mark.parametrize(
    ("qualname", "call", "message"),
    [
        ("ad", "", "did you mean add"),
        ("add", "", r'add needs a: give them a value with --call "add\(a=...\)"'),
        ("limit", "", "expected limit to be a function, found a int"),
        ("", "3 + 4", "which calls nothing"),
        ("", "add(", "expected a call such as"),
        ("", "nothing(1)", "NameError from nothing"),
        ("", "add(1 / 0)", "ZeroDivisionError from its arguments"),
    ],
)
def test_a_call_that_can_t_be_made_is_refused(traced, qualname, call, message):
    with pytest.raises(TraceError, match=message):
        traced(FUNCTIONS, qualname=qualname, call=call)


def test_a_module_that_can_t_be_imported_is_told(traced):
    with pytest.raises(
        TraceError, match="can't be imported, so nothing in it can be called: ZeroDivisionError"
    ):
        traced("1 / 0\ndef f(): pass\n", qualname="f")


@pytest.mark.slow
def test_a_module_of_a_package_is_imported_as_such(tmp_path):
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("rate = 2")
    (package / "prices.py").write_text("from . import rate\ndef price(n): return n * rate\n")

    trace = run(Program(str(package / "prices.py"), qualname="price", call="price(4)"))

    assert trace.outcome.value.text == "8"


# --- secrets ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", "import os; os._exit(1)", "import ctypes; ctypes.string_at(0)"])
def test_no_secret_is_in_what_is_left(traced, monkeypatch, ending):
    """One from the environment, and one that shows itself as such only after it was recorded."""
    monkeypatch.setenv("SERVICE_TOKEN", "canary-from-environment-1")
    text = "import os\nx = 'canary-in-source-22'\nenv = os.environ['SERVICE_TOKEN']\napi_key = x\n"

    trace, _ = traced(text + ending)

    content = zlib.decompress(encode(trace).partition(b"\n")[2])
    assert b"canary" not in content


# --- words --------------------------------------------------------------------------------------------------------


def test_how_a_process_ended_is_told_in_words():
    assert [told(0), told(3), told(-9), told(-200)] == [
        "exited with 0",
        "exited with 3",
        "died of SIGKILL (signal 9)",
        "died of signal 200",
    ]
