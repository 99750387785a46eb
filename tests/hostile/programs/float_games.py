"""nan, infinities, signed zeros; numbers that are equal and not the same."""
nan = float("nan")
zero = 0.0
zero = -0.0
items = [nan, nan, float("nan"), float("inf"), -0.0, 0.0]
items[4], items[5] = items[5], items[4]
table = {1: "int", True: "bool", 1.0: "float"}
table[1.0] = 1
table[True] = True
keys = {nan: 1, float("nan"): 2}
keys[nan] = 3
one = 1
one = True
one = 1.0
one = 1 + 0j
pair = [1, True]
pair[0], pair[1] = pair[1], pair[0]
same = {0, False, 0.0}
mixed = {nan, 1, "a", None, (1, nan)}
mixed.discard(nan)
print(table, len(keys), pair, same, len(mixed))
