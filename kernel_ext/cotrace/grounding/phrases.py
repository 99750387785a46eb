"""The closed list of phrases that the offline narrator writes and the checker reads back.

A sentence of the narrator is ``[lead] phrase {joiner phrase} "."``: every phrase is an instance of one in `PHRASES`,
a lead (``Pass 3: ``) is one in `LEADS` and a joiner (``; ``) one in `JOINERS`. A phrase has several texts, which say
the same thing in other words; each text holds every slot of the phrase, written ``{slot:kind}``. Where a sentence
begins with a phrase's own words, its first letter is a capital; a slot's text is never altered.

Slot kinds, with what a text of that kind looks like and what it stands for:

=========  ===========================================  ====================================================
kind       looks like                                   stands for
=========  ===========================================  ====================================================
name       ``total``                                    a variable, attribute, function or type, as written
place      ``total``, ``self.size``, ``grid[1][0]``,    where a value is kept: a variable, then attributes
           ``ages['Bo']``                               and subscripts whose indexes are values
value      ``3``, ``'a b'``, ``[1, 2]``,                a value, by its Python repr; other objects by type
           ``<Point o3>``                               and number
operand    a place or a value                           the thing that was worked on: a place stands for its
                                                        value when the step ran
operands   operands, with ", " and " and " between      several of them, in order
working    ``2 × (3 + 4) = 14``                         an equation: arithmetic over values, and the result
condition  ``3 < 5``, ``'a' is in word``, ``x is None`` a comparison, true or false as the phrase says
number     ``12``                                       a count
passes     ``3``, ``2.1``                               a pass number; 2.1 is pass 1 of the inner loop in
                                                        pass 2 of the outer one
bindings   ``a is 1, b is 2 and c is 3``                parameters or variables with their values
series     ``1, 3, 6, …, 55``                           values in order; ``…`` stands for those left out
=========  ===========================================  ====================================================

Arithmetic is written with mathematical signs: ``+ − × ÷``, ``mod`` and ``div`` (division rounded down), ``to
the power``, ``= ≠ < ≤ > ≥``, and in words for the rest (`OPERATORS`). ``-3`` with a hyphen is a value; ``−``
subtracts.

An elided value has its beginning and its end with ``…`` between and its length after:
``'abcde…vwxyz' (1200 characters)``, ``[1, 2, 3, …, 99] (100 elements)``.

What a phrase claims is its `claim`, one of the words in `CLAIMS`; its anchor is the sentence's. Where a
phrase says what a function gave, `meaning` is that function as an expression over the slots, to be worked out anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

SLOT = re.compile(r"\{(\w+):(\w+)\}")

KINDS = frozenset(
    {
        "name",
        "place",
        "value",
        "operand",
        "operands",
        "working",
        "condition",
        "number",
        "passes",
        "bindings",
        "series",
    }
)

CLAIMS = {
    "set": "a step of the anchor gave `place` this value (a binding or a change it caused)",
    "read": "`place` has this value just before, during or just after a step of the anchor",
    "work": "an expression of an anchored step has the equation's result, and the equation is right",
    "apply": "an anchored step worked out `meaning` over these operands, and it gave `result`",
    "true": "an anchored step tested this condition (or this value), which was true",
    "false": "an anchored step tested this condition (or this value), which was false",
    "pass": "the anchor's first step belongs to this pass of the loop around it",
    "over": "a loop that an anchored step begins goes over this value",
    "same": "these passes of the loop take the same branches",
    "stretch": "the anchored steps reach from the one pass to the other",
    "series": "`place` takes these values, in order, in the anchored steps",
    "passes": "the loop that ends at the anchor's last step made this many passes",
    "change": "an anchored step changed the object at `place` in this way; it then is `after`",
    "call": "an anchored step begins a call of `callee` with these parameters",
    "return": "a frame of `callee` that ends in the anchor gave `result`",
    "repeat": "the caller in the anchor makes `count` calls of `callee` there, and these are their results",
    "identity": "an anchored step tested whether these are one object, with this outcome",
    "type": "the value is of this type (and not of `other`), or a test with isinstance said so",
    "yield": "a generator of `callee` gave `result` at an anchored step, or waited, or went on",
    "raise": "an exception of type `type` with this message arose at an anchored step",
    "handle": "an exception of type `type` was handled at an anchored step",
    "unwind": "a frame of `callee` that ends in the anchor ended with an exception of type `type`",
    "output": "an anchored step wrote this text",
    "match": "an anchored step compared the subject with a pattern, and it did or did not match",
    "define": "an anchored step defined this function or class, or imported this name",
    "answer": "the run's outcome is this",
    "stop": "the recording ended before the run did",
}
"""Every kind of claim, and when it is right."""

OPERATORS = {
    "+": "+",
    "−": "-",
    "×": "*",
    "÷": "/",
    "div": "//",
    "mod": "%",
    "to the power": "**",
    "shifted left by": "<<",
    "shifted right by": ">>",
    "bit-and": "&",
    "bit-or": "|",
    "bit-xor": "^",
}
"""The arithmetic signs and words, each with the Python operator it stands for."""

COMPARISONS = {
    "=": "==",
    "≠": "!=",
    "<": "<",
    "≤": "<=",
    ">": ">",
    "≥": ">=",
    "is in": "in",
    "is not in": "not in",
}
"""The comparison signs and words, each with the Python operator it stands for."""


@dataclass(frozen=True)
class Phrase:
    """One thing that can be said, in several wordings with the same slots."""

    name: str
    claim: str
    texts: tuple[str, ...]
    meaning: str = ""
    """For claim ``apply``: a Python expression over the slots that gives ``result``."""

    parts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Of a phrase made of two others: their names, and for each of their slots the slot of this one."""

    @cached_property
    def slots(self) -> dict[str, str]:
        """The slots and their kinds."""
        return {match[1]: match[2] for match in SLOT.finditer(self.texts[0])}

    def render(self, choice: int, values: dict[str, str]) -> str:
        """Return wording number `choice` (counted round) with the slots filled."""
        text = self.texts[choice % len(self.texts)]
        return SLOT.sub(lambda match: values[match[1]], text)


