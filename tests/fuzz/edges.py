"""Further subjects of random programs, written as those of subjects.py are: where an engine may look away.

Ends of objects, changes made by functions that are written in C, subclasses of the built-in containers, frames read
and namespaces written from elsewhere, threads and signals, and the same statements laid out over many lines or one.
"""

LIFETIMES_HELPERS = """\
ended = []

class Dies:
    def __init__(self, held=None): self.held = held
    def __del__(self): ended.append(getattr(self, "held", None)); del ended[:-4]

class Returns:
    kept = []
    def __del__(self): Returns.kept[:] = [self]

class Clears:
    __slots__ = ("held", "__weakref__")
    def __init__(self, held): self.held = held
    def __del__(self):
        if isinstance(getattr(self, "held", None), (list, dict, set, bytearray)): self.held.clear()

def holds(value, into=None):
    mine = Dies(value)
    if into is not None: into.append(mine)
    return [value]

weak = weakref.WeakValueDictionary()
"""

LIFETIMES = """\
V = Dies(W)

V = Dies(Dies(W))

V = [Dies(i), Dies(W)]

V = None

V = W = None

del V[0]

V[KEY] = None

V = V[:1]

V = Returns()

V = Returns.kept

V = Clears(W)

V = holds(W)

holds(W, V)

V = ended

Dies(W); i += 1

Dies(V).held.append(LIT)

V = [Dies(k) for k in range(3)][-1]

for V in [Dies(k) for k in range(2)]: i += 1

V = (Dies(k) for k in range(3)); next(V); next(V)

V = weakref.ref(Dies(W))

V = V()

V = Dies(i); W = weakref.ref(V, ended.append); V = None

V = Dies(W); weak["x"] = V

V = sorted(weak)

V = list(weak.values())

V = {Dies(i): W}; V.clear()

V = Dies(V); V.held = V.held if V is W else None

def local(x, y=None):
    mine = Dies(x)
    BODY
    raise ValueError(mine)
local(W)

try: local(V)
except NameError: V = Dies(W)
except ValueError as error: V = error.args

weakref.finalize(Dies(), ended.append, LIT)

V = functools.partial(print, Dies(i)); V.held = W; V = None

V.held = Dies(V.held)

exec("one = Dies(1)\\none = 2", {"Dies": Dies})

with contextlib.closing(x for x in [Dies(W)]) as V: next(V)
"""

WRITTEN_IN_C_HELPERS = """\
import array, bisect, collections, copy, functools, heapq, io, itertools, json, operator, pickle, re
import struct, types
"""

WRITTEN_IN_C = """\
heapq.heappush(V, LIT)

heapq.heapify(V)

V = heapq.heappop(W)

V = heapq.nsmallest(2, small(W), key=lambda x: (tick(), W.append(i), len(W))[2])

bisect.insort(V, N)

bisect.insort(V, N, key=lambda x: (tick(), x)[1])

operator.setitem(V, KEY, W)

operator.delitem(V, KEY)

V = operator.iadd(V, small([W]))

operator.attrgetter("append")(V)(W)

operator.methodcaller("pop")(V)

V = functools.reduce(operator.iadd, [[LIT], small([W])], V)

V = functools.reduce(lambda x, y: (x.append(y), x)[1], small(W)[:3], V)

V |= {TEXT: W, KEY: V}

V.update([(KEY, W), ("b", V)])

V.update(zip("ab", small(W)))

V.update((k, V.copy()) for k in "ab")

V.setdefault(KEY, [W]).append(i)

V.__setitem__(KEY, W)

list.append(V, W)

list.__init__(V, small(W))

dict.__setitem__(V, KEY, W)

dict.update(V, a=W)

set.add(V, N)

V.__init__()

V.__iadd__(small([W]))

V.extend(V.append(k) or k for k in range(3))

V[:] = (V.pop() for k in range(2))

V[N:] = map(operator.neg, (1, 2))

V = list(map(W.append, range(3)))

V = list(filter(V.append, small(W)[:3]))

V = [*filter(lambda x: V.append(x), small(W)[:3])]

V = map(W.pop, (0, 0)); i += 1; next(V)

V = dict(map(lambda k: (k, W.append(k)), range(2)))

V = tuple(map(V.append, (1, 2)))

V = min(W, key=lambda x: W.reverse() or 0)

V.sort(key=lambda x: (tick(), W.append(1), len(W))[2])

V.sort(key=lambda x: V.append(x))

V = copy.copy(W)

V = copy.deepcopy(small(W))

V = pickle.loads(pickle.dumps(small(W)))

V = array.array("h", [N, 1, 2]); V.extend(range(3)); V.reverse()

V = bytearray(6); memoryview(V)[1:3] = b"ab"; struct.pack_into("<h", V, 3, N)

V = json.loads(json.dumps(W))

json.loads("[{}, {}]", object_hook=lambda x: V.append(x))

re.sub("s", lambda found: V.append(found[0]) or "t", "assess")

V = "".join(V.append(k) or k for k in "ab")

print(*small(V), sep=",", file=io.StringIO())

V = collections.deque(small(W), 4); V.insert(0, W); V.rotate(N); V.reverse()

collections.deque(map(V.append, range(2)), maxlen=0)

V = collections.OrderedDict(a=[W], b=V); V.move_to_end("a"); V.popitem(last=False)

V = itertools.starmap(V.insert, [(0, W), (1, LIT)]); next(V); V = [*V]

V = itertools.takewhile(lambda x: W.append(x) or 1, [1, 2]); V = list(V)

setattr(functools, "kept", V); functools.kept.append(i); del functools.kept

any(map(V.__contains__, small(W)))

V = [x := [W], x.append(i), x][2]

a, b = map(V.append, (1, 2))

a, *b = (V.pop() for k in range(2))

V.remove(next(iter(V)))

V = dict.fromkeys(map(lambda k: V.append(k) or k, range(2)), W)

V = types.SimpleNamespace(x=W, y=[V]); V.y.append(V.__dict__.popitem())

V = types.MappingProxyType({"x": W})

V = zip(V, iter(V)); V = list(V)
"""

