"""Patterns of every kind, with properties and __match_args__ that count."""
asked = []


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self._x, self._y = x, y

    @property
    def x(self):
        asked.append("x")
        return self._x

    @property
    def y(self):
        asked.append("y")
        return self._y


def kind(value):
    match value:
        case Point(0, y=0):
            return "origin"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case [first, *rest] if rest:
            return first, rest
        case {"k": [a, b] as pair, **others}:
            return a, b, pair, others
        case str() | bytes() as text:
            return text
        case None | True:
            return "constant"
        case (-1 | 2.5) as number:
            return number
        case _:
            return "other"


values = [Point(0, 0), Point(3, 3), [1, 2, 3], {"k": [1, 2], "z": 0}, "s", None, -1, 2.5, 7, ()]
print([kind(v) for v in values], asked)
