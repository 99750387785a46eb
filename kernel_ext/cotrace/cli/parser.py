"""Arguments as argparse reads them, with mistakes told as elsewhere in cotrace: expected, found, what was meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

_CHOICE = re.compile(
    r"argument (?P<what>.+?): invalid choice: (?P<found>.+) \(choose from (?P<known>.+)\)\Z", re.DOTALL
)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


class Parser(argparse.ArgumentParser):
    """An argument parser that names what is nearest to a word it does not know."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and what is wrong, and exit with 2."""
        super().error(explained(message))

    def refuse_unknown(self, words: list[str]) -> NoReturn:
        """Exit because of words that no argument takes, naming the nearest option where one may be meant."""
        option = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
        near = meant(option, _OPTION.findall(self.format_help())) if option else ""
        self.error(f"expected nothing more, found {' '.join(words)}{near or ': see --help'}")


def explained(message: str) -> str:
    """Return argparse's message about a wrong choice in our words, with the nearest right one; others as they are."""
    wrong = _CHOICE.match(message)
    if wrong is None:
        return message
    known = [name.strip().strip("'") for name in wrong["known"].split(",")]
    found = wrong["found"].strip("'")
    return f"expected {wrong['what']} to be one of {', '.join(known)}, found {found!r}{meant(found, known)}"


def meant(found: str, known: Iterable[str]) -> str:
    """Return ": did you mean ...?" with the nearest of what is known, or "" where nothing is near."""
    near = get_close_matches(found, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


def sentence(summary: str) -> str:
    """Return words that begin with a capital letter and are otherwise as they were."""
    return summary[:1].upper() + summary[1:]
