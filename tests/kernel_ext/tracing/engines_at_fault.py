"""Engines that are wrong on purpose, for the self-test to find."""

import os
import signal

from cotrace.tracing.reference import ReferenceEngine


class ForgetfulEngine(ReferenceEngine):
    """Misses the fourth line of everything."""

    def on_line(self, frame, code, line):
        if line != 4:
            super().on_line(frame, code, line)


class CrashingEngine(ReferenceEngine):
    """Ends its process where it begins to record, as compiled code may that finds what it does not expect."""

    def start(self, block=None):
        os.kill(os.getpid(), signal.SIGKILL)


class FailingEngine(ReferenceEngine):
    def start(self, block=None):
        raise RuntimeError("no such field")
