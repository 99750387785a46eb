"""What is taken for a secret, by its name or its value, and what is not."""

import pytest
from cotrace.tracing.secrets import Redactor

SECRET = "correct-horse-42"


@pytest.mark.parametrize(
    "name",
    [
        "password", "PASSWD", "db_password", "passphrase", "api_key", "apiKey", "API-KEY", "client_secret",
        "access_token", "auth_token", "private_key", "credentials", "Authorization", "token", "pwd", "key",
    ],
)  # fmt: skip
def test_a_telling_name_makes_a_secret(name):
    redactor = Redactor()

    assert redactor.by_name(name, SECRET) == f"<redacted {name}>"
    assert redactor.text(f"it is {SECRET}!") == f"it is <redacted {name}>!"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "apple"), ("token", "while"), ("tokens", "a b 12345"), ("monkey", SECRET), ("keyword", SECRET),
        ("name", SECRET), ("password", ""), ("password", 1234), ("pin", 12_345_678), ("password", None),
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(name, value):
    assert Redactor().by_name(name, value) is None


def test_bytes_and_long_numbers_are_secrets_too():
    redactor = Redactor()

    assert redactor.by_name("api_key", SECRET.encode()) == "<redacted api_key>"
    assert redactor.by_name("account_token", 123_456_789_012) == "<redacted account_token>"
    assert redactor.text(f"{SECRET} 123456789012") == "<redacted api_key> <redacted account_token>"


def test_the_environment_tells_secrets_and_not_everything():
    redactor = Redactor({"MY_API_TOKEN": SECRET, "HOME": "/home/somebody", "SHORT_KEY": "abc"})

    assert redactor.known == {SECRET: "<redacted MY_API_TOKEN>"}


def test_more_names_can_be_given():
    assert Redactor(names=["iban"]).by_name("IBAN_code", "AB12CD34") == "<redacted IBAN_code>"


def test_a_source_is_masked_in_place():
    """The text keeps its length, so places in it stay right."""
    redactor = Redactor()
    source = f'headers["api_key"] = "{SECRET}"  # {SECRET}\n'
    redactor.learn_from(source)

    masked = redactor.masked(source)

    assert SECRET not in masked
    assert len(masked) == len(source)


@pytest.mark.parametrize(
    "arguments",
    [["--api-key", SECRET], [f"--password={SECRET}"], ["file", "--verbose", "--token", SECRET]],
)
def test_options_of_a_command_line_tell_secrets(arguments):
    redactor = Redactor()

    redactor.learn_from_options(arguments)

    assert list(redactor.known) == [SECRET]


@pytest.mark.parametrize("arguments", [[], ["password", SECRET, "--name", SECRET, "--password"]])
def test_other_options_tell_none(arguments):
    redactor = Redactor()

    redactor.learn_from_options(arguments)

    assert redactor.known == {}


def test_the_environment_is_searched_again_when_it_changes(monkeypatch):
    monkeypatch.setenv("OTHER_PASSWORD", "hunter2hunter2")
    before = Redactor.of_process().known
    monkeypatch.setenv("OTHER_PASSWORD", "hunter3hunter3")

    assert before["hunter2hunter2"] == "<redacted OTHER_PASSWORD>"
    assert "hunter2hunter2" not in (known := Redactor.of_process().known)
    assert known["hunter3hunter3"] == "<redacted OTHER_PASSWORD>"


def test_what_one_recording_learns_the_next_does_not_know():
    Redactor.of_process().learn("password", "correct-horse-1")

    assert "correct-horse-1" not in Redactor.of_process().known
