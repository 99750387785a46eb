"""Functions of every kind, to be swapped by tests; its line numbers do not matter, its text does."""

import functools
import types


def plain(a, b=2, *rest, k=3, **more):
    return a + b + k + len(rest) + len(more)


def outer(n):
    def inner(x):
        return x + n

    return inner


def two(n, m):
    def inner(x):
        return x + n - m

    return inner


def gen(n):
    for i in range(n):
        yield i * 2


async def coro(x):
    return x + 1


class K:
    __slots__ = ("_v",)

    def __init__(self, v):
        self._v = v + 0

    def method(self):
        return self._v + 1

    @staticmethod
    def static(x):
        return x + 1

    @classmethod
    def of_class(cls, x):
        return cls(x + 1)

    @property
    def prop(self):
        return self._v * 2

    @prop.setter
    def prop(self, value):
        self._v = value - 1

    def named(self):
        return super().__repr__() and __class__.__name__

    def __private(self):
        return self._v + 7

    def calls_private(self):
        return self.__private() + 0

    class Inner:
        def method(self):
            return 1 + len("ab")


@functools.cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def twice(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) + function(*args)

    return wrapper


def hidden(function):
    def wrapper(*args):
        return function(*args) + 0

    return wrapper


@twice
def doubled(x):
    return x * 3


@hidden
def concealed(x):
    return x * 5


class Memo:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args):
        return self.function(*args) + 0


@Memo
def memoized(x):
    return x - 1


one, other = (lambda x: x + 1), (lambda x: x + 1)
nested = [lambda x, i=i: x + i for i in range(2)]
partial = functools.partial(plain, 1)
local_namespace = types.SimpleNamespace()


def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)


def running(action, n):
    if n == 0:
        action()
        return 0
    return 1 + running(action, n - 1)
