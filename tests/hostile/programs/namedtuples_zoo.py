"""Named tuples of both makes."""
from collections import namedtuple
from typing import NamedTuple

Pair = namedtuple("Pair", "left right", defaults=[None])


class Place(NamedTuple):
    x: int
    y: list = []

    @property
    def far(self):
        return self.x > 10


a = Pair([1])
a.left.append(2)
b = a._replace(right=a)
c = Place(3)
c.y.append(c)
d = Place(11, [c])
print(a, b.right is a, c.x, d.far)
