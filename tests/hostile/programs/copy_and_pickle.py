"""Copies and pickles of shared and cyclic structures."""
# differs: the keys of `memo` are addresses
import copy
import pickle


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None

    def __deepcopy__(self, memo):
        made = Node(copy.deepcopy(self.value, memo))
        memo[id(self)] = made
        made.next = copy.deepcopy(self.next, memo)
        return made


a = Node([1])
a.next = Node(a.value)
b = copy.copy(a)
c = copy.deepcopy(a)
c.value.append(2)
data = [a.value, a.value]
data.append(data)
d = pickle.loads(pickle.dumps(data))
d[0].append(3)
print(a.value, b.next is a.next, c.value, c.next.value, d[1], d[2] is d)
