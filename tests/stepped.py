"""Programs to walk through: each recorded as a file's run by the reference engine, whose code is the plainest."""

import contextlib
import io
import textwrap

from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer

LIMITS = Limits()

PROGRAMS = {
    "nested": """\
        total = 0
        for row in [[1, 2], [3], []]:
            for number in row:
                if number == 3:
                    continue
                total += number
            print("row", row)
        while total > 1: total -= 1
        """,
    "recursion": """\
        def fib(n):
            if n < 2:
                return n
            return fib(n - 1) + fib(n - 2)

        answer = fib(4)
        """,
    "sorting": """\
        def key(pair):
            return pair[1]

        def by_second(pairs):
            found = sorted(pairs, key=key)
            return found

        pairs = by_second([(1, 3), (2, 1)])
        """,
    "generators": """\
        def count(limit):
            n = 0
            while n < limit:
                received = yield n
                n += received or 1

        def both(limit):
            yield from count(limit)
            return "done"

        numbers = count(3)
        taken = [next(numbers), numbers.send(2)]
        rest = list(both(2))
        squares = [n * n for n in rest if n]
        """,
    "exceptions": """\
        def parse(text):
            try:
                return int(text) + len(text) // 0
            except ValueError as error:
                return repr(error)
            finally:
                last = text

        results = []
        for text in ["x", "7"]:
            results.append(parse(text))
        """,
    "aliases": """\
        class Node:
            def __init__(self, value):
                self.value = value
                self.next = None

        a = [1, [2, 3]]
        b = a
        b[1].append(4)
        inner = b[1]
        a[1] = "gone"
        inner.append(5)
        node = Node(a)
        node.next = Node(inner)
        node.next.value[0] = {1: a}
        a.clear()
        del a
        b += [6]
        """,
    "threads": """\
        import threading

        def work(name):
            for turn in range(3):
                step(name, turn)

        def step(name, turn):
            first.wait() if name == "b" else first.set()
            done.append(name)

        first, done = threading.Event(), []
        workers = [threading.Thread(target=work, args=(name,)) for name in "ab"]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        """,
}


def record(name):
    """Return the trace of one of the programs."""
    return recorded(PROGRAMS[name], name=f"{name}.py")


def recorded(*texts, name="program.py", limits=LIMITS):
    """Return the trace of a program's text, or of several that run one after the other, as the statements of a cell."""
    tracer = Tracer(files=[name], limits=limits, engine="reference", call=name)
    codes = [tracer.compile(textwrap.dedent(text), name) for text in texts]
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        tracer.start()
        error = None
        try:
            for code in codes:
                exec(code, namespace)
        except (ArithmeticError, LookupError, ValueError) as raised:
            error = raised
        return tracer.stop(exception=error)
