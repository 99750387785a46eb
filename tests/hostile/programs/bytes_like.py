"""Mutable bytes, arrays and views."""
import array
import struct

raw = bytearray(b"abc")
raw.append(100)
raw[0] = 65
view = memoryview(raw)
view[1] = 66
numbers = array.array("i", [1, 2])
numbers.append(3)
packed = struct.pack("<i", 7)
keys = {"a": 1}.keys()
window = range(0, 10, 3)
print(raw, numbers, packed, list(keys), window[2])
