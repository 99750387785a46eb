"""The table tells what each line did; a long one is folded and says what it left out."""

from __future__ import annotations

import asyncio
import re

import cotrace
import pytest
from cotrace.formats.folding import Gap, fold
from cotrace.formats.table import Line, rows_of, to_table
from cotrace.model.state import Atom, HeapObject, Ref, SetElement, Splice, Unbind
from cotrace.model.trace import EventKind, Note, Outcome


def told(trace, source):
    """Return what the table says of the first row with this source text."""
    lines = [row for row in rows_of(trace) if isinstance(row, Line)]
    return next([phrase.text for phrase in line.phrases] for line in lines if line.source.strip() == source)


def test_a_change_is_told_on_the_line_that_made_it(make_total):
    assert told(make_total(3), "sum = 0") == ["sum = 0"]


def test_a_call_tells_its_parameters_and_its_result(make_total):
    trace = make_total(3)

    assert told(trace, "def total(n):") == ["total begins with n = 3"]
    assert told(trace, "return sum") == ["returns 3"]


def test_a_test_tells_what_was_compared(story):
    s = story("if n > 1:\n    n = 0\n")
    m = s.frame("<module>", 1, kind="module")
    test = s.step("line", m, 1)
    s.computed(test, "n", 3, kind="Name")
    s.computed(test, "n > 1", True, kind="Compare")

    assert told(s.trace(), "if n > 1:") == ["n > 1 → True"]


def test_what_is_assigned_is_not_told_twice(story):
    s = story("x = a + b\n")
    m = s.frame("<module>", 1, kind="module")
    line = s.step("line", m, 1)
    s.computed(line, "a + b", 5)
    s.step("return", m, 1, s.bind(0, "x", 5, line))

    assert told(s.trace(), "x = a + b") == ["x = 5"]


def test_the_value_of_a_call_is_told_as_it_was_when_the_call_ended():
    """What it returned was not there yet when its line began, and is changed later."""

    def make():
        made = [1]
        made.append(2)
        return made

    def f():
        make()[0] += 5

    assert "make() → [1, 2]" in told(cotrace.trace(f), "make()[0] += 5")


def test_an_awaited_result_is_told_though_its_line_began_long_before():
    async def work(n):
        await asyncio.sleep(0)
        return n

    async def main():
        return await asyncio.gather(work(1), work(2))

    table = to_table(cotrace.trace(asyncio.run, main()))

    assert "returns [1, 2]" in table
    assert "→ o" not in table


def test_a_change_inside_an_object_is_named_by_the_way_to_it(story):
    s = story("ys[1][0] = 7\n")
    m = s.frame("<module>", 1, kind="module")
    grid = [[0], [0]]
    ref = s.heap.take(grid)
    appear = [cotrace.model.state.Appear(seen, -1) for seen in s.heap.values()]
    line = s.step("line", m, 1, *appear, s.bind(0, "xs", grid, -1), s.bind(0, "ys", grid, -1))
    inner = s.heap[ref.id].elements[1]
    s.step("return", m, 1, SetElement(inner.id, 0, Atom("int", "7"), line))

    assert "ys[1][0] = 7" in told(s.trace(), "ys[1][0] = 7")


def test_an_object_that_no_name_leads_to_is_told_by_number(story):
    s = story("next(g)\n")
    m = s.frame("<module>", 1, kind="module")
    hidden = HeapObject(9, "list", "list", length=0)
    line = s.step("line", m, 1, cotrace.model.state.Appear(hidden, -1))
    s.step("return", m, 1, Splice(9, 0, 0, (Atom("int", "1"),), line))

    assert told(s.trace(), "next(g)") == ["o9 = [1]"]


def test_how_a_long_list_changed_is_told_beside_its_shortened_content(story):
    s = story("xs.append(7)\n")
    m = s.frame("<module>", 1, kind="module")
    xs = list(range(100, 200))
    ref = s.heap.take(xs)
    line = s.step("line", m, 1, cotrace.model.state.Appear(s.heap[ref.id], -1), s.bind(0, "xs", xs, -1))
    s.step("return", m, 1, Splice(ref.id, 100, 0, (Atom("int", "7"),), line))

    (phrase,) = [text for text in told(s.trace(), "xs.append(7)") if "added" in text]
    assert re.fullmatch(r"xs = \[100, .*, … \d+ more\] \(added 7 at 100\)", phrase)


def test_two_names_for_one_object_are_told():
    def f():
        a = [1]
        b = a
        b.append(2)

    assert told(cotrace.trace(f), "b = a") == ["b = [1] (the same object as a)"]


