"""Names at the edge of being shown."""
_private = 1
__mangled = [2]
__dunder__ = 3
_ = 4
__ = 5
___ = 6


class C:
    __slots__ = ["__own", "_p", "__weird__"]

    def __init__(self):
        self.__own = 1
        self._p = 2
        self.__weird__ = 3

    def f(self, _a, __b=1):
        __c = [_a]
        __d__ = 2
        return __c, __d__


c = C()
_private += 1
__mangled.append(_)
print(c.f(1), _private, __mangled, __dunder__, __, ___)
