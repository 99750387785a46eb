"""A `Reasoning`: the account of a run in words, as ordered sentences that point at the steps they speak of.

A person edits the text as a whole and never sees an anchor. `Reasoning.edited` therefore finds out what
became of each sentence: sentences that are still there keep their anchors, a sentence that was cut in two leaves its
anchor to both, sentences that were joined add theirs up, and what nobody said before has none. The words are
compared with difflib, first by whole sentences and then, where these differ, word by word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal, TypeAlias

Origin: TypeAlias = Literal["offline", "model", "person"]
"""Who wrote a sentence: the offline narrator, a language model, or a person."""

Style: TypeAlias = Literal["brief", "normal", "full"]

SHARE = 0.4
"""A rewritten sentence belongs to an old one if at least this share of either one's words came over."""

ABBREVIATIONS = frozenset(
    ["e.g.", "i.e.", "cf.", "vs.", "resp.", "viz.", "Dr.", "Mr.", "Mrs.", "Ms.", "Prof."]
)
"""Words whose full stop does not end a sentence."""

NUMBERED = frozenset(["no.", "nos.", "fig.", "eq.", "sec.", "approx.", "p.", "pp."])
"""Words whose full stop does not end a sentence if a number follows."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the steps it speaks of."""

    text: str
    anchor: tuple[int, ...] = ()
    """Step numbers in rising order; empty where nobody said which steps are meant."""

    origin: Origin = "person"
    opens: bool = False
    """True if it begins a paragraph."""


@dataclass(frozen=True)
class Reasoning:
    """An ordered list of sentences, and how it came about."""

    sentences: tuple[Sentence, ...]
    style: Style = "normal"
    seed: int = 0
    generator: str = "offline"
    """What wrote it: ``offline``, the name of a model, or ``person``."""

    prompt: str = ""
    """The SHA-256 of the prompt a model was given, in hexadecimal; "" where no model took part."""

    def __repr__(self) -> str:
        """Tell in a line what it is; `text` has the words."""
        return f"<Reasoning by {self.generator}: {len(self.sentences)} sentences, style {self.style}>"

    @cached_property
    def text(self) -> str:
        """The whole text: sentences with a space between, paragraphs with an empty line between."""
        parts: list[str] = []
        for sentence in self.sentences:
            if parts:
                parts.append("\n\n" if sentence.opens else " ")
            parts.append(sentence.text)
        return "".join(parts)

    @property
    def anchors(self) -> tuple[tuple[int, ...], ...]:
        """The anchor of every sentence, in order."""
        return tuple(sentence.anchor for sentence in self.sentences)

    def spans(self) -> list[tuple[int, int]]:
        """Return where each sentence begins and ends in `text`, in characters."""
        found: list[tuple[int, int]] = []
        end = 0
        for sentence in self.sentences:
            begin = end if not found else end + (2 if sentence.opens else 1)
            end = begin + len(sentence.text)
            found.append((begin, end))
        return found

    def edited(self, text: str) -> Reasoning:
        """Return this reasoning as a person left it: `text`, in sentences aligned to the old anchors."""
        known = [sentence.text for sentence in self.sentences]
        return replace(self, sentences=tuple(aligned(self.sentences, sentences_of(text, known))))

    @classmethod
    def of(cls, text: str) -> Reasoning:
        """Return the reasoning that a person wrote from nothing: no sentence has an anchor."""
        return cls(tuple(sentences_of(text)), generator="person")


# --- cutting text into sentences ---

BEGINNING = 12
"""Known sentences are looked up by this many characters; a shorter one is looked up by all of it."""

NEAR = 60
"""The word that a stop belongs to is looked for this many characters back."""

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_ITEM = re.compile(r"(?:[-*•]|\d+[.)])\s")
_END = re.compile(r"[.!?…]+[)\]\"'”’]*(?=\s|$)|\n(?=\s*(?:[-*•]|\d+[.)])\s)")
"""What may end a sentence: stops with closing quotes or brackets, or the line before one of a list."""
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def sentences_of(text: str, known: Iterable[str] = ()) -> list[Sentence]:
    """Cut a text into sentences without anchors.

    A full stop inside a literal (a string, a list) or a number, or after an abbreviation, ends nothing; an
    empty line ends a paragraph, and the line of a list is a sentence. A sentence that is among the `known` ones is
    taken whole, whatever is in it.
    """
    by_beginning: dict[str, list[str]] = {}
    for sentence in known:
        by_beginning.setdefault(sentence[:BEGINNING], []).append(sentence)
    found: list[Sentence] = []
    for paragraph in _PARAGRAPHS.split(text.strip()):
        for place, part in enumerate(_cut(paragraph, by_beginning)):
            found.append(Sentence(part, opens=place == 0 and bool(found)))
    return found


def _cut(paragraph: str, known: dict[str, list[str]]) -> list[str]:
    parts: list[str] = []
    literals = _Literals(paragraph)
    begin = at = 0
    begun = False
    while at < len(paragraph):
        whole = at if begun else _known_end(paragraph, at, known)
        if whole > at:
            parts.append(paragraph[at:whole])
            begin = at = whole
            continue
        begun = begun or not paragraph[at].isspace()
        inner = literals.end(at)
        if inner > at:
            at = inner
            continue
        end = _END.match(paragraph, at)
        if end is None or _is_no_end(paragraph, begin, end):
            at += 1
            continue
        parts.append(paragraph[begin : end.end()].strip())
        begin = at = end.end()
        begun = False
    parts.append(paragraph[begin:].strip())
    return [part for part in parts if part]


