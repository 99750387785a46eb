"""Decorated, cached, dispatched, partial and wrapped functions."""
import functools


def deco(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@deco
def add(a, b):
    return a + b


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.singledispatch
def show(value):
    return "object"


@show.register
def _(value: int):
    return "int"


class Lazy:
    @functools.cached_property
    def value(self):
        return [1]

    @staticmethod
    def fixed(x):
        return x

    @classmethod
    def make(cls):
        return cls()


add3 = functools.partial(add, 3)
lazy = Lazy.make()
lazy.value.append(2)
print(add3(4), add(1, b=1), add.calls, fib(8), fib.cache_info().misses, show(1), show("x"), lazy.value, Lazy.fixed(5))
print(functools.reduce(lambda a, b: a * b, range(1, 5)))
