"""What random programs are made of, subject by subject: the helpers that a subject needs, and its statements.

Statements are separated by empty lines. In them V and W stand for variables, LIT for a literal, N for a small number,
KEY for an index or key, TEXT for a string and BODY for further statements. Most combinations fail for some values:
the generator puts each inside a ``try``. What may grow goes through `small`, what may loop for long through `tick`;
nothing depends on an object's address or on when garbage is collected.
"""

ALWAYS = """\
import gc
gc.disable()

class Enough(BaseException):
    pass

fuel = [60]

def tick():
    fuel[0] -= 1
    if fuel[0] < 0: raise Enough

def small(value):
    if not isinstance(value, (list, tuple, dict, set, frozenset, str, bytes, int, float)): return value
    if (abs(value) > 10**40 if isinstance(value, (int, float)) else len(value) > 40): raise ValueError("too big")
    return value
"""

CORE = """\
V = LIT

V = W

V = W = LIT

V, W = W, V

V = [W, LIT, W]

V.append(LIT)

V.append(W)

V.append(V)

V[KEY] = LIT

V[KEY] = W

V[KEY] = V

V[KEY] += LIT

V[0][0] = LIT

V[KEY], W[KEY] = W[KEY], V[KEY]

V += small(W)

V = small(V) + small(W)

V *= 2 if len(small(V)) < 15 else 1

V[N:N] = [W, LIT]

V[1:] = W[:2]

V[::2] = [LIT] * len(V[::2])

del V[N:]

del V[KEY]

del V

del V, W

V.pop()

V.pop(0)

V.pop(KEY, None)

V.insert(N, W)

V.remove(V[-1])

V.clear()

V.reverse()

V.sort()

V.sort(key=len)

V.sort(key=lambda x: (tick(), str(type(x)))[1])

V = sorted(W, key=lambda x: str(type(x)), reverse=True)

V.extend(small(W))

V = [[0] * 2 for _ in range(3)]

V = [W] * 3

V = {KEY: W, TEXT: LIT}

V = {**V, KEY: W}

V = [*small(V), *small(W)]

V |= {KEY: LIT}

V[KEY] = V.pop(KEY)

V.popitem()

V.update(a=W, b=LIT)

V.setdefault(KEY, []).append(W)

V = dict(reversed(list(V.items())))

V = list(V.items())

first, *V = W

(V, (W, *_)) = LIT, V

if (V := W) and i < 50: i += 1

i = (i * 7 + len(V)) % 1009

print(i, len(V))

V = W[KEY]

V = W.copy()

V = W[:]

V = tuple(small(W))

V = True

V = 1

V = V == W

i = N

assert V, W

V = (lambda x: [x, W])(V)

for i in range(3): V = [i, W]

for i, V in enumerate(small(W)): tick()

for V[0] in range(3): pass

while i < 5: i += 1 if tick() is None else 0

while V: tick(); V.pop()

for x in V:
    tick()
    BODY
else:
    BODY

for i in range(3):
    if i == N: continue
    if V is W: break
    BODY

if V: BODY
else: BODY

if len(V) > 2 and V[0] == W[0] or not W:
    BODY
elif i: V = None

turn = 0
while turn < 2:
    turn += 1
    BODY

def inner(x, V=V, *rest, k=LIT, **others):
    W = [x, V, rest]
    BODY
    return W
V = inner(W, *small(V), k=i)
"""

NUMBERS_AND_TEXT = """\
V = 10 ** 35 + N

V = -0.0

V = 0.0

V = float("nan")

V = [float("inf"), -0.0, 0.0, 1.0, 1, True]

V = complex(N, -0.0)

V = i ** 9 * 10 ** 9

V = small(V) * 3 + 1

V = -small(V)

V = "y" * 29 + TEXT

V = "z" * 31

s = ""
for k in range(4): s += TEXT + str(k)
V = s

V += TEXT

V = V.upper() + TEXT

V = f"{i:>3}{i is W!r}{len(W)}" + TEXT

V = bytes(range(N + 5))

V = bytearray(b"abc"); V.append(N + 5); V += b"x"

V = "ä€\\ud800" + TEXT

V = V.encode("utf-8", "replace")

V = V.split("s")

V = 1 if V else 1.0

V = int("7" * 40)

V = (N, N + 300, 2 ** 62, 2 ** 63, -2 ** 63, -2 ** 63 - 1)

V = i // 0

V = ...

V = range(N, 10, 2)

V = slice(N, None)
"""

