"""Two names for one list: a grid made the wrong way, and made right."""


def wrong_grid(size):
    row = [0] * size
    return [row] * size


def right_grid(size):
    return [[0] * size for _ in range(size)]


def mark_diagonal(grid):
    for index in range(len(grid)):
        grid[index][index] = 1
    return grid


if __name__ == "__main__":
    print(mark_diagonal(wrong_grid(2)))
    print(mark_diagonal(right_grid(2)))
