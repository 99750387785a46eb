"""The program chooses its own recursion limit."""
# looks: 300
import sys

before = sys.getrecursionlimit()
sys.setrecursionlimit(before + 500)


def down(n):
    return 0 if n == 0 else down(n - 1) + 1


deep = down(before + 200)
sys.setrecursionlimit(before)
print(deep, sys.getrecursionlimit() == before)
