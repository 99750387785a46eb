"""Which phrase tells what a function, a method or an operator of Python gave.

The tables go from a name and the number of operands to the name of an ``apply`` phrase and the slots that take the
operands. What stands in no table is told by a general phrase (``gives``, ``method-args``).
"""

from __future__ import annotations

import ast

FUNCTIONS: dict[tuple[str, int], str] = {
    ("len", 1): "length",
    ("sum", 1): "sum",
    ("max", 1): "max",
    ("min", 1): "min",
    ("abs", 1): "abs",
    ("sorted", 1): "sorted",
    ("int", 1): "int",
    ("int", 2): "int-base",
    ("float", 1): "float",
    ("str", 1): "str",
    ("bool", 1): "bool",
    ("list", 1): "list",
    ("tuple", 1): "tuple",
    ("set", 1): "set-of",
    ("dict", 1): "dict-of",
    ("round", 1): "round",
    ("round", 2): "round-to",
    ("ord", 1): "ord",
    ("chr", 1): "chr",
    ("divmod", 2): "divmod",
}
"""Built-in functions by name and number of arguments."""

MANY = {"max": "max-of", "min": "min-of"}
"""Built-in functions of two or more arguments that are told as a list."""

METHODS: dict[tuple[str, int], tuple[str, frozenset[str]]] = {
    ("upper", 0): ("upper", frozenset({"str"})),
    ("lower", 0): ("lower", frozenset({"str"})),
    ("strip", 0): ("strip", frozenset({"str"})),
    ("split", 0): ("split", frozenset({"str"})),
    ("split", 1): ("split-at", frozenset({"str"})),
    ("replace", 2): ("replace", frozenset({"str"})),
    ("count", 1): ("count", frozenset({"str", "list", "tuple"})),
    ("find", 1): ("find", frozenset({"str"})),
    ("index", 1): ("index", frozenset({"str", "list", "tuple"})),
    ("get", 1): ("get", frozenset({"dict"})),
    ("get", 2): ("get-default", frozenset({"dict"})),
}
"""Methods by name and number of arguments, with the types of receiver for which the phrase is right."""

SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("−", 1),
    ast.Mult: ("×", 2),
    ast.Div: ("÷", 2),
    ast.FloorDiv: ("div", 2),
    ast.Mod: ("mod", 2),
    ast.Pow: ("to the power", 3),
    ast.LShift: ("shifted left by", 0),
    ast.RShift: ("shifted right by", 0),
    ast.BitAnd: ("bit-and", 0),
    ast.BitOr: ("bit-or", 0),
    ast.BitXor: ("bit-xor", 0),
}
"""Arithmetic signs, and how tightly they bind."""

SETS: dict[type[ast.operator], str] = {
    ast.BitOr: "union",
    ast.BitAnd: "intersection",
    ast.Sub: "difference",
    ast.BitXor: "symmetric",
}

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "≠",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.In: "is in",
    ast.NotIn: "is not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
