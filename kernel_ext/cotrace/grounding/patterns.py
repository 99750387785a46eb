"""The patterns of free text: how people write values, equations, comparisons and events of a run.

They are written in a short hand: a blank stands for white space, ``~`` for white space that may be missing, and a
word in braces for a piece that is named here. They run on a text made ready: the inside of literals is blanked out,
and the letters of the program's names are replaced by marks (`NAME`, `FUNCTION`), so that no name can be taken for a
word.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

NAME: Final = "\x02"
"""What stands for each letter of a variable's name."""

FUNCTION: Final = "\x03"
"""What stands for each letter of a function's name."""

ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
COUNTS: Final = "zero one two three four five six seven eight nine ten eleven twelve".split()

COMPARISONS: Final = (
    (r"is (?P<no>not )?(?:strictly )?(?:greater|larger|bigger|more|higher) than or equal to", ">="),
    (r"is (?P<no>not )?(?:less|smaller|lower) than or equal to", "<="),
    (r"is (?P<no>not )?at least", ">="),
    (r"is (?P<no>not )?at most", "<="),
    (r"is (?P<no>not )?(?:strictly )?(?:greater|larger|bigger|more|higher) than|exceeds", ">"),
    (r"is (?P<no>not )?(?:strictly )?(?:less|smaller|lower) than|is below", "<"),
    (r"is (?P<no>not )?equal to|(?P<no2>does not|doesn't) equal", "=="),
    (r"(?:is different from|differs from|is unequal to)", "!="),
    (r"is (?P<no>not )?(?:contained |found |present |already |an element )?(?:in|of)", "in"),
    (r"(?:is not|isn't|was not)", "!="),
    (r"contains", "contains"),
    (r"<=|≤|=<", "<="),
    (r">=|≥", ">="),
    (r"!=|≠|<>", "!="),
    (r"<", "<"),
    (r">", ">"),
    (r"==", "=="),
    (r"not in", "not in"),
    (r"in", "in"),
)
"""The ways to compare, each with its operator; ``no`` turns it round."""

ADJECTIVES: Final = {
    "even": "{} % 2 == 0",
    "odd": "{} % 2 == 1",
    "positive": "{} > 0",
    "negative": "{} < 0",
    "zero": "{} == 0",
    "empty": "len({}) == 0",
}
"""What can be said of one value, as an expression over it."""

# --- pieces -----------------------------------------------------------------------------------------------------------

_NUMBER = r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w]|\.\d)"
_QUOTED = r"[bB]?'\x01*'|[bB]?\"\x01*\""
_MAKERS = "deque|set|frozenset|Counter|defaultdict|OrderedDict|dict|range"
_BRACKETED = rf"(?:{_MAKERS})?[\[({{]\x01*[\])}}](?:\s\(\x01+\))?(?!\()"
_WORD = r"\b(?:True|False|None|true|false|null)\b|(?<![\w.])[-−]?(?:inf|nan)(?![\w.])"
VALUE: Final = rf"(?:{_NUMBER}|{_QUOTED}|{_BRACKETED}|{_WORD})"

_BEGINS = rf"(?<![\w.'{NAME}{FUNCTION}])"
_PART = rf"\.[\w{NAME}{FUNCTION}]+"
PATH: Final = rf"{_BEGINS}{NAME}+(?:{_PART}(?![\w(])|\[\x01*\])*(?![\w(])"
_CALLABLE = rf"(?:[{NAME}{FUNCTION}]+|len|sum|min|max|abs|sorted|int|str|float|round|ord|chr|list|set|tuple)"
CALL: Final = rf"{_BEGINS}{_CALLABLE}(?:{_PART})*\(\x01*\)(?:{_PART}\(\x01*\)|\[\x01*\])*"

_SIGN = r"(?:\*\*|//|<<|>>|[-+*/%^×÷·−&|])"
_WORDED = (
    "(?:plus|minus|times|multiplied by|(?:integer |floor[- ])?divided by|modulo|mod|raised to the power(?: of)?|"
    "to the power(?: of)?|concatenated with|followed by|bit-and|bit-or|bit-xor|xor|div)"
)
_TERM = rf"(?:{CALL}|{PATH}|{VALUE})"

_NOT_INSIDE = r"(?<![-+*/%^×÷−]\s)(?<![-+*/%^×÷−])" + "".join(
    rf"(?<!\b{word}\s)" for word in ("plus", "minus", "times")
)
"""A formula is read from its beginning. (It also keeps the search linear in a long one.)"""

