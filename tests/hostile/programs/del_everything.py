"""del of names, elements, slices, attributes, and of names that come back."""


def f():
    a = [1, 2, 3, 4]
    b = a
    del a[1:3]
    del a
    try:
        a
    except UnboundLocalError as error:
        caught = type(error).__name__
    a = {"x": b, "y": 1}
    del a["x"][0], a["y"]
    for i in range(3):
        t = i
        del t
    del i
    return a, b, caught


class O:
    pass


o = O()
o.x = o.y = [1]
del o.x
o.x = 2
x, *y = 1, 2, 3
del x, y[0]
(p, q), r = (1, [2]), 3
del (p, q)
print(f(), o.x, y, r)