BIG = """\
V = list(range(25))

V = [LIT for _ in range(21)]

V = dict.fromkeys(range(23), W)

V = set(range(22))

V = tuple(range(30)) + (W,)

V = "q" * 45

V = bytes(40)

V = [[k] for k in range(24)]

V[10] = W

V[12] = LIT

V[11] += 1

V[i % 25] = W

V[9:12] = [W]

V[5:5] = [LIT, W]

del V[8]

del V[3:9]

V.append(W)

V.insert(10, W)

V.pop(10)

V.pop()

V.reverse()

V[10].append(W)

V[0], V[-1] = V[-1], V[0]

V[18] = LIT; V[19] = LIT

V.extend(range(6))

V += [W] * 12

V[1000] = W

V.pop(next(iter(V)))

V = deque(range(30)); V.append(W)

V.rotate(N)

V.popleft()

V.appendleft(LIT)

V = deque(W, 21)

V = [list(range(21)), W]

del V[20:]

del V[19:]
"""

COLLECTIONS_HELPERS = """\
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque
"""

COLLECTIONS = """\
V = deque(small(W), 5)

V.appendleft(W)

V.rotate(N)

V.popleft()

V.extendleft(small(W))

V = defaultdict(list); V[KEY].append(W)

V[TEXT].append(LIT)

V = Counter(TEXT + "mississippi")

V.update(TEXT)

V = V.most_common(2)

V = OrderedDict(a=W, b=LIT, c=1)

V.move_to_end(KEY, last=False)

V.move_to_end("b")

V = ChainMap({}, {"x": W}); V["y"] = LIT

V = {1, "s", (2, 3), None, frozenset({4})}

V = {x for x in W if type(x) in (int, str, bool, tuple)}

V.add(N)

V.add((N, TEXT))

V.discard(1)

V |= {N, N + 1}

V ^= {1, 2, N}

V -= {N}

V = frozenset({N, TEXT})

V = V & {1, 2, 3}

V = {frozenset({N}): W}

V = UserDict(a=W)

V = UserList([W]); V.append(LIT)

V = {(N, N): W, N: LIT, TEXT: V}

V = dict.fromkeys("abc", [])

V = V.keys() & {"a", 1}

V = V.values()

V = array("i", [N, 2, 3]); V[0] += 1; V.append(N)
"""

OPERATORS_HELPERS = """\
@functools.total_ordering
class Ops:
    shared = []
    def __init__(self, *items): self.items = list(items); self.seen = None
    def __add__(self, other): self.seen = other; return Ops(*self.items[:4], other)
    def __radd__(self, other): return [other, self]
    def __iadd__(self, other):
        self.items.append(other)
        return self
    def __eq__(self, other):
        self.seen = other
        return self is other
    def __lt__(self, other): Ops.shared.append(1); del Ops.shared[5:]; return len(self.items) < 2
    def __hash__(self): return len(self.items)
    def __getitem__(self, key): self.seen = key; return self.items[key]
    def __setitem__(self, key, value): self.items[key] = value; self.last = key
    def __delitem__(self, key): del self.items[key]
    def __contains__(self, key): self.seen = [key]; return False
    def __len__(self): return len(self.items)
    def __bool__(self): self.asked = getattr(self, "asked", 0) + 1; return True
    def __call__(self, value): self.items[:] = [value]; return self
    def __iter__(self): return iter(self.items[:3])
    def __neg__(self): return self.items
    def __invert__(self): raise ValueError(self.items)
    def __enter__(self): self.items.append("in"); return self.items
    def __exit__(self, *what): self.items.pop(); return what[0] is KeyError
    def __matmul__(self, other): other.append(self); return other
    def __index__(self): return len(self.items)
    def __format__(self, how): self.seen = how; return "ops"
    def append(self, value): self.items += [value]; del self.items[6:]
"""

