"""Sets of tuples, of frozen sets and of objects that look alike."""
# differs: the order of objects in a set is that of their addresses, and the program goes by it


class Twin:
    def __init__(self, n):
        self.n = n


twins = {Twin(1), Twin(1), Twin(2)}
for twin in sorted(twins, key=lambda t: t.n):
    twin.seen = True
nested = {frozenset({1, 2}), frozenset({frozenset({3}), "x"}), (1, (2, 3))}
nested.add(frozenset())
nested.discard((1, (2, 3)))
table = {frozenset({1}): twins, (1, "a"): nested}
table[frozenset({1})] = None
grow = set()
for word in ["b", "a", "c", "a"]:
    grow.add(word)
    grow ^= {"z"}
print(len(twins), len(nested), len(table), sorted(grow))
