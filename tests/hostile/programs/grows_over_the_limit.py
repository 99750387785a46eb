"""A list that passes the limit of elements while it is watched, and comes back."""
# limits: elements=20, edge=3
items = []
for i in range(30):
    items.append([i])
items[15].append("x")
items[15] = "whole"
while len(items) > 10:
    items.pop(0)
items[5] = "y"
print(items)
