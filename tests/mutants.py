"""Makes wrong texts out of right ones: single errors of the kinds that people and models make about a run.

A mutant differs from its text in one place. It knows nothing of how texts are written or checked: it works on
the words, signs and literals of sentences, and takes other values from a list of literals that occurred in the run. An
evaluator of its own leaves out mutants of equations and comparisons that are still true, and mutants that say the same
in other signs.

Classes: off_by_one, other_value, list_element, string, variable_swap, operator, branch_flip, pass_shift, order_swap,
step_drop, wrong_return, wrong_answer.
"""

from __future__ import annotations

import ast
import operator
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CLASSES = (
    "off_by_one",
    "other_value",
    "list_element",
    "string",
    "variable_swap",
    "operator",
    "branch_flip",
    "pass_shift",
    "order_swap",
    "step_drop",
    "wrong_return",
    "wrong_answer",
)

NUMBER = re.compile(r"(?<![\w.…'\"-])-?\d+(?:\.\d+)?(?![\w.…]*[\w…])(?!\.\d)")
STRING = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
LISTING = re.compile(r"\[[^\[\]]*\]")
LITERAL = re.compile(rf"{LISTING.pattern}|{STRING.pattern}|{NUMBER.pattern}|\b(?:True|False|None)\b")


@dataclass(frozen=True)
class Mutant:
    """A text with one error."""

    kind: str
    sentences: tuple[str, ...]
    order: tuple[int, ...]
    """For each sentence, its number in the original."""

    before: str
    after: str


@dataclass
class Excluded:
    """How many mutants were left out because they stay true."""

    count: int = 0


def mutants(
    sentences: list[str], names: list[str], literals: list[str], seed: int, excluded: Excluded, each: int = 1
) -> Iterator[Mutant]:
    """Yield up to `each` mutants of every class that the text has a place for."""
    for kind in CLASSES:
        chance = random.Random(f"{seed} {kind}")
        maker = MAKERS[kind]
        made: set[tuple[str, ...]] = set()
        for _ in range(each * 6):
            if len(made) >= each:
                break
            mutant = maker(kind, sentences, names, literals, chance)
            if mutant is None or mutant.sentences in made or mutant.sentences == tuple(sentences):
                continue
            if stays_true(mutant.before, mutant.after):
                excluded.count += 1
                continue
            made.add(mutant.sentences)
            yield mutant


def _replaced(kind: str, sentences: list[str], number: int, span: tuple[int, int], text: str) -> Mutant:
    old = sentences[number]
    new = old[: span[0]] + text + old[span[1] :]
    changed = tuple(new if n == number else s for n, s in enumerate(sentences))
    return Mutant(kind, changed, tuple(range(len(sentences))), old, new)


def _places(
    sentences: list[str], pattern: re.Pattern[str], *, last: bool = True, inside: bool = False
) -> list[tuple[int, re.Match[str]]]:
    """Return where a pattern occurs: (sentence, match). Without `inside`, not inside strings."""
    found: list[tuple[int, re.Match[str]]] = []
    for number, sentence in enumerate(sentences if last else sentences[:-1]):
        strings = [] if inside else [m.span() for m in STRING.finditer(sentence)]
        found += [
            (number, match)
            for match in pattern.finditer(sentence)
            if not any(a <= match.start() < b and match.start() != a for a, b in strings)
        ]
    return found


Maker = Callable[[str, list[str], list[str], list[str], random.Random], "Mutant | None"]


