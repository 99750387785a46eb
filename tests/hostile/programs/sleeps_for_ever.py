"""Asleep in C when the time is over: the sleep is cut short only by a signal; short here."""
# limits: seconds=0.3
# alone: no
# ends: stopped
import time

for _ in range(100):
    time.sleep(0.05)
