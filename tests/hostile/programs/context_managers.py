"""with: swallowed exceptions, several managers, exits that raise."""
import contextlib

log = []


class Manager:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        log.append("enter " + self.name)
        return [self.name]

    def __exit__(self, kind, value, trail):
        log.append(("exit " + self.name, kind and kind.__name__))
        return self.swallow


def returns():
    with Manager("r") as held:
        held.append(1)
        return held


with Manager("a", swallow=True) as x, Manager("b") as y:
    x.append(y)
    raise ValueError("lost")
with contextlib.suppress(KeyError): {}["no"]
with contextlib.ExitStack() as stack:
    made = [stack.enter_context(Manager(n)) for n in "cd"]
    stack.callback(log.append, "callback")
got = returns()
for i in range(3):
    with Manager("loop", swallow=True):
        if i == 0:
            continue
        if i == 1:
            raise KeyError
        break


@contextlib.contextmanager
def tag(name):
    log.append("<" + name)
    try:
        yield name
    finally:
        log.append(name + ">")


with tag("t"):
    log.append("inside")
print(log, x, got)
