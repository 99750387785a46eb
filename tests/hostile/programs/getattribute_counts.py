"""Reading any attribute has an effect."""


class Counting:
    def __init__(self):
        object.__setattr__(self, "reads", [])
        self.value = 1

    def __getattribute__(self, name):
        object.__getattribute__(self, "reads").append(name)
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        object.__getattribute__(self, "reads").append("set " + name)
        object.__setattr__(self, name, value)


c = Counting()
d = [c]
c.value += 1
del d[0]
print(object.__getattribute__(c, "reads"))
