"""Code made from text: its own names, somebody's names, in a function, in a class."""
# differs: because the oracle's own reading brings the dictionary of locals() up to date on Python 3.12
exec("made = [1]\nmade.append(2)")
made.append(3)
space = {"x": 1}
exec("y = x + 1\ndef f(n):\n    return n * y", space)
z = space["f"](4)
local = {}
exec("a = 1\nb = [1 for _ in range(2)]", {}, local)
value = eval("[made[0] + i for i in range(2)]")
square = eval("lambda n: n * n")
nine = square(3)


def inside(k):
    exec("k = 99\nhidden = 1")
    return k, eval("k + 1")


class Names(dict):
    def __missing__(self, key):
        return "missing " + key


odd = eval("unknown + '!'", {}, Names())
code = compile("for q in range(2):\n    w = q", "<made>", "exec")
exec(code)
try:
    exec("1 +")
except SyntaxError as error:
    kind = type(error).__name__
print(made, z, local["b"], value, nine, inside(1), odd, w, kind)
