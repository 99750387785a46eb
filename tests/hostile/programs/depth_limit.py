"""Lists nested far deeper than we look."""
nest = inner = []
for i in range(300):
    inner.append([])
    inner = inner[0]
inner.append("bottom")
node = None
for i in range(50):
    node = {"next": node}
print(len(nest), len(node))
