"""Dicts whose keys are objects: equal, unequal, hostile."""
calls = []


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        calls.append("hash")
        return self.n % 2

    def __eq__(self, other):
        calls.append("eq")
        return self.n == other.n


a, b, c = Key(1), Key(3), Key(1)
table = {a: "a", b: "b"}
table[c] = "c"
before = len(calls)
table[(1, 2)] = [1]
table[(1, 2)].append(2)
more = {None: 1, ...: 2, int: 3, len: 4, (a,): 5}
more[int] = [table]
x = 1
y = 2
print(len(table), len(more), calls)
