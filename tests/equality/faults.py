"""Mistakes that an engine could make, one each, to see that the comparison catches them: right traces made wrong."""

from dataclasses import replace

from cotrace.model.state import Appear, Atom, Bind, SetElement, Splice


def _first(concerned, changed):
    """Return a fault: the first change that is `concerned` is told as `changed` makes it."""

    def fault(trace):
        for step in trace.steps:
            for place, delta in enumerate(step.delta):
                if concerned(delta):
                    told = (*step.delta[:place], *changed(delta), *step.delta[place + 1 :])
                    return _with_step(trace, replace(step, delta=told))
        raise AssertionError("the program gives no occasion for this mistake")

    return fault


def _with_step(trace, wrong):
    return replace(trace, steps=tuple(wrong if s.index == wrong.index else s for s in trace.steps))


def _swap(trace):
    step = next(s for s in trace.steps if len(s.delta) > 1)
    return _with_step(trace, replace(step, delta=(step.delta[1], step.delta[0], *step.delta[2:])))


def _value_lost(trace):
    step = next(s for s in trace.steps if s.value is not None)
    return _with_step(trace, replace(step, value=None))


def _output_lost(trace):
    step = next(s for s in trace.steps if s.output)
    return _with_step(trace, replace(step, output=()))


FAULTS = {
    "a change is lost": _first(lambda d: isinstance(d, Bind), lambda d: []),
    "two changes are swapped": _swap,
    "a list's mutation is missed": _first(lambda d: isinstance(d, SetElement | Splice), lambda d: []),
    "a change has the wrong cause": _first(lambda d: d.cause > 0, lambda d: [replace(d, cause=d.cause - 1)]),
    "True is told as 1": _first(
        lambda d: isinstance(d, Bind) and d.value == Atom("bool", "True"),
        lambda d: [replace(d, value=Atom("int", "1"))],
    ),
    "an object has another's number": _first(
        lambda d: isinstance(d, Appear) and d.object.kind == "list",
        lambda d: [replace(d, object=replace(d.object, id=d.object.id + 1))],
    ),
    "a value is missing": _value_lost,
    "a depth is wrong": lambda trace: _with_step(trace, replace(trace.steps[5], depth=9)),
    "the last step is lost": lambda trace: replace(trace, steps=trace.steps[:-1]),
    "an expression is lost": lambda trace: replace(trace, entries=trace.entries[1:]),
    "a frame ends too late": lambda trace: replace(
        trace, frames=(*trace.frames[:-1], replace(trace.frames[-1], end=trace.frames[-1].end + 1))
    ),
    "output is lost": _output_lost,
    "a change at the end is made up": lambda trace: replace(
        trace, final=(*trace.final, *trace.steps[2].delta)
    ),
}
"""By name: what makes a trace with that mistake out of a right one."""
