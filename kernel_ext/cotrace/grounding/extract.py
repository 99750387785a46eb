"""Finds the statements that free text makes about a run.

A sentence is read as people write about code: in words, in mathematical signs, with code in backticks. Patterns find
values and equations, comparisons, truth of conditions, passes, calls and returns, output and the answer. What stands
under "if", "whether", "until" is not stated, only considered, unless its truth is told beside it.

Every pattern runs on a copy of the text in which the inside of literals is blanked out at equal length, so a match
gives the place in the text itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cotrace.grounding.patterns import (
    ADJECTIVES,
    CHANGING,
    COUNTS,
    FUNCTION,
    GIVING,
    HYPOTHETICAL,
    NAME,
    ORDINALS,
    PART_OF,
    following,
    operator_of,
    statement_patterns,
)
from cotrace.grounding.prepared import Vocabulary, plain
from cotrace.grounding.templates import masked
from cotrace.grounding.values import UnreadableError, from_ast
from cotrace.grounding.worded import FREE, STRING, expression

CLAUSE = 400
"""An "if" or "whether" is looked for this many characters back."""


@dataclass(frozen=True)
class Statement:
    """One thing that a text states."""

    kind: str
    start: int
    end: int
    text: str
    sides: tuple[tuple[ast.expr, int, int], ...] = ()
    """The expressions that are said to be equal, each with its place; of other kinds, the operands."""

    name: str = ""
    """The function, the exception's type, the kind of container change."""

    value: object = None
    truth: bool = True
    number: int = 0
    changes: bool = False
    """True if it tells a change (becomes, is set to) rather than a state."""

    before: str = ""
    """What stands between the statement before it in the sentence and this one."""

    raw: str = ""
    """What is written where a value that is no literal may stand."""


def statements(text: str, words: Vocabulary) -> list[Statement]:
    """Return what one sentence states, in order; of two that overlap, the more telling one."""
    return list(_Reader(text, words).found())


