# call: tally([4, 9, 2, 7])
def tally(prices):
    total = 0
    dearest = None
    for price in prices:
        if price % 2 == 0:
            total += price * 3
        if dearest is None or price > dearest:
            dearest = price
    return total + dearest
