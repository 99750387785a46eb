"""Expressions written with mathematical signs and words, read as Python's trees.

``2 × (3 + 4) = 14``, ``'a' is in word``, ``7 mod 2``, ``3 times x``: what stands between literals is put into Python's
grammar and parsed. Strings are set aside first, so that no sign inside one is taken for an operator.
"""

from __future__ import annotations

import ast
import re
from typing import Final

from cotrace.grounding.values import UnreadableError, parsed, readable

STRING = re.compile(
    r"""[bB]?(?:'(?:[^'\\\n]++|\\.)*+'|"(?:[^"\\\n]++|\\.)*+")(?: \(\d+ (?:characters|bytes)\))?"""
)

SIGNS: Final = {
    "−": " - ",
    "×": " * ",
    "·": " * ",
    "÷": " / ",
    "≠": " != ",
    "≤": " <= ",
    "≥": " >= ",
}

CLOSED_WORDS: Final = (
    (r"to the power(?: of)?", "**"),
    (r"shifted left by", "<<"),
    (r"shifted right by", ">>"),
    (r"bit-and", "&"),
    (r"bit-or", "|"),
    (r"bit-xor", "^"),
    (r"mod", "%"),
    (r"div", "//"),
    (r"is not in", "not in"),
    (r"is in", "in"),
)
"""The operators in words that the offline narrator writes."""

FREE_WORDS: Final = (
    (r"raised to the power(?: of)?|to the power(?: of)?", "**"),
    (r"squared", "** 2"),
    (r"cubed", "** 3"),
    (r"(?:integer|floor)[- ]divided by|floor div(?:ision)?(?: by)?", "//"),
    (r"multiplied by|times", "*"),
    (r"divided by|over", "/"),
    (r"modulo|modulus|mod", "%"),
    (r"div", "//"),
    (r"plus|added to", "+"),
    (r"minus", "-"),
    (r"concatenated with|followed by", "+"),
    (r"bit-and|bitwise and", "&"),
    (r"bit-or|bitwise or", "|"),
    (r"bit-xor|bitwise xor|xor", "^"),
    (r"shifted left by", "<<"),
    (r"shifted right by", ">>"),
    (r"is not in", "not in"),
    (r"is in", "in"),
)
"""The operators in words that people write."""


def operators(words: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compile a table of worded operators."""
    return tuple(
        (re.compile(rf"(?<![\w'\"]){pattern}(?![\w'\"])", re.IGNORECASE), f" {sign} ")
        for pattern, sign in words
    )


CLOSED = operators(CLOSED_WORDS)
FREE = operators(FREE_WORDS)


def expression(text: str, words: tuple[tuple[re.Pattern[str], str], ...] = CLOSED) -> ast.expr:
    """Return the tree of an expression in signs and words. Raises UnreadableError where it is none."""
    pieces: list[str] = []
    at = 0
    for literal in STRING.finditer(text):
        pieces += [_signs(text[at : literal.start()], words), literal[0]]
        at = literal.end()
    pieces.append(_signs(text[at:], words))
    return parsed(readable("".join(pieces)))


def _signs(text: str, words: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    if words is FREE:
        text = text.replace("^", "**")  # where people write it, it is a power; the narrator says bit-xor
    for pattern, sign in words:
        text = pattern.sub(sign, text)
    # A minus sign that is part of a number binds tighter than a power does in Python.
    text = re.sub(r"(?<![\w)\]}'\"…])(\s*)-(\d[\w.]*)(?=\s*\*\*)", r"\1(-\2)", text)
    for sign, operator in SIGNS.items():
        text = text.replace(sign, operator)
    return re.sub(r"(?<![=!<>:])=(?!=)", "==", text)


def sides(text: str) -> list[str]:
    """Cut an equation at its ``=`` signs, those inside strings and brackets left alone."""
    found: list[str] = []
    begin = depth = at = 0
    while at < len(text):
        literal = STRING.match(text, at)
        if literal and (at == 0 or not text[at - 1].isalnum()):
            at = literal.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if (
            text[at] == "="
            and depth <= 0
            and text[at - 1 : at] not in ("!", "<", ">", "=")
            and text[at + 1 : at + 2] != "="
        ):
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return [*found, text[begin:].strip()]


def readable_or_none(text: str, words: tuple[tuple[re.Pattern[str], str], ...] = CLOSED) -> ast.expr | None:
    """Return an expression's tree, or None where the text is none."""
    try:
        return expression(text, words)
    except UnreadableError:
        return None
