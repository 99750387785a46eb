"""A generator that is begun in one thread and goes on in another."""
import threading


def gen():
    held = []
    while True:
        got = yield held
        held.append(got)


g = gen()
next(g)


def go_on(value):
    g.send(value)


for i in range(2):
    thread = threading.Thread(target=go_on, args=(i,))
    thread.start()
    thread.join()
print(g.send("main"))
g.close()
