"""A function runs its twin for as long as someone records, and is itself again afterwards."""

import contextlib
import copy
import functools
import gc
import linecache
import multiprocessing
import operator
import pickle
import sys
import threading
import weakref
from types import FunctionType, MethodType

import pytest
from cotrace.tracing.sink import Sink
from cotrace.tracing.skips import LedgerSkip
from cotrace.tracing.swap import FunctionSwapper, instrumented_function
from cotrace.tracing.twins import Instrumentation, all_code
from kernel_ext.tracing import swapped_module as module


class Recording:
    """An instrumentation with a sink that keeps the text and value of each entry."""

    def __init__(self):
        self.sink = Sink()
        self.instrumentation = Instrumentation(self.sink.probe)
        self.entries = []
        self.sink.recorder = lambda *entry: self.entries.append(entry)

    def count(self, target, call):
        """Return what `call` returns while `target` is swapped, and how many entries it leaves."""
        with instrumented_function(target, self.instrumentation) as skipped:
            assert not skipped
            result = call()
        count = len(self.entries)
        call()
        assert len(self.entries) == count  # it is itself again
        return result, count


@pytest.fixture
def recording():
    return Recording()


item = module.K(3)


@pytest.mark.parametrize(
    ("target", "call", "result"),
    [
        (module.plain, lambda: module.plain(1, 1, 1, k=0, z=1), 4),
        (module.K.method, item.method, 4),
        (item.method, item.method, 4),
        (module.K.__dict__["static"], lambda: item.static(1), 2),
        (module.K.__dict__["of_class"], lambda: item.of_class(1).method(), 3),
        (module.K.__dict__["prop"], lambda: item.prop, 6),
        (module.K.named, item.named, "K"),
        (module.K, item.calls_private, 10),
        (module.K.Inner, module.K.Inner().method, 3),
        (module.fib, lambda: module.fib.cache_clear() or module.fib(6), 8),
        (module.doubled, lambda: module.doubled(2), 12),
        (module.concealed, lambda: module.concealed(2), 10),
        (module.memoized, lambda: module.memoized(2), 1),
        (module.one, lambda: module.one(1), 2),
        (module.nested[1], lambda: module.nested[1](1), 2),
        (module.partial, lambda: module.partial(2), 6),
        (module.recursive, lambda: module.recursive(3), 3),
        (module.gen, lambda: list(module.gen(3)), [0, 2, 4]),
    ],
)
def test_functions_of_every_kind_are_swapped(recording, target, call, result):
    """What they return is the same, their expressions are recorded, and afterwards they are themselves again."""
    found, count = recording.count(target, call)

    assert found == result
    assert count >= 2


def test_a_coroutine_function_is_swapped(recording):
    with instrumented_function(module.coro, recording.instrumentation):
        coroutine = module.coro(1)
        with pytest.raises(StopIteration, match="2"):
            coroutine.send(None)

    assert recording.entries


def test_a_closure_keeps_its_variables(recording):
    """Free variables keep their cells, in their order."""
    five, ten = module.outer(5), module.two(1, 10)

    assert recording.count(five, lambda: five(1)) == (6, 3)
    assert recording.count(ten, lambda: ten(1))[0] == -8


def test_of_two_lambdas_in_a_line_each_has_its_own_twin(recording):
    """They have the same name and the same text, but not the same columns."""
    with instrumented_function(module.other, recording.instrumentation):
        module.one(1)
        assert not recording.entries
        module.other(1)

    (number, key, _), *_ = recording.entries
    span = recording.instrumentation.texts[number].spans[key]
    assert span.column > 20


def test_an_inner_function_is_recorded_as_long_as_a_recorder_listens(recording):
    """Made while its maker was swapped, it keeps its probes, which do nothing once the recording has ended."""
    with instrumented_function(module.outer, recording.instrumentation):
        inner = module.outer(1)
        inner(1)
    count = len(recording.entries)
    recording.sink.recorder = None

    assert inner(2) == 3
    assert len(recording.entries) == count


def test_a_generator_made_before_keeps_its_code(recording):
    """It goes on without a ledger, and the swapper says why."""
    generator = module.gen(3)
    next(generator)
    with FunctionSwapper(recording.instrumentation) as swapper:
        swapper.ensure(module.gen)

        assert list(generator) == [2, 4]
        assert swapper.reason(generator.gi_code) is LedgerSkip.RUNNING
    assert not recording.entries


