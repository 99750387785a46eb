"""A list whose methods raise or lie; its content is that of the list."""


class Liar(list):
    def __len__(self):
        return 5

    def __iter__(self):
        raise RuntimeError("no")

    def __getitem__(self, place):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    def __contains__(self, value):
        raise RuntimeError("no")


a = Liar([1, 2])
a.append([3])
a.name = "liar"
list.__getitem__(a, 2).append(4)
list.__setitem__(a, 0, "x")
print(list.__repr__(a))
