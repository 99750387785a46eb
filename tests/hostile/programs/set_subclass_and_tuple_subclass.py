"""Sets and tuples with methods of their own, and attributes beside their elements."""


class Bag(set):
    def __iter__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")


class Pair(tuple):
    def __getitem__(self, place):
        raise RuntimeError("no")

    def __new__(cls, *parts):
        made = tuple.__new__(cls, parts)
        made.extra = []
        return made


bag = Bag({1, 2})
bag.add(3)
bag.label = "b"
pair = Pair([1], 2)
pair.extra.append(5)
print(set.__len__(bag), tuple.__repr__(pair), pair.extra)
