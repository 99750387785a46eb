"""The builtins module itself is changed while the program runs."""
# oracle: no, it calls the builtins as well
import builtins

kept = {name: getattr(builtins, name) for name in ("len", "sorted", "print", "id", "isinstance")}
calls = []


def fake(name):
    def stand_in(*args, **kwargs):
        calls.append(name)
        return kept[name](*args, **kwargs)

    return stand_in


for name in kept:
    setattr(builtins, name, fake(name))
x = [3, 1, 2]
y = sorted(x)
n = len(y)
for name, function in kept.items():
    setattr(builtins, name, function)
print(calls)
