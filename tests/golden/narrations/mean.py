# call: mean_of_all({"a": [2, 4], "b": []})
def mean(values):
    return sum(values) / len(values)


def mean_of_all(groups):
    return {name: mean(values) for name, values in groups.items()}
