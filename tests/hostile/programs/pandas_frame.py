"""Data frames and series, changed in place."""
# needs: pandas
import pandas as pd

frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})
frame.loc[0, "a"] = 10
frame["c"] = frame["a"] * 2
series = frame["c"]
groups = {name: part for name, part in frame.groupby("a")}
total = int(series.sum())
print(total, list(frame.columns), len(groups))
