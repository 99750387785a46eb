"""A function gets another function's code while it is known to us."""


def f(x):
    y = x + 1
    return y


def g(x):
    z = [x]
    z.append(2)
    return z


first = f(1)
f.__code__ = g.__code__
second = f(1)
f.__defaults__ = (9,)
third = f()
f.__name__ = "renamed"
f.attribute = [1]
f.attribute.append(2)
print(first, second, third, f.__name__)
