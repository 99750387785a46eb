"""Weak references die, and call back, at the very moment they would without a recording."""
import weakref

log = []


class Thing:
    def __init__(self, name):
        self.name = name
        self.parts = []


def use():
    thing = Thing("a")
    ref = weakref.ref(thing, lambda _: log.append("a died"))
    thing.parts.append(thing.name)
    log.append("before")
    del thing
    log.append(ref() is None)
    other = Thing("b")
    finalizer = weakref.finalize(other, log.append, "b ended")
    box = [other]
    other = None
    log.append("boxed")
    box.pop()
    log.append(finalizer.alive)


use()
cache = weakref.WeakValueDictionary()
kept = Thing("c")
cache["c"] = kept
log.append(len(cache))
kept = None
log.append(len(cache))
print(log)
