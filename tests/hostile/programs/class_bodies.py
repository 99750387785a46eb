"""Class bodies whose names live in somebody's own mapping."""
log = []


class Spy(dict):
    def __setitem__(self, key, value):
        log.append(("set", key))
        dict.__setitem__(self, key, value)

    def __getitem__(self, key):
        log.append(("get", key))
        return dict.__getitem__(self, key)


class Odd:
    def __init__(self):
        self.names = {}

    def __getitem__(self, key):
        log.append(("odd get", key))
        return self.names[key]

    def __setitem__(self, key, value):
        log.append(("odd set", key))
        self.names[key] = value

    def keys(self):
        raise RuntimeError("no")


class Meta(type):
    def __prepare__(name, bases, space=None):
        return space()

    def __new__(cls, name, bases, names, space=None):
        return type.__new__(cls, name, bases, dict(names if isinstance(names, dict) else names.names))

    def __init__(cls, name, bases, names, space=None):
        super().__init__(name, bases, {})


class A(metaclass=Meta, space=Spy):
    x = [1]
    y = x
    y.append(2)

    def method(self):
        return self.x


class B(metaclass=Meta, space=Odd):
    x = 1
    y = x + 1


class C:
    squares = [n * n for n in range(3)]
    total = sum(squares)
    table = {k: v for k, v in zip("ab", squares)}

    class Inner:
        deep = [1]
        deep.append(2)

    del total


print(A().method(), B.y, C.squares, C.Inner.deep, log)
