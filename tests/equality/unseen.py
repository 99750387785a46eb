"""Short programs in which something changes that the line does not say: through an alias, by code written in C, later.

No code object begins to run where a function of C does, so that there is no event: the native engine must know where
it may.
"""

PROGRAMS = {
    "getters and operators written in C": """\
class L(list):
    last = property(list.pop)
    __neg__ = list.pop
    __call__ = list.append
    __contains__ = list.append
    __format__ = list.append
    __invert__ = list.clear
def f():
    xs = L([1, 2, 3, 4, 5])
    n = xs.last
    end = 1
    n = -xs
    end = 2
    n = f'{xs:spec}'
    end = 3
    n = ~xs
    end = 4
f()
""",
    "subscripts written in C": """\
class L(list):
    __getitem__ = list.append
    __eq__ = list.append
    __bool__ = list.pop
def f():
    xs = L([0, 0, 0])
    n = xs['a']
    end = 1
    n = xs == 5
    end = 2
    n = not xs
    end = 3
f()
""",
    "built-in names replaced": """\
import builtins
def f(xs):
    n = abs(xs)
    end = 1
class N(list):
    def __abs__(self): return 0
f(N([1, 2]))
kept = builtins.abs
builtins.abs = list.clear
f(N([1, 2]))
builtins.abs = kept
f(N([1, 2]))
end = 1
""",
    "a class body names a built-in": """\
xs = [1, 2, 3]
class C:
    n = len(xs)
    len = xs.pop
    n = len(0)
    end = 1
    str = xs.append
    n = str(5)
    end = 2
end = 1
""",
    "generators closed when they are dropped": """\
def gen(xs):
    try:
        yield 1
    finally:
        xs.append('closed')
def f():
    xs, d = [0], {}
    g = gen(xs); next(g)
    g = 1
    end = 1
    xs[0] = gen(xs)
    n = next(xs[0])
    xs[0] = 2
    end = 2
    d['g'] = gen(xs)
    n = next(d['g'])
    d['g'] = 0
    end = 3
f()
""",
    "frames' locals written": """\
import sys
def put(name, v): sys._getframe(1).f_locals[name] = v
def f():
    x, xs = 1, [0]
    put('x', 2)
    end = 1
    sys._getframe().f_locals['xs'] = 'other'
    end = 2
    sys._getframe().f_locals['fresh'] = xs
    end = 3
f()
""",
    "mapping proxies that make entries": """\
import collections, types
def f():
    dd = collections.defaultdict(list)
    p = types.MappingProxyType(dd)
    n = p['new']
    end = 1
    n = dd['x'], p['y']
    end = 2
    dd['z'] += [1]
    p['z'][0] = 2
    class M(dict):
        def __missing__(self, k):
            self[k] = [k]
            return self[k]
    m = M()
    n = m['a']
    m['b'][0] = 1
    m['c'] += [2]
    end = 3
f()
""",
    "two objects, one dict": """\
class Borg:
    shared = {}
    def __init__(self): self.__dict__ = self.shared
def f():
    a, b = Borg(), Borg()
    a.x = 1
    b.x += 1
    s = Borg.shared
    s['x'] = 5
    s['y'] = a
    b.z = s
    end = 1
    del a
    s['x'] = 6
    b.x = 7
    end = 2
f()
""",
    "dicts of functions, modules, exceptions and others": """\
import types, functools
class L(list): pass
class E(Exception): pass
def f():
    def g(): pass
    gd = g.__dict__
    gd['a'] = 1
    g.a = 2
    g.b = gd
    gd['c'] = 3
    l = L([1])
    ld = l.__dict__
    l.a = 1
    ld['a'] = 2
    ld['b'] = 3
    l.b = 4
    e = E(1)
    ed = e.__dict__
    e.a = 1
    ed['a'] = 2
    ed['b'] = 3
    m = types.ModuleType('m')
    md = m.__dict__
    m.a = 1
    md['a'] = 2
    md['xs'] = [1]
    n = types.SimpleNamespace(a=1)
    nd = n.__dict__
    n.a = 2
    nd['a'] = 3
    nd['b'] = n
    p = functools.partial(len)
    pd = p.__dict__
    p.a = 1
    pd['a'] = 2
    end = 1
f()
""",
    "an instance's dict": """\
class C:
    def __init__(self):
        self.n = 0
        self.d = self.__dict__
class H:
    def __init__(self, c): self.held = c.__dict__
def f():
    c = C()
    c.n = 1
    c.n += 1
    d = c.d
    d['n'] = 5
    d['m'] = 6
    c.m = 7
    c.k = 8
    del d['k']
    del c.n
    c.n = 9
    h = H(c)
    c.n = 10
    h.held['n'] = 11
    e = h.held
    e['n'] += 1
    e[5] = 'not a name'
    e['n'] = 13
    c.n = 14
    vars(c)['n'] = 15
    c.d = 1
    d.clear()
    c.n = 16
    d['n'] = 17
    end = 1
f()
""",
    "an instance that is not seen": """\
class C: pass
def made():
    c = C()
    c.n = 0
    return c.__dict__, lambda v: setattr(c, 'n', v)
def f():
    d, put = made()
    put(1)
    end = 1
    d['n'] = 2
    end = 2
    put(3)
    end = 3
f()
""",
    "data classes and others made by the library": """\
import dataclasses, enum, collections, typing
@dataclasses.dataclass
class D:
    a: int = 0
    xs: list = dataclasses.field(default_factory=list)
@dataclasses.dataclass(slots=True)
class S:
    a: int = 0
@dataclasses.dataclass(frozen=True)
class F:
    a: int = 0
class Col(enum.Enum):
    RED = 1
N = collections.namedtuple('N', 'a b')
def f():
    d, s, z, n = D(), S(), F(), N(1, [2])
    d.a = 1
    d.a += 1
    d.xs += [1]
    s.a = 1
    s.a += 1
    try: z.a = 1
    except Exception as e: d.xs[0] = e
    object.__setattr__(z, 'a', 5)
    n.b[0] = 3
    try: n.a = 1
    except AttributeError: d.a = n
    Col.RED.extra = [1]
    Col.RED.extra[0] = 2
    d.a = Col.RED
    d2 = dataclasses.replace(d, a=[])
    d2.a.append(d)
    end = 1
f()
""",
    "sorting and other C code that stores": """\
import itertools, copy, random, struct, functools
def f():
    xs, ys = [3, 1, 2], []
    zs = sorted(xs, key=ys.append)
    xs.sort(key=lambda v: ys.append(v) or v)
    n = [xs.reverse(), 1][1]
    ys[:] = itertools.accumulate(xs)
    ys += map(xs.append, (1,))
    ys *= 1 + (xs.append('m') is None)
    n = functools.reduce(lambda a, b: a.append(b) or a, xs, ys)
    xs = ys
    xs[0], ys[-1] = 'first', 'last'
    buf = bytearray(8)
    struct.pack_into('i', buf, 0, 5)
    buf[0] += 1
    b = memoryview(buf)
    b[2:4] = b'zz'
    random.Random(1).shuffle(xs)
    deep = copy.deepcopy([xs, ys])
    deep[0][0] = 'deep'
    it = iter(xs)
    n = next(it, None)
    xs[0] = list(it)
    exec('xs[1] = 5')
    xs.__setitem__(2, 'called')
    list.__setitem__(xs, 3, 'unbound')
    n = xs.__iadd__([1])
    n = xs.extend(xs[:1])
    end = 1
f()
""",
    "conditional expressions store something else": """\
class C: pass
def f(xs, ys, c, k):
    xs[k if k else 1] = (ys if c else xs)[0]
    (xs if c else ys)[k], n = n = 1, 2
    (ys, xs)[c][k] = 3
    [xs, ys][k].append(4)
    [xs, ys][k][0] += 5
    if c: xs[0] = 6
    if c: xs[0] = 7; ys[0] = 8
    c and xs.append(9)
    c or ys.append(10)
    for n in xs[:2]: ys[0] = n
    while len(xs) > 3: xs.pop()
    xs[0] = lambda: xs
    xs[0] = xs[0]
    n = xs[0]() is xs
    assert c or xs.append(11) is None
    xs[0] = k < 1 < n < ys[0] if ys else None
    end = 1
f([0, 0], [0, 0], 1, 0)
f([0, 0], [0, 0], 0, 0)
""",
    "numpy and others are changed through views": """\
import array
def f():
    a = array.array('i', range(4))
    v = memoryview(a)
    v[0] = 9
    w = v[1:]
    w[0] = 8
    a[2] += 1
    b = bytearray(b'abc')
    b += b'd'
    b[0:1] = b'zz'
    c = b
    c[0] = 65
    b *= 2
    end = 1
f()
""",
    "known only to expressions": """\
class C:
    def __init__(self, v): self.v = v
def f():
    C([1]).v[0] = 2
    [[1], [2]][0][0] = 3
    {'a': [1]}['a'][0] = 4
    C(C([1])).v.v[0] += 5
    n = C([1]).v
    n[0] = 6
    [n][0][0] = 7
    (lambda: n)()[0] = 8
    n = [C(n)][0].v
    n[0] = C(n)
    n[0].v[0].v = 1
    end = 1
f()
""",
    "values that are one object or two": """\
def f():
    a, b = 1000, 500 + 500
    xs = [a, 'ab', 1.5, (1, 2), None, True, 256]
    xs[0] = b
    xs[1] = 'a' + 'b'
    xs[1] = ''.join(['a', 'b'])
    xs[2] = 3 / 2
    xs[3] = tuple([1, 2])
    xs[5] = 1
    xs[5] = True
    xs[5] = 1.0
    xs[6] = 255 + 1
    d = {'k': a}
    d['k'] = b
    d['k'] = 1000.0
    a = b
    a = 1000.0
    a = 0.0
    a = -0.0
    a = float('nan')
    a = float('nan')
    xs[0] = float('nan')
    xs[0] = float('nan')
    xs[0] = 0.0
    xs[0] = -0.0
    a = 10 ** 30
    a = 10 ** 30
    xs[0] = a
    xs[0] = 10 ** 30
    a = 1j
    a = 1j * 1
    a = b'x'
    a = bytes([120])
    a = ()
    a = ...
    end = 1
f()
""",
    "variables that are emptied and shared": """\
def f(c):
    if c: x = [1]
    try: x[0] = 2
    except UnboundLocalError: x = [3]
    del x
    x = y = [4]
    del y
    def g():
        nonlocal x
        x[0] = 5
        x = x + [6]
        del x
    g()
    try: x
    except NameError: x = 7
    for x in (): pass
    for i in [1]: x = i
    del i
    [i for i in (1, 2)]
    z = [lambda: i for i in (1, 2)]
    n = z[0]()
    end = 1
f(0); f(1)
""",
    "stores in handlers and finally": """\
def f(xs):
    try:
        try:
            xs[0] = 1; xs[9] = 2; xs[1] = 3
        finally:
            xs[1] = 'f'; xs[0] = xs
    except IndexError as e: xs[0] = e; e.x = xs
    else: xs[1] = 'never'
    for k in 1, 2:
        try: xs[1] = k; continue
        finally: xs[0] = k
    with open('/dev/null') as xs[1]: xs[0] = 0
    def g():
        try: xs[0] = 1; return xs[0]
        finally: xs[0] = 2
    xs[1] = g()
    def h():
        xs[0] = 3
        raise ValueError(xs)
    try: xs[0] = h()
    except ValueError as e: xs[1] = e.args
    try: xs[h()] = xs[1] = 4
    except ValueError: pass
    end = 1
f([0, 0])
""",
    "deep containers at the limit": """\
def f():
    a = [[[[[[[[['deep']]]]]]]]]
    b = a[0][0][0][0][0][0][0]
    b[0] = ['near']
    c = b[0]
    c[0] = 'x'
    del b
    c[0] = 'y'
    d = {'d': {'d': {'d': {'d': {'d': {'d': {'d': {'d': {}}}}}}}}}
    e = d['d']['d']['d']['d']['d']['d']['d']
    e['d']['k'] = 1
    e['d'] = {}
    e = e['d']
    e['k'] = 2
    del e
    a = a[0]
    a[0] = a
    end = 1
f()
""",
    "match and with and async on one line": """\
import contextlib, asyncio
def f(xs, v):
    match v:
        case [n, *r]: xs[0] = n; xs[1] = r
        case n: xs[0] = n
    with contextlib.suppress(Exception): xs[0] = 1; xs[9] = 2
    with contextlib.ExitStack() as stack: stack.callback(xs.append, 'exit'); xs[0] = 2
    end = 1
try: f([0, 0], [1, 2])
except Exception as error: kept = error
async def g(xs):
    async with contextlib.AsyncExitStack() as s: s.push_async_callback(asyncio.sleep, 0); xs[0] = 1
    xs[0] = [x async for x in h(xs)]
    xs[1] = await asyncio.gather(*[k(xs, i) for i in (0, 1)])
    t = asyncio.create_task(k(xs, 0)); xs[0] = 'before'; await t; xs[0] = 'after'
async def h(xs):
    yield xs[0]
    xs[0] = 'h'
    yield xs
async def k(xs, i): xs[i] = i; await asyncio.sleep(0); xs[i] += 10; return xs
asyncio.run(g([0, 0]))
""",
    "over the limits and back": """\
import collections
class L(list): pass
class C: pass
def f():
    xs, s, q = list(range(22)), set(range(22)), collections.deque(range(22))
    d, l = dict.fromkeys(range(22)), L(range(22))
    s.pop(); q.pop(); xs.pop(); d.popitem(); l.pop()
    s.add(23); q.append(23); xs.append(23); d[23] = 23; l.append(23)
    s.clear(); q.clear(); xs.clear(); d.clear(); l.clear()
    s |= set(range(30)); q += range(30); xs += range(30); d |= dict.fromkeys(range(30)); l += range(30)
    s &= {1}; del xs[1:]; del l[1:]
    end = 1
    c = C()
    for k in range(14):
        setattr(c, 'a%d' % k, k)
    c.a3 = 'x'
    c.a12 = 'x'
    c.a12 += 'x'
    c.new = [1]
    del c.a0
    c.new2 = 1
    c.__hid__ = 1
    del c.a1, c.a2, c.a4, c.a5
    c.a1 = 1
    end = 2
f()
""",
    "views, iterators and matches": """\
import re
def f(a, b):
    same = sorted(a.values()) == sorted(b.values()) == sorted({3: 4}.values())
    n = sum(1 for _ in zip(a.items(), enumerate(b), map(str, [1, 2])))
    found = [m[0] for m in re.finditer('s', 'assess')]
    re.sub('s', lambda m: found.append(m[0]) or 't', 'assess')
    x, y = a.keys(), iter([a])
    x = a.keys(); y = iter([b]); z = [x, y, bytearray(b'z'), reversed([1])]
    a = None
    z[0] = b.values(); z[1] = zip(z, b)
    z[2] += b'y'
    for n in z[1]: z[0] = iter(())
    def turns(): yield z
    z[1] = zip(turns()); z[3] = z[1]
    n = next(z[1])
    z[1] = z[3] = x = y = None
    [m for m in (bytearray(b'1'), {'k': bytearray(b'2')})][1]['k'][0] = 66
    kept = {'k': bytearray(b'3')}
    def g(*args, **named): return named
    n = g(**{'k': kept['k']}), g(**{'k': kept['k']})
    end = 1
f({1: 2}, {2: 3})
""",
    "a list over the limit that can't be held": """\
def turns(): yield 1
def f(a):
    g = turns()
    a[9:12] = [[g]]
    end = 1
    a[9] = 5
    end = 2
    a[2] = [g]
    end = 3
    a[2] = 7
    a[5] = 7
    a.append(g)
    a.append([g])
    a[-1] = 8
    a.pop(); a.pop()
    end = 4
    a.insert(0, [g]); a[12] = [g]
    n = a[12], a
    a[0] = 5; n = a
    del a[:10]
    end = 5
f(list(range(25)))
""",
    "groups of exceptions": """\
class Own(Exception):
    def __init__(self, what, held): super().__init__(what); self.held = held
try: raise ExceptionGroup("group", [ValueError(1), TypeError(2)])
except* TypeError: c = [1]
try:
    try: raise ExceptionGroup("group", [ValueError(1), TypeError(2)])
    except* TypeError: raise Own("inner", nothing)
except BaseException as error: c = error
end = 1
""",
    "an exception in the place of one that ended": """\
def f():
    try:
        [].nothing
    except AttributeError as error:
        kept = error
    try:
        kept = None; [].nothing
    except AttributeError:
        pass
f()
""",
    "an instance over the limit and back": """\
class Many:
    pass
def f():
    m = Many()
    for i in range(7):
        setattr(m, f"a{i}", [i])
    m.a0 = 5
    m.a6 = 7
    m.b = 1
    del m.b
    del m.a6, m.a5
    m.a1.append(3)
    m.c = 1
    m.d = 2
    m.e = 3
    return m
m = f()
""",
    "what once held something fleeting is held by nothing": """\
ended = []
class Dies:
    def __init__(self, held=None): self.held = held
    def __del__(self): ended.append(getattr(self, "held", None)); del ended[:-4]
class Ops:
    def __init__(self, *items): self.items = list(items); self.seen = None
    def __add__(self, other): self.seen = other; return Ops(*self.items[:4], other)
i = 0
d = (1, [])
c = {Dies(i): d}; c.clear()
c = Ops(c) + c
""",
    "a display at the address of a list that ended": """\
from array import array
from collections import UserList
b = array("i", [-2, 2, 3])
e = UserList([b]); e.append([[]])
""",
    "further keyword arguments at the address of a dict that ended": """\
import types
def wrapper(*args, **named):
    return len(args)
def f0(a, b):
    b = wrapper(**{"z": 1, "q": b})
b = types.SimpleNamespace(x={"x": [1]}, y=[[]]); b.y.append(b.__dict__.popitem())
a = f0(0, b)
""",
    "a repeated list at the address of a slice that ended": """\
def f0(a):
    a[::2] = [([], [[2]])] * len(a[::2])
    return [a]
try:
    try:
        missing += 1
    except NameError:
        fails(0)
except NameError as kept:
    a = [kept.__context__, kept]
a = f0(a)
""",
    "a default value that nobody looks into ends": """\
class Returns:
    kept = []
    def __del__(self): Returns.kept[:] = [self]
def f(a):
    held = Returns()
    def inner(x, k=[[held, (a, )], 2]):
        pass
a = f(1)
end = 1
end = 2
""",
}

LIMITS = {
    "an instance over the limit and back": {"elements": 5, "edge": 2},
    "over the limits and back": {"elements": 10, "edge": 3},
    "a list over the limit that can't be held": {"elements": 20, "edge": 3},
}
"""The limits that a program is recorded with, where they are not the usual ones."""
