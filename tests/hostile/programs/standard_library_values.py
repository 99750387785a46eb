"""Values of the standard library whose repr says all, and some whose repr does not."""
import datetime
import decimal
import fractions
import pathlib
import random
import re
import types
import uuid

day = datetime.date(2024, 2, 29)
day += datetime.timedelta(days=1)
moment = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
price = decimal.Decimal("1.10")
price *= 3
half = fractions.Fraction(1, 2) + fractions.Fraction(1, 3)
path = pathlib.PurePosixPath("a") / "b"
unique = uuid.UUID(int=5)
pattern = re.compile("a+")
found = pattern.match("aab")
space = types.SimpleNamespace(a=[1])
space.a.append(2)
space.b = space
chance = random.Random(1)
roll = chance.randint(1, 6)


class Zone(datetime.tzinfo):
    def utcoffset(self, when):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


odd = datetime.datetime(2024, 1, 1, tzinfo=Zone())


class MyDecimal(decimal.Decimal):
    def __repr__(self):
        raise RuntimeError("no")


mine = MyDecimal("2")
print(day, moment, price, half, path, unique, found.group(), space.a, roll)
