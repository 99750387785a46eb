"""What terminals send, as names of keys: whole, in pieces, many at once, and what is no key."""

import pytest
from cotrace.cli.stepper.keys import Keys


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (b"\x1b[C", "right"),
        (b"\x1bOC", "right"),
        (b"\x1b[1;5C", "right"),
        (b"\x1b[A", "up"),
        (b"\x1b[H", "home"),
        (b"\x1b[1~", "home"),
        (b"\x1b[7~", "home"),
        (b"\x1bOF", "end"),
        (b"\x1b[4~", "end"),
        (b"\x1b[5~", "page up"),
        (b"\x1b[6;2~", "page down"),
        (b"\r", "enter"),
        (b"\x7f", "backspace"),
        (b" ", " "),
        (b"G", "G"),
        ("é".encode(), "é"),
        ("日".encode(), "日"),
    ],
)
def test_a_key_is_known_by_whatever_a_terminal_sends_for_it(sent, key):
    assert Keys().feed(sent) == [key]


def test_many_keys_at_once_come_in_their_order():
    assert Keys().feed(b"jj\x1b[C/\xc3\xa9\r\x1b[Dq") == ["j", "j", "right", "/", "é", "enter", "left", "q"]


@pytest.mark.parametrize("sent", [b"\x1b[1;5C", b"\x1bOH", "日".encode(), b"\x1b[6~"])
def test_a_key_that_comes_byte_by_byte_is_one_key(sent):
    keys = Keys()

    assert [key for byte in sent for key in keys.feed(bytes([byte]))] == Keys().feed(sent)


def test_an_escape_is_a_key_once_nothing_follows_it():
    keys = Keys()

    assert keys.feed(b"\x1b") == []
    assert keys.is_unfinished
    assert keys.finish() == ["escape"]
    assert not keys.is_unfinished
    assert keys.feed(b"x") == ["x"]


@pytest.mark.parametrize("sent", [b"\x1b[200~", b"\x1b[<0;5;6M", b"\x1b[24~", b"\x1b[3;3R", b"\x00\x01\x02"])
def test_what_is_no_key_here_is_dropped_whole(sent):
    assert Keys().feed(sent + b"q") == ["q"]


def test_an_escape_before_a_letter_is_both():
    assert Keys().feed(b"\x1bq") == ["escape", "q"]


def test_bytes_that_are_no_text_do_no_harm():
    assert Keys().feed(b"\xffq")[-1] == "q"
