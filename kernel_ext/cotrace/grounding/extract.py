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
from functools import cache, cached_property

from cotrace.grounding.templates import masked
from cotrace.grounding.values import UnreadableError, from_ast
from cotrace.grounding.worded import FREE, STRING, expression


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


# --- pieces of patterns -------------------------------------------------------------------------------------------------

_NUMBER = r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w]|\.\d)"
_QUOTED = r"[bB]?'\x01*'|[bB]?\"\x01*\""
_BRACKETED = r"(?:deque|set|frozenset|Counter|defaultdict|OrderedDict|dict|range)?[\[({]\x01*[\])}]"
_WORD_VALUE = r"\b(?:True|False|None|true|false|null)\b"
VALUE = rf"(?:{_NUMBER}|{_QUOTED}|{_BRACKETED}(?: \(\d+ elements\))?|{_WORD_VALUE})"

_SIGN = r"(?:\*\*|//|<<|>>|[-+*/%^×÷·−&|])"
_WORDED = (
    r"(?:plus|minus|times|multiplied by|(?:integer |floor[- ])?divided by|modulo|mod|raised to the power(?: of)?|"
    r"to the power(?: of)?|concatenated with|followed by|bit-and|bit-or|bit-xor|xor|div)"
)
_OPERATOR = rf"(?:\s*{_SIGN}\s*|\s+{_WORDED}\s+)"
_EQUALS = (
    r"(?:\s*(?:={1,2}(?![=<>])|→|->|=>|⇒|≈)\s*|"
    r"(?:\s+|,\s+(?:which|that|this|it)\s+)(?:is equal to|equals|gives(?: us)?|yields|makes|evaluates to|results in|comes to|"
    r"comes out (?:to|as)|amounts to|produces|has the value|has value)\s+(?:(?:a|the) (?:value|result|total|sum) of\s+)?|"
    r",\s+(?:which|that)(?: is|'s)\s+|\s+(?:is now|now is|is)\s+(?=[-−\d'\"\[({TFNb])|,?\s+(?:to get|giving(?: us)?|yielding|making it|resulting in|producing|for a total of)\s+)"
)
_BECOMES = (
    r"(?:\s+(?:becomes|become|turns into|is (?:then |now |also |initially )?(?:updated|set|reset|changed|increased|decreased|reduced|raised|"
    r"incremented|decremented|initiali[sz]ed|assigned|bound)(?: again)?(?: from {V})?(?: to| as| with| at)?(?: be)?|gets(?: the value)?(?: set to)?|"
    r"takes(?: on)? the value|is assigned the value(?: of)?|starts (?:at|as|with|out as)|start at|begins (?:at|as|with)|is given the value|"
    r"(?:goes|changes|increases|decreases|grows|drops|rises|moves|shrinks)(?: up| down)?(?: from {V})? to|ends up as|ends as|remains|stays(?: at)?|is still|equals|holds|contains|is (?:again|now|initially|originally|currently|therefore|thus|just|simply|then|also)|now is|is)\s+(?:(?:an? |the )(?:empty )?(?:string|list|integer|number|value|dictionary|set|tuple|float)\s+)?|"
    r"\s*(?::=|={1,2}(?![=<>]))\s*)"
).replace("{V}", VALUE)

_CHANGING = re.compile(
    r"becom|turn|set|updat|chang|increas|decreas|goes|grow|drop|ris|mov|shrink|now|assign|end|:="
)
"""The links that tell a change rather than a state."""

_PART_OF = re.compile(r"\b(?:of|from|by|with|in|at|to|than|between|per|on)\s+$")
_GIVING = ("gives", "yields", "makes", "produces", "returns", "results", "comes", "amounts")
"""What only an operation does: before it, a lone value is the end of something longer ("joining xs gives 'ab'")."""

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_COUNTS = "zero one two three four five six seven eight nine ten eleven twelve".split()

