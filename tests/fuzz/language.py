"""Random programs over the whole language: each draws a few subjects and mixes their statements.

The statements stand in functions that call one another, in a generator, in a class body and at the top of the
module, nested in one another's blocks, over a handful of variables that alias each other's values. A program is
wholly told by its seed, and ends by itself.
"""

import random
import re
import textwrap

from fuzz.edges import EDGES
from fuzz.subjects import ALWAYS, CORE, SUBJECTS

EVERY = SUBJECTS | EDGES

NAMES = "abcdef"
LIMITS = {"elements": 20, "edge": 3, "string": 30, "depth": 3, "steps": 4_000}
"""Limits under which cuts are frequent."""

FIRSTS = ("[1, [2]]", "{}", "[[], 0]", '{"x": [1]}', "0", '"s"', "[[1], [2]]", "[]", "(1, [])")
TEXTS = ('"s"', '"tt"', '""', '"x" * 29', '"long text of some words over the limit"')
KEYS = ("0", "-1", "1", '"x"', "i", '"a"', "(1, 2)", "True", "1.0")
WORD = re.compile(r"\b(V|W|LIT|N|KEY|TEXT)\b")


def program(seed):
    """Return the text of one program."""
    return _Writer(seed).program()


class _Writer:
    """Writes one program."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.subjects = self.draw.sample(list(EVERY), self.draw.randrange(1, 5))
        told = [CORE, *(EVERY[name][1] for name in self.subjects)]
        self.in_class = False
        self.choices = [statements.strip("\n").split("\n\n") for statements in told]

    def program(self):
        parts = [ALWAYS, *(EVERY[name][0] for name in self.subjects)]
        parts += [self.function(number) for number in (2, 1, 0)]
        if self.draw.randrange(3) == 0:
            self.in_class = True
            parts.append(f"class Body:\n    i = 0\n{_indented(self.statements(4, 1))}")
            self.in_class = False
        parts.append(f"i = 0\n{self.firsts(NAMES)}{self.statements(self.draw.randrange(3, 9), 1)}")
        parts.append(_guarded("a = f0(a, b)"))
        ending = "raise ValueError(a)\n" if self.draw.randrange(8) == 0 else "end = 1\n"
        return f"# {', '.join(self.subjects)}\n" + "\n".join([*parts, ending])

    def function(self, number):
        """Return a function that calls the one with the next number."""
        heads = [f"def f{number}(a, b=None, *c):", f"def f{number}(a, b):"]
        is_generator = number == 2 and self.draw.randrange(3) == 0
        body = [
            "i = 0\n",
            self.firsts(NAMES[3 - (number == 2) :]),
            self.statements(self.draw.randrange(5, 14), 2),
        ]
        if self.draw.randrange(4) == 0 and number:
            body.insert(0, "global c, d\n" if "*c" not in heads[number % 2] else "global d\n")
        if number < 2:
            body.insert(2, _guarded(f"d = f{number + 1}(a, [b, a])"))
        body.append("yield a\nyield b\n" if is_generator else "return [a, b]\n")
        return f"{heads[number % 2]}\n{_indented(''.join(body))}"

    def firsts(self, names):
        return "".join(f"{name} = {self.draw.choice(FIRSTS)}\n" for name in names)

    def statements(self, count, depth):
        """Return some statements, nested `depth` deep at most."""
        return "".join(self.statement(depth) for _ in range(count))

    def statement(self, depth):
        template = "BODY"
        while (
            template == "BODY" or ("BODY" in template and depth <= 0) or (":=" in template and self.in_class)
        ):
            template = self.draw.choice(self.draw.choice(self.choices))
        names = {"V": self.draw.choice(NAMES), "W": self.draw.choice(NAMES)}
        text = WORD.sub(lambda word: names.get(word[0]) or self.word(word[0]), template)
        text = "\n".join(self.with_body(line, depth) for line in text.split("\n"))
        return text + "\n" if self.draw.randrange(40) == 0 else _guarded(text)

    def with_body(self, line, depth):
        """Return a line with statements for its BODY, each on lines of their own."""
        if "BODY" not in line:
            return line
        before, _, after = line.partition("BODY")
        margin = " " * (len(line) - len(line.lstrip()) + 4 * bool(before.strip()))
        body = self.statements(self.draw.randrange(1, 3), depth - 1) + after.lstrip("; ")
        head = f"{before.rstrip()}\n" if before.strip() else ""
        return head + textwrap.indent(body.rstrip("\n"), margin)

    def word(self, word):
        if word == "N":
            return str(self.draw.randrange(-2, 4))
        return self.draw.choice(TEXTS) if word == "TEXT" else self.key_or_literal(word)

    def key_or_literal(self, word):
        return self.draw.choice(KEYS) if word == "KEY" else self.literal()

    def literal(self, depth=0):
        kind = self.draw.randrange(9 if depth < 3 else 4)
        if kind < 3:
            return str(self.draw.choice([0, 1, 2, -1, 255, 300, True, None, 1.5, 10**30]))
        if kind == 3:
            return self.draw.choice(NAMES)
        if kind == 4:
            return self.draw.choice(TEXTS)
        parts = [self.literal(depth + 1) for _ in range(self.draw.randrange(4))]
        if kind == 5:
            return f"{{{', '.join(f'{self.draw.choice(KEYS)}: {part}' for part in parts)}}}"
        return f"[{', '.join(parts)}]" if kind < 8 else f"({''.join(part + ', ' for part in parts)})"


def _guarded(text):
    return f"try:\n{_indented(text)}except Exception:\n    pass\n"


def _indented(text):
    return textwrap.indent(text.rstrip("\n"), "    ") + "\n"
