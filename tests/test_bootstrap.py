"""What `make` does first: find a Python that really works, and keep the environments up to date."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parents[1] / ".ci"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
REFUSE = "#!/bin/sh\necho 'pyenv: command not found in this folder' >&2\nexit 1\n"
LACKS_VENV = "#!/bin/sh\nexit 3\n"
WORKS = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'

# Stands in for uv, so that a test needs no network: it notes what it is asked.
RECORD_INSTALLS = '#!/bin/sh\necho "$@" >> "$HOME/installs"\n'

# Stands in for npm: it makes the folder that npm would fill. PATH has no mkdir, so Python does.
RECORD_NPM = (
    '#!/bin/sh\necho "$@" >> "$HOME/installs"\n'
    f'"{sys.executable}" -c "import os; os.makedirs(\'node_modules\', exist_ok=True)"\n'
)


def write_script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run(command: list[object], home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose PATH and home folder hold only what the test put there."""
    environ = {"PATH": str(home / "bin"), "HOME": str(home)} | environ
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)


def find_python(home: Path, *versions: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run([CI / "find-python", *versions], home, **environ)


class TestFindPython:
    @pytest.mark.parametrize(
        "place", [".pyenv/versions/{}.9/bin/python", ".local/share/uv/python/cpython-{}.9/bin/python3"]
    )
    def test_a_shim_on_path_that_refuses_does_not_stop_the_search(self, tmp_path, place):
        write_script(tmp_path / "bin" / f"python{VERSION}", REFUSE)
        write_script(tmp_path / "bin" / "python3", REFUSE)
        write_script(tmp_path / place.format(VERSION), WORKS)

        search = find_python(tmp_path, VERSION)

        assert (search.returncode, search.stderr) == (0, "")
        assert Path(search.stdout.strip()).samefile(sys._base_executable)

    def test_a_later_folder_on_path_is_tried_when_an_earlier_one_refuses(self, tmp_path):
        write_script(tmp_path / "bin" / "python3", REFUSE)
        write_script(tmp_path / "other" / "python3", WORKS)

        search = find_python(tmp_path, VERSION, PATH=f"{tmp_path}/bin:{tmp_path}/other")

        assert search.returncode == 0

    def test_pyenv_may_live_elsewhere(self, tmp_path):
        write_script(tmp_path / "elsewhere" / "versions" / f"{VERSION}.1" / "bin" / "python", WORKS)

        assert find_python(tmp_path, VERSION).returncode == 2
        assert find_python(tmp_path, VERSION, PYENV_ROOT=str(tmp_path / "elsewhere")).returncode == 0

    def test_versions_are_tried_in_the_order_given(self, tmp_path):
        write_script(tmp_path / "bin" / "python3", WORKS)

        assert find_python(tmp_path, "9.9", VERSION).returncode == 0

    def test_another_version_under_the_right_name_is_not_taken(self, tmp_path):
        write_script(tmp_path / "bin" / "python9.9", WORKS)

        assert find_python(tmp_path, "9.9").returncode == 2

    def test_without_any_python_it_says_what_to_install_on_each_system(self, tmp_path):
        write_script(tmp_path / "bin" / f"python{VERSION}", REFUSE)

        search = find_python(tmp_path)

        assert (search.returncode, search.stdout) == (2, "")
        assert "3.13 3.12 3.11 3.14" in search.stderr
        for system in ("Debian, Ubuntu   sudo apt install", "Fedora ", "macOS ", "Windows ", "pyenv install"):
            assert system in search.stderr

    def test_a_python_without_venv_is_named_with_the_package_it_needs(self, tmp_path):
        write_script(tmp_path / "bin" / "python3.12", LACKS_VENV)

        search = find_python(tmp_path, "3.12")

        assert search.returncode == 2
        assert f"{tmp_path}/bin/python3.12 is Python 3.12 without venv" in search.stderr
        assert "apt install python3.12-venv" in search.stderr


@pytest.fixture
def project(tmp_path):
    """A folder with the scripts and made-up metadata, one Python, and a uv that only takes notes."""
    shutil.copytree(CI, tmp_path / "project" / ".ci")
    for name in ("pyproject.toml", "package.json", "kernel_ext/build_core.py"):
        (tmp_path / "project" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "project" / name).write_text("1")
    write_script(tmp_path / "bin" / "python3", WORKS)
    write_script(tmp_path / "bin" / "uv", RECORD_INSTALLS)
    return tmp_path / "project"


def bootstrap(
    project: Path, *options: str, **environ: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script in the project; return how it went, and the installs it asked for."""
    noted = project.parent / "installs"
    noted.write_text("")
    finished = run([project / ".ci" / "bootstrap", *options], project.parent, **environ)
    return finished, noted.read_text().splitlines()


@pytest.mark.slow
class TestBootstrap:
    def test_it_makes_an_environment_and_installs_the_lock_and_then_the_project(self, project):
        first, installs = bootstrap(project)

        assert first.returncode == 0, first.stderr
        assert [install.split()[-1] for install in installs] == [f"{project}/.ci/requirements-dev.txt", "."]
        assert (project / ".venv" / "bin" / "python").exists()

    def test_the_second_run_does_nothing_and_says_nothing(self, project):
        bootstrap(project)

        second, installs = bootstrap(project)

        assert (second.returncode, second.stdout, second.stderr, installs) == (0, "", "", [])

    def test_what_changed_is_installed_again(self, project):
        bootstrap(project)
        (project / "package.json").write_text("2")
        _, after_metadata = bootstrap(project)
        (project / ".ci" / "requirements-dev.txt").write_text("six==1.16.0")
        _, after_lock = bootstrap(project)

        assert [len(after_metadata), len(after_lock)] == [1, 2]

    def test_a_changed_source_of_the_core_is_compiled_again(self, project):
        core = project / "kernel_ext" / "cotrace" / "tracing" / "core"
        core.mkdir(parents=True)
        bootstrap(project)
        (core / "module.c").write_text("int core;")

        _, installs = bootstrap(project)

        assert [install.split()[-1] for install in installs] == ["."]

    def test_why_there_is_no_compiled_core_is_said(self, project):
        tracing = project / "kernel_ext" / "cotrace" / "tracing"
        tracing.mkdir(parents=True)
        (tracing / f"_core.{sys.implementation.cache_tag}.absent").write_text("no compiler here\n")

        finished, _ = bootstrap(project)

        assert ".venv has no compiled core: no compiler here" in finished.stderr

    def test_a_missing_tested_version_is_said_aloud_and_is_an_error_in_ci(self, project):
        local, _ = bootstrap(project, "--others")
        ci, _ = bootstrap(project, "--others", CI="true")

        missing = [version for version in ("3.11", "3.12", "3.13") if version != VERSION]
        assert (local.returncode, ci.returncode) == (0, 1)
        for version in missing:
            assert f"Python {version} is not here: its tests do NOT run" in local.stderr
        assert "CI tests 3.13, 3.12, 3.11" in ci.stderr

    def test_a_failed_install_is_told_and_tried_again_next_time(self, project):
        write_script(project.parent / "bin" / "uv", "#!/bin/sh\nexit 1\n")
        (project / ".ci" / "requirements-dev.txt").write_text("no such requirement")

        for _ in range(2):
            finished, _ = bootstrap(project)

            assert finished.returncode == 1
            assert "trying pip" in finished.stderr
            assert "The environment is not ready" in finished.stderr


class TestNodeModules:
    @pytest.fixture
    def tree(self, tmp_path):
        (tmp_path / ".ci").mkdir()
        shutil.copy(CI / "node_modules.py", tmp_path / ".ci")
        (tmp_path / "package-lock.json").write_text("{}")
        write_script(tmp_path / "bin" / "npm", RECORD_NPM)
        return tmp_path

    def make(self, tree):
        return run([sys.executable, tree / ".ci" / "node_modules.py"], tree)

    def test_they_are_made_once_for_a_lock_file(self, tree):
        write_script(tree / "bin" / "node", "#!/bin/sh\necho v22.1.0\n")

        assert [self.make(tree).returncode, self.make(tree).returncode] == [0, 0]
        assert (tree / "installs").read_text().splitlines() == ["ci --loglevel=error"]
        (tree / "package-lock.json").write_text('{"other": 1}')
        assert self.make(tree).returncode == 0
        assert len((tree / "installs").read_text().splitlines()) == 2

    def test_without_node_it_is_said_what_to_install(self, tree):
        made = self.make(tree)

        assert made.returncode == 1
        assert "expected node and npm on PATH" in made.stderr
        assert "apt install nodejs npm" in made.stderr

    def test_an_old_node_is_refused(self, tree):
        write_script(tree / "bin" / "node", "#!/bin/sh\necho v18.20.4\n")

        assert "expected Node 20 or newer, found v18.20.4" in self.make(tree).stderr


class TestBrowser:
    def find(self, home, **environ):
        return run([sys.executable, CI / "browser.py"], home, **environ)

    def test_the_one_on_the_path_is_taken(self, tmp_path):
        write_script(tmp_path / "bin" / "google-chrome", WORKS)

        assert self.find(tmp_path).stdout.strip() == str(tmp_path / "bin" / "google-chrome")

    def test_the_one_that_is_asked_for_comes_first(self, tmp_path):
        write_script(tmp_path / "bin" / "chromium", WORKS)
        write_script(tmp_path / "mine", WORKS)

        found = self.find(tmp_path, COTRACE_BROWSER=str(tmp_path / "mine"))
        assert found.stdout.strip() == str(tmp_path / "mine")

    def test_one_that_is_asked_for_and_not_there_is_no_reason_to_install_another(self, tmp_path):
        found = self.find(tmp_path, COTRACE_BROWSER="/nonesuch/chrome")

        assert (found.returncode, found.stdout) == (1, "")
        assert "found no file there" in found.stderr