_HYPOTHETICAL = re.compile(
    r"(?:\b(?:if|whether|unless|until|while|as long as|check(?:s|ing)? that|would|should|could|may|might|suppose|assume|"
    r"compare[sd]?|comparing|test(?:s|ing)? that)\b)[^.;:]*$",
    re.IGNORECASE,
)
_TRUTH = re.compile(
    r"\)?`?(?:,?\s*(?:(?:which|this|that|it|so this|and this)\s+)?(?:is|evaluates to|gives|returns|yields|was|:|->|→|=>|⇒|=)\s*|\s*[(]\s*)"
    r"`?(?P<word>true|false)\b|\s+(?P<holds>does not hold|doesn't hold|fails|is not (?:true|met|satisfied)|isn't (?:true|met)|holds|is met|is satisfied|passes|succeeds)\b",
    re.IGNORECASE,
)
_NEGATIVE = ("not", "n't", "fails")

_COMPARISONS = (
    (r"is (?P<no>not )?(?:strictly )?(?:greater|larger|bigger|more|higher) than or equal to", ">="),
    (r"is (?P<no>not )?(?:less|smaller|lower) than or equal to", "<="),
    (r"is (?P<no>not )?at least", ">="),
    (r"is (?P<no>not )?at most", "<="),
    (r"is (?P<no>not )?(?:strictly )?(?:greater|larger|bigger|more|higher) than|exceeds", ">"),
    (r"is (?P<no>not )?(?:strictly )?(?:less|smaller|lower) than|is below", "<"),
    (r"is (?P<no>not )?equal to|(?P<no2>does not|doesn't) equal", "=="),
    (r"(?:is different from|differs from|is unequal to)", "!="),
    (r"is (?P<no>not )?(?:contained |found |present |already |an element )?(?:in|of)(?= |$)", "in"),
    (r"(?:is not|isn't|was not)(?= [-−\d'\"\[])", "!="),
    (r"contains", "contains"),
    (r"<=|≤|=<", "<="), (r">=|≥", ">="), (r"!=|≠|<>", "!="), (r"<", "<"), (r">", ">"), (r"==", "=="),
    (r"not in", "not in"), (r"(?<!not )in", "in"),
)  # fmt: skip

_ADJECTIVES = {
    "even": "{} % 2 == 0",
    "odd": "{} % 2 == 1",
    "positive": "{} > 0",
    "negative": "{} < 0",
    "zero": "{} == 0",
    "empty": "len({}) == 0",
}


NAME = "\x02"
"""What stands for each character of a variable's name in a text made ready."""

FUNCTION = "\x03"

_PATH = rf"(?<![\w.'{NAME}{FUNCTION}]){NAME}+(?:\.[\w{NAME}{FUNCTION}]+(?![\w(])|\[\x01*\])*(?![\w(])"
_CALL = (
    rf"(?<![\w.{NAME}{FUNCTION}])(?:[{NAME}{FUNCTION}]+|len|sum|min|max|abs|sorted|int|str|float|round|ord|chr|list|set|tuple)"
    rf"(?:\.[\w{NAME}{FUNCTION}]+)*\(\x01*\)(?:\.[\w{NAME}{FUNCTION}]+\(\x01*\)|\[\x01*\])*"
)
_TERM = rf"(?:{_CALL}|{_PATH}|{VALUE})"
_BARE_NAME = re.compile(_PATH)
_BARE = re.compile(_PATH + "|" + VALUE)
_FORMULA = rf"{_TERM}(?:{_OPERATOR}{_TERM})*"


