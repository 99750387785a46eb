"""Assignments inside expressions, chained comparisons, short circuits, conditional expressions."""
items = [5, 3, 8]
while (n := len(items)) > 1: items.pop()
if (m := max(items)) > 2 and (k := m * 2) < 100 or (never := 1):
    items.append(k)
a = b = c = [0]
b.append(1)
low = 1 < n + 1 < 3 == 3
value = "yes" if items and not [] else "no"
first = items and items[0] or None
x = y = 0
x, y = y + 1, x + 2
i = 0
i += (i := 5)
d = {(key := "k"): key * 2}
print(items, a, low, value, first, x, y, i, d, f"{(z := 3)} {z!r:>4}")
