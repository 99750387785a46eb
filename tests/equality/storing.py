"""Short programs whose lines store into variables and containers in every way there is.

After a line that only binds and stores, the native engine looks at what was stored into and at nothing else; each
program is made so that this would miss something, were it not found out.
"""

PROGRAMS = {
    "several stores on one line": """\
def f(xs, d, k):
    xs[0] = 1; d[k] = 2; xs[1] = 3; d['z'] = xs
    xs[0] = 5; k = 1; xs[k] = 6
    end = 1
f([0, 0], {}, 'a')
""",
    "alias": """\
class C: pass
def f():
    xs = [0, [1]]; ys = xs; zs = ys[1]
    ys[0] = 1
    zs[0] = 2
    xs[1][0] = 3
    a = C(); b = a; a.v = xs
    b.v[1][0] = 4
    b.v = ys
    a.w = b
    a.w.w.w.v = 7
    end = 1
f()
""",
    "swap": """\
def f(a, i, j):
    a[i], a[j] = a[j], a[i]
    a[0], a[-1] = a[-1], a[0]
    i, a[i] = 2, 'x'
    a[i], i = i, 0
    a[1], a[i], a[2] = a[i], 3, 4
    a[i], a[i] = 8, 9
    end = 1
f([1, 2, 3], 0, 2)
""",
    "augmented": """\
class C:
    n = 1
    def __init__(self): self.xs = []; self.s = 'a'; self.d = {}
class I:
    def __init__(self, log): self.log = log
    def __iadd__(self, other):
        self.log.append(other)
        return self
    def __isub__(self, other): return other
def f():
    c, log = C(), []
    c.n += 1
    c.n += 1
    c.xs += [1]
    c.xs += (2, 3)
    c.s += 'b'
    c.d |= {1: 2}
    c.i = I(log)
    c.i += 5
    c.i -= 6
    xs = [1, [2], I(log), (1,), {1}]
    xs[0] += 1
    xs[1] += [3]
    xs[1] *= 2
    xs[2] += 9
    xs[2] -= 9
    xs[3] += (2,)
    xs[4] |= {2}
    xs[4] -= {1}
    d = {'a': 1, 'l': []}
    d['a'] += 1
    d['l'] += [1]
    ys = xs[1]
    ys += [7]
    ys *= 2
    t = ([],)
    try:
        t[0] += [1]
    except TypeError:
        pass
    end = 1
f()
""",
    "augmented globals": """\
xs = [1]; n = 0; s = {1}
ys = xs
def f():
    global xs, n, s
    xs += [2]
    n += 1
    s |= {2}
    xs *= 2
    end = 1
f()
f()
xs += [3]
n += 1
end = 1
""",
    "effects in the target": """\
calls = []
def pick(name, xs):
    calls.append(name)
    return xs
def f(xs, ys):
    pick('a', xs)[0] = 1
    pick('b', xs)[pick('c', 1)] = pick('d', 2)
    xs[calls.pop() == 'd'] = len(calls)
    xs[ys.pop()] = ys.pop()
    xs[0] = ys.append(1)
    xs[0] = [ys.append(2), 5][1]
    end = 1
f([0, 0], [1, 2, 1])
""",
    "keys equal but not identical": """\
class K:
    def __init__(self, n, log): self.n, self.log = n, log
    def __eq__(self, other):
        self.log.append('eq')
        return isinstance(other, K) and self.n == other.n
    def __hash__(self):
        self.log.append('hash')
        return self.n
def f():
    log, d = [], {}
    k = K(1, log)
    d[k] = 1
    d[K(1, log)] = 2
    d[k] += 1
    e = {1: 'int'}
    e[1.0] = 'float'
    e[True] = 'bool'
    e['a' * 3] = 1
    e['aaa'] = 2
    big = 10 ** 30
    e[big] = 1
    e[10 ** 30] += 1
    e[-0.0] = 1
    e[0] = 2
    nan = float('nan')
    e[nan] = 1
    e[nan] = 2
    e[float('nan')] = 3
    e[(1, 2)] = 1
    e[tuple([1, 2])] = 2
    e[None] = 1
    class S(str): pass
    e[S('aaa')] = 5
    e['aaa'] += 1
    e[S('new')] = 6
    e['new'] = 7
    e['new'] += 7
    end = 1
f()
""",
    "unhashable and half way": """\
def f(xs, d):
    try: d[[]] = 1
    except TypeError: pass
    try: xs[5], xs[0] = 1, 2
    except IndexError: pass
    try: xs[0], xs[5] = 1, 2
    except IndexError: pass
    try: xs['a'] = 1
    except TypeError: pass
    try: a = xs[0] = xs.nothing = 3
    except AttributeError: pass
    try: xs[0], d[1], d[[]] = 'x', 'y', 'z'
    except TypeError: pass
    try: xs[0] += 'x' + 1
    except TypeError: pass
    try: (1)[0] = 1
    except TypeError: pass
    try: xs[1:2:0] = []
    except ValueError: pass
    end = 1
f([0, 1], {})
""",
    "subclasses with setitem": """\
class D(dict):
    def __setitem__(self, k, v):
        super().__setitem__(k, v)
        super().__setitem__('n', self.get('n', 0) + 1)
class L(list):
    def __setitem__(self, i, v):
        list.append(self, v)
        list.__setitem__(self, i, v)
class Plain(dict): pass
class PlainL(list): pass
def f():
    d, l, p, q = D(), L([0]), Plain(), PlainL([0])
    d['a'] = 1
    d['a'] += 1
    l[0] = 1
    l[0] += 1
    p['a'] = 1
    p['a'] += 1
    p.attr = 1
    q[0] = 1
    q[0] += 1
    q.attr = [1]
    q.attr[0] = 2
    end = 1
f()
""",
    "properties slots setattr descriptors": """\
class P:
    def __init__(self): self._x = 0; self.log = []
    @property
    def x(self): return self._x
    @x.setter
    def x(self, v): self._x = v; self.log.append(v)
class S:
    __slots__ = ('a', 'b', '__dict__')
class S2:
    __slots__ = 'a',
class A:
    def __setattr__(self, n, v):
        object.__setattr__(self, n, v)
        object.__setattr__(self, 'last_' + n, v)
class Desc:
    def __set_name__(self, owner, name): self.name = '_' + name
    def __get__(self, o, t): return o.__dict__.get(self.name, 0)
    def __set__(self, o, v): o.__dict__[self.name] = v
class W: d = Desc()
def f():
    p, s, t, a, w = P(), S(), S2(), A(), W()
    p.x = 1
    p.x += 1
    s.a = 1
    s.a += 1
    s.c = [1]
    s.c[0] = 2
    s.c += [3]
    t.a = 1
    t.a = [2]
    t.a[0] = 3
    del t.a
    a.v = 1
    a.v += 1
    w.d = 1
    w.d += 1
    W.d = 5
    w.d = 6
    w.d += 1
    del w.d
    end = 1
f()
""",
    "dicts over eight keys": """\
def f():
    d = {k: k for k in range(9)}
    d[3] = 'x'
    del d[0]
    d[0] = 'again'
    d[3] += 'y'
    for k in range(9, 20):
        d[k] = k
    for k in list(d):
        del d[k]
        d[k + 100] = k
        d[k + 100] += 1
    d.pop(105); d[105] = 5
    e = {str(k): [k] for k in range(12)}
    e['3'] = e['4']
    e['3'][0] = 'z'
    e['3'] += [1]
    del e['3']; e['3'] = 3
    e['3'] += 1
    try:
        for k in e:
            e[k + '!'] = 1
    except RuntimeError:
        pass
    for k in e:
        e[k] = 0
    e.clear()
    e['a'] = 1
    e = dict.fromkeys(range(10))
    x, y = e.popitem()
    e[x] = y
    e[5] = e
    end = 1
f()
""",
    "walrus in comprehension": """\
def f(xs, d):
    ys = [last := x for x in xs]
    zs = [(d := {**d, x: last}) for x in xs]
    if (n := len(xs)) > 1: xs[n - 1] = n
    xs[(i := 0)] = i
    xs[i := 1] = (i := 2)
    while (m := xs.pop()): d[m] = m
    end = 1
f([0, 1, 2, 3], {})
""",
    "chained": """\
class C: pass
def f():
    b, c = [0], C()
    a = b[0] = c.x = []
    a = b[0] = c.x = a
    a.append(1)
    c.x = c.y = b[0] = 5
    c.c = d = c
    d.c.c.x = b
    b[0] = b
    x = y = b[-1] = {}
    x['a'] = y['b'] = b[-1]['c'] = 1
    end = 1
f()
""",
    "star unpack into subscripts": """\
class C: pass
def f():
    xs, c = [0, 0, 0], C()
    xs[0], *xs[1] = 'abc'
    *c.rest, xs[2] = range(4)
    (xs[0], (c.a, *c.b)) = 1, (2, 3, 4)
    [c.a, xs[0]] = xs[0], c.a
    a, xs[0], b = (c.d) = (1, 2, 3)
    xs[0], i = 1, 0
    i, xs[i] = 2, 'last'
    end = 1
f()
""",
    "nonlocal": """\
def outer():
    xs, n = [], 0
    def inner(v):
        nonlocal xs, n
        n += 1
        xs += [v]
        xs[0] = v
        xs = xs + [v]
        xs[0] = n
        return n
    inner(1)
    inner(2)
    xs[0] = inner(3)
    n = 10
    ys = xs
    del xs
    xs = ys
    end = 1
outer()
""",
    "class bodies": """\
log = []
class Meta(type):
    def __setattr__(cls, n, v):
        type.__setattr__(cls, n, v)
        log.append(n)
class C(metaclass=Meta):
    xs = [0]
    xs[0] = 1
    d = {}
    d['a'] = xs
    xs += [2]
    for i, d[i] in enumerate('ab'): pass
    n = 0
    n += 1
    class Inner:
        ys = [1]
        ys[0] = 2
def f(c, k):
    k.n = 5
    k.n += 1
    c.n = 7
    c.n += 1
    c.xs[0] = 9
    c.xs += [1]
    k.xs += [2]
    k.Inner.ys[0] = 3
    k.Inner.z = 1
    del c.n
    end = 1
f(C(), C)
""",
    "globals locals exec": """\
def f(xs):
    g = globals()
    g['made'] = xs
    g['made'][0] = 1
    made[0] = 2
    exec('xs[0] = 3')
    exec('xs.append(4); new = 1', g)
    exec('y = xs; y[0] = 5', {}, {'xs': xs})
    l = locals()
    l['xs'] = 0
    l['z'] = [1]
    l['z'][0] = 2
    eval('xs.append(6)')
    del g['made']
    g['len'] = list.pop
    n = len(xs)
    del g['len']
    n = len(xs)
    end = 1
f([0])
end = 1
""",
    "deletes": """\
class C: pass
def f():
    xs, d, c = list(range(6)), {k: k for k in range(10)}, C()
    c.a = c.b = xs
    del xs[0]
    del xs[-1], d[3], c.a
    del xs[1:3]
    del c.b[0]
    d[3] = 3
    del d[3]; d[3] = 4
    c.a = 1; del c.a; c.a = 2
    del c.a; del c.b
    c.b = 1
    xs[:] = [1, 2]
    xs[1:1] = [9, 9]
    xs[::2] = 'ab'
    del xs[:]
    xs[0:0] = xs
    end = 1
f()
""",
    "targets of loops and with": """\
from contextlib import contextmanager, nullcontext
class C: pass
class M:
    def __init__(self, xs): self.xs = xs
    def __enter__(self): return self.xs
    def __exit__(self, *a): self.xs.append('out'); return True
def f():
    a, c, i, d = [0, 0], C(), 0, {}
    for a[i] in 'xyz': pass
    for a[0], c.x in [(1, 2), (3, 4)]:
        d[c.x] = a[0]
    for c.x in range(2): c.y = c.x
    for d[i] in [[1], [2]]:
        i += 1
    for i in range(2): a[i] = i
    for a[i], i in [(5, 0), (6, 1)]: d[i] = a
    with nullcontext(5) as a[0]: pass
    with M(a) as c.z: c.z[0] = 1; 1 / 0
    with nullcontext(1) as d['k'], nullcontext([2]) as (c.q,): d['l'] = c.q
    [c.w for c.w in range(3)]
    end = 1
f()
""",
    "except names in loops": """\
def f(xs):
    for k in range(3):
        try:
            xs[k] = 1 // (k - 1)
        except (ZeroDivisionError, IndexError) as e:
            xs[0] = e
            e.note = xs
            e.args = (k,)
        else:
            xs[1] = k
        finally:
            xs[-1] = 'f'
    try:
        e
    except NameError as e:
        xs[0] = str(e)
    end = 1
f([0, 0])
""",
    "match captures": """\
class Pt:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
class Cnt:
    n = 0
    __match_args__ = ('v',)
    @property
    def v(self):
        self.n += 1
        return self.n
def f(v, out):
    match v:
        case [a, *rest]: out[0] = a; out[1] = rest
        case {'k': k, **others}: out[0] = k; out[1] = others
        case Pt(x, y) if (out.append(x) or x == y): out[0] = x
        case Pt(x=x) as p: out[0] = p; p.x = 0
        case Cnt(1 | 2 as m): out[0] = m
        case Cnt(m): out[1] = m
        case str(s) | bytes(s): out[0] = s
        case _: out[0] = None
    end = 1
    return out
o = [0, 0]
for v in ([1, 2, 3], {'k': 1, 'z': 2}, Pt(1, 1), Pt(1, 2), Cnt(), 'x', b'y', 5, Cnt()): f(v, o)
c = Cnt(); f(c, o); f(c, o)
""",
    "generators resumed in a store": """\
def gen(xs):
    for k in range(5):
        xs.append(k)
        got = yield xs
        xs[0] = got
def f():
    xs, d = [0], {}
    g = gen(xs)
    next(g)[0] = next(g)
    xs[0] = g.send(7)
    d['a'] = next(g)
    d[len(next(g))] = 1
    xs[0] = sum(x for x in (1, 2))
    xs[0] = list(map(len, [xs]))
    try: d['z'] = next(g)
    except StopIteration: pass
    h = (xs.append(k) for k in range(3))
    d['h'] = next(h)
    for d['i'] in h: pass
    end = 1
f()
def holder(xs):
    xs[0] = yield
    xs[0] += yield 1
    xs[(yield 2)] = (yield 3)
    end = 1
g = holder([0, 0]); next(g)
g.send(1)
g.send(5)
g.send('v')
try: g.send(1)
except StopIteration: pass
""",
    "async": """\
import asyncio
async def put(xs, i, v):
    xs[i] = v
    await asyncio.sleep(0)
    xs[i] += 1
    return xs
async def ticks(xs):
    for k in range(3):
        xs[0] = k
        yield k
async def f():
    xs = [0, 0, 0]
    (await put(xs, 0, 1))[1] = 5
    xs[2] = await put([1], 0, xs)
    xs[2] = 0
    await asyncio.gather(put(xs, 0, 1), put(xs, 1, 2))
    async for xs[1] in ticks(xs): xs[2] += xs[1]
    d = {k: xs async for k in ticks(xs)}
    d[0][0] = 'z'
    end = 1
asyncio.run(f())
""",
    "recursion limit": """\
import sys
def f(xs, n):
    xs[0] = n
    if n: f(xs, n - 1)
    xs[0] += n
    sys.setrecursionlimit(3000 + n)
    end = 1
f([0], 3)
sys.setrecursionlimit(1000)
""",
    "class and dict replaced": """\
class A: x = 1
class B:
    def __setattr__(self, n, v): object.__setattr__(self, n, [v])
class Prop:
    @property
    def v(self): return 5
    @v.setter
    def v(self, x): self.w = x
def f():
    a = A(); a.v = 1
    a.__class__ = B
    a.v = 2
    a.v += [3]
    a.__class__ = Prop
    a.v = 3
    a.v += 1
    a.__class__ = A
    a.v = 4
    a.v += 1
    d = {'q': 1}
    a.__dict__ = d
    a.q = 2
    a.q += 1
    d['q'] = 3
    d['r'] = a
    a.r = 0
    a.__dict__['s'] = [1]
    a.s[0] = 2
    vars(a)['s'] = 3
    a.__dict__ = {}
    a.q = 5
    d['q'] = 6
    end = 1
f()
""",
    "slots whose default changes": """\
class S: __slots__ = ('a', 'b')
class T(S):
    __slots__ = ()
    c = 5
class U(S): pass
def f():
    s, t, u = S(), T(), U()
    s.a = 1
    T.c = 6
    T.a = 7
    try: t.a = 8
    except AttributeError: pass
    del T.a
    t.a = 9
    u.a = u.z = 1
    S.old = S.a
    S.a = 10
    try: s.a = 2
    except AttributeError: pass
    u.a = 3
    S.a = S.old
    u.a = 4
    s.a = 5
    end = 1
f()
""",
    "bound methods of C": """\
import heapq, bisect, operator, functools, itertools
def f():
    xs = [3, 1]
    push = xs.append
    push(1)
    n = push(2)
    xs.sort(key=lambda x: -x)
    heapq.heapify(xs); heapq.heappush(xs, 0)
    bisect.insort(xs, 5)
    m = map(xs.append, (7, 8))
    n = next(m)
    for n in m: pass
    m = map(xs.pop, (0,))
    (n,) = m
    operator.setitem(xs, 0, 'o')
    operator.iadd(xs, [1])
    operator.delitem(xs, 0)
    d = {}
    put = d.__setitem__
    put('a', xs)
    setdefault = d.setdefault
    n = setdefault('b', [])
    n.append(1)
    p = functools.partial(xs.insert, 0)
    p('p')
    n = list(itertools.starmap(xs.insert, [(0, 's')]))
    ys = [0]
    ys[0] = push(9)
    ys[0] = next(map(xs.append, [1]))
    n = 5 in map(xs.append, [2])
    a, = map(xs.append, [3])
    n = [*map(xs.append, [3])]
    n = max(map(xs.append, [4]), key=bool, default=0) if not xs else 1
    d['m'] = {*map(xs.append, 'ab')}
    xs[0] = xs.pop()
    xs[0], n = xs.pop, 1
    n = xs[0]()
    s = ','.join(map(str, filter(xs.remove, [1])))
    setattr(f, 'attr', xs)
    f.attr[0] = 1
    f.attr = 2
    f.attr += 1
    end = 1
f()
""",
    "weak reference callbacks in C": """\
import weakref
class C: pass
def f():
    log, c, d = [], C(), {}
    r = weakref.ref(c, log.append)
    c = 1
    end = 1
    xs = [C()]
    r2 = weakref.ref(xs[0], log.append)
    xs[0] = 5
    end = 2
    o = C(); o.c = C()
    r3 = weakref.ref(o.c, log.append)
    o.c = 5
    end = 3
    d['k'] = C()
    r4 = weakref.ref(d['k'], log.append)
    d['k'] = 5
    end = 4
    w = weakref.WeakValueDictionary()
    c = C()
    w[1] = c
    c = None
    ws = weakref.WeakSet()
    c = C()
    ws.add(c)
    c = 0
    c = C()
    weakref.finalize(c, log.append, 'fin')
    c = 0
    end = 5
f()
""",
    "a finalizer that changes what is stored into": """\
class Dies:
    def __init__(self, xs): self.xs = xs
    def __del__(self): self.xs.append('died')
def f():
    xs = [0]
    xs[0] = Dies(xs)
    xs[0] = 1
    d = Dies(xs)
    d = 2
    k = {'a': Dies(xs)}
    k['a'] = 0
    o = type('O', (), {})()
    o.d = Dies(xs)
    o.d = 1
    xs[0], d = Dies(xs), Dies(xs)
    xs[0], d = 1, 2
    end = 1
f()
""",
    "containers chosen by a branch": """\
class C: pass
def f(xs, ys, c):
    (xs if c else ys)[0] = 1
    (xs or ys)[0] = 2
    (c and xs or ys)[0] = 3
    xs[0 if c else 1] = 4
    xs[0] = 5 if c else 6
    (xs if c else ys)[0] += 1
    xs[1 if c else 0] += 1
    (z := xs if c else ys)[0] = 7
    xs[0] = c and ys or xs
    ys[0] = not c or ys[1]
    end = 1
def g(x, y, c):
    (x if c else y).a = 1
    (x or y).a = 2
    (c and x or y).a += 3
    (x if c else y).a = (y if c else x)
    end = 1
f([0, 0], [0, 0], True)
f([0, 0], [0, 0], False)
f([], [0, 0], False) if 0 else None
g(C(), C(), True); g(C(), C(), False)
""",
    "rows": """\
def f(n):
    rows = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            rows[i][j] = i * j
            row = rows[i]
            row[j] += 1
            rows[j][i] += row[i]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0][0], rows[1][1] = rows[1][1], rows[0][0]
    same = [rows[0]] * 3
    same[1][0] = 'all'
    same[2] = same[1] = rows
    end = 1
f(3)
""",
    "self": """\
class Stack:
    def __init__(self):
        self.items = []; self.n = 0
        self.self = self
        self.d = self.__dict__
    def push(self, v):
        self.items += [v]; self.n += 1
        self.items[self.n - 1] = v
        self.d['n'] = self.n
        self.self.n = self.d['n']
        self.top = self.items[-1]
        return self
s = Stack()
s.push(1).push([2])
s.push(s).top.n = 9
s.d['items'] = 5
s.n += 1
end = 1
""",
    "strings that grow": """\
def f():
    s, xs, d = '', ['a'], {'s': ''}
    for k in range(30):
        s += 'ab' * 5
        xs[0] += s
        d['s'] += s
        t = s
    xs[0] = s
    s = s[:-1] + 'b'
    d['s'] = d['s'][:3]
    end = 1
f()
""",
    "arrays and others by subscripts": """\
import array, collections, types
def f():
    a, b, m = array.array('i', [1, 2]), bytearray(b'ab'), None
    a[0] = 5
    a[0] += 1
    b[0] = 99
    m = memoryview(b)
    m[1] = 100
    m.release()
    q = collections.deque([1, 2])
    q[0] = 5
    q[0] += 5
    dd = collections.defaultdict(list)
    dd['a'] += [1]
    dd['b'].append(1)
    n = dd['c']
    od = collections.OrderedDict(a=1)
    od['b'] = od
    od['a'] += 1
    od.move_to_end('a')
    c = collections.Counter('ab')
    c['a'] += 1
    c['z'] += 1
    cm = collections.ChainMap({}, od)
    cm['q'] = 1
    ns = types.SimpleNamespace(x=1)
    ns.x = 2
    ns.x += 1
    ns.y = ns
    ud = collections.UserDict()
    ud['a'] = 1
    ul = collections.UserList([1])
    ul[0] = 2
    pt = types.ModuleType('m')
    pt.x = 1
    pt.x += 1
    end = 1
f()
""",
    "line over several lines": """\
def f(xs, d,
      k):
    xs[
        k
    ] = (
        d[k]
    ) = [
        1,
        k,
    ]
    (xs
     [0],
     d
     ['a']) = (
        k,
        xs
    )
    xs[0] = [
        x
        for x in xs
    ]
    d['b'] = k; k = 1
    end = 1
f([0], {0: 1}, 0)
""",
    "not held": """\
def f(xs):
    g = (x for x in xs)
    h = [g, iter(xs)]
    h[0] = h[1]
    h[1] = g
    h[0], h[1] = h[1], h[0]
    next(g)
    xs[0] = g
    xs[0] = iter([1])
    xs[0] = iter([2])
    d = {'g': g}
    d['g'] = iter([3])
    d['g'] = iter([4])
    d['k'] = d.keys()
    d['k'] = d.items()
    end = 1
f([1, 2, 3])
""",
    "too deep and too big": """\
def f():
    big = list(range(1200))
    big[600] = 'x'
    big[0] = big[-1] = 'y'
    big[5] += 1
    d = {k: k for k in range(1200)}
    d[600] = 'x'
    d[5] += 1
    class C: pass
    c = C()
    for k in range(1100): setattr(c, 'a%d' % k, k)
    c.a5 = 'x'
    c.a5 += 'x'
    c.new = big
    deep = a = []
    for k in range(12):
        b = [k]
        a.append(b)
        a = b
    a[0] = 'deep'
    b[0] += '!'
    xs = [0] * 999
    xs[0] = 1
    xs += [1]
    xs[0] = 2
    xs += [2]
    xs[0] = 3
    del xs[-5:]
    xs[0] = 4
    end = 1
f()
""",
    "secrets": """\
class C: pass
def f():
    c, d, xs = C(), {}, [0]
    c.password = 'hunter2hunter2'
    d['api_key'] = c.password
    c.password = 'hunter3hunter3'
    c.password += 'x'
    xs[0] = c.password
    token = 'abcdefghijkl'
    token += 'm'
    d[token] = token
    c.n = token
    d['secret'] = 1
    d['secret'] += 1
    end = 1
f()
""",
    "threads": """\
import threading
def work(xs, d, e):
    xs[0] = 1
    e.set()
    d['a'] = xs
    xs[0] += 1
    end = 1
def f():
    xs, d, e = [0], {}, threading.Event()
    t = threading.Thread(target=work, args=(xs, d, e))
    t.start()
    t.join()
    xs[0] = 'main'
    d['b'] = 1
    end = 1
f()
""",
    "trace function of its own in a store": """\
import operator
class Setter:
    def __init__(self, xs): self.xs = xs
    __call__ = operator.methodcaller('clear')
def f():
    xs, log = [1, 2], []
    class E:
        def __eq__(self, o): xs.append('eq'); return True
        def __bool__(self): xs.append('bool'); return False
        def __index__(self): xs.append('index'); return 0
        def __add__(self, o): xs.append('add'); return 1
        def __getitem__(self, i): xs.append('get'); return xs
        def __setitem__(self, i, v): xs.append('set')
        def __getattr__(self, n): xs.append('attr'); return xs
        def __neg__(self): xs.append('neg'); return 5
        def __format__(self, s): xs.append('format'); return 'f'
        def __iter__(self): xs.append('iter'); return iter((1, 2))
        def __contains__(self, o): xs.append('in'); return 1
    e = E()
    n = e == 1
    xs[e] = 1
    xs[0] = e + 1
    xs[0] = -e
    xs[0] = e[0]
    e[0][0] = 'via'
    e.y[0] = 'attr'
    e[1] = 5
    xs[0] = f'{e}'
    xs[0] = not e
    xs[0] = 1 in e
    xs[0], xs[1] = e
    xs[0] = e and 1
    n = [*e]
    e += 1
    end = 1
f()
""",
}
