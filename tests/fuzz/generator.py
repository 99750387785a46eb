"""Random programs that alias, nest and change containers and objects in place: what a recorder most easily gets wrong.

A program is a list of statements over six variables, each inside a ``try`` since most combinations fail for some
values; around them stand helpers: a class with operators of its own, a generator, a closure, an async function.
"""

import random

NAMES = "abcdef"
PREAMBLE = """\
import asyncio

class K:
    def __init__(self):
        self.log = []
    def __iadd__(self, other):
        self.log.append(other)
        return self
    def __eq__(self, other):
        self.seen = other
        return self is other
    def __getitem__(self, key):
        return self.log[key]

def helper(o):
    if isinstance(o, list):
        o.append(len(o))
    elif isinstance(o, dict):
        o[len(o)] = o.get(0)
    elif isinstance(o, set):
        o.add(len(o))
    elif isinstance(o, K):
        o.n = getattr(o, "n", 0) + 1
    return o

def g(o, k):
    for i in range(k):
        helper(o)
        z = yield o

def closure(o):
    held = [o]
    def inner(v):
        nonlocal o
        o = v
        held.append(v)
        return held
    return inner

async def later(o):
    await asyncio.sleep(0)
    helper(o)
    return o

def sort_of(o):
    match o:
        case [first, *rest]:
            return first, rest
        case {"x": x, **others}:
            return x, others
        case K(log=log):
            return log
        case _:
            return None

def f(a, b):
    i = 0
"""
STATEMENTS = """\
{v} = {lit}|{v} = {w}|{v}.append({lit})|{v}[{key}] = {lit}|{v} += {lit}|helper({v})|{v}.q = {w}|{v}.q.append({w})
{v}[0][0] = {lit}|{v}.pop(-1)|{v}.append({v})|del {v}[0]|{v}.clear()|{v}, {w} = {w}, {v}
{v}[0], {v}[-1] = {v}[-1], {v}[0]|for i in range(2): {v} = [i, {w}]|{v} = [x for x in {w}]|{v}.update({w})
{v}.setdefault("k", []).append({w})|{v}.sort()|{v}[1:2] = [{w}, {lit}]|{v} = sorted({w})|del {v}|{v} = g({w}, 2)
{v} = next({w})|i = {n}|{v}["x"] = {v}["y"] = {lit}|{v} = set(); {v}.add({n})|{v} = dict({w})|{v} = {w}[:]
{v} *= 2|{v}.r = K(); {v}.r.s = {w}|{v} = {w}.r|{v} = {w}[0]|list(map({v}.append, (1, 2)))|{v}.insert(0, {w})
del {v}.q|{v} = closure({w})|{v} = {w}(3)|{v} = asyncio.run(later({w}))|{v} = sort_of({w})|{v} = {w} == {v}
{v} = {{k: [k] for k in range(2)}}|{v} = ({w}, [{w}])|{v} = (lambda: {w})|{v} = {w}()|{v}.close()|raise ValueError({w})
"""


def program(seed):
    """Return the text of one program."""
    draw = random.Random(seed)
    choices = [statement for row in STATEMENTS.splitlines() for statement in row.split("|")]
    firsts = ["[1, 2]", "{}", "K()", "0", "a", "[[1], [2]]", '{"x": [1]}']
    body = [f"{name} = {draw.choice(firsts)}" for name in NAMES[2:]]
    for _ in range(draw.randrange(10, 45)):
        statement = draw.choice(choices).format(
            v=draw.choice(NAMES), w=draw.choice(NAMES), lit=literal(draw), n=draw.randrange(-2, 3),
            key=draw.choice(["0", "-1", "1", '"x"', "i", "i - 1"]),
        )  # fmt: skip
        body += guarded(statement, in_loop=draw.randrange(8) == 0)
    lines = [*body, "return i"]
    return PREAMBLE + "".join(f"    {line}\n" for line in lines) + "\nf([1, [2]], {'x': 1})\n"


def guarded(statement, *, in_loop):
    lines = ["try:", f"    {statement}", "except Exception:", "    pass"]
    return ["for i in range(3):", *(f"    {line}" for line in lines)] if in_loop else lines


def literal(draw, depth=0):
    kind = draw.randrange(9)
    if kind < 3 or depth > 2:
        return str(draw.randrange(-3, 300))
    if kind == 3:
        return f"[{', '.join(literal(draw, depth + 1) for _ in range(draw.randrange(4)))}]"
    if kind == 4:
        pairs = [
            f"{draw.choice(['x', 'y', 1, 2])!r}: {literal(draw, depth + 1)}" for _ in range(draw.randrange(3))
        ]
        return f"{{{', '.join(pairs)}}}"
    if kind == 5:
        return draw.choice(NAMES)
    if kind == 6:
        return "K()"
    if kind == 7:
        return f"({literal(draw, depth + 1)}, {draw.choice(NAMES)})"
    return repr(draw.choice(["s", "tt", "", "x" * 30, None, True, 1.5, 10**30]))
