"""The wheel and the source distribution hold what users need, and nothing of the checkout besides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VERSION = json.loads((ROOT / "package.json").read_text())["version"]
PACKAGE = ROOT / "kernel_ext" / "cotrace"
WIDGETS = ROOT / "widgets" / "cotrace_widgets"
MADE_OR_COMPILED = (".c", ".h", ".so", ".pyd", ".absent")

HAS_CORE = hasattr(sys, "monitoring")
CORE = f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"
NO_CORE = f"_core.{sys.implementation.cache_tag}.absent"

PROGRAM = """
import sys

sys.path.insert(0, "")
import cotrace


def double(x):
    return x + x


t = cotrace.trace(double, 6)
print(t.result, len(t.steps) > 0)
"""

pytestmark = pytest.mark.slow


def build(source: Path, target: str, folder: Path, **environment: str) -> Path:
    """Build the `wheel` or `sdist` of a source tree with the locked backend, away from the network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    environment = {**os.environ, "COTRACE_CORE": "require", **environment}
    subprocess.run(command, cwd=source, check=True, capture_output=True, text=True, env=environment)
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def engine_of(wheel: Path, folder: Path) -> dict[str, str]:
    """Install a wheel into an environment of its own, and ask `cotrace info` there for the native engine."""
    environment = folder / "environment"
    venv.create(environment)
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    packages = Path(sysconfig.get_path("purelib", scheme, {"base": environment}))
    (packages / "dependencies.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n"
    )  # but none of its .pth files
    python = Path(sysconfig.get_path("scripts", scheme, {"base": environment}), "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-qq", "--no-index", "--no-deps"]
    subprocess.run([*install, wheel], check=True, capture_output=True)
    own = {"COTRACE_STATE_DIR": str(folder / "state"), "COTRACE_CONFIG_DIR": str(folder / "config")}
    told = subprocess.run(
        [python.with_name("cotrace"), "info", "--json"],
        check=True,
        capture_output=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "COTRACE_ENGINE": "native", **own},
    )
    return json.loads(told.stdout)["engine"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


def test_the_wheel_holds_every_module_the_type_marker_and_the_examples(wheel):
    in_checkout = {
        f"cotrace/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in MADE_OR_COMPILED and "__pycache__" not in path.parts
    }

    packed = {name for name in names_in(wheel) if name.startswith("cotrace/")}

    assert packed == in_checkout | {f"cotrace/tracing/{CORE if HAS_CORE else NO_CORE}"}
    assert "cotrace/py.typed" in packed
    assert any(name.startswith("cotrace/examples/") and name.endswith(".py") for name in packed)


def test_the_wheel_holds_nothing_else(wheel):
    assert {name.split("/")[0] for name in names_in(wheel)} == {
        "cotrace",
        "cotrace_widgets",
        f"cotrace-{VERSION}.dist-info",
    }


def test_the_wheel_has_the_built_timeline_and_none_of_its_sources(wheel):
    in_checkout = {
        f"cotrace_widgets/{path.relative_to(WIDGETS).as_posix()}"
        for path in WIDGETS.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    packed = {name for name in names_in(wheel) if name.startswith("cotrace_widgets/")}

    assert packed == in_checkout
    assert {"cotrace_widgets/static/player.js", "cotrace_widgets/static/timeline.js"} <= packed


def test_a_wheel_is_built_without_node(wheel, tmp_path):
    """What Node builds of the timeline is committed."""
    built = build(ROOT, "wheel", tmp_path, PATH="/nonesuch", COTRACE_CORE="skip")

    widgets = {name for name in names_in(wheel) if name.startswith("cotrace_widgets/")}
    assert {name for name in names_in(built) if name.startswith("cotrace_widgets/")} == widgets


def test_the_source_distribution_has_what_the_timeline_is_built_of(sdist):
    with tarfile.open(sdist) as archive:
        packed = {name.removeprefix(f"cotrace-{VERSION}/") for name in archive.getnames()}

    assert {
        "package.json",
        "package-lock.json",
        "widgets/generate_model.py",
        "widgets/timeline/build.mjs",
        "widgets/timeline/src/timeline.tsx",
    } <= packed
    assert not [name for name in packed if "node_modules" in name]


def test_the_version_is_the_one_in_package_json(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(archive.read(f"cotrace-{VERSION}.dist-info/METADATA").decode())

    assert (metadata["Name"], metadata["Version"]) == ("cotrace", VERSION)


def test_the_wheel_has_the_command_line(wheel):
    with zipfile.ZipFile(wheel) as archive:
        entry_points = archive.read(f"cotrace-{VERSION}.dist-info/entry_points.txt").decode()

    assert "cotrace = cotrace.cli.main:main" in entry_points


def test_a_wheel_built_from_the_source_distribution_is_the_same(wheel, sdist, tmp_path):
    """Whoever builds from the sdist (a distribution, say) gets what we test."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")

    rebuilt = build(tmp_path / f"cotrace-{VERSION}", "wheel", tmp_path / "wheel")

    assert names_in(rebuilt) == names_in(wheel)


def test_the_installed_package_imports_and_traces_without_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)

    command = [sys.executable, "-I", "-S", "program.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ran.stdout, ran.stderr) == ("12 True\n", "")


@pytest.mark.skipif(not HAS_CORE, reason="this Python has no sys.monitoring, which the core needs")
class TestCore:
    def test_a_wheel_made_with_a_compiler_has_the_core_and_is_for_one_python_and_platform(
        self, wheel, tmp_path
    ):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        engine = engine_of(wheel, tmp_path)

        assert f"-cp{version.replace('.', '')}-cp{version.replace('.', '')}-" in wheel.name
        assert engine["core"] == f"compiled for Python {version}"
        assert engine["name"].startswith("native")

    @pytest.mark.parametrize(
        ("setting", "reason"),
        [
            ({"CC": "false"}, "false could not compile the core"),
            ({"CC": "nonesuch"}, "no C compiler was found (looked for nonesuch)"),
            ({"PATH": "/nonesuch"}, "no C compiler was found"),
            ({"COTRACE_CORE": "skip"}, "COTRACE_CORE=skip"),
        ],
        ids=str,
    )
    def test_without_one_it_is_for_every_python_and_says_why_it_has_no_core(self, setting, reason, tmp_path):
        wheel = build(ROOT, "wheel", tmp_path, **{"COTRACE_CORE": "", **setting})

        engine = engine_of(wheel, tmp_path)

        assert wheel.name.endswith("-py3-none-any.whl")
        assert engine["name"] == "none"
        assert reason in engine["core"]
        assert reason in engine["why"]
        assert engine["advice"].startswith("install cotrace again where there is a C compiler")

    def test_a_build_that_requires_the_core_fails_where_it_can_not_be_compiled(self, tmp_path):
        with pytest.raises(subprocess.CalledProcessError) as failure:
            build(ROOT, "wheel", tmp_path, CC="false")

        assert "false could not compile the core" in failure.value.stderr

    def test_the_source_distribution_has_its_sources(self, sdist):
        sources = {path.name for path in (PACKAGE / "tracing" / "core").glob("*.[ch]")}
        core = f"cotrace-{VERSION}/kernel_ext/cotrace/tracing/core/"
        with tarfile.open(sdist) as archive:
            packed = {name.removeprefix(core) for name in archive.getnames() if name.startswith(core)}

        assert packed == sources
        assert "module.c" in packed


def test_a_python_without_monitoring_gets_a_wheel_without_the_core_and_no_failure(wheel, tmp_path):
    if HAS_CORE:
        pytest.skip("this Python has sys.monitoring")

    assert wheel.name.endswith("-py3-none-any.whl")
    assert "has no core: it needs sys.monitoring" in engine_of(wheel, tmp_path)["core"]
