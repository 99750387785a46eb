"""Showing the object never ends."""


class Slow:
    def __repr__(self):
        while True:
            pass

    __str__ = __hash__ = __eq__ = __len__ = __bool__ = __repr__


a = Slow()
b = [a, a]
c = {1: b}
b.pop()
print(len(c))
