"""The functions of a namespace are found wherever they hide, and not a line of the user's code runs for it."""

import functools
import math
import types

import pytest
from cotrace.tracing.functions import functions_behind, functions_in, why_no_function
from cotrace.tracing.skips import LedgerSkip
from kernel_ext.tracing import swapped_module as module


def run(source):
    exec(source, namespace := {"__name__": "program"})
    return namespace


def names(namespace):
    return sorted(function.__qualname__ for function in functions_in(namespace))


def test_functions_of_every_kind_are_found():
    """Methods of any kind, properties, lambdas in containers aside, and what decorators wrapped or hid."""
    assert set(names(vars(module))) == {
        "<lambda>", "K.Inner.method", "K.__private", "K.__init__", "K.calls_private", "K.method", "K.named",
        "K.of_class", "K.prop", "K.static", "Memo.__call__", "Memo.__init__", "concealed", "coro", "doubled", "fib",
        "gen", "hidden", "hidden.<locals>.wrapper", "memoized", "outer", "plain", "recursive", "running", "twice",
        "two",
    }  # fmt: skip


def test_each_function_is_found_once():
    """Two lambdas are two functions; a property's getter and setter are two as well."""
    found = list(functions_in(vars(module)))

    assert len(found) == len(set(map(id, found)))
    assert names(vars(module)).count("K.prop") == 2
    assert names(vars(module)).count("<lambda>") == 2


HOSTILE = """
ran = []
class Meta(type):
    def __getattribute__(cls, name):
        ran.append(("meta", name))
        return type.__getattribute__(cls, name)
    def __instancecheck__(cls, other): ran.append("instancecheck")
    def __subclasscheck__(cls, other): ran.append("subclasscheck")
    def __eq__(cls, other): ran.append("eq")
    __hash__ = None
class C(metaclass=Meta):
    def __getattribute__(self, name):
        ran.append(name)
        return object.__getattribute__(self, name)
    @property
    def __class__(self): ran.append("class"); return type
    @property
    def __dict__(self): ran.append("dict"); return {}
    @property
    def __wrapped__(self): ran.append("wrapped"); return ran
    @property
    def __call__(self): ran.append("call"); return len
    def __eq__(self, other): ran.append("eq")
    def __hash__(self): ran.append("hash")
    def method(self): pass
class Liar:
    __slots__ = ("__wrapped__", "__func__")
    def __get__(self, *a): ran.append("get")
    def __len__(self): ran.append("len"); return 0
    def method(self): pass
class Lazy(dict):
    def values(self): ran.append("values"); return []
    def __missing__(self, key): ran.append("missing")
c, liar, lazy = C(), Liar(), Lazy()
ran.clear()
"""


def test_no_code_of_the_user_runs():
    """Metaclasses, properties, `__class__` and `__getattribute__` are not asked."""
    namespace = run(HOSTILE)

    found = names(namespace)
    for value in ("c", "liar", "lazy", "C", "Meta"):
        functions_behind(namespace[value])

    assert not namespace["ran"]
    assert {"C.method", "C.__class__", "Liar.method", "Meta.__getattribute__", "Lazy.values"} <= set(found)


def test_what_other_modules_define_is_not_found():
    """An imported function or class belongs to the namespace that it was defined in."""
    namespace = run(
        "from functools import wraps, reduce\nfrom fractions import Fraction\nimport json\ndef f(): pass"
    )

    assert names(namespace) == ["f"]


def test_what_a_foreign_decorator_wrapped_is_found():
    """The wrapper belongs elsewhere; what it wraps, keeps in its closure, or in its attributes, is the user's."""
    namespace = run(
        "import functools, contextlib\n"
        "@contextlib.contextmanager\ndef a(): yield\n"
        "@functools.cache\ndef b(): pass\n"
        "@functools.singledispatch\ndef c(x): pass\n"
        "@c.register(int)\ndef c_int(x): pass\n@c.register(str)\ndef _(x): pass\ndel _, c_int\n"
        "def d(): pass\nd = functools.partial(functools.partial(d))\n"
        "class K:\n    @functools.cached_property\n    def e(self): pass\n"
        "    @functools.partialmethod\n    def f(self): pass\n"
        "class Holder:\n    def __init__(self, g): self.function = g\n"
        "h = Holder(lambda: 1)\n"
    )

    assert names(namespace) == ["<lambda>", "Holder.__init__", "K.e", "K.f", "_", "a", "b", "c", "c_int", "d"]


def test_a_class_made_in_a_function_is_found_by_its_instance():
    namespace = run(
        "def make():\n    class Local:\n        def m(self): pass\n    return Local()\nx = make()\ndel make"
    )

    assert names(namespace) == ["make.<locals>.Local.m"]


def test_an_empty_cell_and_a_circle_are_no_trouble():
    """A closure may have cells that are not filled yet, and functions may hold each other."""
    namespace = run(
        "def f():\n    def g(): return h\n    yield g\n    def h(): return g\n    yield h\n"
        "it = f()\ng = next(it)\nf.__wrapped__ = f\n"
    )

    assert names(namespace) == ["f", "f.<locals>.g"]
    namespace["h"] = next(namespace["it"])
    assert names(namespace) == ["f", "f.<locals>.g", "f.<locals>.h"]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (module.plain, ["plain"]),
        (module.doubled, ["doubled", "doubled"]),
        (module.concealed, ["concealed", "hidden.<locals>.wrapper"]),
        (module.fib, ["fib"]),
        (module.partial, ["plain"]),
        (module.K(1).method, ["K.method"]),
        (module.K.Inner, ["K.Inner.method"]),
        (module.Memo(module.plain), ["plain"]),
        (functools.partial(module.K(1).method), ["K.method"]),
        (math.sqrt, []),
        (None, []),
    ],
)
def test_the_functions_behind_a_callable_are_found(target, found):
    assert sorted(f.__qualname__ for f in functions_behind(target)) == found


def test_a_callable_object_is_called_through_its_class():
    """Its own attributes hold no function, so the method that a call runs is meant."""
    namespace = run("class C:\n    __slots__ = ()\n    def __call__(self): pass\nc = C()")

    assert [f.__qualname__ for f in functions_behind(namespace["c"])] == ["C.__call__"]


@pytest.mark.parametrize("target", [len, int, [].append, str.join, types.SimpleNamespace])
def test_compiled_callables_are_told_from_other_objects(target):
    assert why_no_function(target) is LedgerSkip.BUILT_IN
    assert why_no_function([target]) is LedgerSkip.NOT_A_FUNCTION
