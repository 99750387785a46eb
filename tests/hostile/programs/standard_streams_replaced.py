"""The program replaces, wraps and restores its standard streams."""
import contextlib
import io
import sys

print("first")
kept = sys.stdout
sys.stdout = buffer = io.StringIO()
print("hidden")
sys.stdout = kept
n = sys.stdout.write("written\n")
with contextlib.redirect_stdout(io.StringIO()) as inner:
    print("inside")
print("error", file=sys.stderr)


class Tee:
    def __init__(self, under):
        self.under = under
        self.texts = []

    def write(self, text):
        self.texts.append(text)
        return self.under.write(text)

    def flush(self):
        pass


sys.stdout = tee = Tee(kept)
print("teed", end="", flush=True)
sys.stdout = kept
print(n, buffer.getvalue(), inner.getvalue(), tee.texts)
print(*range(3), sep="-", end="!\n")
