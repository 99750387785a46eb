"""Tracebacks have the frames and lines that they would have without a recording."""
import sys
import traceback


def deep(n):
    held = [n]
    if n == 0:
        raise ValueError("bottom")
    try:
        deep(n - 1)
    finally:
        held.append("unwound")


def chain():
    try:
        deep(2)
    except ValueError as error:
        raise KeyError("wrapped") from error


try:
    chain()
except KeyError as error:
    kept = error
    text = traceback.format_exc()
trail = []
tb = kept.__traceback__
while tb is not None:
    trail.append((tb.tb_frame.f_code.co_name, tb.tb_lineno, sorted(k for k in tb.tb_frame.f_locals if k[0] != "_" and tb.tb_next)))
    tb = tb.tb_next
print(text)
print(trail[1:], sys.exc_info())
