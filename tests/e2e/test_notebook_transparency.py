"""A cell under ``%%cotrace`` gives what it gives without: every kind of cell, in a real kernel, with and without.

The plain notebook has a comment in the place of the directive, so that line numbers are the same.
"""

from __future__ import annotations

import json
import re
import sys

import pytest

pytestmark = pytest.mark.slow

SETUP = """\
import asyncio, sys, warnings
from IPython.display import HTML, display

def double(n):
    return n * 2

class Rich:
    calls = 0
    def __repr__(self):
        Rich.calls += 1
        return f"Rich {Rich.calls}"
    def _repr_png_(self):
        return b"\\x89PNG picture"
    def _repr_html_(self):
        return "<b>rich</b>"
"""

CELLS = {
    "last value": "x = 20\nx + 1",
    "last value None": "x = [].append(1)\nx",
    "silenced by a semicolon": "x + 1;",
    "print": "for i in range(3):\n    print(i, end=' ')\nprint()",
    "function of another cell": "double(4)",
    "error": "def fail(y):\n    z = y - 20\n    return 1 / z\n\nfail(x)",
    "error in another cell's function": "double(None) + double(object())",
    "error caught and chained": "try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('no') from e",
    "exception group": "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
    "await": "await asyncio.sleep(0, 'slept')",
    "await in a loop": "got = [await asyncio.sleep(0, i) for i in range(3)]\ngot",
    "gather": (
        "async def work(n):\n    await asyncio.sleep(0)\n    return n * 2\n\n"
        "await asyncio.gather(*(work(n) for n in range(4)))"
    ),
    "async for and with": (
        "class Ticks:\n    async def __aenter__(self): return self\n    async def __aexit__(self, *error): pass\n"
        "    async def __aiter__(self):\n        yield 1\n        yield 2\n\n"
        "async with Ticks() as ticks:\n    async for tick in ticks:\n        print(tick)"
    ),
    "line magic": "%precision 3\n22 / 7",
    "line magic with a value": "value = %sx echo one\nlist(value)",
    "shell command": "!echo from the shell",
    "magics only": "%alias_magic -l t time",
    "class": "class Point:\n    def __init__(self, x):\n        self.x = x\n\nPoint(3).x",
    "class with a metaclass": (
        "class Meta(type):\n    @classmethod\n    def __prepare__(cls, *args): return {'seen': []}\n\n"
        "class Made(metaclass=Meta):\n    y = 1 + 1\n\nsorted(n for n in vars(Made) if n[0] != '_')"
    ),
    "star import": "from math import *\nfloor(pi)",
    "generator": "def gen():\n    got = yield 1\n    yield got\n\ng = gen()\nnext(g), g.send(5), list(g)",
    "exec": "scope = {}\nexec('a = 1\\nb = a + 1', scope)\nscope['b']",
    "rich repr": "Rich()",
    "repr is called as often": "Rich.calls",
    "display in a loop": "for i in range(2):\n    display(HTML(f'<i>{i}</i>'))\ni",
    "stderr": "print('to stderr', file=sys.stderr)\n'after'",
    "warning": "warnings.warn('careful')\n2",
    "syntax warning": "x is 20",
    "system exit": "raise SystemExit(3)",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "input": "input('name? ')",
    "syntax error": "x = [1, 2",
    "compile error": "return 3",
    "indentation error": "if x:\npass",
    "shadowed builtins": "len, print_, id = (lambda v: 'mine'), print, None\nlen([1])",
    "builtins back": "del len, id\nlen([1, 2])",
    "form feed in a string": "text = '''one\f\n  two\x0b\r\n\tthree'''\ntext",
    "line continuation": "y = 1 + \\\n    2\ny",
    "underscore": "_",
    "Out": "sorted(Out)[-2:], Out[sorted(Out)[-1]]",
    "history": "In[-2], len(In)",
    "execution count": "get_ipython().execution_count",
    "namespace": "sorted(n for n in globals() if not n.startswith('_'))",
    "global statement": "def bump():\n    global x\n    x += 1\n\nbump()\nx",
    "closure": (
        "def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n        return n\n"
        "    return inner\n\nf = outer()\nf(), f()"
    ),
    "recursion": "def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)\n\ndepth(200)",
    "match": "match [1, {'k': 2}]:\n    case [1, {'k': found}]:\n        print(found)",
    "walrus and comprehension": "[last := n for n in range(3)], last",
    "future import": "from __future__ import annotations\ndef f(a: undefined): pass\nf.__annotations__",
    "assert": "assert x == 20, 'x changed'",
    "decorator": (
        "import functools\n@functools.lru_cache\ndef slow(n):\n    return n\n\n"
        "slow(1), slow(1), slow.cache_info().hits"
    ),
    "thread": "import threading\nt = threading.Thread(target=print, args=('in a thread',))\nt.start()\nt.join()",
    "frame and locals": "def look():\n    a = 1\n    return sorted(locals()), sys._getframe().f_lineno\n\nlook()",
    "trace function": "sys.gettrace() is None",
    "nested run_cell": "r = get_ipython().run_cell('x * 3')\nr.result",
    "several values": "get_ipython().ast_node_interactivity = 'all'",
    "all are displayed": "1\n2\nprint(3)",
    "one again": "get_ipython().ast_node_interactivity = 'last_expr'",
    "docstring only": "'''just a string'''",
    "comment only": "# nothing here",
    "empty": "",
}  # fmt: skip
if sys.version_info < (3, 12):
    del CELLS["trace function"]  # there the engine is one, and the program can see it
WIDGET = "application/vnd.jupyter.widget-view+json"
PLAIN = "# plain"


@pytest.fixture(scope="module")
def plain(run_notebook):
    return outputs(run_notebook, "pass", PLAIN)


def outputs(run_notebook, first, directive):
    texts = [first, SETUP, *(f"{directive}\n{text}" for text in CELLS.values())]
    return dict(zip(CELLS, run_notebook(texts)[2:], strict=True))


def comparable(output):
    """Return an output without what must differ: file names, colours, addresses, times, the directive's line."""
    text = json.dumps(output, sort_keys=True)
    text = re.sub(r"\\u001b\[[0-9;]*m", "", text)
    text = re.sub(r"([^\s\"]*ipykernel_\d+[/\\]+)?\b\d{5,}\.py", "CELL", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(rf"(->)? *1 ({PLAIN}|%%cotrace --quiet)?\\n", "", text).replace(PLAIN, "")


@pytest.fixture(scope="module")
def quiet(run_notebook):
    return outputs(run_notebook, "%load_ext cotrace", "%%cotrace --quiet")


@pytest.fixture(scope="module")
def loud(run_notebook):
    return outputs(run_notebook, "%load_ext cotrace", "%%cotrace")


@pytest.mark.parametrize("kind", CELLS)
def test_a_quiet_recording_leaves_the_outputs_of_a_cell_alone(plain, quiet, kind):
    assert [comparable(output) for output in quiet[kind]] == [comparable(output) for output in plain[kind]]


def is_ours(output):
    data = output.get("data", {})
    html = data.get("text/html", "")
    return WIDGET in data or 'class="cotrace' in html or "cotrace: no trace" in html


@pytest.mark.parametrize("kind", [kind for kind in CELLS if kind != "history"])
def test_a_shown_recording_only_adds_outputs_of_its_own_at_the_end(plain, loud, kind):
    own = [output for output in loud[kind] if is_ours(output)]
    others = [output for output in loud[kind] if not is_ours(output)]

    assert [comparable(output) for output in others] == [comparable(output) for output in plain[kind]]
    assert own == loud[kind][-len(own) :] or kind == "empty"
