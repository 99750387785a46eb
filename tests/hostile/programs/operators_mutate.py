"""Operators that change their operands, and compare with side effects."""


class V:
    def __init__(self, x):
        self.x = x
        self.log = []

    def __add__(self, other):
        other.x = 0
        self.log.append("add")
        return V(self.x)

    def __iadd__(self, other):
        self.x += 10
        return self

    def __lt__(self, other):
        self.log.append("lt")
        other.log.append("compared")
        return self.x < other.x

    def __contains__(self, item):
        self.log.append(item)
        return True

    def __getitem__(self, key):
        self.log.append(key)
        return self

    def __setitem__(self, key, value):
        self.log.append((key, value))

    def __call__(self, *args):
        self.log.append(args)
        return self

    def __bool__(self):
        self.log.append("bool")
        return True

    def __index__(self):
        self.log.append("index")
        return 1


a, b = V(1), V(2)
c = a + b
a += b
same = a
if a < c and a:
    b[1:2] = 3
d = b["k"]("z")
e = 5 in a
f = [10, 20][b]
g = a < b < c
print(a.x, b.x, c.x, a.log, b.log, d is b, e, f, g)
