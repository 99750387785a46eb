"""Answers are compared as values, though they are texts."""

import pytest
from cotrace.dataset.answers import compare_output, compare_values


@pytest.mark.parametrize(
    ("wanted", "found", "agreement"),
    [
        ("[1, 2]", "[1, 2]", "exact"),
        ("[1,2]", "[1, 2]", "equal"),
        ("'a\"b'", '"a\\"b"', "equal"),
        # Sets and dicts have no order, wherever they are.
        ("{1, 2, 3}", "{3, 1, 2}", "equal"),
        ("[{'a': {1, 2}}, {'x'}]", "[{'a': {2, 1}}, {'x'}]", "equal"),
        ("{frozenset({1, 2}), frozenset({3})}", "{frozenset({3}), frozenset({2, 1})}", "equal"),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", "equal"),
        ("{1, 2}", "{1, 2, 3}", "different"),
        ("{1: 2}", "{1, 2}", "different"),
        # Floats may be off by rounding, and nan is nan.
        ("0.30000000000000004", "0.3", "close"),
        ("[0.1, 1e-300]", "[0.1, 2e-300]", "different"),
        ("nan", "nan", "exact"),
        ("[nan,  inf]", "[nan, inf]", "equal"),
        ("-0.5", "0.5", "different"),
        # Types count.
        ("1", "1.0", "different"),
        ("1", "True", "different"),
        ("'1'", "1", "different"),
        ("b'a'", "'a'", "different"),
        ("(1, 2)", "[1, 2]", "different"),
        ("Counter({'a': 2})", "{'a': 2}", "different"),
        # Objects: by constructor, without addresses.
        ("Point(x=1, tags={'a', 'b'})", "Point(x=1, tags={'b', 'a'})", "equal"),
        ("<A object at 0x7f0011223344>", "<A object at 0x7faabbccdd00>", "equal"),
        ("<A object at 0x7f0011223344>", "<B object at 0x7f0011223344>", "different"),
        (
            "defaultdict(<class 'int'>, {'a': 1, 'b': 2})",
            "defaultdict(<class 'int'>, {'b': 2, 'a': 1})",
            "equal",
        ),
        ("defaultdict(<class 'int'>, {})", "defaultdict(<class 'list'>, {})", "different"),
        ("OrderedDict([('a', 1), ('b', 2)])", "OrderedDict({'a': 1, 'b': 2})", "equal"),
        ("OrderedDict({'a': 1, 'b': 2})", "OrderedDict({'b': 2, 'a': 1})", "different"),
        # What is no expression is compared as text.
        ("<a thing>", "<other thing>", "different"),
        ("", "None", "different"),
        ("(" * 5000, "[" * 5000, "different"),
    ],
)
def test_values(wanted, found, agreement):
    assert compare_values(wanted, found) == agreement
    assert compare_values(found, wanted) == agreement


@pytest.mark.parametrize(
    ("wanted", "found", "agreement"),
    [
        ("one\ntwo", "one  \ntwo", "different"),
        ("one\ntwo", "one\r\ntwo\n\n", "exact"),
        ("seen: 3\n{'a', 'b'}", "seen: 3\n{'b', 'a'}\n", "equal"),
        ("one", "one\ntwo", "different"),
        ("", "\n", "exact"),
        ("  indented", "indented", "different"),
        ("'a'", '"a"', "different"),
        ("<A object at 0x7f0011223344>", "<A object at 0x7faabbccdd00>", "exact"),
    ],
)
def test_output(wanted, found, agreement):
    assert compare_output(wanted, found) == agreement
