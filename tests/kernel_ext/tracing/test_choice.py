"""Which engine records, why, and what is said where the faster one can't."""

import sys
from pathlib import Path
from types import ModuleType

import cotrace
import pytest
from cotrace.errors import TraceError, UsageError
from cotrace.tracing import choice, selftest
from cotrace.tracing.choice import choose, make_engine
from cotrace.tracing.reference import ReferenceEngine
from cotrace.tracing.tracer import Tracer

HAS_MONITORING = hasattr(sys, "monitoring")
needs_monitoring = pytest.mark.skipif(not HAS_MONITORING, reason="this Python has no sys.monitoring")


class NativeInName(ReferenceEngine):
    """Stands for the compiled engine where only the choice is at stake."""


@pytest.fixture
def native(monkeypatch):
    """A Python in which the native engine is there, whatever this one is."""
    module = ModuleType("cotrace.tracing.native")
    module.NativeEngine = NativeInName
    monkeypatch.setitem(sys.modules, choice.NATIVE, module)
    monkeypatch.setattr(choice, "find_spec", lambda name: name)
    return module


@pytest.fixture
def without_core(monkeypatch, tmp_path):
    """A folder of an installed cotrace that has no compiled core."""
    monkeypatch.delitem(sys.modules, choice.NATIVE, raising=False)
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    monkeypatch.setattr(choice, "HERE", tmp_path)
    return tmp_path


class TestChoose:
    def test_reference_is_taken_where_it_is_asked_for(self):
        assert choose("reference") == ("reference", "the setting `engine` asks for it", "")
        assert make_engine("reference") is ReferenceEngine

    def test_a_name_that_is_no_engine_is_an_error(self):
        with pytest.raises(UsageError, match="one of auto, native, reference, found 'fast'"):
            choose("fast")

    def test_a_python_without_monitoring_is_told(self, monkeypatch):
        monkeypatch.setattr(choice, "MONITORING", None)

        chosen = choose()

        assert chosen.engine == "reference"
        assert "has no sys.monitoring, which came with 3.12" in chosen.why
        assert chosen.advice == "use Python 3.12 or later"

    @needs_monitoring
    def test_native_is_taken_where_it_can_run(self, native):
        assert choose().engine == "native"
        assert make_engine() is NativeInName
        assert make_engine("native") is NativeInName

    @needs_monitoring
    def test_a_core_that_was_not_compiled_is_told_with_the_words_of_the_build(self, without_core):
        own = without_core / f"_core.{sys.implementation.cache_tag}.absent"
        own.write_text("no C compiler was found\n")
        (without_core / "_core.cpython-300.absent").write_text("some other reason\n")

        chosen = choose()

        assert "its core is not compiled: no C compiler was found" in chosen.why
        assert chosen.advice == "install cotrace again where there is a C compiler"

    @needs_monitoring
    def test_a_core_that_can_not_be_loaded_is_told(self, native, monkeypatch):
        def broken(name):
            raise ImportError("undefined symbol: PyFrame_GetVar")

        monkeypatch.delitem(sys.modules, choice.NATIVE)
        monkeypatch.setattr(choice, "import_module", broken)

        assert "can't be loaded, undefined symbol: PyFrame_GetVar" in choose().why

    @needs_monitoring
    def test_others_that_hold_every_tool_id_are_named(self, native):
        taken = [number for number in range(6) if sys.monitoring.get_tool(number) is None]
        for number in taken:
            sys.monitoring.use_tool_id(number, f"tool{number}")
        try:
            why = choose().why
        finally:
            for number in taken:
                sys.monitoring.free_tool_id(number)

        assert "every tool id of sys.monitoring is taken" in why
        assert "tool3 has 3" in why


class TestUntestedPython:
    @pytest.fixture
    def untested(self, native, monkeypatch):
        monkeypatch.setattr(choice, "TESTED", ((3, 5),))
        choice._own_fault.cache_clear()
        yield
        choice._own_fault.cache_clear()

    @needs_monitoring
    def test_native_is_taken_after_its_self_test_has_passed_once(self, untested, monkeypatch):
        asked = []
        monkeypatch.setattr(selftest, "fault_in_child", lambda engine: asked.append(engine) or "")

        assert [choose().engine, choose().engine] == ["native", "native"]
        assert "passed its self-test" in choose().why
        assert asked == ["cotrace.tracing.native:NativeEngine"]

    @needs_monitoring
    def test_reference_is_taken_where_the_self_test_found_a_fault(self, untested, monkeypatch):
        monkeypatch.setattr(selftest, "fault_in_child", lambda engine: "it was ended by SIGSEGV")

        chosen = choose()

        assert chosen.engine == "reference"
        assert "its self-test there says: it was ended by SIGSEGV" in chosen.why
        assert chosen.advice == "use Python 3.5"


class TestWhatTheUserSets:
    def test_native_where_it_can_not_run_is_an_error_that_says_why_and_what_to_do(self, monkeypatch):
        monkeypatch.setattr(choice, "MONITORING", None)
        monkeypatch.setenv("COTRACE_ENGINE", "native")

        with pytest.raises(TraceError, match=r'engine = "native".* no sys\.monitoring.*use Python 3\.12 or'):
            cotrace.trace(abs, -1)

    def test_the_setting_reaches_the_recording(self, monkeypatch):
        monkeypatch.setenv("COTRACE_ENGINE", "reference")

        assert cotrace.trace(abs, -1).engine.startswith("reference on ")

    def test_a_tracer_takes_it_too(self):
        assert Tracer(engine="reference").engine.startswith("reference on ")


class TestSelfTest:
    def test_the_native_engine_passes_where_it_can_run(self):
        if choose("native").engine != "native":
            pytest.skip(choose("native").why)

        assert selftest.fault_in_child(f"{choice.NATIVE}:NativeEngine") == ""

    def test_an_engine_that_records_the_same_passes(self):
        assert selftest.fault_of(NativeInName) == ""

    @pytest.mark.parametrize(
        ("engine", "fault"),
        [
            ("ForgetfulEngine", "it records step 3 of loops in another way than the reference engine"),
            ("CrashingEngine", "it was ended by SIGKILL"),
            ("FailingEngine", "it failed, RuntimeError: no such field"),
        ],
    )
    def test_an_engine_at_fault_is_found_in_a_process_of_its_own(self, engine, fault, monkeypatch):
        folder = str(Path(__file__).parent)
        monkeypatch.setattr(selftest, "CHILD", f"import sys; sys.path.append({folder!r}); {selftest.CHILD}")

        assert fault in selftest.fault_in_child(f"engines_at_fault:{engine}")

    def test_a_child_that_can_not_be_started_is_a_fault(self, monkeypatch):
        monkeypatch.setattr(sys, "executable", "/no/such/python")

        assert "can't be run" in selftest.fault_in_child("engines_at_fault:ForgetfulEngine")
