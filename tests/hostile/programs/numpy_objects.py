"""Arrays of objects whose repr and equality are traps; scalars; a structured array."""
# needs: numpy
import numpy as np


class Trap:
    def __repr__(self):
        raise RuntimeError("no")

    __eq__ = __hash__ = __str__ = __repr__


objects = np.empty(2, dtype=object)
objects[0] = Trap()
objects[1] = objects
number = np.float64(1.5)
number += 1
record = np.zeros(2, dtype=[("a", "i4"), ("b", "f8")])
record["a"][1] = 7


class Mine(np.ndarray):
    def __array_finalize__(self, other):
        made.append(1)

    def __repr__(self):
        raise RuntimeError("no")


made = []
mine = np.zeros(3).view(Mine)
mine[1] = 4

print(number, record["a"][1])