def test_a_running_function_records_its_later_calls(recording):
    """The frames on the stack keep the code they began with; calls that begin from then on have a ledger."""
    swapper = FunctionSwapper(recording.instrumentation)
    own = module.running.__code__

    assert module.running(lambda: swapper.ensure(module.running), 2) == 2
    assert not recording.entries
    assert swapper.reason(own) is LedgerSkip.RUNNING
    module.running(int, 1)
    assert recording.entries
    swapper.close()
    assert module.running.__code__ is own


def test_an_inner_function_made_before_is_named_as_such(recording):
    inner = module.outer(1)
    with FunctionSwapper(recording.instrumentation) as swapper:
        swapper.ensure(module.outer)

        assert swapper.reason(inner.__code__) is LedgerSkip.MADE_BEFORE
        assert swapper.reason(module.plain.__code__) is LedgerSkip.NOT_REACHED
        assert swapper.reason(module.outer.__code__) is None


def test_functions_are_restored_when_the_block_fails(recording):
    own = module.plain.__code__

    with contextlib.suppress(KeyError), instrumented_function(module.plain, recording.instrumentation):
        assert module.plain.__code__ is not own
        raise KeyError

    assert module.plain.__code__ is own


def test_the_last_recording_to_let_go_restores(recording):
    """Two recordings may hold the same function, and end in any order."""
    own = module.plain.__code__
    first, second = (FunctionSwapper(recording.instrumentation) for _ in range(2))
    first.ensure(module.plain)
    twin = module.plain.__code__
    second.ensure(module.plain)
    first.close()

    assert module.plain.__code__ is twin
    second.close()
    second.close()
    assert module.plain.__code__ is own


def test_many_threads_swap_one_function(recording):
    """However they interleave, the function is itself again in the end."""
    own, barrier = module.recursive.__code__, threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(50):
            with instrumented_function(module.recursive, recording.instrumentation):
                module.recursive(2)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert module.recursive.__code__ is own


def test_code_that_the_program_gives_the_function_stays(recording):
    """Only the twin is taken away again, not what the program put there meanwhile."""
    function = FunctionType(module.plain.__code__, vars(module), "copy", (2,))
    with instrumented_function(function, recording.instrumentation):
        function.__code__ = module.recursive.__code__

    assert function.__code__ is module.recursive.__code__


def test_the_twin_is_made_once(recording):
    """Recording a function again compiles nothing."""
    twins = []
    for _ in range(2):
        with instrumented_function(module.plain, recording.instrumentation):
            twins.append(module.plain.__code__)

    assert twins[0] is twins[1]
    assert len(recording.instrumentation.texts) == 1


def test_the_numbers_of_a_text_are_the_same_in_every_process():
    """Keys depend on the text alone, not on which of its functions was asked for first."""
    tables = []
    for targets in ([module.plain, module.gen], [module.gen, module.plain]):
        recording = Recording()
        for target in targets:
            with instrumented_function(target, recording.instrumentation):
                module.plain(1)
        number, keys = recording.entries[0][0], [key for _, key, _ in recording.entries]
        tables.append((recording.instrumentation.texts[number].spans, keys))

    assert tables[0][0] == tables[1][0]
    assert set(tables[1][1]) <= set(tables[0][1])


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (len, LedgerSkip.BUILT_IN),
        ("abc".join, LedgerSkip.BUILT_IN),
        (int, LedgerSkip.BUILT_IN),
        (str.upper, LedgerSkip.BUILT_IN),
        (functools.partial(len), LedgerSkip.NOT_A_FUNCTION),
        (operator.itemgetter(1), LedgerSkip.NOT_A_FUNCTION),
        (5, LedgerSkip.NOT_A_FUNCTION),
        (eval(compile("lambda: 1", "<no text>", "eval")), LedgerSkip.NO_SOURCE),
    ],
)
def test_what_cannot_be_swapped_has_a_reason(recording, target, reason):
    with instrumented_function(target, recording.instrumentation) as skipped:
        assert list(skipped.values()) == [reason]


