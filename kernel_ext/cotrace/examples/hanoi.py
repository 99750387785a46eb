"""The towers of Hanoi: to move a tower, move what lies on its largest disk out of the way, by the same rule."""

pegs = {"left": [3, 2, 1], "middle": [], "right": []}


def move(height, source, target, spare):
    if height == 0:
        return 0
    before = move(height - 1, source, spare, target)
    disk = pegs[source].pop()
    pegs[target].append(disk)
    print("disk", disk, "from", source, "to", target)
    after = move(height - 1, spare, target, source)
    return before + 1 + after


if __name__ == "__main__":
    print(move(2, "left", "right", "middle"), "moves")
    print(pegs)
