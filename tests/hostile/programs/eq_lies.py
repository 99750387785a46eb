"""Everything equals everything: only identity tells that an element was replaced."""


class Same:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 7


items = [Same(1), Same(2)]
items[0] = Same(3)
items[1], items[0] = items[0], items[1]
table = {"a": Same(4)}
table["a"] = Same(5)
table["a"].n = 6
print(items[0].n, items[1].n, table["a"].n)
