"""Six small programs that stand for what people trace, each with a size for us and a smaller one for slow peers."""

from dataclasses import dataclass

LOOP = """
def run(n):
    a, b, c = 1, 2, 0
    for i in range(n):
        a = (a * 3 + b) % 1000003
        b = b + i
        if a & 1:
            c = c + 1
        else:
            c = c ^ a
    return a + b + c
"""
SORT = """
def run(n):
    items = [(i * 7919) % 1009 for i in range(n)]
    swaps = 0
    for i in range(n):
        for j in range(n - 1 - i):
            if items[j] > items[j + 1]:
                items[j], items[j + 1] = items[j + 1], items[j]
                swaps += 1
    return swaps
"""
RECURSION = """
def fib(n):
    if n < 2:
        return n
    left = fib(n - 1)
    right = fib(n - 2)
    return left + right


def run(n):
    return fib(n)
"""
WORDS = """
def run(n):
    counts = {}
    longest = ""
    for i in range(n):
        word = "w" + str(i * i % 97)
        if word not in counts:
            counts[word] = 0
        counts[word] += 1
        if len(word) > len(longest):
            longest = word
    best = max(counts, key=counts.get)
    return best, counts[best], longest
"""
OBJECTS = """
class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance
        self.log = []

    def move(self, amount):
        if self.balance + amount < 0:
            raise ValueError("insufficient")
        self.balance += amount
        self.log.append(amount)


def run(n):
    accounts = [Account("ann", 100), Account("bob", 50)]
    failed = 0
    for i in range(n):
        giver, taker = accounts[i % 2], accounts[(i + 1) % 2]
        amount = i * 7 % 60
        try:
            giver.move(-amount)
            taker.move(amount)
        except ValueError:
            failed += 1
        if len(giver.log) > 8:
            giver.log.clear()
    return failed
"""
BIG_LIST = """
def run(n):
    numbers = list(range(100_000))
    total = 0
    for k in range(n):
        i = k * (100_000 // n)
        numbers[i] = numbers[i] + 1
        total += numbers[i]
    return total
"""


@dataclass(frozen=True)
class Workload:
    """A program whose function ``run(size)`` is traced."""

    name: str
    source: str
    size: int
    small: int


WORKLOADS = (
    Workload("loop", LOOP, 1_000, 100),
    Workload("sort", SORT, 30, 10),
    Workload("recursion", RECURSION, 11, 6),
    Workload("words", WORDS, 300, 50),
    Workload("objects", OBJECTS, 150, 20),
    Workload("big list", BIG_LIST, 100, 10),
)
