"""What the ledger holds: which expressions have entries, of which role, in which order."""

from itertools import pairwise

import pytest
from kernel_ext.tracing.watching import ledger_of, run_ledger


def entries(source):
    """Run `source` and return (text, value) of every entry."""
    return run_ledger(source).texts()


def spans(source):
    """Return (role, text) of every span, without running anything."""
    ledger = ledger_of(source)
    return [(span.role, ledger.text(key)) for key, span in enumerate(ledger.spans)]


def test_every_part_of_an_expression_has_an_entry_innermost_first():
    """Names, operations, lookups and calls; constants need none."""
    assert entries("a = [2, 3]\nb = -a[0] * len(a) + 1") == [
        ("[2, 3]", "[2, 3]"),
        ("a", "[2, 3]"),
        ("a[0]", "2"),
        ("-a[0]", "-2"),
        ("a", "[2, 3]"),
        ("len(a)", "2"),
        ("-a[0] * len(a)", "-4"),
        ("-a[0] * len(a) + 1", "-3"),
    ]


def test_an_expression_has_an_entry_each_time_it_is_evaluated():
    """Each turn of a loop or comprehension adds its own."""
    assert entries("[x * x for x in (1, 2)]") == [
        ("x", "1"),
        ("x", "1"),
        ("x * x", "1"),
        ("x", "2"),
        ("x", "2"),
        ("x * x", "4"),
        ("[x * x for x in (1, 2)]", "[1, 4]"),
    ]


def test_a_test_has_its_outcome_and_its_value():
    """A name asked for its truth has an entry for its value, then one for its truth."""
    assert run_ledger("x = [0]\nif x: pass").texts("truth") == [("x", "True")]
    assert entries("x = []\nif x: pass") == [("[]", "[]"), ("x", "[]"), ("x", "False")]


@pytest.mark.parametrize(
    ("test", "outcomes"),
    [
        ("a < b", [("a < b", "True")]),
        ("a < b < 2", [("a < b < 2", "False")]),
        ("0 < a < b", [("0 < a < b", "True")]),
        ("a and not b", [("a", "True"), ("b", "True")]),
        ("not a or b", [("a", "True"), ("b", "True")]),
        ("a is None or a in (1, b)", [("a is None", "False"), ("a in (1, b)", "True")]),
        ("(a if b else c)", [("b", "True"), ("a", "True")]),
        ("(d := a - 1)", [("(d := a - 1)", "False")]),
    ],
)
@pytest.mark.parametrize(
    "asking", ["if {}: pass", "while {}: break", "x = 1 if {} else 2", "[1 for _ in 'a' if {}]"]
)
def test_every_test_that_was_made_has_its_outcome(test, outcomes, asking):
    """Wherever a truth is asked for, in the order in which it is asked for; what is skipped has none."""
    source = "a, b = 1, 2\n" + asking.format(test)

    found = [(text.strip("()"), value) for text, value in run_ledger(source).texts("truth")]

    assert found == [(text.strip("()"), value) for text, value in outcomes]


def test_a_store_has_the_base_and_the_index():
    """What is stored to is not read, but what it is part of is."""
    ledger = run_ledger("d, i = {}, 1\nd[i + 1] = i\nd[2] += 5\ndel d[i * 2]")

    assert ledger.texts("target") == [
        ("d", "{}"),
        ("i + 1", "2"),
        ("d", "{2: 1}"),
        ("d", "{2: 6}"),
        ("i * 2", "2"),
    ]


def test_the_spans_of_a_store_say_what_it_is_made_of():
    """The stored-to expression has a span without entries; base and index are inside it."""
    assert spans("d[i + 1].x = v") == [
        ("value", "v"),
        ("store", "d[i + 1].x"),
        ("target", "d[i + 1]"),
        ("value", "d"),
        ("value", "i + 1"),
        ("value", "i"),
        ("constant", "1"),
    ]


def test_spans_without_entries_say_why():
    """What is derived, constant, called or not recorded has a span with that role."""
    assert spans("import m\nx = f(a or 1, m.g(lambda: b)) if not c else (yes := 2)") == [
        ("derived", "f(a or 1, m.g(lambda: b)) if not c else (yes := 2)"),
        ("test", "not c"),
        ("truth", "c"),
        ("value", "c"),
        ("value", "f(a or 1, m.g(lambda: b))"),
        ("callee", "f"),
        ("derived", "a or 1"),
        ("value", "a"),
        ("value", "1"),
        ("value", "m.g(lambda: b)"),
        ("callee", "m.g"),
        ("unrecorded", "m"),
        ("unrecorded", "lambda: b"),
        ("value", "b"),
        ("derived", "yes := 2"),
        ("constant", "2"),
    ]


def test_parents_come_first():
    """A span's parent is the expression around it."""
    ledger = ledger_of("x = f(a + b, [c for c in d if c])")

    parents = {ledger.text(k): s.parent for k, s in enumerate(ledger.spans)}

    assert all(span.parent < key for key, span in enumerate(ledger.spans))
    assert ledger.text(parents["a + b"]) == "f(a + b, [c for c in d if c])"
    assert ledger.text(parents["a"]) == "a + b"
    assert ledger.text(parents["c"]) in ("c", "[c for c in d if c]")
    assert parents["f(a + b, [c for c in d if c])"] == -1


def test_a_sum_that_grows_its_own_variable_is_recorded_after_the_store():
    """Its entry has the value, and CPython can still grow a string in place."""
    ledger = run_ledger("def f(s):\n    s = s + 'b'\n    return s\nf('a')")

    assert [e for e in ledger.texts() if e[0] == "s + 'b'"] == [("s + 'b'", "'ab'")]


def test_growing_a_string_takes_no_copies():
    """The string is the same object before and after most additions, as without probes."""
    ledger = ledger_of("def f(n):\n    s = ''\n    for i in range(n):\n        s = s + 'x'\n    return s\n")
    exec(ledger.code, namespace := {"__name__": "program"})
    sums = []
    ledger.sink.recorder = lambda _, key, value: (
        sums.append(id(value)) if ledger.text(key) == "s + 'x'" else None
    )

    namespace["f"](2_000)

    assert len(sums) == 2_000
    assert sum(one != next_one for one, next_one in pairwise(sums)) < 400


def test_columns_are_utf8_offsets():
    """A span finds its text behind letters of several bytes."""
    assert entries("é = 'ü' + str(1); ñ = é * 2")[-1] == ("é * 2", "'ü1ü1'")


def test_expressions_inside_f_strings_have_their_own_spans():
    """So does what is in a format specification."""
    assert entries("w, x = 5, 'a'\ny = f'{x + x:>{w}}'") == [
        ("x", "'a'"),
        ("x", "'a'"),
        ("x + x", "'aa'"),
        ("w", "5"),
        ("f'{x + x:>{w}}'", "'   aa'"),
    ]


def test_probes_do_nothing_without_a_recorder():
    """Code with probes outlives the recording, and runs on as it would without them."""
    ledger = ledger_of("x = 1\ny = x + 1")
    ledger.sink.recorder = None

    exec(ledger.code, namespace := {})

    assert namespace["y"] == 2
    assert not ledger.entries
