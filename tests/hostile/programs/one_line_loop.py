"""The shortest program that never ends."""
# limits: seconds=0.4
# alone: no
# ends: stopped
while True: pass
