"""A container over the size limit whose elements all change their places at once."""
from collections import deque

ring = deque(range(1200))
held = list(range(1100))
table = {i: i for i in range(1050)}
for i in range(1200, 1203):
    ring.rotate(-1)
    ring.append(i)
    ring.rotate(7)
    held.reverse()
    held[:] = held[5:] + held[:5]
    table.update({k: v + 1 for k, v in table.items()})
print(ring[0], ring[-1], held[0], held[-1], table[0])
