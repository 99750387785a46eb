"""Slots: empty ones, inherited ones, private ones, beside a dictionary."""


class Base:
    __slots__ = ("a", "empty")

    def __init__(self):
        self.a = [1]


class More(Base):
    __slots__ = ("b", "__hidden", "__dict__")

    def __init__(self):
        super().__init__()
        self.b = 2
        self.__hidden = 3
        self.free = 4


m = More()
m.a.append(5)
m.b = {"x": m}
m.b["x"].a = None
del m.b
m.empty = 6
m.free += 1
print(m.a, m.empty, m.free)
