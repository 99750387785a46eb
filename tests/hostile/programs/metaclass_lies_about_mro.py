"""A class with its own order of bases, and names that are no names."""


class Meta(type):
    def mro(cls):
        return [cls, object]

    @property
    def __module__(cls):
        raise RuntimeError("no")


Thing = Meta("a\nb", (), {"__slots__": ("x",)})
thing = Thing()
thing.x = 1
plain = type("", (), {})()
plain.y = [thing]
plain.y.append(plain)
odd = type("Odd", (), {"__module__": 5, "__qualname__": "Q.R"})()
odd.z = 1
print(thing.x, len(plain.y), odd.z)
