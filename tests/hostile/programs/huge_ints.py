"""Integers of a hundred thousand digits, of both signs."""
a = 10**100_000
b = -a
c = a // 3
d = [a, {c: b}]
a += 1
d[0] = a
small = 10**4300
other = 10**3999
print(a.bit_length(), b < 0, small > 1, other > 1)
