"""Strings and numbers of one's own kind."""


class Text(str):
    def __repr__(self):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = str.__hash__


class Number(int):
    def __index__(self):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


class Ratio(float):
    unit = "m"


t = Text("abc")
t.note = [1]
t.note.append(2)
n = Number(5)
n = n + 1
m = Number(7)
m.seen = True
r = Ratio(1.5)
box = {"t": t, "n": m}
box["n"] = r
print(str.__str__(t), n, m.seen, t.note)
