"""The dictionary that locals() gives is kept, changed, and looked at later."""
# differs: because the oracle's own reading brings that dictionary up to date on Python 3.12
# needs: monitoring, a trace function of Python 3.11 has the interpreter refresh that dictionary


def f(a):
    b = [a]
    d = locals()
    c = 3
    b.append(c)
    first = sorted(d)
    d["a"] = "changed"
    a += 1
    e = locals()
    second = sorted(e)
    same = d is e
    return first, second, same, d["a"] if not same else a, a


def g(x):
    kept = vars()
    x = 2
    y = kept["x"]
    return y


class Body:
    a = 1
    d = locals()
    d["b"] = 2
    c = b + 1


result = f(1), g(1), Body.c
inside = locals() is globals()
vars()["made"] = [1]
made.append(2)
print(result, inside, made)
