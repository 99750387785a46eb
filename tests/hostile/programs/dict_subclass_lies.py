"""A dict whose methods count, raise and change what they are asked for."""
calls = 0


class Liar(dict):
    def keys(self):
        global calls
        calls += 1
        return ["nothing"]

    def items(self):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")

    def __getitem__(self, key):
        global calls
        calls += 1
        return dict.pop(self, key)

    def __missing__(self, key):
        self[key] = None

    def __len__(self):
        return -1


a = Liar(x=1, y=[2])
a["z"] = a["x"]
dict.__getitem__(a, "y").append(3)
a.note = "attribute"
print(dict.__repr__(a), calls)
