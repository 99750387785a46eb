"""The wheel and the source distribution hold what users need, and nothing of the checkout besides."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VERSION = json.loads((ROOT / "package.json").read_text())["version"]
PACKAGE = ROOT / "kernel_ext" / "cotrace"
MADE_OR_COMPILED = (".c", ".h", ".so", ".pyd", ".absent")

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


def build(source: Path, target: str, folder: Path) -> Path:
    """Build the `wheel` or `sdist` of a source tree with the locked backend, away from the network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


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

    assert packed == in_checkout | {f"cotrace/tracing/_core{sysconfig.get_config_var('EXT_SUFFIX')}"}
    assert "cotrace/py.typed" in packed
    assert any(name.startswith("cotrace/examples/") and name.endswith(".py") for name in packed)


def test_the_wheel_holds_nothing_else(wheel):
    assert {name.split("/")[0] for name in names_in(wheel)} == {"cotrace", f"cotrace-{VERSION}.dist-info"}


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
