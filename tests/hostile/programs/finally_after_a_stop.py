"""A program that is stopped by the time limit runs its finally and with bodies."""
# limits: seconds=0.4
# alone: no
# ends: stopped
# prints: inner finally, exit, outer finally


class Managed:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        print("exit", end=", ")


def forever():
    n = 0
    try:
        while True:
            n += 1
    finally:
        print("inner finally", end=", ")


try:
    with Managed():
        forever()
finally:
    print("outer finally")
