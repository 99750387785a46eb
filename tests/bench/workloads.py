"""The programs that `make bench` traces: six that stand for what people trace, one with many objects alive, a sample.

Each is a module with a function `run`; `arguments(size)` makes what it is called with, outside of what is measured.
"""

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpora import items as corpora

LOOP = """
def run(n):
    a = 1
    b = 2
    c = 0
    d = 0
    for i in range(n):
        a = (a * 3 + b) % 1000003
        b = b + i
        if a & 1:
            c = c + 1
        else:
            d = d ^ a
    return a + b + c + d
"""
SORT = """
def run(items):
    n = len(items)
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


def hanoi(n, source, target, via, moves):
    if n == 0:
        return
    hanoi(n - 1, source, via, target, moves)
    moves.append((source, target))
    hanoi(n - 1, via, target, source, moves)


def run(n):
    found = fib(n)
    moves = []
    hanoi(n // 3, "A", "C", "B", moves)
    return found, len(moves)
"""
WORDS = """
def run(text):
    counts = {}
    longest = ""
    for word in text.split():
        word = word.strip(".,").lower()
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

    def deposit(self, amount):
        self.balance += amount
        self.log.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("insufficient")
        self.balance -= amount
        self.log.append(-amount)


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def run(n):
    accounts = [Account("ann", 100), Account("bob", 50)]
    failed = 0
    for i in range(n):
        giver = accounts[i % 2]
        taker = accounts[(i + 1) % 2]
        amount = (i * 7) % 60
        try:
            giver.withdraw(amount)
            taker.deposit(amount)
        except ValueError:
            failed += 1
        if len(giver.log) > 8:
            giver.log.clear()
    head = None
    for i in range(8):
        head = Node(i, head)
    before = None
    node = head
    while node is not None:
        following = node.next
        node.next = before
        before = node
        node = following
    total = 0
    while before is not None:
        total += before.value
        before = before.next
    return failed, total
"""
BIG_LIST = """
def run(numbers, n):
    total = 0
    step = len(numbers) // n
    for k in range(n):
        i = k * step
        numbers[i] = numbers[i] + 1
        total += numbers[i]
    return total
"""
MANY_ALIVE = """
from heapq import heapify


def run(lists, n):
    turns = 0
    for i in range(n):
        heapify(lists[i % 1000])
        turns += 1
    return turns
"""
"""A call into C that may change what it is given, at every turn, while a thousand lists are in view."""

VOCABULARY = "the a Lorem ipsum dolor sit, amet. consectetur elit sed".split() + [f"w{i}" for i in range(190)]
SEED = 7


@dataclass(frozen=True)
class Workload:
    """A program whose function `run` is traced, with a size for the fast tracers and a smaller one for the slow."""

    name: str
    source: str
    size: int
    small: int
    arguments: Callable[[int], tuple[object, ...]]


def text(n):
    """Return a text of n words, always the same."""
    return " ".join(random.Random(SEED).choices(VOCABULARY, k=n))


def numbers(n):
    """Return a list of n numbers, always the same."""
    return random.Random(SEED).choices(range(1000), k=n)


SIX = (
    Workload("loop", LOOP, 16_000, 400, lambda n: (n,)),
    Workload("sort", SORT, 240, 30, lambda n: (numbers(n),)),
    Workload("recursion", RECURSION, 21, 10, lambda n: (n,)),
    Workload("words", WORDS, 16_000, 300, lambda n: (text(n),)),
    Workload("objects", OBJECTS, 8_000, 60, lambda n: (n,)),
    Workload("big list", BIG_LIST, 20_000, 30, lambda n: (list(range(100_000)), n)),
)
ALIVE = Workload("many alive", MANY_ALIVE, 8_000, 10, lambda n: ([[k] * 10 for k in range(1000)], n))


def sample(count):
    """Return a seeded sample of the corpora's programs, of 300 to 3,000 lines each; none where they are absent."""
    if not corpora.ARE_HERE:
        return []
    fit = [
        item
        for item in corpora.programs()
        if item["kind"] == "call" and corpora.runs_within(item, 3_000) and item["check"]["steps"] >= 300
    ]
    chosen = random.Random(SEED).sample(fit, min(count, len(fit)))
    return [
        Workload(item["id"], f"{item['code']}\n\ndef run():\n    return {item['call']}\n", 0, 0, lambda _: ())
        for item in chosen
    ]
