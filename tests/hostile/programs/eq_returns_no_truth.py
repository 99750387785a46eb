"""Comparing gives an object whose truth can't be had, as with arrays."""


class Elementwise:
    def __eq__(self, other):
        return Ambiguous()

    __hash__ = None


class Ambiguous:
    def __bool__(self):
        raise ValueError("the truth value is ambiguous")


a = Elementwise()
b = [a, Elementwise()]
b[0], b[1] = b[1], b[0]
b.append(a)
print(len(b))
