# call: largest_batches([3, 1, 4, 1, 5], 2)
def batches(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


def largest_batches(items, size):
    largest = []
    for batch in batches(items, size):
        largest.append(max(batch))
    return largest
