"""``cotrace trace``: what it runs, what it prints where, and what it keeps."""

import json
import stat

from cotrace.store import TraceStore, load


def test_the_program_s_output_passes_and_our_words_go_to_stderr(cotrace, own_folders):
    (own_folders / "loop.py").write_text(
        "import sys\nprint('out', sys.argv[1:])\nprint('err', file=sys.stderr)\n"
    )

    ran = cotrace("trace", "loop.py", "--", "-o", "a b", "--", "--help")

    assert ran.code == 0
    assert ran.out == "out ['-o', 'a b', '--', '--help']\n"
    assert ran.err.startswith("err\nloop.py: ")


def test_the_recording_is_kept_in_the_store_and_in_the_file_that_was_named(cotrace, own_folders):
    (own_folders / "x.py").write_text("x = 1")

    ran = cotrace("trace", "x.py", "-o", "x.cotrace")

    assert "cotrace show x.cotrace" in ran.err
    stored = TraceStore().entries()
    assert [row.call for row in stored] == ["x.py"]
    assert load("x.cotrace") == load(TraceStore().path(stored[0]))
    assert stat.S_IMODE((own_folders / "x.cotrace").stat().st_mode) == 0o600


def test_a_store_that_is_off_is_told_of(cotrace, own_folders, monkeypatch):
    monkeypatch.setenv("COTRACE_STORE", "false")
    (own_folders / "x.py").write_text("x = 1")

    ran = cotrace("trace", "x.py")

    assert ran.code == 0
    assert "the recording is not kept: give it a file with -o" in ran.err


def test_one_call_is_traced(cotrace, own_folders):
    (own_folders / "f.py").write_text("def double(n):\n    return n * 2\nprint('imported as', __name__)\n")

    ran = cotrace("trace", "f.py::double", "--call", "double(21)")

    assert (ran.code, ran.out) == (0, "imported as f\n")
    assert "double(21): 3 steps, returned 42" in ran.err


def test_a_module_that_the_file_imports_is_recorded_with_its_expressions(cotrace, own_folders):
    """It is imported before the recording begins."""
    (own_folders / "rates.py").write_text("def gross(net):\n    return net * 2 + 1\n")
    (own_folders / "f.py").write_text("from rates import gross\ndef f(n):\n    return gross(n)\n")

    ran = cotrace("trace", "f.py::f", "--call", "f(3)")

    assert "Not traced in full" not in ran.err
    assert "net * 2 → 6" in cotrace("show").out


def test_the_traceback_of_a_failed_import_is_the_programs_own(cotrace, own_folders):
    (own_folders / "f.py").write_text("import nosuch\ndef f(): pass\n")

    ran = cotrace("trace", "f.py::f")

    assert ran.code == 1
    assert [line.split('"')[1] for line in ran.err.splitlines() if line.startswith("  File")] == [
        str(own_folders / "f.py")
    ]
    assert "called: ModuleNotFoundError: No module named 'nosuch'; correct it" in ran.err


def test_a_module_to_include_of_which_nothing_ran_is_told(cotrace, loop):
    assert "note: nothing of jsn ran" in cotrace("trace", "loop.py", "--include", "jsn").err

    (loop.parent / "uses.py").write_text("import json\njson.dumps([1])\n")
    assert "note" not in cotrace("trace", "uses.py", "--include", "json").err


def test_a_program_that_raises_is_traced_and_told(cotrace, own_folders):
    (own_folders / "bad.py").write_text("x = 1\nx / 0\n")

    ran = cotrace("trace", "bad.py")

    assert ran.code == 0
    assert "ZeroDivisionError: division by zero\nbad.py: " in ran.err
    assert "raised ZeroDivisionError: division by zero" in ran.err


def test_a_program_that_can_t_begin_is_told_and_exits_with_1(cotrace, own_folders):
    (own_folders / "bad.py").write_text("x = = 1\n")

    ran = cotrace("trace", "bad.py")

    assert ran.code == 1
    assert "line 1: invalid syntax" in ran.err
    assert TraceStore().entries() == []


def test_limits_that_bite_are_told(cotrace, own_folders):
    (own_folders / "long.py").write_text("for i in range(1000):\n    x = i\nprint(x)\n")

    ran = cotrace("trace", "long.py", "--max-steps", "20")

    assert ran.out == "999\n"
    assert "Recording ended early: recording ended after 20 steps" in ran.err


def test_a_program_that_does_not_end_is_stopped_and_told(cotrace, own_folders):
    (own_folders / "sleep.py").write_text("import time\ntime.sleep(1e9)\n")

    ran = cotrace("trace", "sleep.py", "--seconds", "0.5")

    assert ran.code == 0
    assert "was stopped after 0.5 seconds" in ran.err


def test_json_is_alone_on_stdout(cotrace, own_folders):
    (own_folders / "x.py").write_text("print('noise')")

    ran = cotrace("trace", "x.py", "--json", "-o", "t.cotrace")

    told = json.loads(ran.out)
    assert told["trace"] == "t.cotrace"
    assert told["outcome"]["kind"] == "returned"
    assert ran.err == "noise\n"


def test_narrate_tells_the_run_at_once(cotrace, own_folders):
    (own_folders / "f.py").write_text("def double(n):\n    return n * 2\n")

    ran = cotrace("trace", "f.py", "--call", "double(21)", "--narrate", "--style", "brief")

    assert "42" in ran.out


def test_no_variable_of_the_environment_is_in_the_recording(cotrace, own_folders, monkeypatch):
    monkeypatch.setenv("CANARY_OF_THE_ENVIRONMENT", "canary-value-123")
    (own_folders / "x.py").write_text("import os\nx = len(os.environ)\n")

    cotrace("trace", "x.py")

    shown = cotrace("show", "--format", "jsonl").out
    assert '"x"' in shown
    assert "canary" not in shown.lower()
