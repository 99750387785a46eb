"""Run one module of CPython's own tests, alone or recorded, and print what became of each test as JSON.

python cpython_child.py MODULE STEPS      STEPS 0: alone; else the first so many steps are recorded
"""

import functools
import importlib.util
import json
import linecache
import os
import sys
import types
import unittest

from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer


class Results(unittest.TestResult):
    """Keeps a word for each test. The names of the methods are unittest's."""

    # ruff: noqa: N802

    def __init__(self):
        super().__init__()
        self.words = {}

    def addSuccess(self, test):
        self.words.setdefault(test.id(), "ok")

    def addSkip(self, test, reason):
        self.words[test.id()] = "skipped"

    def addFailure(self, test, error):
        self.words[test.id()] = f"failed: {error[0].__name__}: {error[1]}"[:600]

    addError = addFailure  # noqa: N815

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.words[subtest.id()] = f"failed: {error[0].__name__}: {error[1]}"[:600]


def main(name, steps):
    path = importlib.util.find_spec(f"test.{name}").origin
    source = "".join(linecache.getlines(path))
    module = sys.modules[f"test.{name}"] = types.ModuleType(f"test.{name}")
    module.__file__ = path
    results = Results()

    def run(code):
        exec(code, module.__dict__)
        unittest.defaultTestLoader.loadTestsFromModule(module).run(results)

    told = {"truncated": "", "steps": 0}
    if steps:
        tracer = Tracer(limits=Limits(steps=steps), files=[path])
        trace = tracer.run(functools.partial(run, tracer.compile(source, path)))
        told = {"truncated": trace.truncated, "steps": len(trace.steps)}
    else:
        run(compile(source, path, "exec", dont_inherit=True))
    sys.stdout.flush()
    os.write(1, b"\n" + json.dumps({"words": results.words, **told}).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