_EQUALS = (
    "(?:~(?:={1,2}(?![=<>])|→|->|=>|⇒|≈)~"
    r"|(?: |, (?:which|that|this|it) )(?:is equal to|equals|gives(?: us)?|yields|makes|evaluates to|results in|"
    "comes to|comes out (?:to|as)|amounts to|produces|has the value|has value) "
    "(?:(?:a|the) (?:value|result|total|sum) of )?"
    r"|, (?:which|that)(?: is|'s) "
    r"| (?:is now|now is|is) (?=[-−\d'\"\[({TFNb])"
    "|,? (?:to get|giving(?: us)?|yielding|making it|resulting in|producing|for a total of) )"
)
_MADE = "updated|(?:re)?set|changed|(?:in|de)creased|reduced|raised|(?:in|de)cremented|initiali[sz]ed|assigned|bound"
_BECOMES = (
    "(?: (?:becomes|become|turns into"
    f"|is (?:then |now |also |initially )?(?:{_MADE})(?: again)?(?: from {{v}})?(?: to| as| with| at)?(?: be)?"
    "|gets(?: the value)?(?: set to)?|takes(?: on)? the value|is assigned the value(?: of)?|is given the value"
    "|starts (?:at|as|with|out as)|start at|begins (?:at|as|with)"
    "|(?:goes|changes|increases|decreases|grows|drops|rises|moves|shrinks)(?: up| down)?(?: from {v})? to"
    "|ends up as|ends as|remains|stays(?: at)?|is still|equals|holds|contains"
    "|is (?:again|now|initially|originally|currently|therefore|thus|just|simply|then|also)|now is|is) "
    "(?:(?:an? |the )(?:empty )?(?:string|list|integer|number|value|dictionary|set|tuple|float) )?"
    "|~(?::=|={1,2}(?![=<>]))~)"
)

CHANGING: Final = re.compile(
    "becom|turn|set|updat|chang|increas|decreas|goes|grow|drop|ris|mov|shrink|now|assign|end|:="
)
"""The links that tell a change rather than a state."""

PART_OF: Final = re.compile(r"\b(?:of|from|by|with|in|at|to|than|between|per|on)\s+$")
"""What makes the next words the end of a longer subject: "the length of x is 3"."""

GIVING: Final = ("gives", "yields", "makes", "produces", "returns", "results", "comes", "amounts")
"""What only an operation does: before it, a lone value is the end of something longer ("joining xs gives 'ab'")."""

HYPOTHETICAL: Final = re.compile(
    r"\b(?:if|whether|unless|until|while|as long as|check(?:s|ing)? that|would|should|could|may|might|suppose|assume|"
    r"compare[sd]?|comparing|test(?:s|ing)? that)\b[^.;:]*$",
    re.IGNORECASE,
)

# --- the short hand ---------------------------------------------------------------------------------------------------


def _written_out(text: str) -> str:
    text = re.sub("(?<!\\\\) ", r"\\s+", text).replace("~", r"\s*")
    for _ in range(3):  # pieces hold pieces
        for name, piece in _pieces().items():
            text = text.replace(f"{{{name}}}", piece)
    return text


@cache
def _pieces() -> dict[str, str]:
    spaced = {"equals": _EQUALS, "becomes": _BECOMES, "worded": _WORDED}
    pieces = {name: re.sub(" ", r"\\s+", text).replace("~", r"\s*") for name, text in spaced.items()}
    operator = rf"(?:\s*{_SIGN}\s*|\s+{pieces['worded']}\s+)"
    any_comparison = "|".join(f"(?:{_bounded(words)})" for words, _ in COMPARISONS)
    return pieces | {
        "v": VALUE,
        "outside": _NOT_INSIDE,
        "p": PATH,
        "c": CALL,
        "f": rf"{_NOT_INSIDE}{_TERM}(?:{operator}{_TERM})*",
        "end": rf"(?!{operator}(?:[\d(\[{{'\"\x02\x03]|[a-z]+\())",  # no operation goes on here
        "function": rf"{_BEGINS}{FUNCTION}+",
        "comparison": re.sub(" ", r"\\s+", any_comparison),
        "ordinal": "|".join([*ORDINALS, *(word.capitalize() for word in ORDINALS)]),
        "count": "|".join(COUNTS),
        "adjective": "|".join(ADJECTIVES),
        "exception": r"[A-Z]\w*(?:Error|Exception|Iteration|Interrupt|Warning)",
        "container": "(?:list|string|word|text|array|tuple|set|dictionary)",
    }


def _bounded(words: str) -> str:
    plain = words.replace("(?P<no>", "(?:").replace("(?P<no2>", "(?:")
    return rf"\b{plain}\b" if plain[0].isalpha() or plain.startswith("(?:is") else plain