def _known_end(paragraph: str, at: int, known: dict[str, list[str]]) -> int:
    """Return where a known sentence that begins at `at` ends; `at` itself if none does."""
    ends = [
        at + len(text)
        for text in known.get(paragraph[at : at + BEGINNING], [])
        if paragraph.startswith(text, at) and not paragraph[at + len(text) : at + len(text) + 1].strip()
    ]
    return max(ends, default=at)


def _is_no_end(paragraph: str, begin: int, end: re.Match[str]) -> bool:
    """Tell whether a stop belongs to an abbreviation, or to the number of a list's line."""
    if end[0] == "\n":
        return False
    near = max(begin, end.end() - NEAR)
    words = paragraph[near : end.end()].split()
    if not words:
        return True
    last = words[-1].lstrip("([\"'")
    numbered = last.lower() in NUMBERED and paragraph[end.end() : end.end() + NEAR].lstrip()[:1].isdigit()
    return (
        last in ABBREVIATIONS
        or numbered
        or (near == begin and len(words) == 1 and _ITEM.match(last + " ") is not None)
    )


class _Literals:
    """Where the literals of a text end.

    What one look has shown is kept, so that a text of nothing but open brackets or quotes takes no longer than another.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.closed: dict[int, int] = {}
        """Of each bracket that was looked at, where it ends; its own place if it never does."""

        self.unclosed = {"'": 0, '"': 0}
        """Up to where no string of a quote that begins there ends."""

    def end(self, at: int) -> int:
        """Return where the literal that begins at `at` ends; `at` itself if none begins there, or it never ends."""
        if self.text[at] in "'\"":
            return self._string_end(at)
        if self.text[at] in _BRACKETS:
            if at not in self.closed:
                self._follow(at)
            return self.closed[at]
        return at

    def _string_end(self, at: int) -> int:
        """Return where a string ends. A quote after a letter is an apostrophe, except after a prefix (b'...')."""
        before = re.search(r"\w*$", self.text[max(0, at - 40) : at])
        if before and before[0] and before[0].lower() not in ("b", "r", "u", "f", "br", "rb"):
            return at
        quote, place = self.text[at], at + 1
        if at < self.unclosed[quote]:
            return at
        while place < len(self.text) and self.text[place] != "\n":
            if self.text[place] == "\\":
                place += 2
                continue
            if self.text[place] == quote and not self.text[place + 1 : place + 2].isalnum():
                return place + 1
            place += 1
        self.unclosed[quote] = place
        return at

    def _follow(self, at: int) -> None:
        """Follow brackets to the one that closes the first; the strings in them are passed over whole."""
        open_: list[int] = []
        place = at
        while place < len(self.text):
            if self.text[place] in "'\"":
                place = max(self._string_end(place), place + 1)
                continue
            if self.text[place] in _BRACKETS:
                open_.append(place)
            elif self.text[place] == _BRACKETS[self.text[open_[-1]]]:
                self.closed[open_.pop()] = place + 1
                if not open_:
                    return
            place += 1
        self.closed.update((bracket, bracket) for bracket in open_)


# --- finding the old sentences in the new ones ---


def aligned(old: tuple[Sentence, ...], new: list[Sentence]) -> list[Sentence]:
    """Return `new` with what it inherits from `old`: anchors, and the origin of what is unchanged."""
    result = list(new)
    matcher = SequenceMatcher(None, [s.text for s in old], [s.text for s in new], autojunk=False)
    left: list[Sentence] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                result[j] = replace(old[i], opens=new[j].opens)
        else:
            left += old[i1:i2]
            result[j1:j2] = _inherit(old[i1:i2], new[j1:j2])
    return _moved(left, result)


def _inherit(old: tuple[Sentence, ...], new: list[Sentence]) -> list[Sentence]:
    """Give each rewritten sentence the anchors of the old ones that its words came from."""
    old_words = [(i, word) for i, s in enumerate(old) for word in _words(s.text)]
    new_words = [(j, word) for j, s in enumerate(new) for word in _words(s.text)]
    matcher = SequenceMatcher(None, [w for _, w in old_words], [w for _, w in new_words], autojunk=False)
    common: dict[tuple[int, int], int] = {}
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            pair = old_words[block.a + offset][0], new_words[block.b + offset][0]
            common[pair] = common.get(pair, 0) + 1
    result: list[Sentence] = []
    for j, sentence in enumerate(new):
        size = len(_words(sentence.text))
        sources = [
            s
            for i, s in enumerate(old)
            if common.get((i, j), 0) >= SHARE * max(1, min(size, len(_words(s.text))))
        ]
        anchor = sorted({step for source in sources for step in source.anchor})
        result.append(replace(sentence, anchor=tuple(anchor)))
    return result


def _moved(left: list[Sentence], new: list[Sentence]) -> list[Sentence]:
    """Give back its anchor to a sentence that stands elsewhere, word for word."""
    gone = {sentence.text: sentence for sentence in reversed(left)}
    return [replace(gone[s.text], opens=s.opens) if s.text in gone and not s.anchor else s for s in new]


def _words(text: str) -> list[str]:
    """Return the words and signs of a text; a value's digits stay together."""
    return re.findall(r"-?\d+(?:\.\d+)?|\w+|[^\w\s]", text.lower())
