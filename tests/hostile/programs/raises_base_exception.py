"""An exception that is no Exception leaves the program."""
# ends: raised


class Odd(BaseException):
    def __str__(self):
        return "odd one"


def f(n):
    held = [n]
    raise Odd(held)


f(3)
