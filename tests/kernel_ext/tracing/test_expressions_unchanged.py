"""A program with probes shows what it shows without them: output, exceptions, line numbers, carets and events."""

import contextlib
import io
import os
import random
import signal
import sys
import warnings
from collections import Counter
from importlib.util import decode_source
from pathlib import Path

import pytest
from corpora.items import ABSENT, ARE_HERE, programs
from cotrace.tracing.instrument import (
    Instrumented,
    compile_instrumented,
    compile_quietly,
    parse_quietly,
)
from cotrace.tracing.skips import LedgerSkip
from cotrace.tracing.twins import all_code
from kernel_ext.tracing.layouts import line_transitions, scattered
from kernel_ext.tracing.recomputing import Recomputer
from kernel_ext.tracing.snippets import SINCE, SNIPPETS
from kernel_ext.tracing.watching import HAS_MONITORING, ledger_of, plain_code, see

RUNNABLE = [name for name in SNIPPETS if sys.version_info >= SINCE.get(name, (3, 11))]
# On 3.11 a statement of several lines may have a line event more or fewer with probes than without.
OTHER_LINES_ON_3_11 = {"multi_line_calls", "attributes_that_answer"}
STANDARD_LIBRARY = Path(os.__file__).parent


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_hostile_program_is_unchanged(name):
    """Whatever a program does to notice the probes, it shows the same."""
    source, events = SNIPPETS[name], HAS_MONITORING or name not in OTHER_LINES_ON_3_11
    plain = see(source, plain_code(source), events=events)
    ledger = ledger_of(source)
    ledger.sink.recorder = lambda *_: None  # a recorder that keeps nothing alive

    probed = see(source, ledger.code, events=events)

    assert bool(plain.error) == name.startswith("e_")
    assert probed == plain


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_hostile_program_is_unchanged_however_it_is_laid_out(seed):
    """Line breaks anywhere between brackets make no line events that the program would not make."""
    generator, count = random.Random(seed), 0
    for name in RUNNABLE:
        source = scattered(SNIPPETS[name], generator.choice([0.1, 0.3, 0.6]), generator)
        with contextlib.suppress(SyntaxError):  # not every place between brackets allows a line break
            plain = see(source, plain_code(source), events=HAS_MONITORING)
            ledger = ledger_of(source)
            ledger.sink.recorder = lambda *_: None
            assert see(source, ledger.code, events=HAS_MONITORING) == plain, source
            count += 1

    assert count > 100


def test_a_program_that_runs_out_of_stack_is_told_so():
    """A probe in Python needs stack as well, so this may come a few calls earlier, but it comes in the same way."""
    source = "def f(n): return f(n + 1) + 1\nf(0)\n"
    ledger = ledger_of(source)

    plain, probed = see(source, plain_code(source)), see(source, ledger.code)

    assert probed.error.splitlines()[:12] == plain.error.splitlines()[:12]
    assert "RecursionError: maximum recursion depth exceeded" in probed.error
    assert len(ledger.entries) > 200


def test_there_are_many_hostile_programs():
    """The list above is long enough to mean something."""
    assert len(RUNNABLE) > 110


def library_files(count):
    """Return some source files of the standard library, the same ones on each run; none of the largest."""
    files = sorted([*STANDARD_LIBRARY.glob("*.py"), *STANDARD_LIBRARY.glob("*/*.py")])
    files = [f for f in files if "site-packages" not in f.parts and f.stat().st_size < 40_000]
    return random.Random(5).sample(files, count)


def check_layout(path, *, lines=HAS_MONITORING):
    """Compile a file with and without probes, compare each pair of code objects, and return their number."""
    try:
        source = decode_source(path.read_bytes())
        plain = compile_quietly(parse_quietly(source, "exec", 0), "exec", 0)
    except (SyntaxError, UnicodeDecodeError):
        return 0  # some test data of the standard library is no Python
    made = compile_instrumented(source, str(path), probe=lambda key: key)
    assert isinstance(made, Instrumented), path
    assert not made.left_alone, path
    pairs = list(zip(all_code(plain), all_code(made.code), strict=True))
    for one, other in pairs:
        kept = [(c.co_name, c.co_flags, c.co_freevars, c.co_argcount, c.co_firstlineno) for c in (one, other)]
        assert kept[0] == kept[1], path
        if lines:
            assert line_transitions(one) == line_transitions(other), (path, one.co_qualname)
    return len(pairs)


