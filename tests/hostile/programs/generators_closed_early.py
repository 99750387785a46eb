"""Generators that are closed, dropped, thrown into, or never started."""
log = []


def gen(name):
    held = [name]
    try:
        for i in range(5):
            held.append(i)
            got = yield held
            if got:
                log.append(got)
    except ValueError as error:
        log.append(("caught", str(error)))
        yield "after"
    finally:
        log.append((name, "ended"))


def plain():
    x = 1
    yield x
    yield x + 1


a = gen("a")
next(a)
a.close()
b = gen("b")
next(b)
del b
c = gen("c")
c.close()
d = gen("d")
next(d)
d.send("hello")
log.append(d.throw(ValueError("v")))
d.close()
e = gen("e")
try:
    e.throw(KeyError("k"))
except KeyError as error:
    log.append(repr(error))
f = plain()
next(f)
f.close()
x = 1
g = plain()
next(g)
g = None
x = 2
for value in gen("h"):
    if len(value) > 2:
        break
x = 3
print(log)