OPERATORS = """\
V = Ops(W, LIT)

V = Ops()

V = Ops(V) + W

V += LIT

V = W + Ops(1)

V = Ops(W) == V

V = Ops(W) < Ops(LIT)

V = sorted([Ops(1, 2), Ops(), Ops(W)])

V = Ops(W) in [LIT, V, Ops()]

V = {Ops(): W, Ops(1): LIT}

V[Ops(1)] = W

V = W in Ops(V)

V[KEY] = -V

del V[0]

V(W)

V = ~V

with V as W: i += 1

with Ops(V) as W, Ops(i) as V:
    W.append(V)
    raise KeyError(i)

V = Ops(W) @ V

V = f"{Ops(i):x>{i}}{W is V!s:5}"

V = W[Ops()]

V = max(Ops(), Ops(1), V)

V = not Ops(W)

V.items = W

V.late = [V]

del V.late

V.__dict__["late"] = LIT

V.__dict__.clear()

V.__dict__ = {"items": [W]}

Ops.shared.append(LIT)

Ops.shared = [W]

V = Ops.shared

Ops.extra = V

del Ops.extra

V, *W = Ops(1, 2, W)

V = [*Ops(1, W), *V]

V = 1 < Ops() < W
"""

ATTRIBUTES_HELPERS = """\
class Checked:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, object, owner=None): return self if object is None else getattr(object, self.name, None)
    def __set__(self, object, value): setattr(object, self.name, [value]); log.append(self.name); del log[4:]
    def __delete__(self, object): delattr(object, self.name)

log = []

class Base:
    kinds = {}
    def __init_subclass__(cls, **options): Base.kinds[cls.__name__] = options
    def __init__(self, *values): self.values = values
    def twice(self): return [self.values, self.values]

class Watched(Base, flag=1):
    field = Checked()
    def __getattr__(self, name):
        if name.startswith("_"): raise AttributeError(name)
        self.missing = name
        return [name]
    def __setattr__(self, name, value): object.__setattr__(self, name, value); log[:] = [name]
    @property
    def size(self): self.count = self.__dict__.get("count", 0) + 1; return self.count
    @size.setter
    def size(self, value): self.__dict__["count"] = value
    def twice(self): return super().twice() + [self]

class Slotted:
    __slots__ = ("x", "y", "_z")
    def __init__(self, x): self.x = x

class Both(Slotted):
    pass

@dataclass
class Point:
    x: object
    y: list = field(default_factory=list)
    def moved(self): self.y.append(self.x); return Point(self.y)

@dataclass(frozen=True, order=True, slots=True)
class Frozen:
    x: int = 1
    y: tuple = ()

Pair = namedtuple("Pair", "one two", defaults=[None])

class Named(NamedTuple):
    one: object
    two: object = 2

class Color(Enum):
    RED = 1
    BLUE = [2]
    def mixed(self): return self.value, self.name

class Flags(IntFlag):
    A = 1
    B = 2
"""

ATTRIBUTES = """\
V = Watched(W, LIT)

V = Slotted(W)

V = Both(W); V.extra = LIT

V = Point(W)

V = Point(LIT, [W]).moved()

V = Frozen(N, (N, TEXT))

V = replace(V, x=N)

V.x = W

V.y = LIT

V._z = W

del V.x

del V.y

V.field = W

V = W.field

del V.field

V.size = N

V = W.size

V.size += 1

V = W.unknown

V = V.twice()

V.values += (LIT,)

V = Pair(W, LIT)

V = V._replace(one=W)

V = Named(W)

one, V = V

V = Color.RED

V = Color(1).mixed()

V = Color["BLUE"].value

V = Flags.A | Flags.B

V.__class__ = Base

V.__class__ = Watched

vars(V)["x"] = W

V.__dict__.update(x=LIT, q=W)

setattr(V, "x", [W])

delattr(V, "q")

Base.kinds[KEY] = LIT

V = Base.kinds

class Late(Base, n=N):
    x = [LIT]
    y = [k for k in range(2)]
    def get(self): return self.x
V = Late(W); W = V.get()

V = type("Made", (Base,), {"z": W})(LIT)

V = Frozen(N) < Frozen(2)

V.x.append(W)

V.y[0] = W

V.x = V
"""