class _Reader:
    def __init__(self, text: str, words: Vocabulary) -> None:
        self.text = plain(text)
        self.mask = words.marked(masked(self.text))
        self.taken: list[tuple[int, int]] = []

    def found(self) -> Iterator[Statement]:
        everything: list[Statement] = []
        for name, pattern in statement_patterns().items():
            at = 0
            while match := pattern.search(self.mask, at):
                at = max(match.end(), at + 1)
                if any(match.start() < end and start < match.end() for start, end in self.taken):
                    continue
                made = self.made(name, match)
                if made is not None:
                    everything += [made, *self.afterwards(made)]
                    self.taken.append((made.start, everything[-1].end))
                    at = max(everything[-1].end, match.start() + 1)
        everything.sort(key=lambda s: s.start)
        at = 0
        for each in everything:
            yield replace(each, before=self.text[at : each.start])
            at = each.end

    def made(self, name: str, match: re.Match[str]) -> Statement | None:
        method = getattr(self, "_" + name.replace("-", "_"))
        try:
            made: Statement | None = method(match)
        except (UnreadableError, ValueError):
            return None
        return made

    def afterwards(self, made: Statement) -> list[Statement]:
        """Return what is told of a container right after its change: "..., which is now [1, 2]"."""
        try:
            if made.kind in ("append", "remove") and (
                match := following("content").match(self.mask, made.end)
            ):
                sides = (made.sides[1], self.tree(match, "value"))
                return [self.statement("value", match, sides=sides, changes=True)]
            if made.kind == "value" and (match := following("relation").match(self.mask, made.end)):
                return self._relative(made, match)
        except (UnreadableError, ValueError):
            pass
        return []

    def _relative(self, made: Statement, match: re.Match[str]) -> list[Statement]:
        """Read "..., which is less than 7": it speaks of the value told last."""
        op, negative = operator_of(match["op"])
        if not match["op"].startswith(("is", "exceeds", "differs", "does")):
            return []
        truth = self.truth_after(match.end())
        value, end = truth or (True, match.end())
        first, second = made.sides[-1], self.tree(match, "right")
        tree = expression(f"({self._expr(first)}) {op} ({self._expr(second)})", FREE)
        stated = self.statement(
            "comparison", match, sides=((tree, match.start(), match.end()), first, second), name=op
        )
        return [replace(stated, truth=value is not negative, end=end, text=self.text[match.start() : end])]

    def of(self, match: re.Match[str], group: str) -> str:
        start, end = match.span(group)
        return self.text[start:end] if start >= 0 else ""

    def tree(self, match: re.Match[str], group: str) -> tuple[ast.expr, int, int]:
        start, end = match.span(group)
        return (expression(_number_text(self.text[start:end]), FREE), start, end)

    def statement(self, kind: str, match: re.Match[str], **more: object) -> Statement:
        made = Statement(kind, match.start(), match.end(), self.text[match.start() : match.end()])
        return replace(made, **more)  # type: ignore[arg-type]

    def considered(self, at: int) -> bool:
        """Tell whether what begins here is only considered, not stated."""
        return HYPOTHETICAL.search(self.mask[max(0, at - CLAUSE) : at]) is not None

    def truth_after(self, at: int) -> tuple[bool, int] | None:
        match = following("truth").match(self.mask, at)
        if match is None:
            return None
        word = (match["word"] or match["holds"]).lower()
        return (
            word == "true" if match["word"] else not any(n in word for n in ("not", "n't", "fails"))
        ), match.end()

    # one method per pattern

    def _chain(self, match: re.Match[str]) -> Statement | None:
        truth = self.truth_after(match.end())
        single = "=" in match["link"] and not match["rest"]
        if truth is not None and single:
            return self._as_comparison(match, "first", "second", "==", truth)
        if self.considered(match.start()) or self._is_partial(match):
            return None
        sides = [self.tree(match, "first"), self.tree(match, "second")]
        at, rest_end = match.span("rest")
        while at < rest_end:
            more = following("side").match(self.mask, at, rest_end)
            if more is None or not self._goes_on(more, sides[-1]):
                break
            sides.append(self.tree(more, "side"))
            at = more.end()
        if all(is_literal(tree) and NAME not in self.mask[begin:end] for tree, begin, end in sides):
            return None  # "'abc' from 1 on is 'bc'": the end of something longer
        first = sides[0][0]
        called = isinstance(first, ast.Call) and self.mask[match.start()] == FUNCTION
        made = self.statement(
            "call" if called else "value",
            match,
            sides=tuple(sides),
            changes=CHANGING.search(match["link"]) is not None
            or any(_is_worked(tree) for tree, _, _ in sides[1:]),
            name=ast.unparse(first.func) if isinstance(first, ast.Call) else "",
        )
        return replace(made, end=at, text=self.text[match.start() : at])

    def _goes_on(self, more: re.Match[str], last: tuple[ast.expr, int, int]) -> bool:
        """Tell whether another side belongs to an equation, or begins something else."""
        link = self.mask[more.start() : more.start("side")]
        if "=" in link:
            return True
        if following("name").fullmatch(more["side"]):
            return False  # "..., giving a = 12"
        quoted = [
            isinstance(tree, ast.Constant) and isinstance(tree.value, str)
            for tree in (last[0], self.tree(more, "side")[0])
        ]
        return quoted[0] is quoted[1]  # "65, which is 'A'" tells what 65 stands for

    def _is_partial(self, match: re.Match[str]) -> bool:
        """Tell whether what is said to have a value is the end of a longer subject: "the length of x is 3"."""
        before = self.mask[: match.start()]
        if PART_OF.search(before):
            return "=" not in match["link"] or before.rstrip().endswith(" of")
        bare = following("bare").fullmatch(match["first"]) is not None
        return bare and match["link"].strip(" ,").startswith(GIVING)

    def _as_comparison(
        self, match: re.Match[str], left: str, right: str, op: str, truth: tuple[bool, int] | None
    ) -> Statement | None:
        first, second = self.tree(match, left), self.tree(match, right)
        text = f"({self._expr(first)}) {op} ({self._expr(second)})"
        tree = expression(text, FREE)
        value, end = truth if truth is not None else (True, match.end())
        made = self.statement(
            "comparison",
            match,
            sides=((tree, match.start(), match.end()), first, second),
            truth=value,
            name=op,
        )
        return replace(made, end=end, text=self.text[match.start() : end])

    def _expr(self, side: tuple[ast.expr, int, int]) -> str:
        return _number_text(self.text[side[1] : side[2]])

    def _comparison(self, match: re.Match[str]) -> Statement | None:
        said = match["op"]
        op, negative = operator_of(said)
        truth = self.truth_after(match.end())
        if truth is None and self.considered(match.start()):
            return None
        if op in ("in", "not in") and truth is None and not said.startswith("is"):
            return None  # "for x in xs", "each element in xs"
        if op == "contains":
            first, second = self.tree(match, "left"), self.tree(match, "right")
            tree = expression(f"({self._expr(second)}) in ({self._expr(first)})", FREE)
            value, end = truth or (True, match.end())
            made = self.statement(
                "comparison", match, sides=((tree, match.start(), match.end()), first, second), truth=value
            )
            return replace(made, end=end)
        value = True if truth is None else truth[0]
        end = match.end() if truth is None else truth[1]
        return self._as_comparison(match, "left", "right", op, (value is not negative, end))

    def _adjective(self, match: re.Match[str]) -> Statement | None:
        truth = self.truth_after(match.end())
        if truth is None and self.considered(match.start()):
            return None
        operand = self.tree(match, "left")
        tree = expression(ADJECTIVES[match["adjective"]].format(f"({self._expr(operand)})"), FREE)
        value, end = truth or (True, match.end())
        made = self.statement(
            "comparison", match, sides=((tree, *operand[1:]), operand), truth=value is not bool(match["no"])
        )
        return replace(made, end=end)

    def _divisible(self, match: re.Match[str]) -> Statement | None:
        truth = self.truth_after(match.end())
        if truth is None and self.considered(match.start()):
            return None
        first, second = self.tree(match, "left"), self.tree(match, "right")
        tree = expression(f"({self._expr(first)}) % ({self._expr(second)}) == 0", FREE)
        value, end = truth or (True, match.end())
        made = self.statement(
            "comparison",
            match,
            sides=((tree, *first[1:]), first, second),
            truth=value is not bool(match["no"]),
        )
        return replace(made, end=end)

    def _applied(self, match: re.Match[str], source: str, value: str) -> Statement:
        start, end = match.span(value)
        tree = expression(source, FREE)
        result = (expression(_number_text(self.text[start:end]), FREE), start, end)
        return self.statement("value", match, sides=((tree, match.start(), start), result))

    def _length(self, match: re.Match[str]) -> Statement | None:
        return self._applied(match, f"len({self.of(match, 'of')})", "value")

    def _has_length(self, match: re.Match[str]) -> Statement | None:
        return self._applied(match, f"len({self.of(match, 'of')})", "value" if match["value"] else "value2")

    def _aggregate(self, match: re.Match[str]) -> Statement | None:
        if self.considered(match.start()):
            return None
        a, b = self.of(match, "a"), self.of(match, "b")
        what = {"total": "sum", "maximum": "max", "minimum": "min", "largest": "max", "smallest": "min"}.get(
            match["what"], match["what"]
        )
        if b:
            source = {
                "sum": f"({a}) + ({b})",
                "product": f"({a}) * ({b})",
                "difference": f"({a}) - ({b})",
            }.get(what, f"{what}({a}, {b})")
        elif what in ("product", "difference"):
            return None
        else:
            source = f"{what}({a})"
        return self._applied(match, source, "value")

    def _remainder(self, match: re.Match[str]) -> Statement | None:
        return self._applied(match, f"({self.of(match, 'a')}) % ({self.of(match, 'b')})", "value")

    _remainder_of = _remainder

    def _doing(self, match: re.Match[str]) -> Statement | None:
        a, b, verb = self.of(match, "a"), self.of(match, "b"), match["verb"].lower()[:3]
        if verb == "sub":
            a, b = (b, a) if match["word"] == "from" else (a, b)
        sign = {"add": "+", "sub": "-", "mul": "*", "div": "/"}[verb]
        return self._applied(match, f"({a}) {sign} ({b})", "value")

    def _append(self, match: re.Match[str]) -> Statement | None:
        return self.statement("append", match, sides=(self.tree(match, "value"), self.tree(match, "place")))

    _appended = _append
    _gets = _append

    def _removed(self, match: re.Match[str]) -> Statement | None:
        tail = "" if match["value"] else "2"
        return self.statement(
            "remove", match, sides=(self.tree(match, "value" + tail), self.tree(match, "place" + tail))
        )

    def _pass(self, match: re.Match[str]) -> Statement | None:
        word = match["number"] or match["ordinal"].lower()
        number = ORDINALS.index(word) + 1 if word in ORDINALS else int(re.sub(r"\D", "", word))
        return self.statement("pass", match, number=number)

    def _count(self, match: re.Match[str]) -> Statement | None:
        word = match["number"] or match["passes"]
        return self.statement("count", match, number=COUNTS.index(word) if word in COUNTS else int(word))

    def _call(self, match: re.Match[str]) -> Statement | None:
        if self.considered(match.start()):
            return None
        arguments = self.of(match, "args")
        value = self.tree(match, "value")
        call = expression(self.of(match, "callee") + arguments, FREE)
        return self.statement(
            "call",
            match,
            name=self.of(match, "callee"),
            sides=((call, match.start(), match.end("args")), value),
        )

    def _method(self, match: re.Match[str]) -> Statement | None:
        return self.statement("value", match, sides=(self.tree(match, "first"), self.tree(match, "value")))

    def _mention(self, match: re.Match[str]) -> Statement | None:
        if self.considered(match.start()):
            return None
        call = expression(self.of(match, "callee") + self.of(match, "args"), FREE)
        return self.statement(
            "mention", match, name=self.of(match, "callee"), sides=((call, match.start(), match.end()),)
        )

    def _returns(self, match: re.Match[str]) -> Statement | None:
        if self.considered(match.start()):
            return None
        return self.statement(
            "return", match, name=self.of(match, "callee"), sides=(self.tree(match, "value"),)
        )

    def _called(self, match: re.Match[str]) -> Statement | None:
        return self.statement("called", match, name=self.of(match, "callee"), raw=self.of(match, "args"))

    def _output(self, match: re.Match[str]) -> Statement | None:
        return self.statement("output", match, sides=(self.tree(match, "value"),))

    def _output_bare(self, match: re.Match[str]) -> Statement | None:
        return self.statement("output", match, sides=((ast.Constant(match["word"]), *match.span("word")),))

    def _empty(self, match: re.Match[str]) -> Statement | None:
        made = {"str": "''", "lis": "[]", "dic": "{}", "set": "set()", "tup": "()"}[match["kind"][:3]]
        value = (expression(made, FREE), *match.span("kind"))
        return self.statement("value", match, sides=(self.tree(match, "place"), value))

    def _raises(self, match: re.Match[str]) -> Statement | None:
        if self.considered(match.start()):
            return None
        return self.statement("raise", match, name=match["type"] or match["type2"])

    def _answer(self, match: re.Match[str]) -> Statement | None:
        start, end = match.span("value")
        if start < 0:
            start, end = match.start() + len("\\boxed{"), match.end() - 1
        raw = self.text[start:end].rstrip(".,;!")
        made = self.statement("answer", match, raw=raw)
        try:
            value = (expression(_number_text(raw), FREE), start, start + len(raw))
            from_ast(value[0])
            return replace(made, sides=(value,))
        except UnreadableError:
            return made


_PYTHON_WORDS = {"true": "True", "false": "False", "null": "None"}


def _number_text(text: str) -> str:
    """Drop the commas of ``1,234,567``; strings are left alone."""
    text = (
        re.sub(r"\b(?:true|false|null)\b", lambda m: _PYTHON_WORDS[m[0]], text)
        if not STRING.search(text)
        else text
    )
    if STRING.search(text) or "[" in text or "(" in text or "{" in text:
        return text.strip()
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text).strip()


def _is_worked(tree: ast.expr) -> bool:
    """Tell whether a side shows how a value was worked out: then the equation tells of its making."""
    return isinstance(tree, ast.BinOp) and not any(isinstance(n, ast.Name) for n in ast.walk(tree))


def is_literal(tree: ast.expr) -> bool:
    """Tell whether a tree is a value that stands alone."""
    try:
        from_ast(tree)
    except UnreadableError:
        return False
    return True
