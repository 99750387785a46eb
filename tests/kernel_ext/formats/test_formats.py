"""Each format writes what its golden file holds; programs can read JSON Lines; HTML is inert.

``COTRACE_REWRITE_GOLDEN=1`` writes the golden files anew: look at the difference before you commit it.
"""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import cotrace
import pytest
from cotrace.errors import UsageError
from cotrace.formats import FORMATS, html_fragment, to_text
from cotrace.formats.page import table_page

GOLDEN = Path(__file__).parents[2] / "golden" / "formats"
EVIL = "</script><img src=x onerror=alert(1)><!-- & \" ' \u202e \x1b[31m"


def check_golden(name, text):
    path = GOLDEN / name
    if os.environ.get("COTRACE_REWRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", FORMATS)
def test_each_text_format_is_as_in_its_golden_file(make_total, format_):
    check_golden(f"total.{format_}.txt", to_text(make_total(5), format_))


def test_the_page_is_as_in_its_golden_file(make_total):
    check_golden("total.html", table_page(make_total(5)))


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"no text format 'tabel'; there are table, jsonl, next\. .*'table'"):
        to_text(cotrace.trace(len, ""), "tabel")


# --- JSON Lines -----------------------------------------------------------------------------------------


def records(trace):
    return [json.loads(line) for line in to_text(trace, "jsonl").splitlines()]


def test_jsonl_has_one_object_a_step_with_the_same_keys():
    def f(n):
        print(n)
        return [n] * 3

    trace = cotrace.trace(f, 2)
    found = records(trace)

    assert [record["step"] for record in found] == [step.index for step in trace.steps]
    assert len({tuple(record)[:13] for record in found}) == 1
    assert "".join(record["stdout"] for record in found) == "2\n"
    assert found[-1]["value"] == "[2, 2, 2]"


def test_the_last_object_of_jsonl_tells_how_it_ended_and_what_is_missing(make_total):
    found = records(make_total(3, truncated="too many steps"))

    assert [("end" in record) for record in found] == [False] * 10 + [True]
    assert found[-1]["end"]["truncated"] == "too many steps"
    assert found[-1]["end"]["text"] == "returned 3"


def test_jsonl_keeps_a_line_separator_inside_its_line():
    trace = cotrace.trace(lambda: "a\u2028b\x85c")

    assert len(to_text(trace, "jsonl").split("\n")) == len(trace.steps) + 1


# --- next -----------------------------------------------------------------------------------------------


def test_next_is_still_a_program_that_python_compiles(make_total):
    compile(to_text(make_total(9), "next"), "next", "exec")


def test_next_leaves_out_the_passes_between_the_second_and_the_last(make_total):
    line = next(row for row in to_text(make_total(9), "next").splitlines() if "sum += i" in row)

    assert line.partition("#")[2] == " (3) sum=0; (5) sum=1; ...; (19) sum=36"


def test_next_prints_the_functions_that_ran_and_not_the_text_between_them(story):
    s = story("def f():\n    g()\n\n\nZ = 0\n\n\ndef g():\n    pass\n")
    f = s.frame("f", 1)
    s.step("start", f, 1)
    s.step("line", f, 2)
    g = s.frame("g", 8, parent=f)
    s.step("start", g, 8)
    s.step("line", g, 9)

    assert to_text(s.trace(), "next").splitlines()[:-2] == [
        "# story.py",
        "def f():  # (0)",
        "    g()   # (1)",
        "# ...",
        "def g():  # (2)",
        "    pass  # (3)",
    ]


# --- HTML -----------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def evil(story):
    """A trace with markup in every text that a program can choose."""
    s = story(f"{EVIL}\n", EVIL)
    frame = s.frame(EVIL, 1)
    s.step("start", frame, 1, s.bind(frame, EVIL, EVIL, -1), out=EVIL)
    return s.trace(truncated=EVIL)


@pytest.mark.parametrize("write", [table_page, html_fragment])
def test_nothing_in_a_program_becomes_markup(evil, write):
    page = Elements(write(evil))

    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert EVIL[:40] in "".join(page.text)
    assert not re.search("[\u202a-\u202e\x1b]", "".join(page.text))


def test_the_page_forbids_scripts_and_loads_nothing(make_total):
    page = table_page(make_total(3))

    assert "default-src 'none'" in page
    assert "script-src 'none'" in page
    assert "script-src 'none'" in page
    assert not re.search(r"https?://|url\(|@import", page)


def test_the_fragment_keeps_its_meaning_without_its_style_sheet(make_total):
    """An untrusted notebook drops ``style`` elements: indentation must not be lost with them."""
    bare = re.sub(r"<style>.*?</style>", "", html_fragment(make_total(3)), flags=re.DOTALL)

    assert re.search(r'white-space: pre">    sum = 0<', bare)
    assert "total begins with n = 3" in bare


def test_a_long_trace_makes_a_page_of_bounded_size(make_total):
    fragment = html_fragment(make_total(20_000))

    assert len(fragment) < 200_000
    assert "line 3 ×" in fragment


def test_a_notebook_shows_a_trace_as_a_player_around_its_table(make_total):
    shown = make_total(3)._repr_html_()

    assert "total begins with n = 3" in shown
    assert 'class="cotrace-recording"' in shown