ITERATORS = """\
list(map(V.append, small(W)[:3]))

V = list(map(lambda x, y: [x, y], V, W))

V = list(filter(None, small(W)))

V = list(zip(V, W, range(3)))

for x in iter(V.pop, None): tick()

for x in iter(lambda: (tick(), V.pop())[1], LIT): pass

V = sum(map(len, W), i)

V = any(x is V for x in W)

V = all(map(tick, []))

V = max(W, key=lambda x: (tick(), V.append(x), i)[2])

V = functools.reduce(lambda x, y: [x, y], small(W))

V = list(itertools.accumulate(range(4), lambda x, y: x * 2 + y))

V = [(k, list(group)) for k, group in itertools.groupby([1, 1, 2, N])]

V = list(itertools.islice(itertools.cycle(W), 4))

V = list(itertools.chain(small(V), small(W)))

V = itertools.islice(itertools.count(N), 9)

V = next(W)

V = iter(W)

V = next(V, None)

V = reversed(W)

V = list(small(list(itertools.islice(V, 3))))

V = dict(zip(small(W), itertools.repeat(LIT)))

V = enumerate(W)

it = iter(W); W.append(1); V = next(it)

V = map(V.append, small(W)[:])

V = ",".join(str(len(x)) for x in W)

V = dict(enumerate(small(W)))

V = [*map(str, range(N))]

V = sorted(small(W), key=lambda x: W.append(x))

one, two = itertools.tee(range(3)); V = [next(one), next(two), next(one)]

V = functools.partial(list, small(W))

V = V()

V = operator.itemgetter(KEY)(W)

V.sort(key=functools.cmp_to_key(lambda x, y: (tick(), N)[1]))

V = list(map(W.__getitem__, range(2)))

V.extend(x for x in small(W) if (tick(), x is not V)[1])

V = min(([k, W] for k in (2, 1)), key=lambda p: p[0])
"""

GENERATORS_HELPERS = """\
def counting(n, held):
    for k in range(n):
        got = yield k
        if got is not None: held.append(got)

def guarded(held):
    try:
        while True:
            tick()
            held = yield held
    except ValueError as error:
        yield [error.args]
    finally:
        log.append("closed")
        del log[3:]

def delegating(held):
    result = yield from counting(2, held)
    again = yield from guarded(held)
    return [result, again]

def returning(held):
    yield held
    return [held]

def outer(held):
    held = yield from returning(held)
    yield held
    yield from (x for x in held)

def tree(depth):
    if depth:
        yield depth
        yield from tree(depth - 1)
        yield from tree(depth - 1)

log = []
"""

GENERATORS = """\
V = counting(3, W)

V = guarded(W)

V = delegating(W)

V = outer(W)

V = list(tree(N if N > 0 else 2))

V = next(W)

next(V)

V.send(W)

V.send(None)

V = W.send(LIT)

V.throw(ValueError(i))

V.throw(KeyError)

V.close()

V = (x for x in small(W) if tick() is None)

V = (x + k for k in range(2) for x in W if tick() is None)

for x in V:
    tick()
    BODY

V = [next(W), next(W)]

V = list(itertools.islice(W, 3))

V = None

V = W = None

next(guarded(V)); i += 1

V = [counting(2, W)] * 2; next(V[0])

V = sum(tree(2), i)

first, *V = outer(W)

V = [W]; V.append(guarded(V)); next(V[-1])

def local():
    nonlocal_free = yield V
    BODY
    yield nonlocal_free
V = local(); next(V)

next(V); V = None
"""

EXCEPTIONS_HELPERS = """\
class Own(Exception):
    def __init__(self, what, held): super().__init__(what); self.held = held

def fails(value, how):
    try:
        if how == 0: raise Own("own", value)
        if how == 1: return value[99]
        if how == 2: raise ValueError(value) from KeyError("cause")
        return value.nothing
    except IndexError as error:
        raise Own("chained", [value]) from error
    finally:
        log.append(how)
        del log[3:]

def overriding(value):
    for k in range(2):
        try:
            raise ValueError(k)
        finally:
            if k: return value
            continue

def reraising(value):
    try:
        fails(value, 0)
    except Own as error:
        error.held = [error.held]
        error.add_note("noted")
        raise

log = []
"""

