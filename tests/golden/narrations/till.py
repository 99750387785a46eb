# call: evening()
class Till:
    def __init__(self, cash):
        self.cash = cash
        self.log = []

    def pay(self, amount):
        if amount > self.cash:
            raise ValueError("not enough in the till")
        self.cash -= amount
        self.log.append(amount)


def evening():
    till = Till(20)
    till.pay(5)
    try:
        till.pay(50)
    except ValueError as error:
        print("refused:", error)
    return till.cash, till.log
