"""Accounts that change, and a transfer that fails halfway and is put right."""


class NotEnough(Exception):
    pass


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def withdraw(self, amount):
        if amount > self.balance:
            raise NotEnough(f"{self.owner} has {self.balance}, not {amount}")
        self.balance -= amount
        self.history.append(-amount)

    def deposit(self, amount):
        self.balance += amount
        self.history.append(amount)


def transfer(giver, taker, amount):
    try:
        giver.withdraw(amount)
    except NotEnough as problem:
        print("refused:", problem)
        return False
    taker.deposit(amount)
    return True


if __name__ == "__main__":
    ann = Account("Ann", 50)
    bob = Account("Bob", 20)
    accounts = [ann, bob]
    transfer(ann, bob, 30)
    transfer(ann, bob, 30)
    print([account.balance for account in accounts])
