"""Containers that change while they are looked at."""
items = [1, 2, 3, 4]
for item in items:
    if item % 2:
        items.remove(item)
table = {"a": 1}
caught = []
try:
    for key in table:
        table[key + "x"] = 2
except RuntimeError as error:
    caught.append(str(error))
many = {1, 2}
try:
    for element in many:
        many.add(element + 10)
except RuntimeError as error:
    caught.append(str(error))
b = [[0]]
b[0] = b
b[0][0] = "v"
i = 0
i, items[i] = 1, "swapped"
items[0:1] = items
items[len(items) :] = items[:1]
a = a2 = [1]
a += a
a *= 2
print(items, table, caught, b, a2)
