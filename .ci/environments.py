"""Make and refresh the development environments from the lock files beside this script.

`.venv` holds everything and runs the newest Python found. `--others` makes one smaller environment for each
other version we test, `.venvs/3.12` and so on, and prints the path of its interpreter, one a line, for the
Makefile to loop over. Everything else is said on standard error.

Each environment carries a stamp: fingerprints of the lock file and of what installing the project reads, its
metadata and the C sources of its core. A stamp that fits makes the next run a matter of milliseconds; one that does
not says what to install again. In CI a core that can't be compiled is an error; elsewhere it is said.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTED = ("3.13", "3.12", "3.11")
MAIN = Path(".venv")
EVERYTHING = HERE / "requirements-dev.txt"
TESTS_ONLY = HERE / "requirements-test.txt"
METADATA = (ROOT / "pyproject.toml", ROOT / "package.json")
TRACING = ROOT / "kernel_ext" / "cotrace" / "tracing"
COMPILED = (ROOT / "kernel_ext" / "build_core.py", *sorted(TRACING.glob("core/*.[ch]")))


def main() -> int:
    """Bring the environments asked for up to date; exit code 1 where one cannot be."""
    os.chdir(ROOT)
    if os.environ.get("CI") == "true":
        os.environ.setdefault("COTRACE_CORE", "require")
    try:
        with one_at_a_time():
            refresh(MAIN, EVERYTHING, version=None)
            return make_others() if "--others" in sys.argv[1:] else 0
    except subprocess.CalledProcessError as failure:
        command = " ".join(map(str, failure.cmd))
        say(f"The environment is not ready: `{command}` ended with exit code {failure.returncode}.")
        return 1


def make_others() -> int:
    """Print an interpreter for each version that `.venv` does not run; CI must have them all."""
    missing = []
    for version in TESTED:
        if version == version_of(MAIN):
            continue
        folder = Path(".venvs", version)
        try:
            refresh(folder, TESTS_ONLY, version)
        except LookupError:
            missing.append(version)
            say(f"Python {version} is not here: its tests do NOT run (`pyenv install {version}` brings it).")
        else:
            print(interpreter(folder), flush=True)
    if missing and os.environ.get("CI") == "true":
        say(f"CI tests {', '.join(TESTED)}, and {', '.join(missing)} is missing.")
        return 1
    return 0


def refresh(folder: Path, lock: Path, version: str | None) -> None:
    """Install what the stamp of `folder` shows to be missing. LookupError: there is no such Python."""
    wanted = {"lock": fingerprint(lock), "project": f"{fingerprint(*METADATA, *COMPILED)} {ROOT}"}
    stamped = read_stamp(folder) if version_of(folder) else {}
    if stamped == wanted:
        return
    if not stamped:
        create(folder, version)
    if stamped.get("lock") != wanted["lock"]:
        say(f"Installing the locked packages into {folder} ...")
        install(folder, "--require-hashes", "-r", str(lock))
        write_stamp(folder, {"lock": wanted["lock"]})
    install(folder, "--no-deps", "--no-build-isolation", "-e", ".")
    write_stamp(folder, wanted)
    version = version_of(folder) or ""
    for reason in TRACING.glob(f"_core.cpython-{version.replace('.', '')}.absent"):
        say(f"{folder} has no compiled core: {reason.read_text().rstrip()}")
    say(f"{folder} is ready (Python {version}).")


def create(folder: Path, version: str | None) -> None:
    """Make an empty environment with a Python of `version`, or with the one that runs this script."""
    # The script may run in the very environment it clears, so the Python below that one makes the next.
    python = find_python(version) if version else getattr(sys, "_base_executable", sys.executable)
    say(f"Creating {folder} with {python}")
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True, stdout=sys.stderr)


def find_python(version: str) -> str:
    """Ask the shell script that finds the first Python, for another one."""
    search = subprocess.run([HERE / "find-python", version], check=False, capture_output=True, text=True)
    if search.returncode:
        raise LookupError(version)
    return search.stdout.strip()


def install(folder: Path, *arguments: str) -> None:
    """Install with uv where it is on PATH, many times faster; else, or when it fails, with pip."""
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--quiet", "--python", interpreter(folder), *arguments]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0:
            return
        say("uv could not install this (see above); trying pip.")
    # Bytecode is left to the first import: most of these modules are never imported.
    pip = [interpreter(folder), "-m", "pip", "install", "-qq", "--no-compile", *arguments]
    subprocess.run(pip, check=True, stdout=sys.stderr)


def interpreter(folder: Path) -> Path:
    """Return where an environment keeps its Python."""
    return folder / "bin" / "python"


def version_of(folder: Path) -> str | None:
    """Return the X.Y that an environment's Python runs as, or None where it does not run."""
    ask = [interpreter(folder), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def read_stamp(folder: Path) -> dict[str, str]:
    """Return what an environment was made from; empty where that is not known."""
    try:
        lines = (folder / "cotrace-stamp").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split(" ", 1) for line in lines)


def write_stamp(folder: Path, made_from: dict[str, str]) -> None:
    """Remember what an environment was made from, as far as it got."""
    (folder / "cotrace-stamp").write_text("".join(f"{name} {value}\n" for name, value in made_from.items()))


def fingerprint(*files: Path) -> str:
    """Return one hash over the names and the content of `files`."""
    return hashlib.sha256(b"\0".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait while another `make` in this folder installs; the lock ends with its process."""
    with Path(".environments.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another make that prepares the environments ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(message: str) -> None:
    """Tell the person at the terminal; standard output is for the Makefile."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
