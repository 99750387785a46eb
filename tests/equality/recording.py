"""Records one program with the engine that is asked for: what a child of the zygote does.

A program is a list of texts that run one after another in one namespace, each recorded by a tracer of its own, as
the cells of a notebook are. The answer holds each trace as a file's bytes, with the engine's name left out.
"""

import base64
import functools
import linecache
import sys
from dataclasses import asdict, replace

from cotrace.model.codec import encode
from cotrace.model.limits import Limits
from cotrace.tracing.tracer import Tracer
from equality.faults import FAULTS
from equality.plan_faults import PLAN_FAULTS
from oracle.programs import captured, namespace_of, shown_of, with_call


def record(texts, call="", *, engine="reference", fault="", limits=None, ledger=True):
    """Run the texts under one engine; answer with the traces and with what the program showed.

    `fault` names a mistake that the engine is to make.
    """
    if fault in PLAN_FAULTS:
        _spoil_plans(PLAN_FAULTS[fault])
    if any("hread" in text for text in texts):  # threads are to take turns where they wait
        sys.setswitchinterval(1000)
    texts = [*texts[:-1], with_call(texts[-1], call)]
    namespace, traces = namespace_of(texts[0], "<program>"), []
    with captured() as (output, errors):
        for number, text in enumerate(texts):
            name = f"<program {number}>" if number else "<program>"
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
            within = Limits(**(limits or {}))
            tracer = Tracer(engine=engine, limits=within, files=[name], call=call or "program")
            compiled = (
                tracer.compile if ledger else functools.partial(compile, mode="exec", dont_inherit=True)
            )
            traces.append(tracer.run(functools.partial(exec, compiled(text, name), namespace)))
    if fault in FAULTS:
        traces[-1] = FAULTS[fault](traces[-1])
    return {
        "traces": [base64.b64encode(encode(replace(trace, engine=""))).decode() for trace in traces],
        "engines": [trace.engine for trace in traces],
        "shown": asdict(shown_of(output, errors, namespace, traces[-1].exception)),
    }


def _spoil_plans(wrong):
    """Let the native engine of this process, which is a child's, follow wrong plans."""
    from cotrace.tracing import native  # there may be none

    right = native.plan_of
    native.plan_of = lambda code, *rest, **more: wrong(right(code, *rest, **more), code)
