"""Only the beginning of what is printed is kept; all of it is printed."""
# limits: output=100
# says: output
for i in range(50):
    print("line", i)
