"""A program that catches everything goes on after the stop until it ends by itself."""
# limits: seconds=0.4
# alone: no
# ends: stopped
caught = 0
while caught < 2:
    try:
        while True:
            caught += 0
    except BaseException:
        caught += 1
