# call: visit(["hall", "cellar"])
class Door:
    def __init__(self, room):
        self.room = room
        self.open = False

    def __enter__(self):
        self.open = True
        return self

    def __exit__(self, kind, error, trail):
        self.open = False
        return kind is KeyError


def visit(rooms):
    lamps = {"hall": 2}
    seen = 0
    for room in rooms:
        with Door(room) as door:
            seen += lamps[door.room]
    return seen
