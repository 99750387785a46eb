"""Threads that change the same list one after the other."""
# differs: which thread starts first is up to the system
import threading

shared = []
lock = threading.Lock()
turn = [threading.Event() for _ in range(4)]


def work(n):
    turn[n].wait()
    with lock:
        for i in range(3):
            shared.append((n, i))
    turn[n + 1].set()


threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
turn[0].set()
for thread in threads:
    thread.join()
print(shared)
