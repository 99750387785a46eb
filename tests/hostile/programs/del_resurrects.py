"""An object that puts itself back into the world as it dies."""
saved = []


class Phoenix:
    def __init__(self):
        self.lives = 0

    def __del__(self):
        self.lives += 1
        saved.append(self)


bird = Phoenix()
bird = None
count = len(saved)
again = saved.pop()
again.lives += 10
print(count, again.lives)
saved.append(again)
