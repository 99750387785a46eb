"""Recursion deeper than Python allows, caught, twice."""
# settrace: the stack had no room to call it
# oracle: no, its own frames need stack and would change where it ends
# differs: where the recursion ends may be a few frames earlier
import sys


def forever(n):
    return forever(n + 1) + 1


caught = 0
for _ in range(2):
    try:
        forever(0)
    except RecursionError:
        caught += 1
print(caught)