def test_a_deleted_variable_is_told(story):
    s = story("del x\n")
    m = s.frame("<module>", 1, kind="module")
    line = s.step("line", m, 1, s.bind(0, "x", 1, -1))
    s.step("return", m, 1, Unbind(0, "x", line))

    assert told(s.trace(), "del x")[-1] == "x is gone"


def test_exceptions_and_output_are_told_where_they_happen():
    def f():
        print("one", 2)
        return {}["key"]

    trace = cotrace.trace(f)

    assert told(trace, 'print("one", 2)')[-1] == "prints 'one 2'"
    assert "raises KeyError('key')" in told(trace, 'return {}["key"]')
    assert to_table(trace).splitlines()[0].endswith("raised KeyError: 'key'")


def test_the_source_of_a_call_is_set_off_from_its_callers():
    def inner():
        return 1

    def outer():
        return inner()

    assert "│     def inner():" in to_table(cotrace.trace(outer))


@pytest.mark.parametrize("rows", [10, 30, 100])
def test_a_long_trace_is_folded_and_everything_left_out_is_counted(make_total, rows):
    trace = make_total(5_000)

    plan = fold(trace, rows)

    assert len(plan) <= rows + 1
    shown = sum(len(part) for part in plan if not isinstance(part, Gap))
    left_out = sum(part.steps for part in plan if isinstance(part, Gap))
    assert shown + left_out == len(trace.steps)
    assert f"({next(part for part in plan if isinstance(part, Gap))})" in to_table(trace, rows)


def test_folding_keeps_a_line_that_ran_once_in_the_middle_of_a_long_loop():
    def f():
        found = 0
        for i in range(1_000):
            if i == 500:
                found = i
        return found

    assert told(cotrace.trace(f), "found = i") == ["found = 500"]


def test_folding_keeps_the_ends_where_there_are_more_lines_than_rows(story):
    s = story("\n".join(f"x{i} = {i}" for i in range(50)))
    m = s.frame("<module>", 1, kind="module")
    for line in range(1, 51):
        s.step("line", m, line)

    plan = fold(s.trace(), 9)

    assert plan[0] == (0,)
    assert plan[-1] == (49,)
    assert sum(part.steps for part in plan if isinstance(part, Gap)) == 41


def test_a_trace_that_fits_is_not_folded(make_total):
    assert not [part for part in fold(make_total(20), 200) if isinstance(part, Gap)]
    assert not [part for part in fold(make_total(2_000), None) if isinstance(part, Gap)]


def test_a_recording_that_ended_early_says_which_limit_ended_it(make_total):
    trace = make_total(3, truncated="the limit of 12 steps was reached")

    assert "! Recording ended early: the limit of 12 steps was reached." in to_table(trace).splitlines()


def test_what_was_not_traced_is_told_with_its_reason_and_advice(make_total):
    note = Note("helper", "it has no source", "Trace it from a file.")

    table = to_table(make_total(3, notes=(note,)))

    assert "! Not traced in full: helper: it has no source. Trace it from a file." in table


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (Outcome("returned"), "ended"),
        (Outcome("raised", Ref(1), "ValueError", "bad"), "raised ValueError: bad"),
        (Outcome("raised", Ref(1), "ValueError"), "raised ValueError"),
        (Outcome("stopped", message="it ran for 10 s"), "was stopped: it ran for 10 s"),
        (Outcome("interrupted", None, "KeyboardInterrupt"), "was interrupted: KeyboardInterrupt"),
        (Outcome("killed", message="signal 9"), "was killed: signal 9"),
    ],
)
def test_the_first_line_tells_how_the_run_ended(make_total, outcome, ending):
    first = to_table(make_total(1, outcome=outcome)).splitlines()[0]

    assert first == f"total(1): 7 steps, {ending}"


def test_a_trace_without_steps_is_a_line_and_its_reasons(story):
    trace = story("", "cell").trace(notes=(Note("cell", "nothing ran"),))

    assert to_table(trace) == "cell: 0 steps, ended\n\n! Not traced in full: cell: nothing ran.\n"


def test_nothing_in_a_program_can_act_on_the_terminal(story):
    s = story("x = '\u202egnp'  # \x1b[2J\n", "evil\x1b[31m")
    m = s.frame("<module>", 1, kind="module")
    s.step("line", m, 1, out="\x1b]0;title\x07\n")

    table = to_table(s.trace())

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", table)
    assert r"\x1b[2J" in table


def test_every_event_of_a_trace_is_in_some_row(make_total):
    events = {step.event for step in make_total(3).steps}

    assert events == {EventKind.START, EventKind.LINE, EventKind.RETURN}
    assert sum(len(part) for part in fold(make_total(3), None)) == 11
