"""try, except, else and finally in every order, with loops and returns."""


def order(n):
    log = []
    for i in range(4):
        try:
            log.append(i)
            if i == n:
                continue
            if i == n + 1:
                raise ValueError(i)
            if n == 9 and i == 2:
                return log
        except ValueError as error:
            log.append(str(error))
            if n == 1:
                break
        else:
            log.append("else")
        finally:
            log.append("finally")
            if n == 8 and i == 1:
                return "from finally"
    return log


def swallow():
    while True:
        try:
            raise KeyError
        finally:
            break
    return "swallowed"


def nested():
    try:
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise ValueError("inner") from error
        finally:
            x = [1]
    except ValueError as error:
        return type(error.__cause__).__name__, x


def reraise():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            raise
    except ValueError as error:
        return error.args


print([order(n) for n in (0, 1, 8, 9)], swallow(), nested(), reraise())