JOINERS = ("; ", ", so ")
"""What may stand between two phrases of a sentence. The second, between a test and what came of it, claims no more."""

LEADS = (Phrase("pass", "pass", ("Pass {pass:passes}: ",)),)
"""What may stand before the first phrase of a sentence."""

SIMPLE = (
    # --- beginning and end ---
    Phrase("answer", "answer", ("so the answer is {value:value}",)),
    Phrase("answer-object", "answer", ("so the answer is {value:value}, where {bindings:bindings}",)),
    Phrase("answer-raised", "answer", ("so the run ends with {type:name}: {message:value}",)),
    Phrase("answer-raised-bare", "answer", ("so the run ends with {type:name}, which has no message",)),
    Phrase("answer-output", "answer", ("so the printed output is {text:value}",)),
    Phrase("answer-nothing", "answer", ("so the code ends with nothing to show",)),
    Phrase("stopped", "stop", ("what is known ends here, before the code does",)),
    # --- values given to places ---
    Phrase(
        "set",
        "set",
        (
            "{place:place} becomes {value:value}",
            "{place:place} is set to {value:value}",
            "{place:place} is now {value:value}",
            "{place:place} gets the value {value:value}",
            "{place:place} receives {value:value}",
            "{place:place} now holds {value:value}",
        ),
    ),
    Phrase(
        "start-at",
        "set",
        (
            "{bindings:bindings} to begin with",
            "at first {bindings:bindings}",
            "to start, {bindings:bindings}",
            "initially {bindings:bindings}",
            "{bindings:bindings} at the start",
        ),
    ),
    Phrase(
        "set-many",
        "set",
        ("now {bindings:bindings}", "{bindings:bindings} now"),
    ),
    Phrase(
        "set-from",
        "set",
        (
            "{place:place} takes the value of {source:place}, {value:value}",
            "{place:place} becomes {source:place}, that is {value:value}",
            "{place:place} is set to {source:place}, which is {value:value}",
        ),
    ),
    Phrase(
        "set-working",
        "set",
        (
            "{place:place} becomes {working:working}",
            "{place:place} is set to {working:working}",
            "{place:place} is now {working:working}",
            "{place:place} gets the value {working:working}",
            "{place:place} now equals {working:working}",
            "{place:place} works out to {working:working}",
        ),
    ),
    Phrase(
        "update-working",
        "set",
        (
            "{place:place} goes from {old:value} to {working:working}",
            "{place:place} changes from {old:value} to {working:working}",
            "{place:place} moves from {old:value} to {working:working}",
        ),
    ),
    Phrase("stay", "read", ("{place:place} stays {value:value}", "{place:place} is again {value:value}")),
    Phrase("unset", "change", ("{place:place} is deleted", "{place:place} goes away")),
    Phrase("same-object", "set", ("{place:place} and {source:place} are now the same object",)),
    # --- values looked at and worked out ---
    Phrase(
        "read",
        "read",
        (
            "{place:place} is {value:value}",
            "{place:place} has the value {value:value}",
            "{place:place} holds {value:value}",
            "{place:place} equals {value:value}",
        ),
    ),
    Phrase("work", "work", ("{working:working}",)),
    # --- conditions ---
    Phrase(
        "true",
        "true",
        (
            "{condition:condition} holds",
            "{condition:condition} is true",
            "indeed {condition:condition}",
            "{condition:condition} is the case",
            "{condition:condition} comes out true",
        ),
    ),
    Phrase("holds", "true", ("{condition:condition}",)),
    Phrase(
        "false",
        "false",
        (
            "{condition:condition} does not hold",
            "{condition:condition} is false",
            "{condition:condition} fails",
            "{condition:condition} is not the case",
            "{condition:condition} comes out false",
        ),
    ),
    Phrase("work-false", "false", ("{working:working}, not {wanted:value}",)),
    Phrase("work-unequal", "true", ("{working:working}, not {wanted:value}",)),
    Phrase("identical", "identity", ("{a:operand} and {b:operand} are the same object",)),
    Phrase("not-identical", "identity", ("{a:operand} and {b:operand} are different objects",)),
    Phrase("type-is", "type", ("the type of {operand:operand} is {type:name}",)),
    Phrase("type-is-not", "type", ("the type of {operand:operand} is {type:name}, not {other:name}",)),
    Phrase("instance", "type", ("{operand:operand} is an instance of {type:name}",)),
    Phrase("no-instance", "type", ("{operand:operand} is no instance of {type:name}",)),
    Phrase("empty", "false", ("{operand:operand} is empty",)),
    Phrase("not-empty", "true", ("{operand:operand} is not empty",)),
    Phrase("is-none", "read", ("{place:place} is None",)),
    Phrase("not-none", "true", ("{operand:operand} is not None",)),
    Phrase(
        "truthy",
        "true",
        ("{operand:operand} counts as true", "{operand:operand} is taken as true"),
    ),
    Phrase(
        "falsy",
        "false",
        ("{operand:operand} counts as false", "{operand:operand} is taken as false"),
    ),
    # --- loops ---
    Phrase(
        "over",
        "over",
        ("the loop goes over {operand:operand}", "the loop takes the elements of {operand:operand} in turn"),
    ),
    Phrase("over-range", "over", ("the loop counts from {first:value} to {last:value}",)),
    Phrase(
        "over-range-step",
        "over",
        ("the loop counts from {first:value} to {last:value} in steps of {step:value}",),
    ),
    Phrase("loop-begins", "over", ("a loop begins", "the loop begins")),
    Phrase("over-one", "over", ("the loop has only {first:value} to count",)),
    Phrase("over-pairs", "over", ("the loop goes over {operands:operands} side by side",)),
    Phrase("over-reversed", "over", ("the loop goes over {operand:operand} from back to front",)),
    Phrase("over-items", "over", ("the loop goes over the keys and values of {operand:operand}",)),
    Phrase("over-keys", "over", ("the loop goes over the keys of {operand:operand}",)),
    Phrase("over-values", "over", ("the loop goes over the values of {operand:operand}",)),
    Phrase("reads", "read", ("{bindings:bindings}",)),
    Phrase("same-way", "same", ("passes {first:passes} to {last:passes} go the same way",)),
    Phrase(
        "takes",
        "series",
        ("{place:place} takes the values {series:series}", "{place:place} goes {series:series}"),
    ),
    Phrase(
        "takes-over",
        "series",
        (
            "over passes {first:passes} to {last:passes} {place:place} takes the values {series:series}",
            "in passes {first:passes} to {last:passes} {place:place} goes {series:series}",
        ),
    ),
    Phrase(
        "ends-at",
        "series",
        (
            "over passes {first:passes} to {last:passes} {place:place} ends at {series:series}",
            "passes {first:passes} to {last:passes} leave {place:place} at {series:series}",
        ),
    ),
    Phrase("go-on-one", "stretch", ("pass {first:passes} follows",)),
    Phrase("go-on", "stretch", ("passes {first:passes} to {last:passes} follow",)),
    Phrase("by-then", "read", ("by then {place:place} is {value:value}",)),
    Phrase("no-pass", "passes", ("the loop makes no pass", "there is nothing to loop over")),
    Phrase(
        "after-passes",
        "passes",
        ("the loop ends after {count:number} passes", "after {count:number} passes the loop is done"),
    ),
    Phrase("after-one-pass", "passes", ("the loop ends after one pass", "after one pass the loop is done")),
    Phrase(
        "break",
        "passes",
        ("the loop is left in pass {pass:passes}", "the loop stops early, in pass {pass:passes}"),
    ),
    Phrase("continue", "same", ("the rest of this pass is skipped",)),
    # --- changes of objects ---
    Phrase(
        "append",
        "change",
        (
            "{added:value} is appended to {place:place}",
            "{added:value} goes to the end of {place:place}",
            "{place:place} gets {added:value} at its end",
            "at the end of {place:place} comes {added:value}",
        ),
    ),
    Phrase(
        "append-now",
        "change",
        (
            "{added:value} is appended to {place:place}, which is now {after:value}",
            "{place:place} gets {added:value} at its end and is {after:value}",
        ),
    ),
    Phrase("add", "change", ("{added:value} is added to {place:place}", "{place:place} gains {added:value}")),
    Phrase("insert", "change", ("{added:value} is put into {place:place} at index {index:number}",)),
    Phrase("removed-key", "change", ("the key {removed:value} is removed from {place:place}",)),
    Phrase("add-now", "change", ("{added:value} is added to {place:place}, which is now {after:value}",)),
    Phrase(
        "removed",
        "change",
        ("{removed:value} is removed from {place:place}", "{place:place} loses {removed:value}"),
    ),
    Phrase(
        "removed-now",
        "change",
        (
            "{removed:value} is removed from {place:place}, which leaves {after:value}",
            "{place:place} loses {removed:value} and is {after:value}",
        ),
    ),
    Phrase(
        "changed",
        "change",
        ("{place:place} is changed to {after:value}", "{place:place} changes and is now {after:value}"),
    ),
    Phrase("changed-length", "change", ("{place:place} changes and now has {count:number} elements",)),
    Phrase("unchanged", "change", ("{place:place} stays as it is", "{place:place} does not change")),
    Phrase("alias", "change", ("{place:place} is the same object, so it changes too",)),
    # --- functions of ours ---
    Phrase(
        "call",
        "call",
        (
            "{callee:name} is called and {bindings:bindings}",
            "a call of {callee:name} begins, where {bindings:bindings}",
            "{callee:name} starts, and {bindings:bindings}",
            "{callee:name} runs, where {bindings:bindings}",
            "{callee:name} is entered, and {bindings:bindings}",
        ),
    ),
    Phrase("call-bare", "call", ("{callee:name} is called", "a call of {callee:name} begins")),
    Phrase(
        "return",
        "return",
        (
            "{callee:name} returns {result:value}",
            "{callee:name} gives back {result:value}",
            "the call of {callee:name} returns {result:value}",
            "{callee:name} hands back {result:value}",
            "{callee:name} ends and returns {result:value}",
        ),
    ),
    Phrase(
        "return-from",
        "return",
        (
            "{callee:name} returns {source:place}, that is {result:value}",
            "{callee:name} gives back {source:place}, which is {result:value}",
        ),
    ),
    Phrase(
        "return-working",
        "return",
        ("{callee:name} returns {working:working}", "{callee:name} gives back {working:working}"),
    ),
    Phrase("return-where", "return", ("where {bindings:bindings}, {callee:name} returns {result:value}",)),
    Phrase(
        "return-where-working",
        "return",
        ("where {bindings:bindings}, {callee:name} returns {working:working}",),
    ),
    Phrase(
        "return-where-from",
        "return",
        ("where {bindings:bindings}, {callee:name} returns {source:place}, that is {result:value}",),
    ),
    Phrase(
        "helper",
        "return",
        (
            "{callee:name}, where {bindings:bindings}, returns {result:value}",
            "{callee:name}, called where {bindings:bindings}, gives {result:value}",
        ),
    ),
    Phrase("helper-bare", "return", ("{callee:name} returns {result:value} when called",)),
    Phrase(
        "helper-more",
        "repeat",
        ("{callee:name} is called {count:number} more times, which gives {series:series}",),
    ),
    Phrase(
        "helper-once-more",
        "repeat",
        ("{callee:name} is called {count:number} more time, which gives {series:series}",),
    ),
    Phrase(
        "yield", "yield", ("{callee:name} yields {result:value}", "{callee:name} hands out {result:value}")
    ),
    Phrase("wait", "yield", ("{callee:name} waits", "{callee:name} is left waiting")),
    Phrase("resume", "yield", ("{callee:name} goes on", "{callee:name} is resumed")),
    Phrase("generator-ends", "yield", ("{callee:name} is exhausted", "{callee:name} has no more to give")),
    Phrase("define", "define", ("{name:name} is defined",)),
    Phrase("define-many", "define", ("{names:operands} are defined",)),
    Phrase("import", "define", ("{name:name} is imported",)),
    Phrase("import-many", "define", ("{names:operands} are imported",)),
    # --- exceptions ---
    Phrase(
        "raise",
        "raise",
        ("{type:name} is raised: {message:value}", "{type:name} arises: {message:value}"),
    ),
    Phrase("raise-bare", "raise", ("{type:name} is raised", "{type:name} arises")),
    Phrase("handle", "handle", ("the {type:name} is caught", "the {type:name} is handled")),
    Phrase(
        "unwind",
        "unwind",
        ("{callee:name} ends with the {type:name}", "the {type:name} leaves {callee:name}"),
    ),
    # --- output ---
    Phrase(
        "output",
        "output",
        (
            "{text:value} is printed",
            "this prints {text:value}",
            "the output is {text:value}",
            "{text:value} is written out",
            "on the screen appears {text:value}",
        ),
    ),
    # --- match ---
    Phrase(
        "matches",
        "match",
        ("{operand:operand} fits case {count:number}", "case {count:number} fits {operand:operand}"),
    ),
    Phrase(
        "no-match",
        "match",
        (
            "{operand:operand} does not fit case {count:number}",
            "case {count:number} does not fit {operand:operand}",
        ),
    ),
    # --- what functions and lookups of Python give: worked out anew from `meaning` ---
    Phrase(
        "length",
        "apply",
        ("the length of {a:operand} is {result:value}", "{a:operand} has length {result:value}"),
        "len(a)",
    ),
    Phrase(
        "sum",
        "apply",
        ("the sum of {a:operand} is {result:value}", "{a:operand} adds up to {result:value}"),
        "sum(a)",
    ),
    Phrase("max", "apply", ("the largest of {a:operand} is {result:value}",), "max(a)"),
    Phrase("min", "apply", ("the smallest of {a:operand} is {result:value}",), "min(a)"),
    Phrase("max-of", "apply", ("the largest of {args:operands} is {result:value}",), "max(*args)"),
    Phrase("min-of", "apply", ("the smallest of {args:operands} is {result:value}",), "min(*args)"),
    Phrase("abs", "apply", ("the absolute value of {a:operand} is {result:value}",), "abs(a)"),
    Phrase(
        "sorted",
        "apply",
        ("{a:operand} sorted is {result:value}", "sorting {a:operand} gives {result:value}"),
        "sorted(a)",
    ),
    Phrase(
        "sorted-down",
        "apply",
        ("{a:operand} sorted from high to low is {result:value}",),
        "sorted(a, reverse=True)",
    ),
    Phrase("sorted-by", "work", ("{a:operand} sorted by its key is {result:value}",)),
    Phrase("max-by", "work", ("the largest of {a:operand} by its key is {result:value}",)),
    Phrase("min-by", "work", ("the smallest of {a:operand} by its key is {result:value}",)),
    Phrase("filter", "work", ("filtering {a:operand} leaves {result:value}",)),
    Phrase("map", "work", ("applying {function:name} to each of {a:operand} gives {result:value}",)),
    Phrase("map-some", "work", ("applying a function to each of {a:operand} gives {result:value}",)),
    Phrase("pair-up", "apply", ("pairing up {args:operands} gives {result:value}",), "list(zip(*args))"),
    Phrase(
        "pair-dict",
        "apply",
        ("pairing up {args:operands} as keys and values gives {result:value}",),
        "dict(zip(*args))",
    ),
    Phrase(
        "count-up",
        "apply",
        ("the numbers from {a:value} up to but not {b:value} are {result:value}",),
        "list(range(a, b))",
    ),
    Phrase("int", "apply", ("{a:operand} as an integer is {result:value}",), "int(a)"),
    Phrase("int-base", "apply", ("{a:operand} read in base {b:value} is {result:value}",), "int(a, b)"),
    Phrase("float", "apply", ("{a:operand} as a float is {result:value}",), "float(a)"),
    Phrase("str", "apply", ("{a:operand} as text is {result:value}",), "str(a)"),
    Phrase("bool", "apply", ("{a:operand} as a truth value is {result:value}",), "bool(a)"),
    Phrase("list", "apply", ("{a:operand} as a list is {result:value}",), "list(a)"),
    Phrase("tuple", "apply", ("{a:operand} as a tuple is {result:value}",), "tuple(a)"),
    Phrase("set-of", "apply", ("{a:operand} as a set is {result:value}",), "set(a)"),
    Phrase("dict-of", "apply", ("{a:operand} as a dictionary is {result:value}",), "dict(a)"),
    Phrase("round", "apply", ("{a:operand} rounded is {result:value}",), "round(a)"),
    Phrase(
        "round-to", "apply", ("{a:operand} rounded to {b:value} places is {result:value}",), "round(a, b)"
    ),
    Phrase("ord", "apply", ("the character code of {a:operand} is {result:value}",), "ord(a)"),
    Phrase("chr", "apply", ("the character with code {a:operand} is {result:value}",), "chr(a)"),
    Phrase(
        "divmod",
        "apply",
        ("{a:operand} divided by {b:value} gives quotient and remainder {result:value}",),
        "divmod(a, b)",
    ),
    Phrase("upper", "apply", ("{a:operand} in upper case is {result:value}",), "a.upper()"),
    Phrase("lower", "apply", ("{a:operand} in lower case is {result:value}",), "a.lower()"),
    Phrase("strip", "apply", ("{a:operand} without white space at its ends is {result:value}",), "a.strip()"),
    Phrase("split", "apply", ("{a:operand} split at white space gives {result:value}",), "a.split()"),
    Phrase("split-at", "apply", ("{a:operand} split at {b:value} gives {result:value}",), "a.split(b)"),
    Phrase("join", "apply", ("joining {a:operand} with {b:value} gives {result:value}",), "b.join(a)"),
    Phrase("join-bare", "apply", ("joining {a:operand} gives {result:value}",), "''.join(a)"),
    Phrase(
        "join-some", "apply", ("joining {args:operands} with {b:value} gives {result:value}",), "b.join(args)"
    ),
    Phrase("join-some-bare", "apply", ("joining {args:operands} gives {result:value}",), "''.join(args)"),
    Phrase(
        "sum-of",
        "apply",
        ("the sum of {args:operands} is {result:value}", "{args:operands} add up to {result:value}"),
        "sum(args)",
    ),
    Phrase("any", "apply", ("at least one of {args:operands} is true",), "any(args)"),
    Phrase("any-not", "apply", ("none of {args:operands} is true",), "not any(args)"),
    Phrase("all", "apply", ("all of {args:operands} are true",), "all(args)"),
    Phrase("all-not", "apply", ("not all of {args:operands} are true",), "not all(args)"),
    Phrase(
        "replace",
        "apply",
        ("{a:operand} with {b:value} replaced by {c:value} is {result:value}",),
        "a.replace(b, c)",
    ),
    Phrase("count", "apply", ("{b:value} occurs {result:number} times in {a:operand}",), "a.count(b)"),
    Phrase("count-once", "apply", ("{b:value} occurs once in {a:operand}",), "a.count(b)"),
    Phrase(
        "find", "apply", ("the search for {b:value} in {a:operand} gives place {result:value}",), "a.find(b)"
    ),
    Phrase(
        "index", "apply", ("the first place of {b:value} in {a:operand} is {result:value}",), "a.index(b)"
    ),
    Phrase("starts", "apply", ("{a:operand} starts with {b:value}",), "a.startswith(b)"),
    Phrase("starts-not", "apply", ("{a:operand} does not start with {b:value}",), "not a.startswith(b)"),
    Phrase("ends", "apply", ("{a:operand} ends with {b:value}",), "a.endswith(b)"),
    Phrase("ends-not", "apply", ("{a:operand} does not end with {b:value}",), "not a.endswith(b)"),
    Phrase("concat", "apply", ("{a:operand} followed by {b:operand} is {result:value}",), "a + b"),
    Phrase("repeat", "apply", ("{a:operand} repeated {b:value} times is {result:value}",), "a * b"),
    Phrase("get", "apply", ("looking up {b:value} in {a:operand} gives {result:value}",), "a.get(b)"),
    Phrase(
        "get-default",
        "apply",
        ("looking up {b:value} in {a:operand}, or else {c:value}, gives {result:value}",),
        "a.get(b, c)",
    ),
    Phrase("slice", "apply", ("{a:operand} from {b:value} up to {c:value} is {result:value}",), "a[b:c]"),
    Phrase("slice-from", "apply", ("{a:operand} from {b:value} on is {result:value}",), "a[b:]"),
    Phrase("slice-to", "apply", ("{a:operand} up to {b:value} is {result:value}",), "a[:b]"),
    Phrase("reverse", "apply", ("{a:operand} reversed is {result:value}",), "a[::-1]"),
    Phrase("slice-step", "apply", ("{a:operand} in steps of {b:value} is {result:value}",), "a[::b]"),
    Phrase(
        "slice-all",
        "apply",
        ("{a:operand} from {b:value} up to {c:value} in steps of {d:value} is {result:value}",),
        "a[b:c:d]",
    ),
    Phrase("copy", "apply", ("a copy of {a:operand} is {result:value}",), "a[:]"),
    Phrase("element", "apply", ("the element of {a:operand} at {b:value} is {result:value}",), "a[b]"),
    Phrase("fill", "apply", ("{a:operand} filled with {b:operand} is {result:value}",), "a % b"),
    Phrase("union", "apply", ("the union of {a:operand} and {b:operand} is {result:value}",), "a | b"),
    Phrase("intersection", "apply", ("what {a:operand} and {b:operand} share is {result:value}",), "a & b"),
    Phrase("difference", "apply", ("{a:operand} without {b:operand} is {result:value}",), "a - b"),
    Phrase(
        "symmetric", "apply", ("what only one of {a:operand} and {b:operand} has is {result:value}",), "a ^ b"
    ),
    # --- what any other function or method gave: found in the ledger, not worked out anew ---
    Phrase(
        "gives",
        "work",
        (
            "{callee:name} of {args:operands} is {result:value}",
            "{callee:name} applied to {args:operands} gives {result:value}",
        ),
    ),
    Phrase("gives-bare", "work", ("{callee:name} gives {result:value}",)),
    Phrase("method", "work", ("{callee:name} on {a:operand} gives {result:value}",)),
    Phrase(
        "method-args", "work", ("{callee:name} on {a:operand} with {args:operands} gives {result:value}",)
    ),
)
"""The phrases that say one thing."""


