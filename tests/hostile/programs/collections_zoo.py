"""deque, Counter, defaultdict, OrderedDict, ChainMap and their own ways of changing."""
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque

d = deque([1, 2, 3], maxlen=3)
d.append(4)
d.appendleft([5])
d.rotate(1)
d[0].append(6) if isinstance(d[0], list) else None
c = Counter("abca")
c["z"] += 1
c.subtract("a")
c.update("zz")
e = defaultdict(list)
e["k"].append(1)
e["k"].append(e)
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a")
o.move_to_end("c", last=False)
o["b"] = [1]
o.popitem(last=False)
chain = ChainMap({"x": 1}, {"y": 2})
chain["y"] = 3
u = UserList([1])
u.append(2)
v = UserDict(a=1)
v["b"] = u
print(list(d), c, dict(o), chain["y"], u, v)
