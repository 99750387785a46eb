"""Secrets in the texts of a record, found before the record is written or shared.

Recording redacts values, but code, questions and notes are texts that a person typed. Two kinds are looked for: values
of environment variables with a telling name, and texts in the form that well-known services give their keys.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cotrace.model.record import Record

_NAME = re.compile(r"key|token|secret|passw(or)?d|credential", re.IGNORECASE)
_SHORTEST = 8
_FORMS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})"),
    "an API key (sk-...)": re.compile(r"\bsk-[A-Za-z0-9_-]{20,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a Google API key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "a web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
}


def secrets_in(record: Record, environment: Mapping[str, str]) -> list[str]:
    """Return what seems secret in a record, as ``code: the value of MY_TOKEN``; never the secret itself."""
    values = {
        name: value
        for name, value in environment.items()
        if _NAME.search(name) and len(value.strip()) >= _SHORTEST
    }
    found = []
    for place, text in _texts(record, ""):
        found += [f"{place}: the value of {name}" for name, value in values.items() if value.strip() in text]
        found += [f"{place}: what looks like {what}" for what, form in _FORMS.items() if form.search(text)]
    return found


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a value with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, tuple):
        for index, element in enumerate(value):
            yield from _texts(element, f"{place}[{index}]")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name), f"{place}.{field.name}".removeprefix("."))
