"""Properties that hang, raise or change the object."""


class Trap:
    def __init__(self):
        self.n = 0

    @property
    def forever(self):
        while True:
            pass

    @property
    def fails(self):
        raise SystemExit("from a property")

    @property
    def bump(self):
        self.n += 1
        return self.n


trap = Trap()
first = trap.bump
box = {"trap": trap}
second = trap.bump
print(trap.n, first, second)
