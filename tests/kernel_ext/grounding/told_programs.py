"""Small programs that the texts of these tests speak of."""

import asyncio
import calendar
from collections import Counter, defaultdict
from typing import NamedTuple


def count_evens(nums):
    count = 0
    for n in nums:
        if n % 2 == 0:
            count += 1
    return count


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def bubble(arr):
    n = len(arr)
    for i in range(n):
        swapped = False
        for j in range(n - i - 1):
            if arr[j] > arr[j + 1]:
                arr[j], arr[j + 1] = arr[j + 1], arr[j]
                swapped = True
        if not swapped:
            break
    return arr


def search(arr, target):
    left, right = 0, len(arr) - 1
    while left <= right:
        mid = (left + right) // 2
        if arr[mid] == target:
            return mid
        if arr[mid] < target:
            left = mid + 1
        else:
            right = mid - 1
    return -1


def words(text):
    counts = {}
    for w in text.split():
        counts[w] = counts.get(w, 0) + 1
    return counts


def gcd(a, b):
    while b != 0:
        a, b = b, a % b
    return a


def parse(value):
    try:
        result = int(value)
    except ValueError:
        result = -1
    return result


def power(base, exp):
    result = 1
    while exp > 0:
        if exp % 2 == 1:
            result *= base
        base = base * base
        exp //= 2
    return result


def rev(s):
    out = ""
    for ch in s:
        out = ch + out
    print(out)
    return out == s


def binary(n):
    bits = ""
    while n > 0:
        bits = str(n % 2) + bits
        n = n // 2
    return bits


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        return self.balance


def bank(amounts):
    acc = Account("Ann", 10)
    errors = 0
    for a in amounts:
        try:
            acc.deposit(a)
        except ValueError:
            errors += 1
    return acc.balance, errors


def caesar(text, shift):
    result = []
    for ch in text:
        if ch.isalpha():
            base = ord("a") if ch.islower() else ord("A")
            result.append(chr((ord(ch) - base + shift) % 26 + base))
        else:
            result.append(ch)
    return "".join(result)


def primes(n):
    sieve = [True] * (n + 1)
    sieve[0] = sieve[1] = False
    for i in range(2, n + 1):
        if sieve[i]:
            for j in range(i * i, n + 1, i):
                sieve[j] = False
    return [i for i, p in enumerate(sieve) if p]


def group(pairs):
    d = {}
    for k, v in pairs:
        d.setdefault(k, []).append(v)
    return d


def factorial(n):
    if n == 0:
        return 1
    return n * factorial(n - 1)


def second(nums):
    best = second_best = float("-inf")
    for x in nums:
        if x > best:
            second_best = best
            best = x
        elif x > second_best and x != best:
            second_best = x
    return second_best


def compress(s):
    if not s:
        return ""
    out = ""
    count = 1
    for i in range(1, len(s)):
        if s[i] == s[i - 1]:
            count += 1
        else:
            out += s[i - 1] + str(count)
            count = 1
    return out + s[-1] + str(count)


def divide(a, b):
    return a / b


def links(pairs):
    graph = defaultdict(list)
    for left, right in pairs:
        graph[left].append(right)
        graph[right].append(left)
    return dict(graph)


class Vault:
    def __init__(self, balance):
        self.__balance = balance
        self.__owner = self.named("Ada")

    def named(self, name):
        return name.upper()

    def raised(self, amount):
        self.__balance += amount
        return self.__balance


def account(amount):
    return Vault(10).raised(amount)


def chained(numbers):
    a, b, c = numbers
    if sum([a]) == sum([b]) == sum([c]) == sum([a, b]):
        return "same"
    return "different"


def missing_letter(text):
    counts = Counter(text)
    return counts["z"] + counts["a"]


def weekdays(year, month):
    day = calendar.FRIDAY
    return [week[day] for week in calendar.monthcalendar(year, month) if week[day] != 0]


def cheapest(prices):
    best = float("inf")
    for price in prices:
        best = min(best, price)
    return best if best != float("inf") else None


def war(one, other):
    """Play cards: the higher one takes both."""
    while one and other:
        a, b = one.pop(0), other.pop(0)
        if a > b:
            one += [a, b]
        else:
            other += [b, a]
    return one or other


def bounded(number):
    inf = 1000
    return min(inf, number)


def marked(board):
    count, spare = 0, []
    for place in range(8):
        if board[place] == 0:
            spare = list(board)
            spare[place] = 9
            count += 1
    return spare


class Point(NamedTuple):
    x: int
    y: int


def points(number):
    return {Point(n, -n) for n in range(number)}


async def _slow(number):
    await asyncio.sleep(0)
    return number * 2


async def _both(number):
    first = await _slow(number)
    second, third = await asyncio.gather(_slow(first), _slow(3))
    return first + second + third


def waited(number):
    return asyncio.run(_both(number))


def _asked():
    answer = yield 1
    return answer


def _passed_on():
    answer = yield from _asked()
    return answer


def delegated():
    return list(_passed_on())


def cheap_first(prices):
    names = []
    for name, _ in sorted(prices.items(), key=lambda pair: pair[1]):
        names.append(name)
    return names
