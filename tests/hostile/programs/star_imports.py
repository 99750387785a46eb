"""Names that arrive by star, and are then hidden, deleted and brought back."""
from collections import *
from math import *
from os.path import *

d = deque([1])
root = sqrt(16)
pi = 3
del pi
from math import pi

path = join("a", "b")
items = [deque, OrderedDict]
items.pop()
print(d, root, pi, path, len(items))
