"""A secret is nowhere in a finished trace, however the program took it apart; and nothing else is taken out."""

import textwrap
import time
import zlib
from dataclasses import replace

import pytest
from cotrace.model.codec import encode
from cotrace.model.state import Atom
from cotrace.tracing.calls import traced_call
from cotrace.tracing.scrub import scrubbed
from cotrace.tracing.secrets import Redactor

SECRET = "canary-7f3b19c2"


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Records ``run(text)`` with the body given, where the environment says that the text is secret."""
    monkeypatch.setenv("MY_API_TOKEN", SECRET)

    def record(body, text=SECRET):
        path = tmp_path / "program.py"
        path.write_text("def run(text):\n" + textwrap.indent(textwrap.dedent(body), "    "))
        namespace = {"__name__": "program"}
        exec(compile(path.read_text(), str(path), "exec"), namespace)
        return traced_call(namespace["run"], (text,))

    return record


def written(trace):
    """What a file of the trace holds."""
    return zlib.decompress(encode(trace).partition(b"\n")[2]).decode()


def containers(trace):
    """All objects as they were at every moment."""
    for number in range(len(trace.steps) + 1):
        yield from trace.snapshot(number).heap.values()
    for entry in trace.entries:
        yield from entry.objects


def rows(trace):
    """All atoms that any container held at any moment: its elements, its keys, its values."""
    for seen in containers(trace):
        for row in (seen.elements, [key for key, _ in seen.entries], [value for _, value in seen.entries]):
            yield [value for value in row if isinstance(value, Atom)]


def letters_in_rows(trace):
    """What each row says, if its elements are read one after the other."""
    return ["".join(str(v.value) for v in row if v.literal) for row in rows(trace)]


TAKEN_APART = {
    "a list": "letters = list(text)",
    "a tuple": "letters = tuple(text)",
    "a deque": "from collections import deque\nletters = deque(text)",
    "a list that is backwards": "letters = list(reversed(text))",
    "a list that grows": "letters = []\nfor c in text:\n    letters.append(c)",
    "a list that grows in front": "letters = []\nfor c in text:\n    letters.insert(0, c)",
    "a list whose places are filled": "letters = [None] * 30\nfor i, c in enumerate(text):\n    letters[i + 4] = c",
    "a list over the limit": "letters = [0] * 1500\nfor i, c in enumerate(text):\n    letters[i + 700] = c",
    "a list over the limit that grows": "letters = [0] * 1500\nfor c in text:\n    letters.insert(700, c)",
    "a list between other things": "letters = [1, 'x', *text, 'y', []]",
    "a list that loses what is between": "letters = [*text[:5], 0, *text[5:]]\ndel letters[5]",
    "a list of numbers": "letters = list(text.encode())",
    "a dict by place": "letters = dict(enumerate(text))",
    "a dict by place that grows": "letters = {}\nfor i, c in enumerate(text):\n    letters[i] = c",
    "a value that no name holds": "return len(list(text))",
}


@pytest.mark.parametrize("body", TAKEN_APART.values(), ids=TAKEN_APART)
def test_a_secret_in_pieces_is_in_no_container(recorded, body):
    trace = recorded(body)
    numbers = "".join(str(ord(c)) for c in SECRET)

    assert trace.exception is None
    for row in letters_in_rows(trace):
        for form in (SECRET, SECRET[::-1], numbers):
            assert form not in row
    assert "<redacted MY_API_TOKEN>" in written(trace)


@pytest.mark.parametrize(
    "body",
    [
        "letters = set(text)",
        "letters = frozenset(text)",
        "letters = {}\nfor c in text:\n    letters[c] = letters.get(c, 0) + 1\nletters.pop(text[0])",
    ],
)
def test_the_letters_of_a_secret_alone_are_in_no_container(recorded, body):
    """Which letters there are is told by no set and no count of them."""
    trace = recorded(body)

    assert not any(set(SECRET) <= set(row) for row in letters_in_rows(trace))


def test_different_letters_stay_different_keys(recorded):
    """Else a dict would be smaller in the recording than it was."""
    trace = recorded("counts = {}\nfor c in text:\n    counts[c] = counts.get(c, 0) + 1\nreturn counts")
    [counts] = [
        seen
        for seen in trace.snapshot(len(trace.steps)).heap.values()
        if seen.kind == "dict" and seen.entries
    ]

    assert len({key for key, _ in counts.entries}) == len(set(SECRET)) == counts.length


@pytest.mark.parametrize(
    "body",
    [
        "backwards = text[::-1]",
        "print(text[::-1])",
        "print(list(text))",
        "class Box:\n    pass\nbox = Box()\nbox.kept = text[::-1]",
        "raise ValueError(text[::-1])",
    ],
)
def test_a_secret_that_is_backwards_or_spelled_out_is_in_no_text(recorded, body):
    content = written(recorded(body))

    assert SECRET[::-1] not in content
    assert "', '".join(SECRET) not in content


def test_a_secret_across_the_end_of_what_is_kept_is_found(recorded):
    """Of long texts and bytes the beginning is kept."""
    content = written(recorded("long = 'x' * 9_990 + text\nraw = long.encode()\nlong, raw"))

    assert SECRET[:6] not in content


def test_a_secret_with_quotes_is_found_where_it_was_recorded_before(recorded):
    """A value is kept as `repr` writes it, so such a secret looks different there."""
    odd = 'it\'s \\ a "hidden" 1'
    content = written(recorded("first = text\npassword = text", odd))

    assert "hidden" not in content.replace("\\", "")


@pytest.mark.parametrize(
    "body",
    [
        "letters = list('banana-0123456789')",
        "letters = list(text[:8])",
        "letters = set('abcdefghijklmnopqrstuvwxyz-0123456789')",
        "letters = list(range(32, 128))",
        "counts = dict.fromkeys('some other letters', 0)",
    ],
)
def test_other_letters_stay(recorded, body):
    found = [row for row in rows(recorded(body)) if len(row) >= 8]

    assert found
    assert not [value for row in found for value in row if value.type == "redacted"]


def test_a_trace_without_secrets_is_the_very_same(recorded):
    trace = recorded("letters = list('abc')", "nothing")
    redactor = Redactor()
    redactor.learn("password", SECRET)

    assert scrubbed(trace, redactor) is trace


def test_a_long_trace_does_not_take_long(recorded):
    """Fifty thousand steps take a third of a second; the bound leaves room for a busy machine."""
    trace = recorded("kept = []\nfor i in range(100):\n    kept.append(str(i % 50) + text)\n", "word--")
    many = replace(trace, steps=tuple(trace.steps) * 250, entries=tuple(trace.entries) * 250)
    redactor = Redactor()
    redactor.learn("password", "49word--")
    began = time.process_time()

    clean = scrubbed(many, redactor)

    assert time.process_time() - began < 2
    assert len(clean.steps) > 50_000
    assert clean != many
