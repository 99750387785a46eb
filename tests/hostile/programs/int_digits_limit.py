"""The program lowers the number of digits that an int may be written with."""
import sys

sys.set_int_max_str_digits(640)
x = 10**1000
y = [x, -x]
y.append(x + 1)
try:
    str(x)
except ValueError as error:
    kind = type(error).__name__
sys.set_int_max_str_digits(4300)
print(kind, len(y))
