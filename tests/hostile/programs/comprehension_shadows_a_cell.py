"""A comprehension's variable is named like a variable that lives in a cell: Python 3.13.0's f_locals would crash."""


def count(rows, fails):
    row = 0

    def one_more():
        nonlocal row
        row += 1

    doubled = [[row * 2 for row in inner] for inner in rows]
    one_more()
    pairs = {row: col for row, col in enumerate(rows)}
    row += 10
    try:
        broken = [
            row.real / fails
            for row in [3, 4]
        ]
    except ZeroDivisionError:
        broken = row
    one_more()

    def inner():
        kept = [row for row in (5, 6)]
        return kept, row

    def free():
        return [row for row in (7, 8)], one_more(), row

    def deeper():
        row
        return [(row, [row for row in (1, 2)]) for row in "ab"], row

    return doubled, pairs, broken, row, inner(), free(), deeper(), [lambda: row for row in (1, 2)][0]()


print(count([[1, 2], [3]], 0))
print(count([[1, 2], [3]], 2))
first = [row for row in (1, 2)]
second = [lambda: row for row in (3, 4)]
third = [row for row in (5, 6) if first]
print(first, second[0](), third)


class Body:
    plain = [row for row in (1, 2)]
    made = [lambda: row for row in (3, 4)]
    again = {row for row in (5,)}


print(Body.plain, Body.made[1](), Body.again)