def off_by_one(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [p for p in _places(sentences, NUMBER, last=False) if not _is_pass(sentences[p[0]], p[1])]
    if not places:
        return None
    number, match = chance.choice(places)
    value = ast.literal_eval(match[0])
    return _replaced(kind, sentences, number, match.span(), repr(value + chance.choice((1, -1))))


def _is_pass(sentence: str, match: re.Match[str]) -> bool:
    return bool(
        re.search(r"(?:[Pp]ass(?:es)?|[Ii]teration|to|elements|characters) $", sentence[: match.start()])
    ) and not re.search(
        r"(?:set|goes from \S+|changes from \S+|moves from \S+|changed) to $", sentence[: match.start()]
    )


def other_value(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [p for p in _places(sentences, LITERAL, last=False) if not _is_pass(sentences[p[0]], p[1])]
    chance.shuffle(places)
    for number, match in places:
        others = [
            v for v in literals if type_of(v) == type_of(match[0]) and value_of(v) != value_of(match[0])
        ]
        if others:
            return _replaced(kind, sentences, number, match.span(), chance.choice(others))
    return None


def list_element(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [
        p for p in _places(sentences, LISTING, last=False) if "…" not in p[1][0] and is_literal(p[1][0])
    ]
    places = [p for p in places if not re.search(r"[\w\])]$", sentences[p[0]][: p[1].start()])]
    chance.shuffle(places)
    for number, match in places:
        items = ast.literal_eval(match[0])
        changed = _other_list(items, chance)
        if changed is not None and changed != items:
            return _replaced(kind, sentences, number, match.span(), repr(changed))
    return None


def _other_list(items: list[object], chance: random.Random) -> list[object] | None:
    if not items:
        return None
    place = chance.randrange(len(items))
    way = chance.choice(("drop", "swap", "change"))
    if way == "drop" or not isinstance(items[place], (int, str)):
        return items[:place] + items[place + 1 :]
    if way == "swap" and len(items) > 1:
        other = (place + 1) % len(items)
        items = list(items)
        items[place], items[other] = items[other], items[place]
        return items
    item = items[place]
    new = _other_string(item, chance) if isinstance(item, str) else item + 1  # type: ignore[operator]
    return [*items[:place], new, *items[place + 1 :]]


def string(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [
        p
        for p in _places(sentences, STRING, last=False, inside=True)
        if "…" not in p[1][0] and is_literal(p[1][0])
    ]
    if not places:
        return None
    number, match = chance.choice(places)
    new = _other_string(str(ast.literal_eval(match[0])), chance)
    return _replaced(kind, sentences, number, match.span(), repr(new))


def _other_string(text: str, chance: random.Random) -> str:
    if not text:
        return "x"
    place = chance.randrange(len(text))
    way = chance.choice(("drop", "double", "change", "swap"))
    if way == "drop":
        return text[:place] + text[place + 1 :]
    if way == "double":
        return text[:place] + text[place] + text[place:]
    if way == "swap" and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + ("q" if text[place] != "q" else "z") + text[place + 1 :]


def variable_swap(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    if len(names) < 2:
        return None
    pattern = re.compile(
        rf"(?<![\w.'\"])(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w'\"(])"
    )
    places = [p for p in _places(sentences, pattern, last=False) if _is_name(sentences[p[0]], p[1])]
    if not places:
        return None
    number, match = chance.choice(places)
    return _replaced(
        kind, sentences, number, match.span(), chance.choice([n for n in names if n != match[0]])
    )


def _is_name(sentence: str, match: re.Match[str]) -> bool:
    """Tell a variable from an English word that is spelled like it."""
    after = sentence[match.end() :]
    if re.search(r"\b[Tt]he $", sentence[: match.start()]):
        return False
    return match[0] not in ("a", "I", "is", "in", "to", "of") or bool(
        re.match(r"\s*(?:=|is |becomes|gets|takes|goes|\[)", after)
    )


SIGNS = {
    "+": "−",
    "−": "+",
    "×": "+",
    "÷": "×",
    "mod": "div",
    "div": "mod",
    "<": "≥",
    ">": "≤",
    "≤": ">",
    "≥": "<",
    "≠": "=",
    "plus": "minus",
    "minus": "plus",
    "times": "plus",
    "*": "+",
    "-": "+",
    "//": "%",
    "%": "//",
    "<=": ">",
    ">=": "<",
    "!=": "==",
    "==": "!=",
}


def operator_(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    signs = "|".join(map(re.escape, sorted(SIGNS, key=len, reverse=True)))
    found = _places(sentences, re.compile(rf"(?<= )(?:{signs})(?= )"), last=False)
    places = [
        p for p in found if not re.search(r"(?:repeated|occurs|runs) \S+ $", sentences[p[0]][: p[1].start()])
    ]
    if not places:
        return None
    number, match = chance.choice(places)
    return _replaced(kind, sentences, number, match.span(), SIGNS[match[0]])


FLIPS = (
    (r"does not hold(?=[.;,]|$)", "holds"),
    (r"\bholds(?=[.;,]|$)", "does not hold"),
    (r"(?<=is )true\b", "false"),
    (r"(?<=is )false\b", "true"),
    (r"(?<=comes out )true\b", "false"),
    (r"(?<=comes out )false\b", "true"),
    (r"\bas true\b", "as false"),
    (r"\bas false\b", "as true"),
    (r"\bis the case\b", "is not the case"),
    (r"\bis not the case\b", "is the case"),
    (r"\bis not empty\b", "is empty"),
    (r"\bis empty\b", "is not empty"),
    (r"\bis not in\b", "is in"),
    (r"\bis in\b", "is not in"),
    (r"\bdoes not match\b", "matches"),
    (r"\bmatches\b", "does not match"),
    (r"\bstarts with (?=['\"])", "does not start with "),
    (r"\bends with (?=['\"])", "does not end with "),
    (r"\bdoes not start with\b", "starts with"),
    (r"\bdoes not end with\b", "ends with"),
    (r"\bis greater than\b", "is not greater than"),
    (r"\bis less than\b", "is not less than"),
)


def branch_flip(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [
        (number, match, new)
        for old, new in FLIPS
        for number, match in _places(sentences, re.compile(old, re.IGNORECASE), last=False)
    ]
    if not places:
        return None
    number, match, new = chance.choice(places)
    if match[0][0].isupper():
        new = new[0].upper() + new[1:]
    return _replaced(kind, sentences, number, match.span(), new)


PASS = re.compile(r"(?<=[Pp]ass )(?:\d+\.)*(\d+)|(?<=[Ii]teration )(\d+)|(?<=after )(\d+)(?= passes)")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
ORDINAL = re.compile(rf"\b(?:{'|'.join(ORDINALS)})(?= (?:iteration|pass))")


def pass_shift(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = _places(sentences, PASS, last=False)
    words = _places(sentences, ORDINAL, last=False)
    if not places and not words:
        return None
    if words and (not places or chance.random() < 0.5):
        number, match = chance.choice(words)
        place = ORDINALS.index(match[0])
        return _replaced(
            kind, sentences, number, match.span(), ORDINALS[place + 1 if place == 0 else place - 1]
        )
    number, match = chance.choice(places)
    group = next(g for g in (1, 2, 3) if match[g])
    old = int(match[group])
    new = old + 1 if old <= 1 or chance.random() < 0.5 else old - 1
    return _replaced(kind, sentences, number, match.span(group), str(new))


def order_swap(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    if len(sentences) < 4:
        return None
    place = chance.randrange(1, len(sentences) - 2)
    order = list(range(len(sentences)))
    order[place], order[place + 1] = order[place + 1], order[place]
    return Mutant(
        kind, tuple(sentences[n] for n in order), tuple(order), sentences[place], sentences[place + 1]
    )


def step_drop(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    if len(sentences) < 4:
        return None
    place = chance.randrange(1, len(sentences) - 2)
    order = [n for n in range(len(sentences)) if n != place]
    return Mutant(kind, tuple(sentences[n] for n in order), tuple(order), sentences[place], "")


RETURNS = re.compile(r"(?:returns|gives back|returned) (.+?)(?=\.$|\. |; |, | when called|$)")


def wrong_return(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    places = [(n, m) for n, m in _places(sentences, RETURNS, last=False) if is_literal(m[1])]
    if not places:
        return None
    number, match = chance.choice(places)
    new = other_literal(match[1], literals, chance)
    return None if new is None else _replaced(kind, sentences, number, match.span(1), new)


ANSWERS = re.compile(
    r"(?:answer is|answer:|output is|ends with \w+:|result is) (.+?)(?=\.$|$|, where)", re.DOTALL
)


def wrong_answer(
    kind: str, sentences: list[str], names: list[str], literals: list[str], chance: random.Random
) -> Mutant | None:
    match = ANSWERS.search(sentences[-1]) if sentences else None
    if match is None or not is_literal(match[1]):
        return None
    new = other_literal(match[1], literals, chance)
    return None if new is None else _replaced(kind, sentences, len(sentences) - 1, match.span(1), new)


def other_literal(text: str, literals: list[str], chance: random.Random) -> str | None:
    """Return a literal of the same type with another value."""
    value = ast.literal_eval(text)
    others = [v for v in literals if type_of(v) == type_of(text) and value_of(v) != value_of(text)]
    if others and chance.random() < 0.5:
        return chance.choice(others)
    if isinstance(value, bool) or value is None:
        return repr(not value)
    if isinstance(value, (int, float)):
        return repr(value + chance.choice((1, -1)))
    if isinstance(value, str):
        return repr(_other_string(value, chance))
    if isinstance(value, list):
        changed = _other_list(value, chance)
        return "[0]" if changed is None else repr(changed)
    return chance.choice(others) if others else None


MAKERS: dict[str, Maker] = {name: globals()[name if name != "operator" else "operator_"] for name in CLASSES}


# --- literals -----------------------------------------------------------------------------------------------


def is_literal(text: str) -> bool:
    return value_of(text) is not NO_VALUE


NO_VALUE = object()


def value_of(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return NO_VALUE


def type_of(text: str) -> type:
    return type(value_of(text))


# --- does a mutant stay true? -------------------------------------------------------------------------------

_OPERATORS = {
    "+": operator.add, "−": operator.sub, "-": operator.sub, "×": operator.mul, "*": operator.mul,
    "÷": operator.truediv, "mod": operator.mod, "%": operator.mod, "div": operator.floordiv,
    "//": operator.floordiv, "plus": operator.add, "minus": operator.sub, "times": operator.mul,
}  # fmt: skip
_RELATIONS = {
    "<": operator.lt, ">": operator.gt, "≤": operator.le, "≥": operator.ge, "≠": operator.ne, "=": operator.eq,
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "==": operator.eq,
}  # fmt: skip


def stays_true(before: str, after: str) -> bool:
    """Tell whether only the sign of an operation changed, and its outcome did not.

    ``2 + 2 = 4`` and ``2 × 2 = 4`` are both true, and ``x + 0`` is ``x − 0``: no reader could refute the mutant from
    its numbers. Where the outcome cannot be worked out, the mutant counts as false.
    """
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if at is None:
        return before == after
    old, new = _operation(before, at), _operation(after, at)
    return old is not None and old == new


def _operation(text: str, at: int) -> tuple[object, ...] | None:
    """Return the operands and the outcome of the simple operation whose sign stands at a place of the text."""
    for match in re.finditer(r"(-?\d+(?:\.\d+)?) (\S+) (-?\d+(?:\.\d+)?)(?![\w.]*[\w]| [+−×÷*/-])", text):
        function = _OPERATORS.get(match[2]) or _RELATIONS.get(match[2])
        if not match.start(2) <= at < match.end(2) or function is None:
            continue
        if text[: match.start()].rstrip()[-1:] in "+−×÷*/-(":
            return None
        try:
            return (match[1], match[3], function(ast.literal_eval(match[1]), ast.literal_eval(match[3])))
        except (ArithmeticError, ValueError):
            return None
    return None