def _kept(phrase: Phrase) -> Phrase:
    """Return the phrase that tells what a function gave and the place that it was given to."""
    texts = tuple(
        f"{text}, {end}"
        for text, end in zip(
            phrase.texts * 3,
            ("the new value of {place:place}", "kept as {place:place}", "and {place:place} is set to that"),
            strict=False,
        )
    )
    own = tuple((slot, slot) for slot in phrase.slots)
    parts = ((phrase.name, own), ("set", (("place", "place"), ("value", "result"))))
    return Phrase(f"{phrase.name}>set", phrase.claim, texts, phrase.meaning, parts)


def _returned(phrase: Phrase) -> Phrase:
    """Return the phrase that tells what a function of Python gave and the function of ours that returns it."""
    texts = tuple(
        f"{text}, {end}"
        for text, end in zip(
            phrase.texts * 2, ("which {by:name} returns", "and {by:name} returns that"), strict=False
        )
    )
    own = tuple((slot, slot) for slot in phrase.slots)
    parts = ((phrase.name, own), ("return", (("callee", "by"), ("result", "result"))))
    return Phrase(f"{phrase.name}>return", phrase.claim, texts, phrase.meaning, parts)


RESULTS = tuple(
    phrase for phrase in SIMPLE if phrase.claim in ("apply", "work") and phrase.slots.get("result") == "value"
)
"""The phrases that tell a result, which can go on to tell what became of it."""

PHRASES = (*SIMPLE, *map(_kept, RESULTS), *map(_returned, RESULTS))
"""Every phrase. A checker takes the one whose slots it can read and whose claim holds."""