SUBCLASSES_HELPERS = """\
class Row(list):
    kept = []
    def append(self, value): list.append(self, value); self.last = value; del self[6:]
    def __setitem__(self, key, value): super().__setitem__(key, value); Row.kept = [key]
    def __iadd__(self, other): self.kept = other; return self
    def __getitem__(self, key): Row.kept.append(key); del Row.kept[4:]; return super().__getitem__(key)

class Table(dict):
    def __missing__(self, key): self[key] = made = [key]; return made
    def __setitem__(self, key, value): self.seen = key; dict.__setitem__(self, key, value)
    def __iter__(self): return iter(["x"])

class Bag(set):
    def add(self, value): set.add(self, value); self.size = len(self)

class Duo(tuple):
    def __new__(cls, *parts): made = super().__new__(cls, parts); made.parts = list(parts); return made

class Number(int):
    def __add__(self, other): self.seen = [other]; return Number(int(self) + 1)

class Slots(list):
    __slots__ = ("mark",)

class Meta(type):
    made = []
    def __call__(cls, *values): Meta.made.append(cls.__name__); del Meta.made[4:]; return super().__call__(*values)
    def __getitem__(cls, key): return [cls, key]
    def __setattr__(cls, name, value): super().__setattr__(name, [value])

class WithMeta(metaclass=Meta):
    shared = []
    def __init__(self, *values): self.values = values; self.shared.append(len(values)); del self.shared[3:]
"""

SUBCLASSES = """\
V = Row([W, LIT])

V = Row(small(W))

V = Table(x=W)

V = Table({KEY: W, "y": []})

V = V["missing"]

V = W[KEY]

V = Bag({1, TEXT}); V.add(N)

V = Duo(W, LIT)

V.parts.append(W)

V = Number(N) + W

V = Number(N); V.more = [W]

V = Slots([W]); V.mark = V

V.mark.append(LIT)

V.last = W

V += [W]

V = Row(V)[0]

V = {**Table(x=W)}

V = [*Row([W]), *Table(x=1)]

V.sort(key=id and len)

V = Row([1, 2, 3]); V[0], V[1] = V[1], W

V = Row.kept

V = WithMeta(W, LIT)

V = WithMeta[W]

WithMeta.more = W

V = WithMeta.more

V = Meta.made

WithMeta.shared.append(W)

V = WithMeta.shared

V = sorted(Table(x=W, y=1))

V = dict(Table(x=W))

first, *V = Row([W, 1, 2])

for x in Row([W, LIT]):
    BODY

V = Row.__mro__[1]([W])

V = list.__getitem__(W, 0)
"""

