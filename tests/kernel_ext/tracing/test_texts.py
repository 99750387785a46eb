"""What is found out about the spans of a source text, and how often."""

from cotrace.model.source import Source, Span
from cotrace.tracing import texts
from cotrace.tracing.texts import DISTURBS, DISTURBS_IF_MISSING, MAKES, span_facts

TEXT = "password = held['api_key']\nrows = [f(x)]\n"
SPANS = (
    Span("Subscript", 1, 11, 1, 26, "value", -1),
    Span("List", 2, 7, 2, 13, "value", -1),
    Span("Call", 2, 8, 2, 12, "value", 1),
    Span("Name", 2, 10, 2, 11, "value", 2),
)


def test_each_span_has_its_flags_and_each_name_its_readers():
    facts = span_facts(Source("p.py", TEXT, SPANS))

    assert list(facts.flags) == [DISTURBS_IF_MISSING, MAKES, DISTURBS, 0]
    assert facts.readers == {"api_key": [0], "x": [3]}


def test_they_are_found_out_once_for_a_text_and_again_for_another():
    first = span_facts(Source("p.py", TEXT, SPANS))

    assert span_facts(Source("p.py", TEXT, SPANS)) is first
    masked = span_facts(Source("p.py", TEXT.replace("api_key", "apples!"), SPANS))
    assert masked.readers == {"x": [3]}


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(texts, "_span_facts", {})
    kept = [(*SPANS[:1], Span("Name", 1, 0, 1, number, "value", -1)) for number in range(200)]
    for spans in kept:
        span_facts(Source("p.py", TEXT, spans))

    assert 0 < len(texts._span_facts) <= texts.MOST_FACTS


def test_the_text_of_a_span_counts_bytes_and_lines_as_python_does():
    source = Source("p.py", "é = 1\r\nb = 'ü' +\x0c 2\r", ())

    assert source.text_of(Span("Constant", 2, 4, 2, 8, "value", -1)) == "'ü'"
    assert source.text_of(Span("BinOp", 1, 0, 2, 1, "value", -1)) == "é = 1\nb"
    assert source.text_of(Span("Name", 9, 0, 9, 1, "value", -1)) == ""
