"""Objects that only an iterator or a C function holds, and that come back."""
import heapq
import itertools

rows = [[3], [1], [2]]
it = iter(rows)
first = next(it)
rows = None
second = next(it)
second.append(9)
it2 = map(list.copy, [[5], [6]])
third = next(it2)
third.append(7)
heap = []
for pair in ([2, "b"], [1, "a"], [3, "c"]):
    heapq.heappush(heap, pair)
least = heapq.heappop(heap)
least.append("out")
z = list(zip([1], [second]))
chained = list(itertools.chain([first], [second]))
groups = {k: list(v) for k, v in itertools.groupby([1, 1, 2])}
p = sorted([[2], [1]], key=lambda v: v[0])
p[0].append(0)
print(first, second, third, least, heap, z, groups, p)
