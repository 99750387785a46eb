"""Find a number in a sorted list by halving what is left; a list that is not sorted is refused."""


def is_sorted(numbers):
    for index in range(1, len(numbers)):
        if numbers[index - 1] > numbers[index]:
            return False
    return True


def search(numbers, wanted):
    if not is_sorted(numbers):
        raise ValueError("the numbers are not sorted")
    low = 0
    high = len(numbers) - 1
    while low <= high:
        middle = (low + high) // 2
        if numbers[middle] == wanted:
            return middle
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


if __name__ == "__main__":
    print(search([2, 3, 5, 7, 11, 13], 11))
    print(search([2, 3, 5, 7, 11, 13], 4))
