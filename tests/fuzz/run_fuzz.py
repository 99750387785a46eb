"""Judge many random programs: ``python tests/fuzz/run_fuzz.py [N [SEED]]``; prints each that is recorded wrongly."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.generator import program
from oracle.zygote import Zygote


def main(count=500, first=1_000):
    wrong = 0
    with Zygote() as zygote:
        for seed in range(first, first + count):
            answer = zygote.ask("judge", source=program(seed), holds=seed % 2 == 0, seconds=60)
            if answer["status"] != "ok" or answer["problems"]:
                wrong += 1
                print(
                    f"seed {seed}: {answer['status']}",
                    *answer.get("problems", [answer.get("problem")]),
                    sep="\n    ",
                )
    print(f"{count} programs, {wrong} recorded wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
