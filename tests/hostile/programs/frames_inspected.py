"""The program looks at frames: its callers are who they would be without a recording."""
# needs: monitoring, it prints what sys.gettrace() says
# differs: it meets the frames of the test, whose lines are others
import inspect
import sys


def who():
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals)


def caller(a):
    b = [a]
    names = [record.function for record in inspect.stack()[:2]]
    return who(), names


def peek():
    frame = sys._getframe(1)
    return frame.f_locals["secret_of_caller"]


def owner():
    secret_of_caller = 42
    return peek()


def depth():
    n = 0
    frame = sys._getframe()
    while frame is not None and frame.f_globals is globals():
        n += 1
        frame = frame.f_back
    return n


print(caller(1), owner(), depth(), sys.gettrace() or sys._getframe().f_trace)
