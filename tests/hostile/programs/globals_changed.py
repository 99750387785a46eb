"""Global names come and go behind the compiler's back."""
unused = 1


def define():
    globals()["sudden"] = [1]
    globals().update(more={}, unused=2)


define()
sudden.append(2)
more["k"] = sudden
globals().update(swapped=[3]), globals().pop("unused")
swapped.append(4)
del globals()["more"]
x = 1
del x
x = 2
print(sudden, swapped, "more" in globals(), x)