EXCEPTIONS = """\
fails(V, N)

V = overriding(W)

reraising(V)

try: fails(V, N)
except Own as error: V = error.held
except (ValueError, AttributeError) as error: V = error
else: V = W
finally: i += 1

try:
    try: fails(V, 0)
    except Own: BODY; W.missing
    finally: BODY
except Exception as kept: V = [kept.__context__, kept]

try:
    raise ExceptionGroup("group", [ValueError(i), KeyError(W), Own("own", V)])
except* ValueError as group: V = group.exceptions
except* (KeyError, Own): i += 1

try:
    try: raise ExceptionGroup("group", [ValueError(i), TypeError(i)])
    except* TypeError: raise Own("inner", W)
except BaseException as error: V = error

V = Own("kept", W); V.code = LIT

V.held.append(LIT)

V.args = (W, 1)

V = ValueError(W, LIT)

try: raise V
except Exception as error: W = error.__traceback__ is None

with contextlib.suppress(LookupError): V = W[99]

try: 1 / 0
except ZeroDivisionError as V: pass

try: raise V from W
except BaseException as error: V = error.__cause__

for k in range(3):
    try:
        if k == 1: continue
        BODY
    finally: i += 1

try: BODY
except Exception: raise KeyError(i) from None

try: assert not V, [W]
except AssertionError as error: V = error.args

V = error

V = StopIteration(W).value

raise Own("out", V)
"""

CLOSURES_HELPERS = """\
def counter(held):
    total = 0
    def add(value):
        nonlocal total, held
        total += 1
        held = [held, value] if total < 4 else value
        return held
    def get(): return total, held
    return add, get

def collecting(value, into=[]):
    into.append(value)
    del into[4:]
    return into

def deco(function):
    calls = []
    @functools.wraps(function)
    def wrapper(*args, **named):
        calls.append(len(args))
        del calls[3:]
        return function(*args, **named)
    wrapper.calls = calls
    return wrapper

@deco
def decorated(x, /, y=1, *args, z, **more): return [x, y, args, z, more]

def recursing(n, held):
    if n <= 0: return held
    mine = [n, held]
    return recursing(n - 1, mine)

@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)

def emptied(x):
    def inner(): return x
    del x
    try: return inner()
    except NameError: x = [1]
    return inner
"""

CLOSURES = """\
V, W = counter(W)

V = V(LIT)

V = W()

V = collecting(W)

V = decorated(W, z=LIT)

V = decorated(V, *small(W), z=1, k=W)

V = decorated(**{"z": 1, "q": W})

V = decorated.calls

V = recursing(3, W)

V = fib(5 + N)

V = emptied(W)

V = [lambda: k for k in range(3)]; W = [f() for f in V]

V = [lambda k=k: [k, W] for k in range(2)]

V = V[0]()

V.attribute = W

V = lambda *args, **named: (args, named, W)

V = V(1, *small(W), k=LIT)

def local(x):
    held = [x]
    def deeper():
        nonlocal held
        held = [held, W]
        V = held
        BODY
        return held
    deeper()
    return held, deeper
V = local(W)

V = functools.partial(collecting, W)()

V.__defaults__ = (W,)

collecting.__defaults__[0].append(LIT)

V = [W.append, V]

V[0](LIT)
"""

COMPREHENSIONS = """\
V = [x for x in W]

V = [[x, y] for x in small(W) for y in range(2) if x is not y]

V = [[y for y in range(x)] for x in range(3)]

V = {k: [k] for k in range(2)}

V = {k: {j: W for j in range(k)} for k in range(3)}

V = {x % 3 for x in range(7)}

V = [last := x for x in range(3)]

V = [(V.append(x), x)[1] for x in small(W)[:3]]

V = [f() for f in [lambda: x for x in range(3)]]

V = list(x for x in W if x)

V = [x for V in small([W, W]) for x in V][:5]

V = [i for i in range(3) if i != N]

V = [x.pop() for x in W]

V = [1 / x for x in (1, 0)]

V = [[W for W in range(2)], W]

class Held:
    a = [k for k in range(2)]
    b = {k: [j for j in range(k)] for k in range(2)}
    c = [W for W in (1, 2)]
V = Held.b

V = [x for x in [y for y in [z for z in range(2)]]]

V = [(lambda: (x, V))() for x in small(W)[:2]]

V = {x: y for x, y in zip("ab", W)}

V = [a if a else None for a in small(W)]

V = sum(x for x in range(4)) + len([x for x in W])

V = [x for x in W if (k := i + 1)]
"""

