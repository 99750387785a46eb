"""Compile the core of the native engine: cotrace/tracing/core/*.c become `cotrace.tracing._core`.

It has two callers:

- hatchling, whenever a wheel or an editable install is made (`CoreHook`): what is compiled goes into the wheel, which
  is then for this Python and platform only, or beside the sources for an editable install. Where it can't be compiled
  the build says so, goes on, and makes the pure wheel, with the reason in it for `cotrace info` to tell: installers
  show nothing of a build that succeeds.
- a developer: ``python kernel_ext/build_core.py`` compiles it beside the sources, for the Python that runs it, with
  warnings as errors. ``--sanitize`` has it look for errors of memory and undefined behaviour as it runs.

The environment variable COTRACE_CORE says what a build does: ``require`` fails where the core can't be compiled, as CI
wants it, ``skip`` leaves it out. A Python without sys.monitoring has no core, and nothing fails for it.

Why not setuptools, which has optional extensions? Tried: where compiling fails it goes on and makes a wheel without the
core that is still tagged for one Python and platform, and tells nobody why; and the version in package.json, the
headers in the sdist and each C file need code or lists of their own. What it would spare us is `Compiler`, which asks
`sysconfig` for four variables. On Windows these are not set, so there is no core there yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
PACKAGE = Path("cotrace", "tracing")
CHOICES = ("require", "skip", "")

WARNINGS = ("-Wall", "-Wextra", "-Werror")
SANITIZERS = (
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-fno-omit-frame-pointer",
    "-O1",
)
INSTALL = (
    "install a C compiler and Python's headers (Debian, Ubuntu: apt install build-essential python3-dev; Fedora: dnf "
    "install gcc python3-devel; macOS: xcode-select --install), then install cotrace again"
)


class NotCompiledError(Exception):
    """The core can't be compiled here; the message says why and what to do."""


class NoCoreError(NotCompiledError):
    """There is no core for this Python."""


# --- the sources ----------------------------------------------------------------------------------------------------


def sources(root: Path = HERE) -> list[Path]:
    """Return the C files and their headers, in an order that is always the same."""
    return sorted((root / PACKAGE / "core").glob("*.[ch]"))


def fingerprint(root: Path = HERE) -> str:
    """Return what the compiled module calls SOURCES: it changes when any of its sources does."""
    made = hashlib.sha256()
    for path in sources(root):
        text = path.read_bytes()
        made.update(f"{path.name} {len(text)}\n".encode() + text)
    return made.hexdigest()[:16]


def compiled_name() -> str:
    """Return the name of the compiled file, which is another one for each Python and platform."""
    return f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"


def absent_name() -> str:
    """Return the name of the file that says why there is no compiled one; `cotrace.tracing.choice` reads it."""
    return f"_core.{sys.implementation.cache_tag}.absent"


# --- compiling ------------------------------------------------------------------------------------------------------


class Compiler:
    """The C compiler, with the settings that this Python itself was compiled with."""

    def __init__(self, *flags: str) -> None:
        """Find it. Raises NotCompiledError where there is none, NoCoreError where this Python has no use for it."""
        variables = sysconfig.get_config_vars()
        check_python(variables)
        program = find_compiler(variables["CC"])
        self._compile = [*program, *_words(variables, "CFLAGS", "CCSHARED")]
        self._compile += [f"-I{sysconfig.get_path(name)}" for name in ("include", "platinclude")]
        self._compile += ["-std=c11", "-O3", "-fvisibility=hidden", *flags, *_words(os.environ, "CFLAGS")]
        own = len(_words(variables, "CC"))  # LDSHARED begins with the compiler's name
        how = _words(variables, "LDSHARED")[own:]
        self._link = [*program, *how, *flags, *_words(os.environ, "LDFLAGS")]

    def make(self, root: Path, target: Path) -> None:
        """Compile the core of a tree into the file `target`, at one stroke: a running Python may have the old one."""
        core = root / PACKAGE / "core"
        define = f'-DCOTRACE_SOURCES="{fingerprint(root)}"'
        names = [path.stem for path in sources(root) if path.suffix == ".c"]
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".core-") as folder:
            command = [*self._compile, define, "-c"]
            run([[*command, f"{name}.c", "-o", f"{folder}/{name}.o"] for name in names], core)
            linked = Path(folder, target.name)
            run([[*self._link, *(f"{folder}/{name}.o" for name in names), "-o", str(linked)]], core)
            linked.replace(target)


