"""Many random programs: ``python tests/fuzz/run_fuzz.py [N [SEED]]``; prints each that is recorded wrongly.

Of every three programs one alters and aliases containers (generator.py), two mix the whole language (language.py).
Each is run alone, recorded, and recorded under the oracle's eyes; where the compiled engine is built, both engines
record it, and the two recordings must be the same bytes. ``--no-oracle`` leaves all but the last out, which is three
times as fast; ``--shrink`` makes each program small that the engines record differently, and prints it.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cotrace.tracing.choice import choose
from equality.engines import HAS_NATIVE
from equality.pair import difference
from fuzz import generator, language
from fuzz.shrinking import shrunk
from oracle.zygote import Zygote


def main():
    asked = arguments()
    wrong = 0
    if not HAS_NATIVE:
        print(f"recorded with one engine only: {choose('native').why}")
    with Zygote() as zygote:
        for seed in range(asked.first, asked.first + asked.count):
            found = faults(zygote, seed, oracle=asked.oracle)
            wrong += bool(found)
            if found:
                print(f"seed {seed}:", *found, sep="\n    ", flush=True)
            if found and asked.shrink:
                print(small(zygote, seed), flush=True)
    print(f"{asked.count:,} programs, {wrong} recorded wrongly")
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=3_000, help="how many programs")
    parser.add_argument("first", type=int, nargs="?", default=1_000, help="the first one's seed")
    parser.add_argument(
        "--no-oracle", dest="oracle", action="store_false", help="compare only the engines with each other"
    )
    parser.add_argument(
        "--shrink", action="store_true", help="make small what the engines record differently"
    )
    return parser.parse_args()


def faults(zygote, seed, *, oracle):
    """Return what is wrong with the recordings of the program of that seed."""
    text, options = chosen(seed)
    problems = []
    if oracle:
        answer = judged(zygote, seed)
        if answer["status"] != "ok":
            return [f"{answer['status']} {answer.get('problem', '')}"]
        problems = answer["problems"]
    told = difference(zygote, text, **options) if HAS_NATIVE else ""
    return [*problems, *[told][: bool(told)]]


def small(zygote, seed):
    """Return a small program that the engines record differently, as they do that of the seed."""
    text, options = chosen(seed)

    def kind(shorter):
        """Return how it is said that a step, an entry, what is printed ... is another."""
        return difference(zygote, shorter, seconds=5, **options)[:5]

    asked = kind(text)
    return shrunk(text, lambda shorter: bool(asked) and kind(shorter) == asked)


def judged(zygote, seed):
    """Return the oracle's judgement, which does not know how names and what lies deep are cut."""
    text, options = chosen(seed)
    if "limits" in options:
        options["limits"] = options["limits"] | {"string": 400, "depth": 8}
    return zygote.ask("judge", source=text, holds=seed % 2 == 0, seconds=60, **options)


def chosen(seed):
    """Return the program of that seed, and how it is to be recorded: by turns with tight limits, by line only."""
    if seed % 3 == 0:
        return generator.program(seed), {}
    limits = language.LIMITS if seed % 4 < 2 else {"steps": language.LIMITS["steps"]}
    return language.program(seed), {"limits": limits, "ledger": seed % 8 != 0}


if __name__ == "__main__":
    sys.exit(main())