MATCHING_HELPERS = """\
class Shape:
    __match_args__ = ("kind", "parts")
    LIMIT = 3
    def __init__(self, kind, parts): self.kind = kind; self.parts = parts

def sort_of(o):
    match o:
        case None | True | False: return "single"
        case 0 | 1.5 | -1: return "number"
        case "s" | b"b": return "text"
        case Shape.LIMIT: return "limit"
        case int(n) | float(n) if n > 100: return [n]
        case int() | str() as simple: return simple
        case []: return "empty"
        case [x]: return x
        case [0, *rest]: rest.append(o); return rest
        case (first, [second, *_], *rest): return first, second, rest
        case [first, *middle, last] if first is not last: return {"m": middle, "l": last}
        case {"x": [inner, *_], **others}: others["inner"] = inner; return others
        case {"x": x, "y": Shape(kind="k")}: return x
        case {1: one}: return one
        case {}: return "dict"
        case Shape("k", [part, *_]): return part
        case Shape(kind=str(k), parts={"p": p} | [p, *_]): return k, p
        case Shape(): return o.kind
        case other: return other
"""

MATCHING = """\
V = sort_of(W)

V = sort_of([W, [V, LIT], 1])

V = sort_of(Shape("k", W))

V = sort_of(Shape(TEXT, {"p": W}))

V = sort_of({"x": [W, 1], "z": LIT})

V = Shape(W, V); V.parts = [V]

match V:
    case [x, W]: BODY
    case {"x": W, **rest}: V = rest
    case Shape(k, W) | [Shape(k, W), *_]: V = k
    case _ if W: BODY

match i, V:
    case 0, _: i = 1
    case (1 | 2) as i, [*W]: pass
    case _: BODY

V.parts.append(LIT)

V.kind = "k"
"""

ASYNC_HELPERS = """\
class Pause:
    def __init__(self, value): self.value = value
    def __await__(self):
        got = yield self.value
        return [got]

class Manager:
    def __init__(self, held): self.held = held
    async def __aenter__(self): self.held.append(await Pause(1)); return self
    async def __aexit__(self, *what): self.held.pop(); return what[0] is ValueError

closed = []

async def asyncs(held, n):
    for k in range(n):
        try: yield [k, held]
        finally: closed.append(k); del closed[5:]

async def work(held, n):
    got = await Pause(held)
    async with Manager(held) as manager:
        total = [x async for x in asyncs(held, n) if x]
        async for x in asyncs(total, 2):
            tick()
            if x[0]: break
        manager.total = total
        if n == 2: raise ValueError(held)
    return [manager, got, {k: v async for k, v in asyncs(held, 2)}]

def drive(coroutine, limit=12):
    sent = None
    for turn in range(limit):
        tick()
        try: sent = [coroutine.send(turn if turn else None)]
        except StopIteration as stop: return stop.value
    coroutine.close()
    return sent

async def later(value):
    await asyncio.sleep(0)
    value.append(1)
    return value

async def several(one, other):
    async def fails(value):
        await asyncio.sleep(0)
        value.nothing
    async with asyncio.timeout(9):
        found = await asyncio.gather(later(one), later(other), fails(one), return_exceptions=True)
    return [found, type(found[2])]

async def in_turn(items):
    queue = asyncio.Queue(2)
    async def fill():
        for item in items: await queue.put([item])
        await queue.put(None)
    async with asyncio.TaskGroup() as group:
        group.create_task(fill())
        found = []
        while (got := await queue.get()) is not None: found += got
    return found
"""

