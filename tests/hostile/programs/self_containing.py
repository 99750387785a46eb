"""Containers and objects that contain themselves."""
a = []
a.append(a)
a[0][0] = a
b = {}
b["b"] = b
b["b"]["b"]["x"] = 1


class Loop:
    pass


loop = Loop()
loop.loop = loop
loop.loop.loop.n = 1
t = ([],)
t[0].append(t)
f = lambda: f
f.me = f
from collections import deque

q = deque()
q.append(q)
a.append(a)
print(len(a), len(b), loop.n, len(t[0]), len(q))
