"""__repr__ and __str__ raise, even something that is no Exception."""


class Rude:
    def __repr__(self):
        raise KeyboardInterrupt("not you")

    __str__ = __repr__


a = Rude()
b = [a, a]
b.append({"a": a})
print(len(b))
