"""Small programs that are easy to change by watching them, each with what it is about.

They are run with and without probes, and must show the same: output, exceptions, line numbers, carets, events.
A name that begins with `e_` marks a program that ends with an exception. `SINCE` names those that need a later
Python than the oldest one.
"""

import re

SINCE = {"type_parameters": (3, 12), "nested_quotes": (3, 12), "type_defaults": (3, 13)}

_TEXT = (
    r'''
# ---- truth_is_asked_once
class T:
    def __init__(self, name, truth):
        self.name, self.truth = name, truth
    def __bool__(self):
        print("asked", self.name)
        return self.truth
    def __repr__(self):
        return self.name
yes, no, may = T("yes", True), T("no", False), T("may", True)
if yes and no or may: print(1)
x = yes and no or may
if not (yes and no): print(2)
print([q for q in (yes, no) if q and may], yes if no else may, x)
assert yes and may
while not (no or yes): break
if (yes if no else may): print(3)
if (w := yes) and no: pass
z = not yes or no
print(z, not no, bool(may))
def last(): return yes and no
if last() or last(): pass

# ---- comparisons_that_are_no_bools
class C:
    def __init__(self, name, truth):
        self.name, self.truth = name, truth
    def __lt__(self, other):
        print(self.name, "<", other.name)
        return C(self.name + other.name, self.truth)
    def __bool__(self):
        print("asked", self.name)
        return self.truth
a, b, c = C("a", True), C("b", False), C("c", True)
if a < b < c: print("chain")
if b < a < c: print("never")
y = a < b < c
z = b < a < c and a
print(y.name, z.name, (a < b).name)
while a < b < c:
    a = C("a", False)
print([i for i in range(2) if a < b < c or c < b])
assert a < c < a or c < c, "no"

# ---- truth_by_length
class Sized:
    def __init__(self, n): self.n = n
    def __len__(self):
        print("len", self.n)
        return self.n
for s in (Sized(0), Sized(2)):
    if s: print("full")
    else: print("empty")
    print(not s, s and 1, s or 2)

# ---- super_in_all_its_forms
class A:
    def f(self): return "A.f"
    @property
    def p(self): return "A.p"
    @classmethod
    def c(cls): return cls.__name__
class B(A):
    def f(self): return super().f() + super(B, self).f()
    @property
    def p(self): return super().p + "!"
    @classmethod
    def c(cls): return super().c() + __class__.__name__
    def g(self): return [super(B, self).f() for _ in range(2)], (lambda: super(B, self).f())()
    def h(self):
        s = super
        try: return s().f()
        except RuntimeError as e: return str(e)
b = B()
print(b.f(), b.p, b.c(), b.g(), b.h())

# ---- multi_line_super
class A:
    def f(self, *a): return a
class B(A):
    def f(self, x):
        return (
            super()
            .f(x,
               x + 1)
        )
print(B().f(3))

# ---- names_in_scope
def f(a):
    b = a + 1
    print(sorted(locals()), sorted(vars()), dir())
    return eval("a + b")
print(f(1))
class C:
    x = 1
    y = x + 1
    print(sorted(n for n in locals() if not n.startswith("__")))
    z = [i for i in range(y)]
    print(sorted(n for n in vars() if not n.startswith("__")))
print(sorted(k for k in globals() if not k.startswith("__")))

# ---- class_namespace_of_its_own
class Names(dict):
    def __missing__(self, key):
        if key.startswith("__"): raise KeyError(key)
        print("missing", key)
        self[key] = value = len(self)
        return value
class Meta(type):
    @classmethod
    def __prepare__(meta, name, bases): return Names()
class Colour(metaclass=Meta):
    red
    green
    blue = red + green * 2
    if blue > red: more = blue
print(Colour.red, Colour.green, Colour.blue, Colour.more)

# ---- enums
import enum
class Flag(enum.Flag):
    A = enum.auto()
    B = enum.auto()
    AB = A | B
class Planet(enum.Enum):
    EARTH = (5.9, 6.3)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @property
    def ratio(self): return round(self.mass / self.radius, 2)
print(list(Flag), Flag.AB, Planet.EARTH.ratio)

# ---- private_names
class __X:
    def m(self):
        self.__y = 1
        return self.__y + 1
    __z = 3
    q = __z * 2
print(__X().m(), sorted(k for k in vars(__X) if "X" in k), __X.q)

# ---- decorators
def tag(n):
    print("tag", n)
    def w(f):
        print("apply", n)
        f.n = getattr(f, "n", ()) + (n,)
        return f
    return w
class ns:
    reg = {}
    def add(name):
        def w(f):
            ns.reg[name] = f
            return f
        return w
@tag(1)
@tag(
    2 +
    3
)
@ns.add("f")
def f(a=1 + 2, *, b=[x for x in range(2)]): return a, b
@tag(6)
class K: pass
print(f(), f.n, f.__defaults__, f.__kwdefaults__, K.n, list(ns.reg))

# ---- stars
def f(*a, **k): return a, k
x = [1, 2]
d = {"q": 1}
print(f(*x, *(y for y in x), **d, **{"z": 3}), [*x, *x], {**d, "p": 2}, (*x,), {*x, 3})
a, *b = x
[c, (e, *g)] = 1, [2, 3, 4]
print(a, b, c, e, g, *x, sep="-")

# ---- argument_errors
def g(a): pass
for fn in (lambda: g(*5), lambda: g(**5), lambda: g(a=1, **{"a": 2}), lambda: g(), lambda: g(1, 2), lambda: g(b=1)):
    try: fn()
    except TypeError as e: print(e)

# ---- deletions
x = [1, 2, 3, 4]
class O: pass
o = O()
o.a = O()
o.a.b = x
del x[0], o.a.b[len(x) - 1]
del x[:1]
print(x)
del o.a
def f():
    global x
    del x
    y = 1
    def g():
        nonlocal y
        y = y + 1
        return y
    return g() + g()
print(f())

# ---- matching
class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
class K: A = 5
def f(v):
    match v:
        case K.A: return "dotted"
        case -1 | 2+3j: return "number"
        case {"k": w, **r} if w > 1 and r: return w, r
        case [1, *rest] if 1 < len(rest) < 3: return rest
        case P(0, y=q): return q
        case str(s) as t if t: return t
        case (a, b), c: return a + b + c
        case _: return None
for v in (5, -1, {"k": 2, "z": 1}, [1, 2, 3], [1, 2], P(0, 9), "x", "", ((1, 2), 3), None): print(f(v))
match 1, 2:
    case x, y if x < y < 3: print(x, y)

# ---- future_annotations
"""The module's text."""
from __future__ import annotations
def f(a: x.y[1] + 2 = 3) -> g(1): return a
z: foo[bar] = 1
print(f.__annotations__, __annotations__, __doc__, f())

# ---- annotations
x: int
y: list[int] = [1]
y[0]: int = 2
class C:
    """The class's text."""
    a: int = 1 + 1
    b: "C"
def f():
    """The function's text."""
    z: nope.nope = 1
    return z
print(__annotations__, C.__annotations__, C.__doc__, f.__doc__, f(), y)

# ---- type_parameters
type X[T] = list[T]
def f[T: int](a: T = 1 + 1) -> T: return a
class C[T](list[T]):
    a: T = 1
    def m(self) -> "C": return [self for _ in range(2)]
print(f(), C().a, X.__value__, f.__type_params__, C.__annotations__, len(C().m()))

# ---- type_defaults
def f[T = int](a: T) -> T: return a
class C[T = str]: pass
print(f(1), C.__type_params__[0].__default__)

# ---- no_docstring
def f():
    x = "not a text"
    return x
def g(): return "nor this" + f()
class C: x = "nor this"
print(f.__doc__, g.__doc__, C.__doc__, (lambda: "x").__doc__, f(), g())

# ---- async_comprehensions
import asyncio
async def count(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
class Guard:
    async def __aenter__(self): return 3
    async def __aexit__(self, *a): return a[0] is KeyError
async def main():
    a = [x * 2 async for x in count(3) if x]
    b = {x: await asyncio.sleep(0, x) for x in range(2)}
    c = [y for y in [await asyncio.sleep(0, 5)]]
    g = (x async for x in count(2))
    async with Guard() as q: print(q)
    async with (
        Guard()
    ): raise KeyError
    async for z in count(2): a += [z]
    return a, b, c, [z async for z in g], await asyncio.gather(*[asyncio.sleep(0, n) for n in range(3)])
print(asyncio.run(main()))

# ---- walrus
def f(xs):
    a = [y := x + 1 for x in xs if (z := x) > 0]
    if (n := len(a)) > 1 and (m := n * 2): print(n, m)
    while (k := n) > 1: n -= 1
    print(w := k, (v := 3) + v)
    return y, z, a, k, w
print(f([0, 1, 2]))

# ---- f_strings
x, w, d = 3.14159, 10, {"a": [1]}
print(f"{x:{w}.{2 + 1}f} {x!r:>{w}} {d['a'][0]} {x=} {w + 1 = } {{}} {w:>{f'{w}'}}")
print(f"""{
  x
  + 1
} and {
  w}""", f"{x}" "a" f"{w}", f"{x:.2f}", f"", f"plain")

# ---- nested_quotes
d = {"a": {"b": [1, 2]}}
print(f"{d["a"]["b"][len(d)]} {f"{f"{d["a"]}"}"}")
print(f"{[
    x
    for x in d
    if x
]}")

# ---- percent_formatting
class R:
    def __str__(self): return "str"
    def __repr__(self): return "repr"
    def __format__(self, spec): return "format" + spec
r, n = R(), 3
print("%s %r %a" % (r, r, "ü"), "%s" % (r,), "%d%%" % (n,), "%5s|%-5r|%.1s" % (r, n, "abc"), "%(a)s" % {"a": r})
print("%s: %s" % (
    r,
    n), "%s" % r, "a%s" % (
    n + 1,))
try: "%s %s" % (r,)
except TypeError as e: print(e)
try: "%d" % ("x",)
except TypeError as e: print(e)

# ---- returns_through_finally
def f():
    for i in range(3):
        try:
            return i / 0
        except ZeroDivisionError:
            continue
        finally:
            if i: return "finally"
def g(log):
    try:
        return (log
                .copy())
    finally:
        log.append(1)
class W:
    def __enter__(self): return self
    def __exit__(self, *a): print("exit", a[0])
    def chain(self): return self
def h():
    with W() as w:
        return (w
                .chain()
                .chain())
def k():
    with W() as w, W():
        return (
            w
            .chain()
        ) is w
print(f(), g([]), type(h()).__name__, k())

# ---- exception_groups
def f():
    try:
        raise ExceptionGroup("a", [ValueError(1), KeyError(2)])
    except* (ValueError, KeyError) as e:
        print(repr(e.exceptions))
def g(kinds):
    try:
        raise ExceptionGroup("a", [ValueError(1), KeyError(2)])
    except* kinds[0] as e:
        print(len(e.exceptions))
f()
try: g([ValueError])
except ExceptionGroup as e: print(e)

# ---- augmented_assignment
class A(list):
    def __getitem__(self, i):
        print("get", i)
        return list.__getitem__(self, i)
    def __setitem__(self, i, v):
        print("set", i, v)
        list.__setitem__(self, i, v)
a, i = A([1, 2]), [0]
a[i[0]] += 5 * 2
a[(lambda: 1)()] *= 2
a[0:1] = [7]
class O: v = 1
o = O()
o.v += a[0]
s = t = "x"
s += "y" + t
n = [1]
n += [2]
print(a, o.v, s, t, n, O.v)

# ---- growing_strings
def f(n):
    s = ""
    t = []
    for i in range(n):
        s = s + str(i)
        t = t + [i]
    s = (s
         + "!")
    return s, t
def g():
    total = 0
    def add(n):
        nonlocal total
        total = total + n
        return total
    return [add(k) for k in (1, 2)], total
x = 1
def h():
    global x
    x = x + 1
    if x: x = x + 1
print(f(5), g(), h(), x)

# ---- generator_scopes
def f():
    try: return (x for x in nope)
    except NameError as e: return "eager " + str(e)
print(f())
g = (a + b for a in [1, 2] for b in [a, 3] if a < b < 4)
print(list(g), g.__qualname__, g.gi_code.co_name)
print(sum(x * x for x in range(4)), any(x > 1 for x in (1, 2, 3)), dict((k, k) for k in "ab"))

# ---- generators
def g():
    x = yield
    y = (yield x) + (yield 1)
    print(y, (yield from [1, 2]))
    return y
it = g()
next(it)
print(it.send(5), it.send(1), it.send(2), list(it))
def closing():
    try: yield 1
    except GeneratorExit:
        print("closed")
        raise
    finally: print("finally")
c = closing()
next(c)
c.close()
def catching():
    while True:
        try: v = yield
        except ValueError as e: print("caught", e)
        else: print("got", v)
c = catching()
next(c); c.send(1); c.throw(ValueError("v"))
print(c.gi_yieldfrom, c.gi_running, c.gi_frame.f_lineno)

# ---- callers_frames
import sys, inspect, warnings
def f(): return sys._getframe(1).f_code.co_name, inspect.stack()[1].function, sys._getframe(1).f_lineno
def g(): return f()
print(g())
def w(): warnings.warn("x", stacklevel=2)
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("always")
    w()
print(log[0].lineno, log[0].filename)
print([f() for _ in "a"])

# ---- profiled
import sys
seen = []
def profile(frame, event, arg):
    if event.startswith("c_"): seen.append((event, arg.__name__))
def f(x): return len(x) + abs(-1)
sys.setprofile(profile)
f([1])
sys.setprofile(None)
print(seen)

# ---- object_lifetimes
import sys, weakref
class T:
    def __init__(self, n): self.n = n
    def __del__(self): print("del", self.n)
    def me(self): return self
x = T(1)
print(sys.getrefcount(x))
y = [T(2)][0]
print("a"); y = None; print("b")
T(3); print("c")
[T(i) for i in (4, 5)]; print("d")
def f(): return T(6)
f().me().__class__; print("e")
def h(a): del a; print("in h")
h(T(7))
r = weakref.ref(T(8)); print(r())
if T(9): print("f")
print(T(10).n + T(11).n, T(12).n < T(13).n)
for q in [T(14)]: print("loop")
del q, x

# ---- constants
def f(x): return x in {1, 2, 3}, x in [1, 2], x is None, -1, 2 ** 3, (1, 2) is (1, 2), "a" "b", ..., 1_000
print(f(1), f.__code__.co_flags, f.__code__.co_argcount)
if __debug__: print("debug")
assert __debug__
if 0: print("never")
while 0: print("never")
if "text": print("always")
if (1, 2)[0] and not "": print("folded")
print("abc"[1], (1, 2)[0], 1 if True else 2, [] or (), None or "x", 1 and 2 and 3)
for i in {1}: print(i)
for i in [1, 2]: print(i)
for i in (1, 2): print(i)

# ---- membership_of_displays
x, y = 1, 2
print(x in [x, y], x in (y, 3), y not in [1, *[2]], x in {y: 1}, [] in [[], x])
try: [] in {1, 2}
except TypeError as e: print(e)
for i in [x, y, x + y]: print(i)
for i in x, y: print(i)
print([i for i in [x, y]], {i for i in {x, y}})

# ---- swaps
def f(a, b, c):
    a, b = b, a
    a, b, c = c, a + 1, b
    (a, b), c = (b, a), [c]
    [a, b] = a, b
    x = y = a, b
    a = (b,)
    return a, b, c, x, y
print(f(1, 2, 3))

# ---- slices
a, n = list(range(9)), 2
class S:
    def __getitem__(self, i): return i
    def __setitem__(self, i, v): print("set", i, v)
    def __delitem__(self, i): print("del", i)
s = S()
print(a[n:n + 3], a[::n], a[:], s[n:3, ..., n], s[(n, 1)], s[*a[:2], n], s[n,])
s[n, 1:n] = 3
s[n:] = s[:n] = a[n]
del s[n, n], s[::n]

# ---- long_sum
x = 1
y = '''
    + " + ".join(["x"] * 400)
    + r"""
z = "a" """
    + " + str(x)" * 150
    + r"""
print(y, len(z))

# ---- deep_nesting
x = 1
print("""
    + "(x + " * 60
    + "x"
    + ")" * 60
    + r""")
print("""
    + "[" * 50
    + "x"
    + "]" * 50
    + r""")
f = lambda a: a
print("""
    + "f(" * 50
    + "x"
    + ")" * 50
    + r""")

# ---- wide_displays
x = 1
print(sum(["""
    + "x, " * 40
    + r"""]), len({"""
    + ", ".join(f"{i}: x" for i in range(40))
    + r"""}))
d = {
    """
    + ",\n    ".join(f"'k{i}': x + {i}" for i in range(20))
    + r"""
}
e = {
    'only':
        x,
}
g = {
    'a': x, **e,
    'b':
        x
}
print(d["k19"], e, g, max("""
    + ", ".join(["x"] * 35)
    + r"""))

# ---- dynamic_code
ns = {}
exec("a = 1\ndef f(): return a + 1", ns)
print(ns["f"](), eval("1 + x", {"x": 2}))
exec("b = 2")
print(b)
def f(a):
    exec("c = a")
    return eval("a * 2"), sorted(locals())
print(f(3))

# ---- lambdas
f = lambda x, y=1 + 1, *a, z=len("ab"), **k: x + y + z
print(f(1), (lambda: (yield))().__class__.__name__, sorted([3, 1], key=lambda v: -v))
pick = [
    lambda i=i:
        i + 1
    for i in range(2)]
print([p() for p in pick])
print((lambda *, a: a)(a=1), (lambda n: n and n - 1)(3), f.__name__, f.__defaults__)

# ---- multi_line_calls
class Q:
    def __init__(self, *a, **k): self.n = 0
    def a(self, *x, **k):
        self.n += len(x)
        return self
    def __call__(self, *x): return self
    def __iter__(self): return iter([self.n])
q = (Q()
     .a(1)
     .a(
         2,
         k=3,
     )
     .a(*[
         4])
     .n)
def f(a, b=1):
    return (a +
            b)
r = f(
    1,
    b=f(
        2))
for i in (Q()
          .a()):
    print(i)
for j in (Q()
          .a()
          .a(1)): print(j)
print(q, r, [k
             for k in (Q()
                       .a(1, 2))
             if (k
                 .bit_length())], (Q
                                   )().n, (Q()
                                           .a())(1).n)
if (Q()
        .a(1)
        .n):
    print("if")
while (Q()
       .a()
       .n): break
with (open
      ("/dev/null")) as g: print(g.closed)
x = [(Q()
      .a(1)
      .n)
     for _ in range(2)]
y = {(Q()
      .a(1)
      .n): (Q()
            .a()
            .n)
     for _ in range(2)}
z = (lambda v: (v
                .a(1)
                .n))(Q())
print(x, y, z)

# ---- multi_line_displays
def f(a):
    x = [
        a,
        a + 1,
        a
        + 2,
    ]
    y = {
        "a":
            a,
        "b": x[
            0],
    }
    z = {
        a:
            1,
        a + 1: a
    }
    t = (
        a,
        *x,
        not
        a,
    )
    s = {
        *x,
        a
    }
    return (x
            if a else
            y), z, t, len(s)
print(f(1), f(0))

# ---- multi_line_tests
def f(a, b, c):
    if (a and
            b
            or not
            c):
        print("if")
    elif (0 <
          a <
          3):
        print("elif")
    else:
        print("else")
    while (a < 2
           and b):
        a += 1
    assert (a or
            b or
            c), (
        "message")
    x = (a
         if (b and
             c) else
         c)
    return (a
            and b
            or
            c), (not
                 a), x
for v in ((0, 1, 1), (1, 0, 1), (2, 2, 0), (5, 0, 1)): print(f(*v))

# ---- multi_line_comprehensions
def f(xs, m):
    a = [
        x
        for x in xs
        if x
    ]
    b = {
        x: y
        for x in xs
        for y in a
        if x < y
        if 0 <= x < m and
           0 <= y <= m
    }
    c = sum(
        x
        for x in xs
        if (x and
            m)
    )
    d = [[i * j
          for i in range(2)]
         for j in range(2)]
    e = {x for x in xs if 0 < x < m}
    return a, b, c, d, e
print(f([0, 1, 2, 3], 3))
print([
    x
    for x in range(3)
    if 0 < x < 2
])
class C:
    xs = [1, 2]
    ys = [
        x + 1
        for x in xs
        if x < 2 < 3
    ]
print(C.ys)

# ---- multi_line_folds
def f(a, b):
    x = [
        -
        1,
        not (
            a
            in b
        ), not (a is
                b)]
    y = {-
         1: a}
    z = "%s" % (a
                .real,)
    w = "%d %s" % (
        a, (b,
            a)) + "" \
        "-" % (
        )
    if not (a
            in b): return x, y
    return x, y, z, w, (
        1,
        2), "abc"[
        1]
print(f(1, [1]), f(2, [1]))

# ---- one_line_bodies
def f(n):
    while n: n -= 1
    for i in range(3): pass
    for i in range(3): n = n + i
    if n: return n
    else: return 0
def g(): yield 1; yield 2
h = lambda: [i for i in range(3)]
print(f(5), list(g()), h())
class A: x = 1; y = x + 1
for x in [1]: print(x) if x else None
with open("/dev/null") as d: pass
try: 1 / 0
except ZeroDivisionError: print("caught")
a = 1; b = 2; c = a + b
n = 0
while n < 5: n += 1; n > 3 and print("more") if n > 2 else None; x = [i for i in range(n)]

# ---- loops_with_else
def f(xs):
    for x in xs:
        if x > 2: break
        if not x: continue
    else:
        return "else"
    i = 0
    while i < 3:
        i += 1
        if i == 5: break
    else:
        i = 9
    while True:
        i -= 1
        if i < 0:
            break
    return i, x
print(f([1, 0, 2]), f([1, 3]))

# ---- swallowed_exceptions
class C:
    def __enter__(self): return self
    def __exit__(self, *a): return True
def f():
    with C() as c: x = 1
    with C() as c: raise ValueError
    with C(), C() as d: return 3 / 0
    try:
        try: 1 / 0
        finally: x = 2
    except ZeroDivisionError as e:
        x = x + 1
        return x, repr(e)
print(f())
import contextlib
def g():
    with contextlib.suppress(ValueError): yield int("x")
    yield 2
print(list(g()))

# ---- chained_exceptions
def a(): 1 / 0
def b():
    try: a()
    except KeyError: pass
    except (ZeroDivisionError, *[TypeError]) as e: raise ValueError("v") from e
try: b()
except ValueError as e: print(repr(e), repr(e.__cause__), e.__traceback__.tb_next.tb_lineno)
try: raise KeyError("k") from None
except KeyError as e: print(e.__suppress_context__)
try: raise (ValueError
            if a else
            KeyError)
except ValueError as e: print("v", e.__traceback__.tb_lineno)

# ---- finalizers
class D:
    def __del__(self):
        x = 1
        print("gone")
d = D()
d = None
def f():
    e = D()
    return 1
f()

# ---- attributes_that_answer
class D:
    @property
    def p(self): return 1
    def __getattr__(self, name):
        print("asked for", name)
        raise AttributeError(name)
d = D()
print(d.p, hasattr(d, "zz"), getattr(d, "q", None))
import math, os.path as osp
print(math.pi > 3, math.floor(2.5), osp.join("a", "b"), math
      .sqrt(4))

# ---- operators_of_ones_own
class V:
    def __init__(self, v): self.v = v
    def __matmul__(self, o): return V((self.v, "@", getattr(o, "v", o)))
    def __rmatmul__(self, o): return V((o, "r@", self.v))
    def __imatmul__(self, o):
        self.v = (self.v, "@=", o)
        return self
    def __eq__(self, o): return V(("==", o))
    def __hash__(self): return 1
    def __neg__(self): return "neg"
    def __contains__(self, x): return x
    def __getitem__(self, i): return i
    def __iter__(self): return iter((1, 2))
    def __call__(self, *a): return a
v = V(1)
w = v @ 2
v @= 3
print(w.v, (4 @ v).v, (v == 5).v, -v, 6 in v, 0 in v, v[1:2], [*v], v(1, 2), (v @ w).v)

# ---- values_that_mean_something_else
class E:
    def __eq__(self, o): return NotImplemented
    def __lt__(self, o): return super().__lt__(o)
    def __neg__(self): return NotImplemented
    def __getattr__(self, name): return NotImplemented
    __hash__ = None
e = E()
no = NotImplemented
print(e == 1, e.__eq__(1), -e, e.nope, [no][0], no, [no], (lambda: no)(), no is NotImplemented)
try: e < 1
except TypeError as error: print(error)
def g():
    got = yield no
    print(got is NotImplemented)
it = g()
next(it), [it.send(no) for _ in ()]
x = ... if no is ... else None
print(x, slice(no), slice(1, 2)[0:1] if False else slice(e.a, ...))

# ---- mutations_while_running
def f(xs, d):
    for x in xs:
        if x == 1: xs.append(5)
        if x > 2: d.setdefault("k", []).append(x)
    xs[len(xs):] = [9]
    a, xs[0] = 1, "first"
    for d["loop"] in xs[:2]: pass
    with open("/dev/null") as d["file"]: pass
    d["file"] = d["file"].closed
    return a, xs, d
print(f([1, 2, 3], {}))

# ---- globals_and_builtins_shadowed
len = lambda x: "mine"
print(len([1]))
def print_(x, print=print): print(x)
print_(1)
__cotrace_sink__ = "the program's own"
def f(): return __cotrace_sink__ + "!"
print(f())
probe = sink = 1
class list(list): pass
print(list([1]), probe + sink)

# ---- copied_code
import copy, types
def f(a, b=2):
    return a * b + len("ab")
g = types.FunctionType(f.__code__.replace(co_name="g"), globals(), "g", f.__defaults__)
h = copy.copy(f)
print(g(3), h(3), f.__code__ == g.__code__, hash(f.__code__) == hash(f.__code__), f.__code__.co_varnames)

# ---- threads
import threading, queue
out = queue.Queue()
def work(n):
    total = 0
    for i in range(n):
        total = total + i
    out.put((n, total))
threads = [threading.Thread(target=work, args=(n,)) for n in (3, 5)]
for t in threads:
    t.start()
    t.join()
print(sorted(out.get() for _ in threads))

# ---- recursion
def fact(n): return 1 if n < 2 else n * fact(n - 1)
def ack(m, n): return n + 1 if not m else ack(m - 1, 1) if not n else ack(m - 1, ack(m, n - 1))
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
print(fact(6), ack(1, 2), even(4), odd(4))

# ---- data_classes
import dataclasses, functools, typing
@dataclasses.dataclass(order=True, frozen=True)
class P:
    x: int
    y: int = dataclasses.field(default=1 + 1, compare=False)
    def __add__(self, o): return P(self.x + o.x, self.y + o.y)
class T(typing.NamedTuple):
    a: int = 1
    b: str = "x" * 2
print(P(1) + P(2, 3), sorted([P(2), P(1)]), T(), T(b="y")._replace(a=2), functools.reduce(lambda a, b: a + b, [1, 2]))

# ---- cached_and_wrapped
import functools
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def twice(f):
    @functools.wraps(f)
    def w(*a, **k): return f(*a, **k), f(*a, **k)
    return w
@twice
def g(x): return x + 1
class C:
    @functools.cached_property
    def p(self): return print("once") or 5
    @staticmethod
    def s(x): return x * 2
    @classmethod
    def c(cls, x): return cls.__name__, x
    @functools.singledispatchmethod
    def d(self, x): return "object"
    @d.register
    def _(self, x: int): return "int"
c = C()
print(fib(10), fib.cache_info(), g(1), c.p + c.p, c.s(2), C.c(3), c.d("x"), c.d(1), g.__wrapped__(1))

# ---- e_binary_operator
def f(a, b):
    return (a + 1) + (b / 0) * 2
f(1, 2)

# ---- e_subscript
d = {"a": {"b": 1}}
x = d["a"]["c"]["d"]

# ---- e_attribute
class A: pass
a = A()
a.foo_bar = 1
print(a.foo_baz.bar)

# ---- e_name
value = 1
print(valeu + 1)

# ---- e_call_of_none
x = None
y = [x]
y[0](1, 2)

# ---- e_calls_below
def f(x): return g(x) + 1
def g(y): return int(y) + 1
f("q")

# ---- e_in_the_middle_of_a_chain
class Q:
    def a(s): return s
    def b(s): raise ValueError("x")
(Q()
  .a()
  .b()
  .a())

# ---- e_method_over_lines
x = "abc"
y = x.replace(
    "a",
    5,
)

# ---- e_operator_over_lines
a = 1
b = "x"
y = (a
     +
     b)

# ---- e_nested_display
def f(a):
    return [
        a,
        a["x"][
          "y"],
    ]
f({"x": {}})

# ---- e_comprehension
[1 / x for x in (1, 0)]

# ---- e_generator_expression
sum(1 / x for x in (1, 0))

# ---- e_lambda
f = lambda x: x.y
f(1)

# ---- e_f_string
x = 1
print(f"{x:d} {x:zz}")

# ---- e_f_string_attribute
x = 1
print(f"a {x.foo} b")

# ---- e_assert
x = 1
assert x == 2, f"bad {x}"

# ---- e_assert_name
x = 0
assert x

# ---- e_assert_chain
x = 5
assert 0 < x < 3, "out of range"

# ---- e_assert_and
x = 5
assert x and x in (1, 2) or not x

# ---- e_truth_of_name
class B:
    def __bool__(s): 1/0
b = B()
assert b

# ---- e_truth_in_and
class B:
    def __bool__(s): return "no bool"
if 1 and B(): pass

# ---- e_truth_in_while
class B:
    def __len__(s): return -1
while not B() or 1: pass

# ---- e_truth_in_conditional
class B:
    def __bool__(s): raise KeyError("b")
def f(x): return [1 if x else 2]
f(B())

# ---- e_truth_in_filter
class B:
    def __bool__(s): raise KeyError("b")
print([x for x in (1, B()) if x])

# ---- e_truth_of_comparison
class B:
    def __lt__(s, o): return s
    def __bool__(s): raise KeyError("b")
if (B() < 1 and
    2): pass

# ---- e_chain_of_types
x = 1
if x < 2 < "a": pass

# ---- e_not_iterable
def f(n):
    for x in n: pass
f(5)

# ---- e_not_iterable_in_comprehension
n = 5
print([x for x in n])

# ---- e_iterator_fails
class I:
    def __iter__(self): return self
    def __next__(self): raise OSError("next")
for x in (I()): pass

# ---- e_unpacking
a, b = [1, 2, 3]

# ---- e_unpacking_pairs
for a, b in [(1, 2), (3,)]: pass

# ---- e_no_context_manager
x = 5
with x as y: pass

# ---- e_context_manager_over_lines
class Q:
    def a(s): return s
with (Q()
      .a()) as q: pass

# ---- e_exit_fails
class C:
    def __enter__(s): return s
    def __exit__(s, *a): 1/0
with C() as c:
    x = 1

# ---- e_import
import nope_nope

# ---- e_decorator
n = 5
@n
def f(): pass

# ---- e_decorator_call
def d(x): return None
@d(1)
@(d
  )
def f(): pass

# ---- e_delete
x = {}
del x["q"]

# ---- e_augmented
x = {"q": []}
x["q"] += 1

# ---- e_unary
x = "a"
y = [-x]

# ---- e_star
n = 5
print(*n)

# ---- e_double_star
n = 5
print(**n)

# ---- e_unbound
def f():
    print(x)
    x = 1
f()

# ---- e_unbound_in_sum
def f(n):
    if n: total = 1
    total = total + n
f(0)

# ---- e_class_body
class C:
    x = 1
    y = x + "a"

# ---- e_await
import asyncio
async def f():
    n = 5
    return await n
asyncio.run(f())

# ---- e_thrown_into_generator
def g():
    x = yield 1
    x + "a"
i = g()
next(i)
i.send(1)

# ---- e_match
class P: __match_args__ = ("a",)
match P():
    case P(a, b): pass

# ---- e_unhashable
x = []
{1, x}

# ---- e_index
a = [1]
i = 5
print(a[i] + a[0])

# ---- e_slice
a = 5
a[1:2]

# ---- e_store_attribute
x = 5
x.y = 3

# ---- e_store_subscript
x = 5
x[0] = 3

# ---- e_unicode_columns
é = 1
π = "ü" + é

# ---- e_tabs
def f():
	x = {}
	return	x["é"] + x['b']
f()

# ---- e_raised_from
try:
    1 / 0
except ZeroDivisionError as e:
    raise KeyError("k") from e

# ---- e_raise_what_is_no_exception
x = 5
raise x

# ---- e_system_exit
def f(n): raise SystemExit(n + 1)
f(2)

# ---- e_group
def f():
    raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
try: f()
except* ValueError: pass

# ---- e_in_except_type
def kinds(): return 5
try: 1 / 0
except kinds(): pass

# ---- e_key_of_dict_display
def f(k): return {k: 1, "b": k + 1,
                  [k]: 2}
f(1)

# ---- e_default
def f(a=1, b=[1][2]): pass

# ---- e_percent
x = (1, 2)
print("%s %s %s" % x)

# ---- e_percent_display
x = 1
print("%d %s" % (x, undefined))

# ---- e_super
class A:
    def f(self): return super().nope + 1
A().f()

# ---- e_keyword_argument
def f(*, a): return a
def g(n): return f(
    b=n,
    a=1)
g(1)
"""
)

_PARTS = re.split(r"^# ---- (\w+)\n", _TEXT, flags=re.MULTILINE)

SNIPPETS = dict(zip(_PARTS[1::2], _PARTS[2::2], strict=True))
"""Every program by name."""
