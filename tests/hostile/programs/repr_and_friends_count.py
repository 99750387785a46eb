"""Every special method that a curious recorder might call counts its calls."""
calls = []


def counting(name, result):
    def method(self, *args):
        calls.append(name)
        return result

    return method


class Shy:
    def __init__(self):
        self.content = [1]

    __repr__ = counting("repr", "shy")
    __str__ = counting("str", "shy")
    __format__ = counting("format", "shy")
    __eq__ = counting("eq", True)
    __ne__ = counting("ne", True)
    __hash__ = counting("hash", 1)
    __len__ = counting("len", 3)
    __bool__ = counting("bool", True)
    __iter__ = counting("iter", iter(()))
    __contains__ = counting("contains", True)
    __getitem__ = counting("getitem", 1)
    __dir__ = counting("dir", [])
    __sizeof__ = counting("sizeof", 1)
    __reduce__ = counting("reduce", "")
    __copy__ = counting("copy", None)
    __deepcopy__ = counting("deepcopy", None)
    __instancecheck__ = counting("instancecheck", True)


shy = Shy()
box = [shy, {"k": shy}, (shy,)]
box.append(shy)
shy.content.append(2)
shy.more = {shy.content[0]: shy}
other = shy
del box[0]
print(calls)
