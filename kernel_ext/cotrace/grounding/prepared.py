"""Free text made ready for patterns, at the same length: without marks of Markdown, with names and literals marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from cotrace.grounding.patterns import FUNCTION, NAME
from cotrace.grounding.templates import masked


@dataclass(frozen=True)
class Vocabulary:
    """The names of one trace."""

    names: frozenset[str]
    functions: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the names, as a word of its own."""
        longest_first = sorted(self.names | self.functions, key=lambda name: (-len(name), name))
        known = "|".join(map(re.escape, longest_first)) or r"(?!)"
        return re.compile(rf"(?<![\w'\\])(?:{known})(?![\w'])")

    def marked(self, mask: str) -> str:
        """Return a text of the same length in which each letter of a name is replaced by a mark."""
        return self.pattern.sub(lambda match: self._mark(mask, match), mask)

    def _mark(self, mask: str, match: re.Match[str]) -> str:
        word = match[0]
        if word in _SPOKEN and _is_spoken(mask, match):
            return word
        return (NAME if word in self.names else FUNCTION) * len(word)


_SPOKEN = frozenset(
    "a A an I is in as at to of or and if it by on so the answer result output length size sum total maximum minimum "
    "max min largest smallest product difference remainder pass iteration turn round loop function call condition "
    "final value number list string count element elements item items index position true false not no even odd "
    "empty".split()
)
"""Names that are words too: these need a look at what stands around them."""

_LINKED = re.compile(
    r"\s*(?:[=<>!+\-*/%^×÷−\[.)(,:]|(?:is|becomes|equals|gets|goes|has|plus|minus|times|mod|starts|to|from|and|now|"
    r"takes|was|turns|ends|remains|stays|holds|contains|begins|increases|decreases|changes|grows|drops|rises|moves|"
    r"shrinks|evaluates|yields|returns)\b)"
)
_ARTICLE = re.compile(r"\b(?:[Tt]he|[Ff]inal|[Aa]|[Aa]n|[Ee]ach|[Ee]very|[Tt]his)\s+$")


def _is_spoken(mask: str, match: re.Match[str]) -> bool:
    """Tell whether a name stands there as a plain word: "the sum of", "a list", "final result"."""
    before, after = mask[: match.start()], mask[match.end() :]
    if len(match[0]) > 1 and _ARTICLE.search(before):
        return not re.match(r"\s*(?:=|becomes\b|\[)", after)
    return re.match(r"\s+of\b", after) is not None or _LINKED.match(after) is None


def plain(text: str) -> str:
    """Return a text of the same length without the marks of Markdown, and without code that states nothing."""
    text = re.sub(r"(?m)^(\s*)[-*•+](?=\s)", r"\1 ", text)  # the mark of a list's line is no minus
    text = re.sub(r"`([^`\n]*)`", _code, text)
    text = _without_asides(text)
    return re.sub(r"(?<![\w*)])(\*\*|__)(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*(])", lambda m: f"  {m[2]}  ", text)


def _code(match: re.Match[str]) -> str:
    if re.match(r"\s*(?:for|if|elif|else|while|def|return|import|from|class|lambda|try|with)\b", match[1]):
        return " " * len(match[0])
    return f" {match[1]} "


_WORKING = frozenset(
    "times plus minus divided multiplied by mod modulo div power of is gives becomes shifted left right bit and or xor "
    "the to".split()
)
_WORDS = "|".join(sorted(_WORKING))
_WORKED_BEFORE = re.compile(rf"(?:[-+*/%×÷−=(\[,]|\b(?:{_WORDS}))\s*$")
_WORKED_AFTER = re.compile(rf"\s*(?:[-+*/%×÷−^]|(?:{_WORDS})\b)")


def _without_asides(text: str) -> str:
    """Open the round brackets around words or an equation, "(i = 0)"; a group of an expression stays as it is."""
    out = list(text)
    for match in re.finditer(r"(?<![\w\])])\((\x01+)\)", masked(text)):
        inside = text[match.start(1) : match.end(1)]
        words = set(re.findall(r"\b[a-z]{3,}\b", inside)) - _WORKING
        told = re.search(r"[=<>]", inside) or (words and not re.search(r"['\"]", inside))
        if (
            told
            and not _WORKED_BEFORE.search(text[: match.start()])
            and not _WORKED_AFTER.match(text[match.end() :])
        ):
            out[match.start()] = out[match.end() - 1] = " "
    return "".join(out)
