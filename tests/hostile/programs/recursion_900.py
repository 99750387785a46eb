"""Recursion nearly as deep as Python allows."""
# looks: 300


def down(n, held):
    if n == 0:
        return len(held)
    held.append(n)
    return down(n - 1, held) + 1


total = down(900, [])
print(total)
