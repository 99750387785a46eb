"""The shortest way through a maze: look at everything one step away, then two steps away, and so on."""

from collections import deque

MAZE = [
    "S.#",
    "..#",
    "#.E",
]


def find(letter):
    for row, line in enumerate(MAZE):
        if letter in line:
            return row, line.index(letter)


def neighbours(place):
    row, column = place
    for next_row, next_column in [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]:
        inside = 0 <= next_row < len(MAZE) and 0 <= next_column < len(MAZE[0])
        if inside and MAZE[next_row][next_column] != "#":
            yield next_row, next_column


def shortest_path(start, goal):
    came_from = {start: None}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        if place == goal:
            break
        for next_place in neighbours(place):
            if next_place not in came_from:
                came_from[next_place] = place
                waiting.append(next_place)
    path = []
    place = goal
    while place is not None:
        path.append(place)
        place = came_from[place]
    path.reverse()
    return path


if __name__ == "__main__":
    print(shortest_path(find("S"), find("E")))
