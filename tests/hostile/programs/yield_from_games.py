"""Delegation: send, throw, return values, through three levels."""


def inner(log):
    try:
        while True:
            got = yield len(log)
            if got is None:
                return log
            log.append(got)
    except ValueError:
        log.append("bad")
        return "stopped"


def middle(log):
    result = yield from inner(log)
    yield ("inner gave", result)
    return result


def outer():
    first = yield from middle([])
    second = yield from middle([1])
    yield from [first, second]
    return "done"


g = outer()
seen = [next(g), g.send("a"), g.send(None), next(g), g.throw(ValueError), next(g), next(g)]
try:
    next(g)
except StopIteration as stop:
    seen.append(stop.value)
print(seen)
