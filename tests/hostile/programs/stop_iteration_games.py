"""StopIteration raised where it means something else."""


def bad():
    yield 1
    raise StopIteration("inside")


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


def first(items):
    return next(iter(items))


seen = []
try:
    list(bad())
except RuntimeError as error:
    seen.append(type(error.__cause__).__name__)
try:
    first([])
except StopIteration:
    seen.append("empty")
seen.append(list(Countdown(3)))
seen.append(next(iter([]), "default"))
a, b, *c = Countdown(4)
try:
    x, y = Countdown(3)
except ValueError as error:
    seen.append(str(error))
seen.append([v for v in Countdown(2)])
print(seen, a, b, c)
