"""Recording ends at the limit of bytes; the program runs on."""
# limits: bytes=20000
# says: limits.bytes
rows = []
for i in range(300):
    rows.append(list(range(i)))
print(len(rows))