ASYNC = """\
V = drive(work(W, N))

V = work(W, 2)

V.send(None)

V.throw(KeyError(i))

V.close()

V = drive(V)

V = asyncio.run(later(W))

V = asyncio.run(several(V, W))

V = asyncio.run(in_turn(small(W)))

V = asyncs(W, 2); V = drive(V.__anext__())

V = drive(V.aclose())

async def local(x):
    V = await Pause(x)
    BODY
    return V
V = drive(local(W))

V = None
"""

MANAGERS_HELPERS = """\
class Swallows:
    def __init__(self, held, yes=True): self.held = held; self.yes = yes
    def __enter__(self): self.held.append("in"); return self.held
    def __exit__(self, kind, error, trail): self.held.pop(); self.error = error; return self.yes

@contextlib.contextmanager
def managed(held):
    kept = [held]
    try: yield kept
    except KeyError as error: kept.append(error.args)
    finally: kept.clear()

class Breaks(Swallows):
    def __exit__(self, *what): raise TypeError(what[0])
"""

MANAGERS = """\
with Swallows(V) as W: i += 1

with Swallows(V): raise ValueError(W)

with Swallows(V, False) as x, managed(W) as W:
    BODY
    raise KeyError(i)

with managed(V) as W: W.append(LIT)

with managed(V) as W: raise KeyError(V)

with Breaks(V): BODY

with (managed(V) as x, Swallows([]) as y):
    V = [x, y]
    BODY

for k in range(3):
    with Swallows(V):
        if k: continue
        break

with contextlib.ExitStack() as stack:
    W = stack.enter_context(managed(V))
    stack.callback(W.append, LIT)
    BODY
"""

GLOBALS_HELPERS = """\
shared = [1]
gone = 1

def sets(value):
    global shared, fresh
    shared = [value]
    fresh = value

def deletes():
    global gone, fresh
    try: del fresh
    except NameError: gone = 0
    del gone

def reads(): return shared, globals().get("fresh")
"""

GLOBALS = """\
sets(W)

deletes()

V = reads()

shared.append(W)

V = shared

globals()["fresh"] = W

globals().pop("fresh", None)

globals().update(gone=LIT, another=V)

V = fresh

V = gone

exec("shared.append(2)\\nfresh = [shared, 1]\\nfor k in range(2): fresh.append(k)")

exec("made = [k for k in range(3)]\\ndef made_f(x): return [x, made]\\n", globals())

V = made_f(W)

V = eval("[shared, i]")

V = eval("V and W")

space = {"x": W}; exec("x = [x]\\ny = x", space); V = space["y"]

exec("class Made:\\n    z = [1]\\n    def get(self): return self.z\\nshared = Made()", globals()); V = shared.get()

del shared; shared = [W]

V = locals().get("i")

V = sorted(k for k in globals() if k[0] == "f")
"""

SUBJECTS = {
    "numbers and text": ("", NUMBERS_AND_TEXT),
    "big containers": ("from collections import deque\n", BIG),
    "collections": (COLLECTIONS_HELPERS, COLLECTIONS),
    "operators": ("import functools\n" + OPERATORS_HELPERS, OPERATORS),
    "attributes": (
        "from collections import namedtuple\nfrom dataclasses import dataclass, field, replace\n"
        "from enum import Enum, IntFlag\nfrom typing import NamedTuple\n" + ATTRIBUTES_HELPERS,
        ATTRIBUTES,
    ),
    "iterators": ("import functools, itertools, operator\n", ITERATORS),
    "generators": ("import itertools\n" + GENERATORS_HELPERS, GENERATORS),
    "exceptions": ("import contextlib\n" + EXCEPTIONS_HELPERS, EXCEPTIONS),
    "closures": ("import functools\n" + CLOSURES_HELPERS, CLOSURES),
    "comprehensions": ("", COMPREHENSIONS),
    "matching": (MATCHING_HELPERS, MATCHING),
    "async": ("import asyncio\n" + ASYNC_HELPERS, ASYNC),
    "managers": ("import contextlib\n" + MANAGERS_HELPERS, MANAGERS),
    "globals": (GLOBALS_HELPERS, GLOBALS),
}
"""By name: the helpers that stand before, and the statements."""
