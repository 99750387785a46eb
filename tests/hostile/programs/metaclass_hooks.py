"""A metaclass that answers every question about its classes, and counts them."""
asked = []


class Meta(type):
    def __getattribute__(cls, name):
        asked.append(name)
        return type.__getattribute__(cls, name)

    def __instancecheck__(cls, instance):
        asked.append("instancecheck")
        return True

    def __subclasscheck__(cls, other):
        asked.append("subclasscheck")
        return True

    def __eq__(cls, other):
        asked.append("eq")
        return True

    def __hash__(cls):
        asked.append("hash")
        return 1

    def __repr__(cls):
        asked.append("repr")
        return "?"


class Thing(metaclass=Meta):
    shared = [1]


before = len(asked)
thing = Thing()
thing.own = 1
things = [thing, Thing]
Thing.shared.append(2)
print(asked[before:])
