"""The program switches the trace function off, as some do to be fast."""
# settrace: the trace function was replaced
# oracle: only where sys.monitoring is
import sys

a = 1
sys.settrace(None)
b = a + 1
c = [b]


def f(x):
    return x + 1


c.append(f(3))
print(a, b, c, sys.gettrace())
