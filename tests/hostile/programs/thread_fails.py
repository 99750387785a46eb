"""An exception that nobody catches, in a thread; and a pool that hands one back."""
import threading
from concurrent.futures import ThreadPoolExecutor

seen = []
threading.excepthook = lambda what: seen.append(type(what.exc_value).__name__)


def fails(n):
    held = [n]
    raise ValueError(held)


thread = threading.Thread(target=fails, args=(1,))
thread.start()
thread.join()
with ThreadPoolExecutor(1) as pool:
    future = pool.submit(fails, 2)
    seen.append(type(future.exception()).__name__)
    seen.append(pool.submit(sum, [1, 2]).result())
threading.excepthook = threading.__excepthook__
print(seen)
