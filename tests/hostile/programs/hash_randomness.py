"""What depends on addresses and hashes: the trace must not."""
# differs: it prints no address, but its order may change between runs of one process


class A:
    pass


objects = {A() for _ in range(5)}
names = {f"n{i}" for i in range(10)}
for o in objects:
    o.x = 1
by_id = {id(o) % 1: o for o in objects}
count = len(names)
print(count)