def operator_of(said: str) -> tuple[str, bool]:
    """Return the operator that a comparison in words means, and whether it is turned round. Raises ValueError."""
    for words, operator in COMPARISONS:
        match = re.fullmatch(re.sub(" ", r"\\s+", words), said.strip())
        if match:
            groups = match.groupdict()
            return operator, bool(groups.get("no") or groups.get("no2"))
    raise ValueError(f"{said!r} compares nothing")


# --- what a sentence may state ----------------------------------------------------------------------------------------

_STATEMENTS: Final = {
    "answer": (
        r"(?:\b(?:[Tt]he )?(?:[Ff]inal )?(?:[Aa]nswer|[Rr]esult|(?:final )?(?:return(?:ed)? value|output))"
        r"(?: of (?:the )?\S+)?~(?:is|was|:|=|will be|equals|must be)+~(?:therefore |thus |then )?)"
        r"(?P<value>{v}|\S+(?=[\s.]*$))|\\boxed\{\x01*\}"
    ),
    "call": (
        r"(?P<callee>{function})(?P<args>\(\x01*\))~"
        "(?:{equals}| (?:will )?(?:returns?|returned|gives back|yields) )(?P<value>{v}){end}"
    ),
    "method": "{outside}(?P<first>{c}) (?:returns?|gives|yields|evaluates to|is|=) (?P<value>{v}){end}",
    "called": (
        "(?P<callee>{function}) is (?:then )?(?:called|invoked) (?:recursively )?(?:again )?with (?P<args>[^.;]+)"
    ),
    "doing": (
        "(?P<verb>[Aa]dding|[Ss]ubtracting|[Mm]ultiplying|[Dd]ividing|add|subtract|multiply|divide) "
        "(?P<a>{p}|{v}) (?P<word>to|and|from|by|with) (?P<b>{p}|{v}),?~(?:and |we |to )?"
        "(?:gives(?: us)?|yields|get|is|equals|makes|results in|produces|=)~(?P<value>{v})"
    ),
    "aggregate": (
        "(?P<what>sum|total|maximum|minimum|max|min|largest|smallest|product|difference) "
        "(?:element |value |number )?(?:of|in|between|from) (?:the (?:list|elements of|numbers in|values in) )?"
        "(?P<a>{p}|{v})(?: and (?P<b>{p}|{v}))?~,?~(?:which )?(?:is|equals|=|gives)~(?P<value>{v})"
    ),
    "remainder": (
        r"(?P<a>{p}|{v}) (?:is )?divided by (?P<b>{p}|{v})(?: is)?[^.;]{0,30}?\b(?:leaves|with|has|gives) "
        "(?:a )?remainder (?:of |is )?(?P<value>{v})"
    ),
    "remainder-of": (
        "remainder (?:of|when|from) (?:dividing )?(?P<a>{p}|{v}) (?:(?:is )?divided )?by (?P<b>{p}|{v})~,?~"
        "(?:which )?(?:is|equals|=)~(?P<value>{v})"
    ),
    "length": (
        "(?:length|size) of (?:the {container} )?(?P<of>{p}|{v})~,?~(?:which )?(?:is|equals|=|of)(?: now)?~"
        r"(?P<value>\d+)(?!\w|\.\d)"
    ),
    "has-length": (
        r"(?P<of>{p}|{v}) (?:now )?(?:has|have) (?:a )?(?:length (?:of )?(?P<value>\d+)"
        r"|(?P<value2>\d+) (?:elements?|items?|characters?|entries|keys))\b"
    ),
    "append": (
        r"\b(?:[Aa]ppend(?:s|ed|ing)?|[Aa]dd(?:s|ed|ing)?|[Pp]ush(?:es|ed|ing)?|[Ii]nsert(?:s|ed|ing)?) "
        "(?P<value>{p}|{v}) (?:is )?(?:on)?to (?:the (?:end of )?(?:list |set )?)?(?P<place>{p})"
    ),
    "appended": (
        "(?P<value>{p}|{v}) is (?:then )?(?:appended|added|pushed|inserted) (?:on)?(?:in)?to "
        "(?:the (?:end of )?(?:list |set )?)?(?P<place>{p})"
    ),
    "gets": "(?P<place>{p}) gets (?P<value>{v}) at its end",
    "removed": (
        r"\b(?:[Rr]emov(?:es?|ed|ing)|[Pp]op(?:s|ped|ping)?|[Dd]elet(?:es?|ed|ing)) (?P<value>{v}) from (?:the )?"
        "(?P<place>{p})|(?P<value2>{v}) is (?:removed|popped|deleted) from (?:the )?(?P<place2>{p})"
    ),
    "divisible": "(?P<left>{f}) is (?P<no>not )?(?:evenly )?divisible by (?P<right>{f})",
    "empty": (
        "(?P<place>{p}) (?:is|starts(?: out)? as|becomes|begins as|is (?:set|initiali[sz]ed) (?:to|as|with)) "
        r"(?:initially |now )?an? (?:new )?empty (?P<kind>string|list|dict(?:ionary)?|set|tuple)\b"
    ),
    "chain": "(?P<first>{f})(?P<link>{becomes}|{equals})(?P<second>{f})(?P<rest>(?:{equals}(?:{f}))*)",
    "comparison": "(?P<left>{f})~(?P<op>{comparison})~(?P<right>{f})",
    "adjective": (
        r"(?P<left>{f}) (?:is|are) (?P<no>not )?(?P<adjective>{adjective})\b(?! (?:number|index|position))"
    ),
    "returns": (
        r"\b(?:(?P<callee>{function}) |(?:function|call|method|program|it|we|recursion|code) )?"
        "(?:then |finally |therefore |also )?(?:returns?|returned|returning|gives back|outputs) "
        "(?:the (?:value|string|list|result|number|final (?:value|result)) (?:of )?)?"
        r"(?:{p}~(?:, which is|=|,~i\.e\.,?|\(i\.e\.,?)~)?(?P<value>{v})"
    ),
    "output": (
        r"\b(?:prints?|printed|printing|output(?:s|ted)?|writes?|displays?) (?:out )?"
        "(?:the (?:string|value|text|number|line) )?(?P<value>{v})"
    ),
    "output-bare": r"\bprints? (?:out )?(?P<word>[^\s.,;:'\"\x01-\x03]+)(?=[.,;]|~$)",
    "raises": (
        r"\b(?:rais(?:es?|ed|ing)|throw(?:s|n|ing)?|fails with) (?:an? |the )?(?:exception )?(?P<type>{exception})\b"
        r"|\b(?P<type2>{exception}) is (?:raised|thrown)"
    ),
    "count": (
        r"\bafter (?P<passes>\d+) (?:passes|iterations|turns|rounds)\b"
        r"|\bloop (?:runs|ran|executes|iterates|makes|repeats|goes|ends|finishes|is done|completes) "
        r"(?:round |through |after |for |a total of |exactly )*(?P<number>\d+|{count}) "
        r"(?:times?|iterations?|passes|pass|turns?|rounds?)\b"
    ),
    "pass": (
        r"\b(?:(?:[Pp]ass|[Ii]teration|[Tt]urn|[Rr]ound) (?:number |#)?(?P<number>\d+)"
        r"|(?P<ordinal>{ordinal}|\d+(?:st|nd|rd|th)) (?:pass|iteration|turn|round|time through))\b(?:\.\d+)?"
    ),
    "mention": r"(?P<callee>{function})(?P<args>\(\x01+\))",
}
"""What can be stated, in the order in which it is looked for: what is found first keeps its stretch of the text."""

