"""Objects whose class changes while they are in view."""


class Caterpillar:
    def __init__(self):
        self.legs = 16


class Butterfly:
    def fly(self):
        return f"with {self.legs} legs"


class Slotted:
    __slots__ = ("x", "__dict__")


class AlsoSlotted:
    __slots__ = ("x", "__dict__")


class Loud(ValueError):
    pass


class Quiet(ValueError):
    pass


animal = Caterpillar()
held = [animal, {"it": animal}]
animal.__class__ = Butterfly
print(animal.fly(), type(held[0]).__name__)
animal.legs = 6
animal.__class__ = Caterpillar
thing = Slotted()
thing.x = 1
thing.__class__ = AlsoSlotted
thing.x, thing.y = 2, 3
try:
    raise Loud("!")
except Loud as error:
    error.__class__ = Quiet
    kept = error
print(type(kept).__name__, thing.x, thing.y)
