"""Many random programs: ``python tests/fuzz/run_fuzz.py [N [SEED]]``; prints each that is recorded wrongly.

Of every three programs one alters and aliases containers (generator.py), two mix the whole language (language.py).
Each is run alone, recorded, and recorded under the oracle's eyes; where the compiled engine is built, both engines
record it, and the two recordings must be the same bytes.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cotrace.tracing.choice import choose
from equality.engines import HAS_NATIVE
from equality.pair import difference
from fuzz import generator, language
from oracle.zygote import Zygote


def main(count=3_000, first=1_000):
    wrong = 0
    if not HAS_NATIVE:
        print(f"recorded with one engine only: {choose('native').why}")
    with Zygote() as zygote:
        for seed in range(first, first + count):
            found = faults(zygote, seed)
            wrong += bool(found)
            if found:
                print(f"seed {seed}:", *found, sep="\n    ", flush=True)
    print(f"{count:,} programs, {wrong} recorded wrongly")
    return 1 if wrong else 0


def faults(zygote, seed):
    """Return what is wrong with the recordings of the program of that seed."""
    text, options = chosen(seed)
    answer = judged(zygote, seed)
    if answer["status"] != "ok":
        return [f"{answer['status']} {answer.get('problem', '')}"]
    told = difference(zygote, text, **options) if HAS_NATIVE else ""
    return [*answer["problems"], *[told][: bool(told)]]


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
    sys.exit(main(*map(int, sys.argv[1:])))
