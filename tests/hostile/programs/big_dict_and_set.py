"""A dict and a set of a hundred thousand."""
# looks: 8
table = dict(zip(range(100_000), map(str, range(100_000))))
table[50_000] = ["changed"]
table[50_000].append(1)
table["new"] = 1
del table[3]
many = set(range(100_000))
many.add("x")
many.discard(5)
print(len(table), len(many))
