# call: rotate([[1, 2, 3], [4, 5, 6]])
def rotate(grid):
    rows, columns = len(grid), len(grid[0])
    turned = [[0] * rows for _ in range(columns)]
    for row in range(rows):
        for column in range(columns):
            turned[column][rows - 1 - row] = grid[row][column]
    return turned
