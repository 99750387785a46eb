"""Modules that make attributes up, and a module that is imported while we watch."""
import sys
import types

asked = []


class Lazy(types.ModuleType):
    def __getattr__(self, name):
        asked.append(name)
        return 1

    def __repr__(self):
        raise RuntimeError("no")


lazy = Lazy("lazy")
sys.modules["lazy"] = lazy
import lazy as again
from lazy import anything

same = again is lazy
lazy.real = [1]
lazy.real.append(2)
del sys.modules["lazy"]
print([name for name in asked if not name.startswith("__")], same, anything)
