"""What a recording costs before its first line: run alone by `bench_tracing`, so that the process is a fresh one.

Prints JSON: milliseconds of `import cotrace` and of the first `cotrace.trace` of a small function, and microseconds
of a later one over the call alone. All of it is CPU time of this thread.
"""

import json
import statistics
import sys
import time
from pathlib import Path

PROGRAM = """
def double_all(n):
    total = 0
    for i in range(n):
        total += 2 * i
    return total
"""
ROUNDS = 200


def timed(action):
    began = time.thread_time_ns()
    action()
    return time.thread_time_ns() - began


def main():
    Path("program.py").write_text(PROGRAM)
    sys.path.insert(0, ".")
    began = time.thread_time_ns()
    import cotrace

    imported = time.thread_time_ns() - began
    from program import double_all

    first = timed(lambda: cotrace.trace(double_all, 3))
    later = [
        timed(lambda: cotrace.trace(double_all, 3)) - timed(lambda: double_all(3)) for _ in range(ROUNDS)
    ]
    print(
        json.dumps(
            {"import_ms": imported / 1e6, "first_ms": first / 1e6, "later_us": statistics.median(later) / 1e3}
        )
    )


if __name__ == "__main__":
    main()
