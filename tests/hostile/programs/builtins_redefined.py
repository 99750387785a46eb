"""The names that everybody relies on mean something else here."""


def len(x):
    raise RuntimeError("my len")


def isinstance(*args):
    raise RuntimeError("my isinstance")


def type(*args):
    raise RuntimeError("my type")


def repr(x):
    raise RuntimeError("my repr")


list = dict = set = tuple = str = int = id = hash = sorted = iter = None
x = [1, {"a": (2, {3})}]
x.append(x)
x[1]["a"] = 4
print(x[1])