def check_python(variables: dict[str, Any]) -> None:
    """Raise NoCoreError where this Python has no use for the core, NotCompiledError where we can't compile it yet."""
    name, version = sys.implementation.name, platform.python_version()
    if name != "cpython" or not hasattr(sys, "monitoring"):
        raise NoCoreError(f"{name} {version} has no core: it needs sys.monitoring of CPython 3.12 or later")
    if variables.get("Py_GIL_DISABLED"):
        raise NoCoreError("a Python without its global lock has no core yet: use one that has it")
    if not variables.get("CC"):
        raise NotCompiledError(f"there is no way to compile the core on {sys.platform} yet")


def find_compiler(usual: str) -> list[str]:
    """Return the user's compiler, else the one that this Python was compiled with, else any."""
    chosen = os.environ.get("CC")
    names = shlex.split(chosen or usual)
    if shutil.which(names[0]):
        return names
    for name in () if chosen else ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name, *names[1:]]
    raise NotCompiledError(f"no C compiler was found (looked for {names[0]}): {INSTALL}")


def run(commands: list[list[str]], folder: Path) -> None:
    """Run all of the commands at the same time in a folder. Raises NotCompiledError with what the failed ones said."""
    try:
        running = [
            subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for command in commands
        ]
    except OSError as error:
        raise NotCompiledError(f"{commands[0][0]} can't be run ({error.strerror}): {INSTALL}") from error
    said = [process.communicate()[0].rstrip() for process in running]
    failed = [words for words, process in zip(said, running, strict=True) if process.returncode]
    if any("Python.h" in words for words in failed):
        raise NotCompiledError(f"the headers of this Python are missing: {INSTALL}")
    if failed:
        words = "\n".join(filter(None, failed)) or "it said nothing"
        raise NotCompiledError(f"{commands[0][0]} could not compile the core, {words}\n{INSTALL}")


def _words(variables: Mapping[str, Any], *names: str) -> list[str]:
    return [word for name in names for word in shlex.split(variables.get(name) or "")]


def compile_core(root: Path, folder: Path, *flags: str) -> Path:
    """Compile the core of a tree into a folder and return the file; leave no older one there where that fails."""
    target, absent = folder / compiled_name(), folder / absent_name()
    try:
        Compiler(*flags).make(root, target)
    except NotCompiledError as reason:
        target.unlink(missing_ok=True)
        absent.write_text(f"{reason}\n", encoding="utf-8")
        raise
    absent.unlink(missing_ok=True)
    return target


# --- who calls ------------------------------------------------------------------------------------------------------


class CoreHook(BuildHookInterface[Any]):
    """Puts the compiled core, or the reason why it is not there, into a wheel or beside the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, before hatchling collects files; `version` is "editable" or "standard"."""
        root = Path(self.root, "kernel_ext")
        if version == "editable":
            self._compile(root, root / PACKAGE)
            return
        self._folder = tempfile.TemporaryDirectory(prefix="cotrace-core-")
        folder = Path(self._folder.name)
        if made := self._compile(root, folder, "-g0"):
            build_data |= {"pure_python": False, "infer_tag": True}
        else:
            made = folder / absent_name()
        build_data["force_include"][str(made)] = (PACKAGE / made.name).as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what the wheel took in."""
        if version != "editable":
            self._folder.cleanup()

    def _compile(self, root: Path, folder: Path, *flags: str) -> Path | None:
        """Return the compiled file; None, aloud, where there is none and none is required."""
        wanted = os.environ.get("COTRACE_CORE", "")
        if wanted not in CHOICES:
            raise ValueError(f"expected COTRACE_CORE to be require, skip or unset, found {wanted!r}")
        try:
            if wanted == "skip":
                (folder / compiled_name()).unlink(missing_ok=True)
                (folder / absent_name()).write_text(
                    "COTRACE_CORE=skip was set when it was installed\n", "utf-8"
                )
                self.app.display_warning("cotrace is built without its compiled core: COTRACE_CORE=skip")
                return None
            return compile_core(root, folder, *flags)
        except NotCompiledError as reason:
            if wanted == "require" and not isinstance(reason, NoCoreError):
                raise
            self.app.display_warning(
                f"cotrace is built without its compiled core, it records slower: {reason}"
            )
            return None


def main() -> int:
    """Compile the core of a tree for this Python; exit code 1 where that fails."""
    parser = argparse.ArgumentParser(
        description="Compile cotrace.tracing._core for the Python that runs this."
    )
    parser.add_argument("--sanitize", action="store_true", help="find errors of memory while it runs")
    parser.add_argument("root", nargs="?", type=Path, default=HERE, help="the folder that holds cotrace/")
    options = parser.parse_args()
    root = options.root.resolve()
    try:
        made = compile_core(root, root / PACKAGE, *WARNINGS, *(SANITIZERS if options.sanitize else ()))
    except NoCoreError as reason:
        print(reason)
    except NotCompiledError as reason:
        print(reason, file=sys.stderr)
        return 1
    else:
        print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
