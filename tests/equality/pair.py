"""Whether two engines record a program alike: the same bytes of each trace, or where they part first.

Each engine records in a fresh child, so that neither finds what the other's run left behind.
"""

import base64
from dataclasses import replace
from itertools import zip_longest

from cotrace.errors import FileFormatError
from cotrace.model.codec import decode
from equality.engines import NATIVE, REFERENCE

PARTS = ("sources", "frames", "steps", "entries", "final", "outcome", "notes", "truncated", "limits", "call")


def difference(zygote, texts, call="", *, engines=(REFERENCE, NATIVE), seconds=60, fault="", **options):
    """Return where the two engines' recordings of a program part first, in words; "" where they are the same.

    `fault` names a mistake that the second one is to make.
    """
    texts = [texts] if isinstance(texts, str) else texts
    one, other = (
        zygote.ask("record", texts=texts, call=call, engine=engine, fault=wrong, seconds=seconds, **options)
        for engine, wrong in zip(engines, ("", fault), strict=True)
    )
    for name, answer in zip(engines, (one, other), strict=True):
        if answer["status"] != "ok":
            return f"under {name}: {answer['status']} {answer.get('problem', '')}"
    if one["shown"] != other["shown"]:
        return (
            f"the program shows\n  {one['shown']} under {engines[0]},\n  {other['shown']} under {engines[1]}"
        )
    for number, files in enumerate(zip(one["traces"], other["traces"], strict=True)):
        if files[0] != files[1]:
            told = _difference_of(files, engines)
            return f"text {number}: {told}" if len(texts) > 1 else told
    return ""


def _difference_of(files, engines):
    traces = []
    for name, file in zip(engines, files, strict=True):
        try:
            traces.append(decode(base64.b64decode(file)))
        except FileFormatError as error:
            return f"what {name} recorded contradicts itself: {error}"
    return first_difference(*traces, names=engines)


def first_difference(one, other, names=("one", "other")):
    """Say where two traces part first: for steps, the source line, both steps, and where the states differ."""
    places = zip_longest(one.steps, other.steps)
    for index, steps in enumerate(places):
        if _without_output(steps[0]) != _without_output(steps[1]):
            return _step_difference((one, other), steps, index, names)
    for part in PARTS:
        mine, its = getattr(one, part), getattr(other, part)
        if mine != its and isinstance(mine, tuple | list):
            place, pair = next((i, p) for i, p in enumerate(zip_longest(mine, its)) if p[0] != p[1])
            return _told(f"{part}[{place}]", pair, names)
        if mine != its:
            return _told(part, (mine, its), names)
    outputs = ([s.output for s in trace.steps] for trace in (one, other))
    return next(
        (
            _told(f"the output of step {i}", p, names)
            for i, p in enumerate(zip_longest(*outputs))
            if p[0] != p[1]
        ),
        "equal traces, different bytes",
    )


def _without_output(step):
    return step and replace(step, output=())


def _step_difference(traces, steps, index, names):
    step = steps[0] or steps[1]
    trace = traces[0] if steps[0] else traces[1]
    frame = trace.frames[step.frame]
    text = trace.sources[frame.source].text.splitlines() if frame.source >= 0 else []
    line = text[step.line - 1].strip() if 0 < step.line <= len(text) else ""
    ran = {d.cause for s in steps if s for d in s.delta if d.cause >= 0}
    causes = [f"    step {n} ran {_line(trace, n)}" for n in sorted(ran) if n < len(trace.steps)]
    lines = [f"step {index}, {frame.name} line {step.line} `{line}`", *causes]
    for name, found in zip(names, steps, strict=True):
        lines += [f"  {name}: {_step(found)}", *_deltas(found, [s for s in steps if s is not found])]
    if all(steps) and steps[0].delta != steps[1].delta:
        lines += _state_difference(traces, index, names)
    return "\n".join(line[:600] for line in lines)


def _line(trace, index):
    step = trace.steps[index]
    frame = trace.frames[step.frame]
    text = trace.sources[frame.source].text.splitlines() if frame.source >= 0 else []
    return f"{frame.name} line {step.line} `{text[step.line - 1].strip() if step.line <= len(text) else ''}`"


def _step(step):
    if step is None:
        return "no such step"
    return f"{step.event.value} frame {step.frame} line {step.line} depth {step.depth} value {step.value}"


def _deltas(step, others):
    """Return the deltas of a step, the ones that the other step has as well as `=`."""
    theirs = others[0].delta if others and others[0] else ()
    return [f"    {'=' if d in theirs else '!'} {d}" for d in (step.delta if step else ())]


def _state_difference(traces, index, names):
    """Return the variables and objects in which the states at a step differ."""
    try:
        states = [trace.snapshot(index) for trace in traces]
    except (KeyError, ValueError) as error:
        return [f"  the deltas can't be folded: {error!r}"]
    rows = []
    for state in states:
        bindings = {
            f"{name} of frame {frame}": value
            for frame, variables in state.frames.items()
            for name, value in variables.items()
        }
        rows.append(bindings | {f"o{number}": told for number, told in state.heap.items()})
    different = [key for key in {**rows[0], **rows[1]} if rows[0].get(key) != rows[1].get(key)]
    if not different:
        return ["  the states are the same"]
    return [
        "  the states differ:",
        *(_told(f"    {k}", [r.get(k) for r in rows], names) for k in different[:6]),
    ]


def _told(what, pair, names):
    return f"{what}:\n      {names[0]}: {str(pair[0])[:700]}\n      {names[1]}: {str(pair[1])[:700]}"
