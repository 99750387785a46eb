"""Enums, flags and values that are functions."""
from enum import Enum, Flag, IntEnum, auto


class Color(Enum):
    RED = 1
    BLUE = "b"
    CRIMSON = 1

    def describe(self):
        return f"{self.name} is {self.value}"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mode(Flag):
    R = auto()
    W = auto()


c = Color.RED
text = c.describe()
same = Color.CRIMSON is c
level = Level.LOW + Level.HIGH
mode = Mode.R | Mode.W
table = {Color.RED: [mode], Level.LOW: c}
table[Color.RED].append(Mode(0))
print(text, same, level, mode, len(table))
