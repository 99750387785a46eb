"""Bound methods whose function is an object of the program's own, which answers when it is asked for a name."""
import types

asked = []


class Callable:
    def __call__(self, *given):
        return len(given)

    def __getattr__(self, name):
        asked.append(name)
        raise AttributeError(name)


class Holder:
    pass


bound = types.MethodType(Callable(), Holder())
nested = types.MethodType(types.MethodType(Callable(), 1), 2)
of_builtin = types.MethodType(len, [1, 2])
of_class = types.MethodType(Holder, ())
print(bound(1, 2), nested(), of_builtin(), asked)
