"""Mistakes that the native engine could make in a line's plan, one each, to see that its recordings show them."""

import dis

from cotrace.tracing.plan import CELLS, LOOKS_UP, OPAQUE, STORES


def _without_flag(flag):
    return lambda plan, _: plan._replace(flags=bytes(flags & ~flag for flags in plan.flags))


def _loops(code):
    """Return the lines on which a loop takes its next turn."""
    found = set()
    for first, last, line in code.co_lines():
        operations = {dis.opname[code.co_code[offset]] for offset in range(first, last, 2)}
        found |= {line} if "FOR_ITER" in operations else set()
    return found


def _loop_variables_forgotten(plan, code):
    loops = _loops(code)
    rows = enumerate(plan.slots, plan.first_line)
    return plan._replace(slots=tuple(() if line in loops else slots for line, slots in rows))


PLAN_FAULTS = {
    "an opaque line is taken for a plain one": _without_flag(OPAQUE),
    "a store into a container is skipped": _without_flag(STORES | OPAQUE),
    "a shared variable is taken for a frame's own": _without_flag(CELLS),
    "a look-up is taken to make no entry": _without_flag(LOOKS_UP),
    "a line's last variable is forgotten": lambda plan, _: plan._replace(
        slots=tuple(slots[:-1] for slots in plan.slots)
    ),
    "a loop's variable is forgotten": _loop_variables_forgotten,
    "a line has the variables of the next": lambda plan, _: plan._replace(slots=(*plan.slots[1:], ())),
    "arguments are forgotten": lambda plan, _: plan._replace(entry=()),
}
"""By name: what makes a wrong plan of the right one and its code."""
