"""Loops on one line, with else, break, continue, over nothing, backwards."""
n = 3
while n: n -= 1
for i in range(3): n += i
for i in []: pass
else: n += 100
while True:
    n -= 1
    if n < 100: break
    continue
else:
    n = "never"
for a in range(2):
    for b in range(2):
        if b == a: break
    else:
        n = [n]
out = [i
       for i in
       range(3)
       if i]
while n and len(out) < 5: out.append(
    len(out)
)
x = (1
     + 2
     + len(out))
for i in range(2): print(i); n = i
print(n, out, x)