@dataclass(frozen=True)
class Vocabulary:
    """The names of one trace."""

    names: frozenset[str]
    functions: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the names, as a word of its own."""
        return re.compile(rf"(?<![\w'\\])(?:{_known(self.names | self.functions)})(?![\w'])")

    def marked(self, mask: str) -> str:
        """Return a text of the same length in which each letter of a name is replaced by a mark."""
        return self.pattern.sub(lambda match: self._mark(mask, match), mask)

    def _mark(self, mask: str, match: re.Match[str]) -> str:
        word = match[0]
        if word in _SPOKEN and _is_spoken(mask, match):
            return word
        return (NAME if word in self.names else FUNCTION) * len(word)


_SPOKEN = frozenset(
    "a A an I is in as at to of or and if it by on so the answer result output length size sum total maximum minimum max min "
    "largest smallest product difference remainder pass iteration turn round loop function call condition final value "
    "number list string count element elements item items index position true false not no even odd empty".split()
)
"""Names that are words too: these need a look at what stands around them."""

_LINKED = re.compile(
    rf"\s*(?:[=<>!+\-*/%^×÷−\[.)(,:]|(?:is|becomes|equals|gets|goes|has|plus|minus|times|mod|starts|to|from|and|now|takes|was|turns|ends|remains|stays|holds|contains|begins|increases|decreases|changes|grows|drops|rises|moves|shrinks|evaluates|yields|returns)\b)"
)


def _is_spoken(mask: str, match: re.Match[str]) -> bool:
    """Tell whether a name stands there as a plain word: "the sum of", "a list", "final result"."""
    before, after = mask[: match.start()], mask[match.end() :]
    if (
        re.search(r"\b(?:[Tt]he|[Ff]inal|[Aa]|[Aa]n|[Ee]ach|[Ee]very|[Tt]his)\s+$", before)
        and len(match[0]) > 1
    ):
        return not re.match(r"\s*(?:=|becomes\b|\[)", after)
    return re.match(r"\s+of\b", after) is not None or _LINKED.match(after) is None


def _sources() -> dict[str, str]:
    f, p, v = _FORMULA, _PATH, VALUE
    comparisons = "|".join(f"(?:{_ungrouped(words)})" for words, _ in _COMPARISONS)
    return {
        "chain": rf"(?P<first>{f})(?P<link>{_BECOMES}|{_EQUALS})(?P<second>{f})(?P<rest>(?:{_EQUALS}(?:{f}))*)",
        "comparison": rf"(?P<left>{f})\s*(?P<op>{comparisons})\s*(?P<right>{f})",
        "adjective": rf"(?P<left>{f})\s+(?:is|are)\s+(?P<no>not\s+)?(?P<adjective>{'|'.join(_ADJECTIVES)})\b(?!\s+(?:number|index|position))",
        "divisible": rf"(?P<left>{f})\s+is\s+(?P<no>not\s+)?(?:evenly\s+)?divisible\s+by\s+(?P<right>{f})",
        "length": rf"(?:length|size)\s+of\s+(?:the\s+(?:list|string|word|text|array|tuple|set|dictionary)\s+)?(?P<of>{p}|{v})\s*(?:,?\s*(?:which\s+)?(?:is|equals|=|of)(?:\s+now)?)\s*(?P<value>\d+)(?!\w|\.\d)",
        "has-length": rf"(?P<of>{p}|{v})\s+(?:now\s+)?(?:has|have)\s+(?:a\s+)?(?:length\s+(?:of\s+)?(?P<value>\d+)|(?P<value2>\d+)\s+(?:elements?|items?|characters?|entries|keys))\b",
        "aggregate": rf"(?P<what>sum|total|maximum|minimum|max|min|largest|smallest|product|difference)\s+(?:element\s+|value\s+|number\s+)?(?:of|in|between|from)\s+(?:the\s+(?:list|elements of|numbers in|values in)\s+)?(?P<a>{p}|{v})(?:\s+and\s+(?P<b>{p}|{v}))?\s*(?:,?\s*(?:which\s+)?(?:is|equals|=|gives))\s*(?P<value>{v})",
        "remainder": rf"(?P<a>{p}|{v})\s+(?:is\s+)?divided\s+by\s+(?P<b>{p}|{v})(?:\s+is)?[^.;]{{0,30}}?\b(?:leaves|with|has|gives)\s+(?:a\s+)?remainder\s+(?:of\s+|is\s+)?(?P<value>{v})",
        "remainder-of": rf"remainder\s+(?:of|when|from)\s+(?:dividing\s+)?(?P<a>{p}|{v})\s+(?:(?:is\s+)?divided\s+)?by\s+(?P<b>{p}|{v})\s*,?\s*(?:which\s+)?(?:is|equals|=)\s*(?P<value>{v})",
        "doing": rf"(?P<verb>[Aa]dding|[Ss]ubtracting|[Mm]ultiplying|[Dd]ividing|add|subtract|multiply|divide)\s+(?P<a>{p}|{v})\s+(?P<word>to|and|from|by|with)\s+(?P<b>{p}|{v}),?\s*(?:and\s+|we\s+|to\s+)?(?:gives(?:\s+us)?|yields|get|is|equals|makes|results\s+in|produces|=)\s*(?P<value>{v})",
        "append": rf"(?:\b(?:[Aa]ppend(?:s|ed|ing)?|[Aa]dd(?:s|ed|ing)?|[Pp]ush(?:es|ed|ing)?|[Ii]nsert(?:s|ed|ing)?)\s+(?P<value>{p}|{v})\s+(?:is\s+)?(?:on)?to\s+(?:the\s+(?:end\s+of\s+)?(?:list\s+|set\s+)?)?(?P<place>{p}))",
        "appended": rf"(?P<value>{p}|{v})\s+is\s+(?:then\s+)?(?:appended|added|pushed|inserted)\s+(?:on)?(?:in)?to\s+(?:the\s+(?:end\s+of\s+)?(?:list\s+|set\s+)?)?(?P<place>{p})",
        "gets": rf"(?P<place>{p})\s+gets\s+(?P<value>{v})\s+at\s+its\s+end",
        "removed": rf"(?:\b(?:[Rr]emov(?:es?|ed|ing)|[Pp]op(?:s|ped|ping)?|[Dd]elet(?:es?|ed|ing))\s+(?P<value>{v})\s+from\s+(?:the\s+)?(?P<place>{p}))|(?P<value2>{v})\s+is\s+(?:removed|popped|deleted)\s+from\s+(?:the\s+)?(?P<place2>{p})",
        "pass": rf"\b(?:(?:[Pp]ass|[Ii]teration|[Tt]urn|[Rr]ound)\s+(?:number\s+|#)?(?P<number>\d+)|(?P<ordinal>{'|'.join(_ORDINALS)}|{'|'.join(o.capitalize() for o in _ORDINALS)}|\d+(?:st|nd|rd|th))\s+(?:pass|iteration|turn|round|time through))\b(?P<path>\.\d+)?",
        "count": rf"(?:\bafter\s+(?P<passes>\d+)\s+(?:passes|iterations|turns|rounds)\b)|\bloop\s+(?:runs|ran|executes|iterates|makes|repeats|goes|ends|finishes|is\s+done|completes)\s+(?:round\s+|through\s+|after\s+|for\s+|a\s+total\s+of\s+|exactly\s+)*(?P<number>\d+|{'|'.join(_COUNTS)})\s+(?:times?|iterations?|passes|pass|turns?|rounds?)\b",
        "call": rf"(?<![\w.])(?P<callee>{FUNCTION}+)(?P<args>\(\x01*\))\s*(?:{_EQUALS}|\s+(?:will\s+)?(?:returns?|returned|gives\s+back|yields)\s+)(?P<value>{v})(?!{_OPERATOR}[\d(\[\x02])",
        "method": rf"(?P<first>{_CALL})\s+(?:returns?|gives|yields|evaluates\s+to|is|=)\s+(?P<value>{v})(?!{_OPERATOR}[\d(\[\x02])",
        "mention": rf"(?<![\w.])(?P<callee>{FUNCTION}+)(?P<args>\(\x01+\))",
        "returns": rf"\b(?:(?P<callee>{FUNCTION}+)\s+|(?:function|call|method|program|it|we|recursion|code)\s+)?(?:then\s+|finally\s+|therefore\s+|also\s+)?(?:returns?|returned|returning|gives\s+back|outputs)\s+(?:the\s+(?:value|string|list|result|number|final\s+(?:value|result))\s+(?:of\s+)?)?(?:{p}\s*(?:,\s*which\s+is|=|,\s*i\.e\.,?|\(i\.e\.,?)\s*)?(?P<value>{v})",
        "called": rf"(?P<callee>{FUNCTION}+)\s+is\s+(?:then\s+)?(?:called|invoked)\s+(?:recursively\s+)?(?:again\s+)?with\s+(?P<args>[^.;]+)",
        "empty": rf"(?P<place>{p})\s+(?:is|starts(?:\s+out)?\s+as|becomes|begins\s+as|is\s+(?:set|initiali[sz]ed)\s+(?:to|as|with))\s+(?:initially\s+|now\s+)?an?\s+(?:new\s+)?empty\s+(?P<kind>string|list|dict(?:ionary)?|set|tuple)\b",
        "output-bare": r"\bprints?\s+(?:out\s+)?(?P<word>[^\s.,;:'\"\x01-\x03]+)(?=[.,;]|\s*$)",
        "output": rf"\b(?:prints?|printed|printing|output(?:s|ted)?|writes?|displays?)\s+(?:out\s+)?(?:the\s+(?:string|value|text|number|line)\s+)?(?P<value>{v})",
        "raises": r"\b(?:rais(?:es?|ed|ing)|throw(?:s|n|ing)?|fails with)\s+(?:an?\s+|the\s+)?(?:exception\s+)?(?P<type>[A-Z]\w*(?:Error|Exception|Iteration|Interrupt|Warning))\b|\b(?P<type2>[A-Z]\w*(?:Error|Exception|Iteration|Interrupt|Warning))\s+is\s+(?:raised|thrown)",
        "answer": rf"(?:\b(?:[Tt]he\s+)?(?:[Ff]inal\s+)?(?:[Aa]nswer|[Rr]esult|(?:final\s+)?(?:return(?:ed)?\s+value|output))(?:\s+of\s+(?:the\s+)?\S+)?\s*(?:is|was|:|=|will\s+be|equals|must\s+be)+\s*(?:therefore\s+|thus\s+|then\s+)?)(?P<value>{v}|\S+(?=[\s.]*$))|\\boxed\{{\x01*\}}",
    }


def _known(names: frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)"


def _ungrouped(pattern: str) -> str:
    worded = pattern.replace("(?P<no>", "(?:").replace("(?P<no2>", "(?:")
    return rf"\b{worded}\b" if worded[0].isalpha() or worded.startswith("(?:is") else worded


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in _sources().items()}


@cache
def _afterwards() -> re.Pattern[str]:
    return re.compile(
        rf",?\s+(?:which|and(?: it)?|so it|making it|leaving)\s*(?:is now|now is|becomes|is|leaves|holds|contains)?\s+(?P<value>{VALUE})"
    )


@cache
def _compared_afterwards() -> re.Pattern[str]:
    words = "|".join(
        f"(?:{_ungrouped(w)})"
        for w, op in _COMPARISONS
        if op not in ("in", "not in", "contains") and w[:2] in ("is", "(?", "ex")
    )
    return re.compile(rf",?\s+(?:which|and|that)\s+(?P<op>{words})\s+(?P<right>{_FORMULA})")


@cache
def _more_sides() -> re.Pattern[str]:
    return re.compile(rf"{_EQUALS}(?P<side>{_FORMULA})")


# --- finding ------------------------------------------------------------------------------------------------------------


def statements(text: str, words: Vocabulary) -> list[Statement]:
    """Return what one sentence states, in order; of two that overlap, the more telling one."""
    return list(_Reader(text, words).found())


class _Reader:
    def __init__(self, text: str, words: Vocabulary) -> None:
        self.text = _plain(text)
        self.mask = words.marked(masked(self.text))
        self.taken: list[tuple[int, int]] = []

    def found(self) -> Iterator[Statement]:
        everything: list[Statement] = []
        for name in _ORDER:
            at = 0
            while match := _patterns()[name].search(self.mask, at):
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
            if made.kind in ("append", "remove") and (match := _afterwards().match(self.mask, made.end)):
                sides = (made.sides[1], self.tree(match, "value"))
                return [self.statement("value", match, sides=sides, changes=True)]
            if made.kind == "value" and (match := _compared_afterwards().match(self.mask, made.end)):
                return self._relative(made, match)
        except (UnreadableError, ValueError):
            pass
        return []

    def _relative(self, made: Statement, match: re.Match[str]) -> list[Statement]:
        """Read "..., which is less than 7": it speaks of the value told last."""
        op, negative = _operator(match["op"])
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
        return _HYPOTHETICAL.search(self.mask[:at]) is not None

    def truth_after(self, at: int) -> tuple[bool, int] | None:
        match = _TRUTH.match(self.mask, at)
        if match is None:
            return None
        word = (match["word"] or match["holds"]).lower()
        return (word == "true" if match["word"] else not any(n in word for n in _NEGATIVE)), match.end()

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
            more = _more_sides().match(self.mask, at, rest_end)
            if more is None or (
                "=" not in more[0][: more.start("side") - at] and _BARE_NAME.fullmatch(more["side"])
            ):
                break  # "..., giving a = 12" begins another statement
            sides.append(self.tree(more, "side"))
            at = more.end()
        if all(is_literal(tree) for tree, _, _ in sides):
            return None  # "'abc' from 1 on is 'bc'": the end of something longer
        first = sides[0][0]
        called = isinstance(first, ast.Call) and self.mask[match.start()] == FUNCTION
        made = self.statement(
            "call" if called else "value",
            match,
            sides=tuple(sides),
            changes=_CHANGING.search(match["link"]) is not None
            or any(_is_worked(tree) for tree, _, _ in sides[1:]),
            name=ast.unparse(first.func) if isinstance(first, ast.Call) else "",
        )
        return replace(made, end=at, text=self.text[match.start() : at])

    def _is_partial(self, match: re.Match[str]) -> bool:
        """Tell whether what is said to have a value is the end of a longer subject: "the length of x is 3"."""
        before = self.mask[: match.start()]
        if _PART_OF.search(before):
            return "=" not in match["link"] or before.rstrip().endswith(" of")
        bare = _BARE.fullmatch(match["first"]) is not None
        return bare and match["link"].strip(" ,").startswith(_GIVING)

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
        op, negative = _operator(said)
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
        tree = expression(_ADJECTIVES[match["adjective"]].format(f"({self._expr(operand)})"), FREE)
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
        number = _ORDINALS.index(word) + 1 if word in _ORDINALS else int(re.sub(r"\D", "", word))
        return self.statement("pass", match, number=number)

    def _count(self, match: re.Match[str]) -> Statement | None:
        word = match["number"] or match["passes"]
        return self.statement("count", match, number=_COUNTS.index(word) if word in _COUNTS else int(word))

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


_ORDER = (
    "answer", "call", "method", "called", "doing", "aggregate", "remainder", "remainder-of", "length", "has-length", "append", "appended", "gets",
    "removed", "divisible", "empty", "chain", "comparison", "adjective", "returns", "output", "output-bare", "raises", "count", "pass", "mention",
)  # fmt: skip
"""Tried in this order: what is tried first keeps its stretch of the text."""


_WORKING = r"times|plus|minus|divided|multiplied|by|mod|modulo|div|power|of|is|gives|becomes|shifted|left|right|bit|and|or|xor|the|to"
_WORKED_BEFORE = re.compile(rf"(?:[-+*/%×÷−=(\[,]|\b(?:{_WORKING}))\s*$")
_WORKED_AFTER = re.compile(rf"\s*(?:[-+*/%×÷−^]|(?:{_WORKING}|to the power)\b)")


def _without_asides(text: str) -> str:
    """Open the round brackets around words or an equation, "(i = 0)", "(which is even)"; a group of an expression stays."""
    out = list(text)
    for match in re.finditer(r"(?<![\w\])])\((\x01+)\)", masked(text)):
        inside = text[match.start(1) : match.end(1)]
        words = set(re.findall(r"\b[a-z]{3,}\b", inside)) - set(_WORKING.split("|"))
        told = re.search(r"[=<>]", inside) or (words and not re.search(r"['\"]", inside))
        worked = _WORKED_BEFORE.search(text[: match.start()]) or _WORKED_AFTER.match(text[match.end() :])
        if told and not worked:
            out[match.start()] = out[match.end() - 1] = " "
    return "".join(out)


def _plain(text: str) -> str:
    """Return a text of the same length without the marks of Markdown, and without code that states nothing."""

    def code(match: re.Match[str]) -> str:
        inside = match[1]
        if re.match(r"\s*(?:for|if|elif|else|while|def|return|import|from|class|lambda|try|with)\b", inside):
            return " " * len(match[0])
        return f" {inside} "

    text = re.sub(r"`([^`\n]*)`", code, text)
    text = _without_asides(text)
    return re.sub(r"(?<![\w*)])(\*\*|__)(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*(])", lambda m: f"  {m[2]}  ", text)


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


def _operator(said: str) -> tuple[str, bool]:
    for words, op in _COMPARISONS:
        match = re.fullmatch(re.sub(r"\(\?= .*?\)$", "", words), said.strip())
        if match:
            groups = match.groupdict()
            return op, bool(groups.get("no") or groups.get("no2"))
    raise ValueError(said)


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
