"""What a recording costs before its first line: run alone by `bench_tracing`, so that the process is a fresh one.

Prints JSON: milliseconds of `import cotrace` and of the first `cotrace.trace` of a small function, and microseconds
of a later one over the call alone, and of one in a large module. All of it is CPU time of this thread.
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
LARGE = "\n\n".join(
    f"def part_{number}(items, n):\n    total = 0\n    for item in items:\n"
    "        total += item.value * n - len(items)\n    return total\n"
    for number in range(300)
)
"""A module of two thousand lines, of which one small function is recorded."""


def timed(action):
    began = time.thread_time_ns()
    action()
    return time.thread_time_ns() - began


def main():
    Path("program.py").write_text(PROGRAM)
    Path("large.py").write_text(LARGE + PROGRAM)
    sys.path.insert(0, ".")
    began = time.thread_time_ns()
    import cotrace

    imported = time.thread_time_ns() - began
    from program import double_all

    first = timed(lambda: cotrace.trace(double_all, 3))
    later = [
        timed(lambda: cotrace.trace(double_all, 3)) - timed(lambda: double_all(3)) for _ in range(ROUNDS)
    ]
    import large

    in_large = [timed(lambda: cotrace.trace(large.double_all, 3)) for _ in range(ROUNDS // 10)][1:]
    print(
        json.dumps(
            {
                "import_ms": imported / 1e6,
                "first_ms": first / 1e6,
                "later_us": statistics.median(later) / 1e3,
                "large_us": statistics.median(in_large) / 1e3,
            }
        )
    )


if __name__ == "__main__":
    main()
