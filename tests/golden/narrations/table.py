# call: show_table(["pear", "fig"], 3)
def show_table(names, price):
    costs = {name: price * len(name) for name in names}
    cheap = [name for name in names if costs[name] < 10]
    for name, cost in costs.items():
        print(f"{name}: {cost}")
    return cheap, sum(costs.values())
