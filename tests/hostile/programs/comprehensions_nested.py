"""Comprehensions in comprehensions, with walrus, conditions, closures and the same names as outside."""
x = "outer"
rows = [[x * y for x in range(3)] for y in range(2)]
seen = [last := v for v in range(4) if v % 2]
table = {k: [v for v in range(k)] for k in range(3)}
late = [lambda: i for i in range(3)]
bound = [f() for f in late]
flat = [cell for row in rows for cell in row if cell]
unique = {c.upper() for c in "abca"}
lazy = (n * n for n in range(4))
total = sum(lazy)


def inside():
    k = 5
    one = [k + j for j in range(2)]
    two = [[k := k + 1 for _ in range(2)] for _ in range(2)]
    return one, two, k


class Holder:
    names = ["a", "b"]
    upper = [n.upper() for n in names]
    pairs = {n: i for i, n in enumerate(names)}


nothing = [1 for _ in []]
deep = [[[z for z in range(y)] for y in range(x)] for x in range(3)]
print(x, rows, seen, last, table, bound, flat, sorted(unique), total, inside(), Holder.upper, Holder.pairs, nothing, deep)
