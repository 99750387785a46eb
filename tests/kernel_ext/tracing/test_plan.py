"""What the compiled engine is told of each line: which may change anything, which only bind, which store where."""

import sys
import textwrap

import pytest

if sys.version_info < (3, 12):
    pytest.skip("a plan is made from the bytecode of Python 3.12 and later", allow_module_level=True)

from cotrace.tracing.effects import ATTRIBUTE, ELEMENT, VARIABLE
from cotrace.tracing.plan import OPAQUE, plan_of

PLAIN = {
    "a range": "for i in range(n): pass",
    "a pure call": "x = len(xs)",
    "a comparison": "x = xs[i] > n",
    "an attribute": "x = n.value",
}
STORING = {
    "an element": ("xs[i] = n", [ELEMENT]),
    "two elements": ("xs[i], xs[n] = xs[n], xs[i]", [ELEMENT, ELEMENT]),
    "an attribute": ("xs.value = n", [ATTRIBUTE]),
    "an operation in place": ("n += i", [VARIABLE]),
    "an element in place": ("xs[i] += n", [ELEMENT]),
}
OPEN = {
    "a method": "xs.append(n)",
    "an unknown function": "f(xs)",
    "an iterator": "for x in xs: pass",
    "an operation in place and a store": "xs[i] += n; xs[n] = i",
    "three stores": "xs[0] = xs[1] = xs[2] = n",
    "a slice of what a call returned": "xs.pop()[0] = n",
    "its own container": "xs = xs[i] = n",
}


def line_of(statement, **names):
    """Return the flags and the stores of a function's one line."""
    namespace = dict(names)
    exec(f"def run(xs, i, n, f):\n{textwrap.indent(statement, '    ')}\n    return xs\n", namespace)
    plan = plan_of(namespace["run"].__code__, 0, 0, namespace, is_root=False)
    return plan.flags[1], plan.stores[1]


@pytest.mark.parametrize("name", PLAIN)
def test_a_line_that_changes_no_container_is_plain(name):
    assert not line_of(PLAIN[name])[0] & OPAQUE


@pytest.mark.parametrize("name", STORING)
def test_a_line_that_stores_names_what_it_stores_into(name):
    statement, kinds = STORING[name]
    flags, stores = line_of(statement)
    assert flags & OPAQUE
    assert [store.what for store in stores] == kinds


@pytest.mark.parametrize("name", OPEN)
def test_a_line_that_may_do_more_is_opaque_and_names_no_stores(name):
    flags, stores = line_of(OPEN[name])
    assert flags & OPAQUE
    assert not stores


def test_a_function_that_took_a_pure_ones_name_is_not_pure():
    assert line_of("x = len(xs)", len=max)[0] & OPAQUE
