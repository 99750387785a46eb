"""Keep secrets out of everything that is recorded.

Two kinds are known: a value with a telling name (a variable, dict key or attribute such as ``api_key``), and a text
that equals an environment value with such a name. A value found by its name is remembered, so that it is found
again without the name: in another variable, inside a longer string, in what the program prints. It becomes
``<redacted NAME>``.

Words such as ``key`` and ``token`` are also what loops over dicts and parsers call their variables. With such a weak
name a text is taken for a secret only if it looks like one: at least eight characters, no blanks, letters and digits.

A secret that the program takes apart is known as long as one container holds its letters (`cotrace.tracing.pieces`) or
one text has them backwards. Its single letters, as ``for c in password`` binds them, and other parts of it are values
like any other, and are recorded.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from cotrace.tracing.private import BUILTINS
from cotrace.unchanged import environment_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__builtins__ = BUILTINS

SHORTEST = 8
"""Texts shorter than this are not searched for inside other texts."""

LONG_NUMBER = 10_000_000
"""A smaller number is no secret, whatever its name (a guessing game's, say)."""

STRONG_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|credential|apikey|authorization"
    r"|(?<![a-z])(api|access|auth|private|signing|encryption|account|client|service|master|session|bearer|refresh|id)"
    r"[_-]?(key|token)(?![a-z])",
    re.IGNORECASE,
)
WEAK_NAME = re.compile(r"(^|[_-])(key|token|pin|pwd)s?$", re.IGNORECASE)
ENVIRONMENT_NAME = re.compile(r"key|token|secret|passw(or)?d|credential", re.IGNORECASE)
ASSIGNED_LITERAL = re.compile(
    r"""(?P<name>[A-Za-z_]\w*)["']?\]?\s*[:=]\s*[bru]?(?P<quote>["'])(?P<text>[^"'\n]*)(?P=quote)"""
)
LOOKS_SECRET = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])\S{8,}\Z", re.DOTALL)


class Redactor:
    """Knows which names and texts are secret; learns texts by their names."""

    def __init__(self, environment: Mapping[str, str] | None = None, names: Iterable[str] = ()) -> None:
        """`names` are further regular expressions for names whose values are secret."""
        self._more = [re.compile(name, re.IGNORECASE) for name in names]
        self.known: dict[str, str] = {}
        """Secret text -> what it is replaced with."""
        self.listener: Callable[[str, str], None] | None = None
        """Told of every secret that is learned from now on: its name and text."""
        for name, text in (environment or {}).items():
            if ENVIRONMENT_NAME.search(name) and len(text) >= SHORTEST:
                self.learn(name, text)

    @classmethod
    def of_process(cls, names: Iterable[str] = ()) -> Self:
        """Return one that knows the secrets of this process's environment; `names` as above."""
        redactor = cls(names=names)
        redactor.known.update(_environment_secrets())
        return redactor

    def learn(self, name: str, text: str) -> str:
        """Remember `text` as the secret called `name`; return what stands for it."""
        mark = f"<redacted {name}>"
        if len(text) >= SHORTEST and text not in self.known:
            self.known[text] = mark
            if self.listener is not None:
                self.listener(name, text)
        return mark

    def by_name(self, name: str, value: object) -> str | None:
        """Return what stands for `value` if a thing called `name` is secret, else None."""
        if type(value) is bytes:
            text = value.decode("latin-1")
        elif type(value) is str:
            text = value
        elif type(value) is int and abs(value) >= LONG_NUMBER and self._is_strong(name):
            return self.learn(name, str(value))
        else:
            return None
        if not text or text.startswith("<redacted "):
            return None
        if self._is_strong(name) or (WEAK_NAME.search(name) and LOOKS_SECRET.match(text)):
            return self.learn(name, text)
        return None

    def is_telling(self, name: str) -> bool:
        """Return True if what is called `name` may be secret."""
        return _is_telling(name) or any(more.search(name) for more in self._more)

    def text(self, text: str) -> str:
        """Return `text` with every known secret in it replaced."""
        if self.known:
            for secret, mark in self.known.items():
                if secret in text:
                    text = text.replace(secret, mark)
        return text

    def learn_from(self, source: str) -> None:
        """Learn the secrets that a source text writes down: a string literal given to a telling name."""
        for name, text in _assigned_literals(source):
            self.by_name(name, text)

    def learn_from_options(self, arguments: Sequence[str]) -> None:
        """Learn the secrets that a command line gives: what follows ``--password``, or its ``=``."""
        for option, following in pairwise((*arguments, "")):
            name, equals, given = option.partition("=")
            if name.startswith("-"):
                self.by_name(name.lstrip("-").replace("-", "_"), given if equals else following)

    def masked(self, text: str) -> str:
        """Return a source text with every known secret in it replaced by something of the same length."""
        for secret, mark in self.known.items():
            text = text.replace(secret, mark[: len(secret)].ljust(len(secret), "*"))
        return text

    def _is_strong(self, name: str) -> bool:
        return bool(STRONG_NAME.search(name)) or any(pattern.search(name) for pattern in self._more)


@lru_cache(maxsize=4096)
def _is_telling(name: str) -> bool:
    return bool(STRONG_NAME.search(name) or WEAK_NAME.search(name))


@lru_cache(maxsize=64)
def _assigned_literals(source: str) -> tuple[tuple[str, str], ...]:
    """Return the literals that a text gives to names: each recording of a module asks, and modules are large."""
    return tuple((found["name"], found["text"]) for found in ASSIGNED_LITERAL.finditer(source))


_searched: list[tuple[object, dict[str, str]]] = []
"""The environment's mark when it was searched last, and what was found."""


def _environment_secrets() -> dict[str, str]:
    """Return the secret texts of this process's environment, searched again only when a variable changed."""
    mark = environment_mark()
    for known, found in _searched:
        if known == mark:
            return found
    found = Redactor(os.environ).known
    _searched[:] = [(mark, found)]
    return found
