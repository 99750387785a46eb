"""Descriptors, __set_name__, __init_subclass__, __class_getitem__, class attributes that change."""
log = []


class Typed:
    def __set_name__(self, owner, name):
        self.name = "_" + name
        log.append(name)

    def __get__(self, instance, owner):
        log.append("get")
        return instance.__dict__[self.name] if instance is not None else self

    def __set__(self, instance, value):
        log.append("set")
        instance.__dict__[self.name] = value


class Base:
    registry = []

    def __init_subclass__(cls, **options):
        super().__init_subclass__()
        Base.registry.append((cls.__name__, options))

    def __class_getitem__(cls, item):
        return (cls.__name__, item)


class Model(Base, table="t"):
    size = Typed()
    count = 0

    def __init__(self, size):
        self.size = size
        type(self).count += 1


m = Model(3)
m.size += 1
Model.extra = [m]
Model.extra.append(Base[int])
del Model.extra
print(log, Base.registry, Model.count, m.size)
