"""The built-in functions as they were when cotrace was imported.

A program may put functions of its own into `builtins`. What runs inside it for us must not call them, so the modules
that do say ``__builtins__ = BUILTINS`` after their imports: the functions that they define from there on look
built-in names up in this copy. Modules that call or execute the program (`tracer`, `calls`, `program`) don't: text
that is executed without built-in names of its own gets those of whoever executes it.
"""

from __future__ import annotations

import builtins
from typing import Any

BUILTINS: Any = dict(vars(builtins))
