"""Finalizers run in the order and at the moment they would without a recording."""
log = []


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


def scope():
    a = Noisy("a")
    b = [Noisy("b1"), Noisy("b2")]
    a = Noisy("a2")
    log.append("rebound")
    del b[0]
    log.append("removed")
    b = {"k": Noisy("b3")}
    log.append("replaced")
    b["k"] = None
    log.append("end")


scope()
log.append("after")
pair = (Noisy("t"), 1)
pair = None
log.append("tuple gone")


def throws():
    held = Noisy("in frame")
    raise ValueError


try:
    throws()
except ValueError as error:
    log.append("caught")
log.append("handled")
Noisy("temporary")
log.append("last")
print(log)
