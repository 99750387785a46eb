# call: first_repeat([7, 3, 9, 3, 7])
def first_repeat(numbers):
    seen = set()
    for place, number in enumerate(numbers):
        if number in seen:
            return place, number
        seen.add(number)
    return None
