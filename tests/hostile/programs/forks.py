"""The program forks; what the child does is not ours."""
# oracle: no, the child would write the oracle's notes too
import os

items = [1]
child = os.fork()
if child == 0:
    items.append("child")
    os._exit(7)
_, status = os.waitpid(child, 0)
items.append(os.waitstatus_to_exitcode(status))
print(items)