def test_each_reason_is_a_sentence():
    assert all(reason.value.endswith(".") and reason.value[0].isupper() for reason in LedgerSkip)


def write_module(path, text):
    """Write a module and run it under its file's name."""
    path.write_text(text)
    exec(compile(text, str(path), "exec"), namespace := {"__name__": path.stem})
    return namespace


def test_a_file_that_changed_since_is_noticed(recording, tmp_path):
    """The text no longer gives the code that runs, so it must not be used to explain it."""
    path = tmp_path / "changing.py"
    namespace = write_module(path, "def f(x):\n    return x + 1\n")
    path.write_text("def f(x):\n    return x + 2\n")

    with instrumented_function(namespace["f"], recording.instrumentation) as skipped:
        assert namespace["f"](1) == 2

    assert skipped == {"f": LedgerSkip.SOURCE_CHANGED}


def test_a_change_elsewhere_in_the_file_does_no_harm(recording, tmp_path):
    """As long as the function stands where it stood."""
    path = tmp_path / "changing.py"
    namespace = write_module(path, "def f(x):\n    return x + 1\ny = 1\n")
    path.write_text("def f(x):\n    return x + 1\ny = 2\nz = 3\n")

    assert recording.count(namespace["f"], lambda: namespace["f"](1)) == (2, 2)


def test_the_text_that_python_remembers_is_tried_first(recording, tmp_path):
    """A file that changed after its text was read for a traceback can still be matched with the old text."""
    path = tmp_path / "remembered.py"
    namespace = write_module(path, "def f(x):\n    return x + 1\n")
    linecache.getlines(str(path))
    path.write_text("def f(x):\n    return x + 2 # longer\n")

    assert recording.count(namespace["f"], lambda: namespace["f"](1)) == (2, 2)


def test_a_file_that_is_saved_again_is_read_again(recording, tmp_path):
    """Once the module is loaded anew, its new text counts."""
    path = tmp_path / "saved.py"
    first = write_module(path, "def f(x):\n    return x + 1\n")
    assert recording.count(first["f"], lambda: first["f"](1)) == (2, 2)
    recording.entries.clear()
    second = write_module(path, "def f(x):\n    return x * 2 + 1\n")

    assert recording.count(second["f"], lambda: second["f"](1)) == (3, 3)


def test_a_file_that_no_longer_compiles_is_noticed(recording, tmp_path):
    path = tmp_path / "broken.py"
    namespace = write_module(path, "def f(x):\n    return x + 1\n")
    path.write_text("def f(x:\n")

    with instrumented_function(namespace["f"], recording.instrumentation) as skipped:
        assert skipped == {"f": LedgerSkip.SOURCE_CHANGED}


def test_a_function_too_deep_for_probes_says_so(recording, tmp_path):
    """The others of its file are swapped all the same."""
    text = f"def deep(x):\n    return x{'.real' * 700}\ndef other(x):\n    return x + 1\n"
    namespace = write_module(tmp_path / "deep.py", text)

    with instrumented_function(namespace["deep"], recording.instrumentation) as skipped:
        assert skipped == {"deep": LedgerSkip.TOO_DEEP}
        assert namespace["deep"](1) == 1
    assert recording.count(namespace["other"], lambda: namespace["other"](1)) == (2, 2)


def test_a_flag_of_an_earlier_cell_is_kept(recording, tmp_path):
    """A notebook's cell may have annotations as text because an earlier one asked for it."""
    import __future__

    path = tmp_path / "cell.py"
    path.write_text("def f(x: undefined = 1):\n    return x + 1\n")
    flag = __future__.annotations.compiler_flag
    exec(compile(path.read_text(), str(path), "exec", flag, dont_inherit=True), namespace := {})

    assert recording.count(namespace["f"], namespace["f"]) == (2, 2)


def test_a_cell_with_await_at_its_top_is_read(recording, tmp_path):
    """IPython allows it, and the functions of such a cell have twins as well."""
    text = "def f(x):\n    return x + 1\nimport asyncio\nawait asyncio.sleep(0)\n"
    (tmp_path / "cell.py").write_text(text)
    namespace = write_module(tmp_path / "cell.py", text.split("import", maxsplit=1)[0])
    (tmp_path / "cell.py").write_text(text)

    assert recording.count(namespace["f"], lambda: namespace["f"](1)) == (2, 2)