_FOLLOWING: Final = {
    "truth": (
        r"\)?`?(?:,?~(?:(?:which|this|that|it|so this|and this) )?"
        "(?:is|comes out(?: as| to be)?|turns out(?: to be)?|evaluates to|gives|returns|yields|was|:|->|→|=>|⇒|=)~"
        r"|~[(]~)`?(?P<word>[Tt]rue|[Ff]alse|TRUE|FALSE)\b"
        "|,?~(?:(?:which|this|that|it) )?(?P<holds>does not hold|doesn't hold|fails"
        "|is not (?:true|met|satisfied|the case)|isn't (?:true|met|the case)"
        r"|holds|is met|is satisfied|is the case|passes|succeeds)\b"
    ),
    "content": (
        ",? (?:which|and(?: it)?|so it|making it|leaving)~(?:is now|now is|becomes|is|leaves|holds|contains)? "
        "(?P<value>{v})"
    ),
    "relation": "(?:,? (?:which|and|that))? (?P<op>{comparison}) (?P<right>{f})",
    "side": "{equals}(?P<side>{f})",
    "name": "{p}",
    "bare": "{p}|{v}",
}
"""What may follow a statement and belong to it, and pieces that are matched alone."""


@cache
def statement_patterns() -> dict[str, re.Pattern[str]]:
    """Return the patterns of statements by kind, in the order in which they are looked for."""
    return {kind: re.compile(_written_out(text)) for kind, text in _STATEMENTS.items()}


@cache
def following(kind: str) -> re.Pattern[str]:
    """Return the pattern of something that may follow a statement."""
    return re.compile(_written_out(_FOLLOWING[kind]))
