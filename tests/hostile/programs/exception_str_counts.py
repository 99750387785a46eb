"""Exceptions whose texts and arguments are traps."""
calls = []


class Trap(Exception):
    def __init__(self, *args):
        super().__init__(*args)
        self.payload = [1]

    def __str__(self):
        calls.append("str")
        raise RuntimeError("no text")

    def __repr__(self):
        calls.append("repr")
        raise RuntimeError("no repr")

    @property
    def args(self):
        calls.append("args")
        return ()


def f():
    raise Trap("x", [2])


for _ in range(2):
    try:
        f()
    except Trap as error:
        error.payload.append(len(error.payload))
        kept = error
kept.payload.append("after")
plain = ValueError("p")
plain.extra = [1]
plain.extra.append(2)
plain.add_note("note")
print(calls, kept.payload, plain.extra)
