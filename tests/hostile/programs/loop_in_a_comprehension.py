"""An endless generator expression on one line."""
# limits: seconds=0.4
# alone: no
# ends: stopped
import itertools

done = all(True for _ in itertools.count())
