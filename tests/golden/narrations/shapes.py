# call: total_area([("circle", 2), ("box", 3, 3), ("box", 2, 5), "dot"])
def area(shape):
    match shape:
        case ("circle", radius):
            return 3 * radius**2
        case ("box", width, height) if width == height:
            return width**2
        case ("box", width, height):
            return width * height
        case _:
            return 0


def total_area(shapes):
    total = 0
    for shape in shapes:
        total += area(shape)
    return total
