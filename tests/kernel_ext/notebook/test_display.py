"""A trace is shown in what the front end understands, and nothing of the program acts there."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import cotrace
import pytest
from cotrace.grounding import check
from cotrace.model.reasoning import Reasoning
from cotrace.notebook.display import bundle, say, show
from cotrace.notebook.words import words_html, words_text


@pytest.fixture
def trace():
    def add(a, b):
        return a + b

    return cotrace.trace(add, 2, 3)


@pytest.fixture
def notebook():
    """A shell that a front end of Jupyter's is connected to; `published` is what it got."""
    published = []
    publisher = SimpleNamespace(publish=published.append)
    return SimpleNamespace(kernel=object(), display_pub=publisher, published=published)


def test_text_and_html_tell_the_same(trace):
    shown = bundle(trace)

    assert list(shown) == ["text/plain", "text/html"]
    for text in shown.values():
        assert "add begins with a = 2, b = 3" in text
        assert "returns 5" in text


def test_a_notebook_gets_a_widget_and_what_is_saved_and_a_terminal_gets_text(trace, notebook, capsys):
    show(notebook, trace)(None, None)
    assert capsys.readouterr().out == ""
    widget, saved = notebook.published
    assert set(widget) == {"application/vnd.jupyter.widget-view+json"}
    assert set(saved) == {"text/plain", "text/html"}

    show(SimpleNamespace(), trace)(None, None)
    assert "add begins with a = 2, b = 3" in capsys.readouterr().out


def test_without_the_timeline_there_is_the_table_alone(trace, notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "cotrace_widgets", None)

    show(notebook, trace)(None, None)

    (shown,) = notebook.published
    assert shown == bundle(trace)
    assert "<script" not in shown["text/html"]


def test_a_message_is_one_line_that_does_not_act(notebook, capsys):
    evil = "no\x1b[31m trace\n<script>"

    say(notebook, evil)
    say(SimpleNamespace(), evil)

    assert notebook.published[0]["text/html"] == r"<p>no\x1b[31m trace\n&lt;script&gt;</p>"
    assert capsys.readouterr().err == r"no\x1b[31m trace\n<script>" + "\n"


def test_each_sentence_has_the_word_and_the_symbol_of_its_verdict(trace):
    grounding = check(Reasoning.of("The function add returns 5. Then add returns 6."), trace)

    text = words_text(Reasoning.of(grounding.text), grounding)

    assert "✓ supported The function add returns 5." in text
    assert "✗ contradicted Then add returns 6." in text
    assert "✗ 1 contradicted" in text


def test_words_are_escaped(trace):
    reasoning = Reasoning.of("The value is <img src=x onerror=alert(1)>.")

    shown = words_html(reasoning, check(reasoning, trace))

    assert "<img" not in shown
    assert "&lt;img src=x" in shown
