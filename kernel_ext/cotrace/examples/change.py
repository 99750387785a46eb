"""Give change with the fewest coins, by solving every smaller amount first."""


def fewest_coins(amount, coins):
    best = [0]
    last = [0]
    for value in range(1, amount + 1):
        fewest = None
        chosen = None
        for coin in coins:
            if coin <= value and best[value - coin] is not None:
                count = best[value - coin] + 1
                if fewest is None or count < fewest:
                    fewest = count
                    chosen = coin
        best.append(fewest)
        last.append(chosen)
    return pay(amount, last)


def pay(amount, last):
    paid = []
    while amount > 0:
        if last[amount] is None:
            return None
        paid.append(last[amount])
        amount -= last[amount]
    return paid


if __name__ == "__main__":
    print(fewest_coins(8, [1, 4, 5]))
