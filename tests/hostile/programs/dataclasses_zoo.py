"""Dataclasses: frozen, with slots, factories, inheritance, post-init and replace."""
from dataclasses import dataclass, field, replace


@dataclass
class Point:
    x: int
    y: list = field(default_factory=list)

    def __post_init__(self):
        self.y.append(self.x)


@dataclass(frozen=True, slots=True)
class Fixed:
    name: str
    tags: tuple = ()


@dataclass(order=True)
class Named(Point):
    name: str = "n"


p = Point(1)
p.y.append(2)
q = replace(p, x=3)
f = Fixed("f", (p,))
try:
    f.name = "g"
except Exception as error:
    kind = type(error).__name__
n = Named(5, name="m")
n.x += 1
print(p, q, f, n, n < Named(9), kind)