@pytest.mark.parametrize("name", ["argparse", "enum", "statistics", "textwrap", "heapq"])
def test_a_library_module_keeps_its_lines(name):
    """Control goes from line to line along the same ways as without probes."""
    assert check_layout(STANDARD_LIBRARY / f"{name}.py") > 10


@pytest.mark.slow
def test_the_standard_library_keeps_its_lines():
    """Of a sample of 300 files all compile to the same functions; in a hundred of them each way is looked at."""
    files = library_files(300)

    count = sum(check_layout(path, lines=HAS_MONITORING and i < 100) for i, path in enumerate(files))

    assert count > 3_000


def corpus_programs(longest):
    """Yield the programs of the corpora that ran well and took at most `longest` steps."""
    for program in programs():
        if program["check"]["status"] == "ok" and (program["check"].get("steps") or longest + 1) <= longest:
            yield program


class TooLongError(BaseException):
    """The program ran longer than it should."""


def seen_within(seconds, program, code, *, events):
    """Run one program of a corpus within a time limit."""

    def stop(*_):
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    stdin, sys.stdin = sys.stdin, io.StringIO(program["stdin"] or "")
    try:
        random.seed(1)
        return see(program["code"], code, call=plain_code(program["call"], "eval"), events=events)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        sys.stdin = stdin


@pytest.mark.slow
@pytest.mark.skipif(not ARE_HERE, reason=ABSENT)
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs alarms to stop programs that hang")
def test_the_programs_of_the_corpora_are_unchanged():
    """Real programs show the same, and what their ledgers hold can be worked out again."""
    count, checked = 0, Counter()
    for program in corpus_programs(longest=10_000):
        plain = seen_within(10, program, plain_code(program["code"]), events=True)
        ledger = ledger_of(program["code"])
        recomputer = Recomputer(ledger)
        ledger.sink.recorder = recomputer if program["check"]["steps"] <= 1_000 else lambda *_: None
        probed = seen_within(30, program, ledger.code, events=True)

        assert probed == plain, program["id"]
        assert not recomputer.wrong, program["id"]
        checked += recomputer.checked
        count += 1

    assert count > 1_500
    assert checked["BinOp"] > 10_000
    assert checked["Compare"] > 10_000


def test_a_text_is_compiled_again_without_its_warnings(recwarn):
    """Python has shown the warnings of a text when it was loaded: they are not shown twice, nor forgotten."""
    warnings.simplefilter("default")
    registry_version = warnings.filters[:]

    made = compile_instrumented(
        'x = 1\nx is 5\ny = "\\d"\nassert (x, "m")\n', "<text>", probe=lambda key: key
    )

    assert isinstance(made, Instrumented)
    assert not recwarn.list
    assert warnings.filters == registry_version


def test_a_warning_as_an_error_does_not_stop_the_probes():
    """Not even where the user has turned warnings into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        made = compile_instrumented("x = 1\nx is 5\n", "<text>", probe=lambda key: key)

    assert isinstance(made, Instrumented)


def test_a_statement_too_deep_for_probes_is_left_alone():
    """It runs as it is, and the rest of the text has its ledger."""
    deep = "x" + ".real" * 700
    source = f"x = 1\ny = {deep}\nz = x + 1\n"
    ledger = ledger_of(source)

    exec(ledger.code, namespace := {})

    assert namespace["y"] == 1
    assert ledger.texts() == [("x", "1"), ("x + 1", "2")]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = = 1", LedgerSkip.COMPILE_FAILED),
        ("return 1", LedgerSkip.COMPILE_FAILED),
        ("x = '\0cotrace probe 1'", LedgerSkip.UNSUPPORTED),
        ("x\0y", LedgerSkip.COMPILE_FAILED),
    ],
)
def test_a_text_that_cannot_have_probes_has_a_reason(source, reason):
    """The caller compiles it without probes, and gets the exception there is."""
    assert compile_instrumented(source, "<text>", probe=lambda key: key).reason is reason
