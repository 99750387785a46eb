"""Recording ends at the step limit; the program runs on and its result is whole."""
# limits: steps=50
# says: limits.steps
total = 0
for i in range(1000):
    total += i
print(total)
