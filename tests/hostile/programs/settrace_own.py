"""The program traces itself."""
# ledger: no, probes are functions too, and its trace function would be told of them
# needs: monitoring
import sys

seen = []


def tracer(frame, event, arg):
    seen.append((event, frame.f_code.co_name))
    return tracer


def f(x):
    y = x + 1
    return y


sys.settrace(tracer)
f(1)
sys.settrace(None)
print(seen)
