"""A signal arrives and its handler runs, and raises, in the middle of a line."""
# settrace: the trace function was replaced
import signal

log = []


def handler(number, frame):
    log.append(number)
    raise TimeoutError("alarm")


def busy():
    n = 0
    while True:
        n = n + 1


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    busy()
except TimeoutError as error:
    log.append(str(error))
signal.signal(signal.SIGALRM, signal.SIG_DFL)
print(log)
# oracle: no, the signal arrives at another moment each time
