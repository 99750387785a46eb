"""Cells that are shared, late, empty, deleted and rebound."""


def counter():
    n = 0
    log = []

    def up(by=1):
        nonlocal n
        n += by
        log.append(n)
        return n

    def read():
        return n, log

    return up, read


def late():
    def use():
        return value

    try:
        use()
    except NameError as error:
        caught = type(error).__name__
    value = [1]
    use().append(2)
    del value
    value = 3
    return caught, use()


def loops():
    made = []
    for i in range(3):
        made.append(lambda j=i: (i, j))
    return [f() for f in made]


up, read = counter()
up()
up(5)
memo = {}


def fib(n, memo=memo):
    if n not in memo:
        memo[n] = n if n < 2 else fib(n - 1) + fib(n - 2)
    return memo[n]


def default(items=[]):
    items.append(len(items))
    return items


default()
print(read(), late(), loops(), fib(6), default())