def test_two_files_with_the_same_text_are_two_files(recording, tmp_path):
    """Their code objects compare equal, but each twin belongs to its own file."""
    names = []
    for name in ("a.py", "b.py"):
        function = write_module(tmp_path / name, "def f(x):\n    return x + 1\n")["f"]
        with instrumented_function(function, recording.instrumentation):
            names.append(function.__code__.co_filename)

    assert names == [str(tmp_path / "a.py"), str(tmp_path / "b.py")]


def test_code_already_made_with_probes_is_left_alone(recording):
    """A program compiled with probes as a whole needs no twins."""
    code = recording.instrumentation.compile("def f(x):\n    return x + 1\n", "<cell>")
    exec(code, namespace := {})
    with FunctionSwapper(recording.instrumentation) as swapper:
        assert swapper.ensure(namespace["f"]) is None
        assert swapper.reason(namespace["f"].__code__) is None

        namespace["f"](1)
    assert len(recording.entries) == 2


def test_no_code_object_is_kept_alive(recording, tmp_path):
    """A function that the program drops is gone, although it was swapped."""
    namespace = write_module(tmp_path / "gone.py", "def f(x):\n    return x + 1\n")
    with instrumented_function(namespace["f"], recording.instrumentation):
        namespace["f"](1)
    code = weakref.ref(namespace["f"].__code__)
    function = weakref.ref(namespace.pop("f"))
    namespace.clear()
    gc.collect()

    assert function() is None
    assert code() is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with 3.12")
def test_a_function_that_another_tool_watches_is_left_alone(recording):
    """The tool asked for events of this code object; those of the twin would mean nothing to it."""
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "other")
    own = module.plain.__code__
    monitoring.set_local_events(3, own, monitoring.events.LINE)
    try:
        with instrumented_function(module.plain, recording.instrumentation) as skipped:
            assert skipped == {"plain": LedgerSkip.OTHER_TOOL}
            assert module.plain.__code__ is own
        with FunctionSwapper(recording.instrumentation, own_tools=[3]) as swapper:
            assert swapper.ensure(module.plain) is None
    finally:
        monitoring.set_local_events(3, own, 0)
        monitoring.free_tool_id(3)


def test_a_traced_function_can_be_swapped(recording):
    """Events of one's own on the code do not make it look changed."""
    seen = []
    sys.settrace(lambda *event: seen.append(event) or (lambda *event: seen.append(event)))
    try:
        result = recording.count(module.two(1, 2), lambda: module.two(1, 2)(3))
    finally:
        sys.settrace(None)

    assert result[0] == 2
    assert seen


def test_a_probe_can_be_copied_and_pickled(recording):
    """Tools that send functions elsewhere copy their constants; the copy's probes do nothing."""
    with instrumented_function(module.plain, recording.instrumentation):
        probes = [c for c in module.plain.__code__.co_consts if "probe" in repr(c)]

    for probe in (copy.deepcopy(probes[0]), pickle.loads(pickle.dumps(probes[0]))):
        assert probe[5:] == 5
    assert not recording.entries


def test_a_swapped_function_is_pickled_by_name(recording):
    with instrumented_function(module.plain, recording.instrumentation):
        assert pickle.loads(pickle.dumps(module.plain)) is module.plain


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_records_nothing(recording):
    """It has a copy of the program and of the recording; what it does is not part of the parent's run."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    with instrumented_function(module.plain, recording.instrumentation):
        child = context.Process(
            target=lambda: sender.send((module.plain(1), len(recording.entries), recording.sink.recorder))
        )
        child.start()
        child.join()

    assert receiver.recv() == (6, 0, None)


def test_a_bound_method_of_a_users_class_is_swapped(recording):
    assert recording.count(MethodType(module.plain, 1), lambda: module.plain(1))[0] == 6


def test_all_code_lists_every_code_object_once():
    code = compile("def f():\n    class C:\n        def m(self): pass\n    return lambda: C\n", "<x>", "exec")

    assert [c.co_name for c in all_code(code)] == ["<module>", "f", "C", "m", "<lambda>"]
