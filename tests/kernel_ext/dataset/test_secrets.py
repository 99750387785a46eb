"""Secrets that a person typed are found before they are written; which, not what, is said."""

import pytest
from cotrace.dataset.secrets import secrets_in
from cotrace.model.record import InputValue, Message, Review

ENVIRONMENT = {"MY_TOKEN": "correct horse battery", "PASSWORD": "short", "HOME": "/home/somebody"}


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"code": "login('correct horse battery')"}, ["code: the value of MY_TOKEN"]),
        ({"input": (InputValue("t", "'correct horse battery'"),)}, ["input[0].value: the value of MY_TOKEN"]),
        ({"code": "short = '/home/somebody'"}, []),
        ({"messages": (Message(), Message("assistant", "", "AKIA" + "A1" * 8))}, [
            "messages[1].reasoning_content: what looks like an AWS access key"
        ]),
        ({"review": Review(note="-----BEGIN RSA PRIVATE KEY-----")}, ["review.note: what looks like a private key"]),
        ({"answer": "'ghp_" + "a" * 36 + "'"}, ["answer: what looks like a GitHub token"]),
        ({"code": "ask-me-anything-about-the-weather", "call": "sk-short"}, []),
    ],
)  # fmt: skip
def test_are_found_by_value_and_form(make, fields, places):
    assert secrets_in(make(1, **fields), ENVIRONMENT) == places


def test_are_findings_of_a_dataset(dataset, make, monkeypatch):
    """Validate names the place and the variable, and not the value."""
    monkeypatch.setenv("SERVICE_API_KEY", "correct-horse-battery")
    dataset.append(make(1, code="key = 'correct-horse-battery'"))

    [finding] = dataset.validate()

    assert str(finding).endswith(
        "warning: holds a secret in code: the value of SERVICE_API_KEY: take it out before you share the file"
    )
    assert "correct-horse" not in str(finding)
