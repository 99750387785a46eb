"""Any attribute that is asked for is there, like a mock's; asking is counted."""
asked = []


class Anything:
    def __getattr__(self, name):
        asked.append(name)
        return Anything()


class AnythingMeta(type):
    def __getattr__(cls, name):
        asked.append("class " + name)
        return 5


class Odd(metaclass=AnythingMeta):
    pass


a = Anything()
b = a.x
b.y = [1]
o = Odd()
c = Odd.z
print(asked)
