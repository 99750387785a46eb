"""Reads sentences of the offline narrator back: which phrase of the closed list each part is, and what fills its slots.

Literals (strings, brackets) are blanked out before a template is tried, at the same length, so that no word inside a
value can be taken for one of the template's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from cotrace.grounding.phrases import JOINERS, LEADS, PHRASES, SLOT, Phrase
from cotrace.grounding.worded import STRING

LONGEST = 20_000
"""A longer sentence is not one of the narrator's."""

_JOINER = re.compile("|".join(map(re.escape, JOINERS)))

_SLOT_PATTERNS = {
    "number": r"\d+",
    "passes": r"\d+(?:\.\d+)*",
    "name": r"[\w.<>]+",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """What fills a slot, and where it stands in the sentence."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence that may be one phrase, with every reading it has."""

    start: int
    end: int
    readings: tuple[tuple[Phrase, dict[str, Slot]], ...]


@dataclass(frozen=True, slots=True)
class _Template:
    phrase: Phrase
    pattern: re.Pattern[str]
    needle: str
    """A piece of its own words: where it is missing, the pattern need not be tried."""


@cache
def _templates(*, leads: bool) -> tuple[_Template, ...]:
    made: list[_Template] = []
    for phrase in LEADS if leads else PHRASES:
        for text in phrase.texts:
            pieces = SLOT.split(text)[::3]
            needle = max((piece[1:] if n == 0 else piece for n, piece in enumerate(pieces)), key=len)
            made.append(_Template(phrase, re.compile(_pattern(text), re.DOTALL), needle))
    return tuple(made)


def _pattern(text: str) -> str:
    parts: list[str] = []
    at = 0
    for slot in SLOT.finditer(text):
        parts.append(_own_words(text[at : slot.start()], first=at == 0))
        parts.append(f"(?P<{_group(slot[1])}>{_SLOT_PATTERNS.get(slot[2], '.+?')})")
        at = slot.end()
    parts.append(_own_words(text[at:], first=at == 0))
    return "".join(parts)


def _own_words(text: str, *, first: bool) -> str:
    if first and text[:1].isalpha():
        return f"[{text[0].lower()}{text[0].upper()}]{re.escape(text[1:])}"
    return re.escape(text)


def _group(slot: str) -> str:
    return f"s_{slot}"


def parts_of(sentence: str) -> list[Part]:
    """Return the parts of a sentence, the leads first; a part without readings fits no phrase."""
    if len(sentence) > LONGEST:
        return [Part(0, len(sentence), ())]
    mask = masked(sentence)
    end = len(sentence) - (1 if sentence.endswith(".") else 0)
    found: list[Part] = []
    start = 0
    for template in _templates(leads=True):
        match = template.pattern.match(mask, start)
        if match:
            found.append(Part(start, match.end(), ((template.phrase, _slots(template, match, sentence)),)))
            start = match.end()
    for begin, finish in _stretches(mask, start, end):
        found.append(Part(begin, finish, tuple(_readings(sentence, mask, begin, finish))))
    return found


def _stretches(mask: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [match.span() for match in re.finditer("|".join(map(re.escape, JOINERS)), mask[start:end])]
    begins = [start, *(start + cut for _, cut in cuts)]
    ends = [*(start + cut for cut, _ in cuts), end]
    return [(b, e) for b, e in zip(begins, ends, strict=True) if b < e]


def clauses_of(sentence: str, part: Part) -> list[Part]:
    """Cut a part that is no phrase where people join clauses; [] where it can't be cut."""
    mask = masked(sentence)
    cuts = [match.span() for match in _CLAUSE.finditer(mask, part.start, part.end)]
    if not cuts:
        return []
    begins = [part.start, *(after for _, after in cuts)]
    ends = [*(before for before, _ in cuts), part.end]
    return [
        Part(b, e, tuple(_readings(sentence, mask, b, e))) for b, e in zip(begins, ends, strict=True) if b < e
    ]


_CLAUSE = re.compile(r",? and (?:then |so )|, then |, so |; ?(?:and |then )*")


def _readings(sentence: str, mask: str, begin: int, end: int) -> list[tuple[Phrase, dict[str, Slot]]]:
    found: list[tuple[Phrase, dict[str, Slot]]] = []
    window = mask[begin:end]
    for template in _templates(leads=False):
        if template.needle in window:
            match = template.pattern.fullmatch(mask, begin, end)
            if match:
                found.append((template.phrase, _slots(template, match, sentence)))
    return found


def _slots(template: _Template, match: re.Match[str], sentence: str) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for name, kind in template.phrase.slots.items():
        start, end = match.span(_group(name))
        slots[name] = Slot(kind, sentence[start:end], start, end)
    return slots


@lru_cache(maxsize=64)
def masked(text: str) -> str:
    """Return a text of the same length in which the inside of strings and of brackets is blanked out."""
    out = list(text)
    depth = 0
    opened: list[int] = []
    unclosed = {"'": 0, '"': 0}  # up to where no string of a quote ends: one look for it is enough
    at = 0
    while at < len(text):
        literal = None
        if text[at] in "'\"bB" and not text[at - 1 : at].isalnum() and at >= unclosed.get(text[at], 0):
            literal = STRING.match(text, at)
        if literal:
            out[at + 1 : literal.end() - 1] = "\x01" * (literal.end() - at - 2)
            at = literal.end()
            continue
        if text[at] in unclosed and at >= unclosed[text[at]] and not text[at - 1 : at].isalnum():
            unclosed[text[at]] = (text.find("\n", at) + 1 or len(text) + 1) - 1
        if text[at] in "([{":
            opened.append(at)
            depth += 1
        elif text[at] in ")]}" and opened:
            begin = opened.pop()
            depth -= 1
            if depth == 0:
                out[begin + 1 : at] = "\x01" * (at - begin - 1)
        at += 1
    return "".join(out)


def split_list(slot: Slot) -> list[Slot]:
    """Cut a slot's text at its ", " and " and ", those inside literals left alone."""
    mask = masked(slot.text)
    found: list[Slot] = []
    begin = 0
    for cut in [*re.finditer(r", (?:and )?| and ", mask), None]:
        end = cut.start() if cut else len(mask)
        if slot.text[begin:end].strip():
            found.append(Slot(slot.kind, slot.text[begin:end], slot.start + begin, slot.start + end))
        begin = cut.end() if cut else end
    return found


def split_binding(slot: Slot) -> tuple[Slot, Slot] | None:
    """Cut ``a is 1`` into its place and its value; None where it is none."""
    cut = masked(slot.text).find(" is ")
    if cut < 0:
        return None
    return (
        Slot("place", slot.text[:cut], slot.start, slot.start + cut),
        Slot("value", slot.text[cut + 4 :], slot.start + cut + 4, slot.end),
    )
