"""__dict__ and __class__ of an object are not what they seem."""


class Disguised:
    def __init__(self):
        self.real = [1]

    @property
    def __dict__(self):
        raise RuntimeError("no dictionary")

    @property
    def __class__(self):
        return int


d = Disguised()
d.real.append(2)
d.more = "x"
print(isinstance(d, int), d.real, d.more)
