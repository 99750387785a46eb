"""The program interrupts itself."""
# ends: interrupted
items = [1]
items.append(2)
print("before")
raise KeyboardInterrupt
