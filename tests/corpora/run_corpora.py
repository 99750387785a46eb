"""`make corpora`: trace every program of the corpora, compare with the oracle, print what failed.

python tests/corpora/run_corpora.py [--looks 100000] [--seconds 120] [NAME ...]
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpora.items import ABSENT, ARE_HERE, NAMES, programs
from corpora.judging import findings, judge_all, summary


def main():
    asked = arguments()
    if not ARE_HERE:
        print(ABSENT)
        return 2
    wrong = 0
    for name in asked.names:
        began = time.monotonic()
        items = programs([name])
        judged = judge_all(items, looks=asked.looks, steps=asked.looks, seconds=asked.seconds, report=mark)
        print(f"\n{name}: {len(items)} programs in {time.monotonic() - began:.0f} s")
        print(*summary(judged), sep="\n")
        wrong += len(findings(judged))
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--looks", type=int, default=100_000, help="how many steps of each program are compared"
    )
    parser.add_argument("--seconds", type=float, default=120, help="how long one program may take")
    parser.add_argument("names", nargs="*", default=NAMES, help="which corpora")
    return parser.parse_args()


def mark(judged):
    """Show at once what became of one program; a finding with all that is known of it."""
    if findings([judged]):
        print(f"\n{judged.id}: {judged.verdict}", *judged.problems, sep="\n    ", flush=True)
    else:
        print("." if judged.verdict.startswith("same") else "s", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
