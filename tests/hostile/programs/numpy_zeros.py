"""An array of a hundred million zeros that take no memory until they are touched."""
# needs: numpy
import numpy as np

zeros = np.zeros(100_000_000)
zeros[5] = 1.5
view = zeros[:10]
view[0] = 2
grid = np.arange(6).reshape(2, 3)
grid[1, 2] = 9
total = grid.sum()
names = np.array(["a", "b"])
print(zeros[5], view[0], total, names[1])
