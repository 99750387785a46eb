"""Prime numbers one at a time: a generator that remembers where it was."""


def primes():
    found = []
    candidate = 2
    while True:
        if all(candidate % prime for prime in found):
            found.append(candidate)
            yield candidate
        candidate += 1


def first(count, numbers):
    taken = []
    for number in numbers:
        taken.append(number)
        if len(taken) == count:
            break
    return taken


if __name__ == "__main__":
    print(first(5, primes()))