FRAMES_HELPERS = """\
signal.signal(signal.SIGUSR1, signal.SIG_IGN)

def looks_back(name): return sys._getframe(1).f_locals.get(name)

def writes_back(name, value): sys._getframe(1).f_globals[name] = value

def own_locals(a, b=1):
    c = [a]
    found = locals()
    found["c"] = b
    d = found.get("c")
    return d, c

def delivers(items, results):
    try:
        for item in list(items() if callable(items) else items)[:4]: results.append(item)
    except Exception: pass
"""

FRAMES = """\
V = looks_back("W")

writes_back("W", V)

writes_back("fresh", [W])

V = own_locals(W)

V = locals().get("W")

vars().update(zz=W)

globals()["W"] = V

V = [looks_back("V") for k in range(2)]

V = sys._getframe().f_code.co_name

V = sys._getframe().f_lineno - sys._getframe().f_code.co_firstlineno

eval("one.append(2)", {"one": V})

exec("one[0] = other", {"one": V, "other": W})

V = eval("[V for k in range(2)]", {"V": W})

thread = threading.Thread(target=delivers, args=([W], V))
thread.start()
thread.join()

thread = threading.Thread(target=delivers, args=(small(W), V))
thread.start()
thread.join()

thread = threading.Thread(target=delivers, args=(lambda: [i], V))
thread.start()
thread.join()

V = contextvars.ContextVar("V"); V.set(W); W = V.get()

contextvars.copy_context().run(V.append, LIT)

signal.raise_signal(signal.SIGUSR1)

signal.signal(signal.SIGUSR1, lambda *what: V.append(i)); signal.raise_signal(signal.SIGUSR1); i += 1

signal.signal(signal.SIGUSR1, signal.SIG_IGN)

atexit.register(V.append, W); atexit.unregister(V.append)

def local(x):
    y = [x]
    BODY
    return sys._getframe().f_back.f_code.co_name, y
V = local(W)

class Local:
    V = W
    W = [V]
    if i: del V
    for i in range(2): W.append(i)
V = Local.W

class Nested:
    V = [W]
    class Inner:
        W = V
        V = [k for k in W]
    V.append(Inner)
V = Nested.V
"""

LAYOUT = """\
V = [
    W,
    LIT,
    [V,
     W],
]

V = {
    "x": W,
    KEY:
        LIT,
}

V.append(
    W
)

V.insert(
    0,
    V.pop(),
)

V = (V,
     W)

V, W = (
    W,
    V,
)

V = [
    [x, y]
    for x in small(W)
    for y in (
        1,
        2,
    )
    if x is not
    y
]

V = (
    V
    or W
    or [LIT]
)

V = W if (
    i < 2
) else LIT

if (
    V
    and W
): i += 1

V[
    KEY
] = (
    W
)

V[0] = W; V[1] = LIT; i += 1

V = 1; V = [V]; W = V; W.append(i)

V = [i]; V += [W]; del V[0]

if V: W = [V]; V = W

for V in (1, 2): W = [V]; W.append(V)

while i < 3: i += 1; V = [i]; W = V

for i in range(2): V = [i]; V.append(W); \\
    W = V

def one(x): V = [x]; V.append(W); return V
V = one(W)

V = one(
    one(W),
)

V = (lambda x,
     y=W: [x,
           y])(V)

V = (f"{i}"
     f"{W is V}")

assert (
    V
), W

x = V; y = x; y.append(LIT); x = y = None

try: V.append(W); V[KEY] = 1; V.pop(5)
except IndexError: V = [W]; W = V
finally: i += 1; V = W

with contextlib.suppress(Exception): V.append(1); V = V[9]; W = 1

V = [W,
     V.append(i),
     i][0]

V = sum(
    k
    for k in range(3)
    if V.append(k) is None
)
"""

EDGES = {
    "lifetimes": ("import contextlib, functools, weakref\n" + LIFETIMES_HELPERS, LIFETIMES),
    "written in C": (WRITTEN_IN_C_HELPERS, WRITTEN_IN_C),
    "subclasses": (SUBCLASSES_HELPERS, SUBCLASSES),
    "frames and threads": ("import atexit, contextvars, signal, sys, threading\n" + FRAMES_HELPERS, FRAMES),
    "layout": ("import contextlib\n", LAYOUT),
}
"""By name: the helpers that stand before, and the statements."""
