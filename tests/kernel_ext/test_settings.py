"""One table of settings: argument before environment before project before user, and no key is ignored."""

import os
from pathlib import Path

import pytest
from cotrace import settings
from cotrace.errors import SettingsError
from cotrace.model.limits import Limits
from cotrace.settings import Settings, current, load

pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """No settings but those a test makes: not this machine's, and not this repository's."""
    for variable in [name for name in os.environ if name.startswith("COTRACE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")


@pytest.fixture
def project(tmp_path):
    """Write the project's [tool.cotrace]."""

    def write(text, folder=tmp_path / "project"):
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def own(tmp_path):
    """Write the user's own file."""

    def write(text):
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "config.toml").write_text(text, encoding="utf-8")

    return write


class TestPrecedence:
    def test_without_any_file_the_defaults_hold(self):
        """They are those of the table, and the limits' those of `Limits`."""
        assert load() == Settings()
        assert load().limits() == Limits()
        assert {row.origin for row in load().effective()} == {"default"}

    def test_each_place_gives_way_to_the_one_before(self, own, project, monkeypatch, tmp_path):
        """Argument, environment, project, user, default: the first that has the key decides."""
        own('style = "brief"\nlimits.steps = 1\nlimits.depth = 1\nstore_traces = 1')
        project('[tool.cotrace]\nlimits = { steps = 2, depth = 2, elements = 2 }\nstyle = "full"')
        monkeypatch.setenv("COTRACE_LIMITS_STEPS", "3")
        monkeypatch.setenv("COTRACE_LIMITS_DEPTH", "3")
        rows = {
            row.key: (row.value, row.origin)
            for row in load({"limits.steps": 4, "limits.string": None}).effective()
        }

        project_file = str(tmp_path / "project" / "pyproject.toml")
        assert rows["limits.steps"] == (4, "argument")
        assert rows["limits.depth"] == (3, "environment COTRACE_LIMITS_DEPTH")
        assert rows["limits.elements"] == (2, project_file)
        assert rows["style"] == ("full", project_file)
        assert rows["store_traces"] == (1, str(tmp_path / "config" / "config.toml"))
        assert rows["limits.string"] == (10_000, "default")

    def test_the_project_is_found_from_a_folder_inside(self, project, tmp_path):
        """The nearest pyproject.toml that speaks of cotrace; one that does not is passed over."""
        inner = tmp_path / "project" / "src" / "inner"
        inner.mkdir(parents=True)
        project('[tool.cotrace]\nstyle = "full"')
        project('[project]\nname = "inner"', folder=inner)

        assert load(folder=inner).style == "full"

    def test_a_dataset_is_found_beside_the_file_that_names_it(self, project, own, tmp_path, monkeypatch):
        """A relative path in a file means the same from every folder; a typed one is relative to where one is."""
        project('[tool.cotrace]\ndataset = "data/curated.jsonl"')
        inner = tmp_path / "project" / "inner"
        inner.mkdir()

        assert load(folder=inner).dataset == tmp_path / "project" / "data" / "curated.jsonl"
        monkeypatch.setenv("COTRACE_DATASET", "here.jsonl")
        assert load(folder=inner).dataset == inner / "here.jsonl"
        assert load({"dataset": tmp_path / "there.jsonl"}).dataset == tmp_path / "there.jsonl"


class TestValues:
    @pytest.mark.parametrize(
        ("variable", "text", "field", "value"),
        [
            ("COTRACE_LIMITS_BYTES", "1_000", "bytes", 1_000),
            ("COTRACE_LIMITS_SECONDS", "2.5", "seconds", 2.5),
            ("COTRACE_STORE", "off", "store", False),
            ("COTRACE_LEDGER", "TRUE", "ledger", True),
            ("COTRACE_INCLUDE", "numpy.linalg, mine,", "include", ("numpy.linalg", "mine")),
            ("COTRACE_REDACT_NAMES", "^iban$", "redact_names", ("^iban$",)),
            ("COTRACE_DATASET", "~/d.jsonl", "dataset", Path.home() / "d.jsonl"),
        ],
    )
    def test_the_environment_says_it_in_plain_text(self, variable, text, field, value):
        """Numbers, switches and lists are read from what a shell can write."""
        assert getattr(load(environment={**os.environ, variable: text}), field) == value

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('limits.steps = "many"', "limits.steps to be a whole number from 1 on, found 'many'"),
            ("limits.steps = 0", "limits.steps to be a whole number from 1 on, found 0"),
            ("limits.steps = true", "limits.steps to be a whole number from 1 on, found True"),
            ("limits.steps = 1.5", "limits.steps to be a whole number from 1 on, found 1.5"),
            ("limits.seconds = -1", "limits.seconds to be a number of seconds, or 0 for no limit, found -1"),
            ("limits.seconds = inf", "limits.seconds to be a number of seconds"),
            ('store = "no"', "store to be true or false, found 'no'"),
            ('style = "long"', "style to be one of brief, normal, full, found 'long'"),
            ("style = 3", "style to be one of brief, normal, full, found 3"),
            ('include = "numpy"', 'include to be a list of modules such as ["mypackage"'),
            ('include = ["src/mine.py"]', "include to be a list of modules"),
            ('redact_names = ["("]', "redact_names to be a list of regular expressions"),
            ("dataset = 5", "dataset to be a path, found 5"),
            ("dataset = ''", "dataset to be a path, found ''"),
        ],
    )
    def test_a_wrong_value_is_told_with_its_place(self, project, line, expected):
        """The message has the file, what was expected and what was found."""
        project(f"[tool.cotrace]\n{line}")
        with pytest.raises(SettingsError) as caught:
            load()

        assert f"expected {expected}" in str(caught.value)
        assert "pyproject.toml: " in str(caught.value)

    def test_a_wrong_value_is_told_even_where_another_place_decides(self, own):
        """It would surprise on the day the other one goes away."""
        own("limits.steps = 0")
        with pytest.raises(SettingsError, match="from 1 on"):
            load({"limits.steps": 5})

    def test_no_time_limit_can_be_asked_for(self):
        """Front ends bring time limits of their own; 0 takes them away."""
        assert load().limits(seconds=10).seconds == 10
        assert load({"limits.seconds": 3}).limits(seconds=10).seconds == 3
        assert load({"limits.seconds": 0}).limits(seconds=10).seconds is None


class TestUnknownKeys:
    @pytest.mark.parametrize(
        ("line", "hint"),
        [
            ("limits.step = 1", "'limits.step': did you mean limits.steps?"),
            ("steps = 1", "'steps': did you mean limits.steps?"),
            ('stlye = "full"', "'stlye': did you mean style?"),
            ("limits = 5", "'limits'"),
            ("qwertyuiop = 5", "there are limits.elements, "),
        ],
    )
    def test_the_nearest_key_is_named(self, own, line, hint):
        """A slip of the finger is never silently without effect."""
        own(line)
        with pytest.raises(SettingsError) as caught:
            load()

        assert hint in str(caught.value)
        assert "config.toml: " in str(caught.value)

    def test_an_unknown_variable_is_told_as_well(self):
        """Variables that begin with COTRACE_ are ours."""
        with pytest.raises(SettingsError, match=r"found COTRACE_STEPS: did you mean COTRACE_LIMITS_STEPS\?"):
            load(environment={**os.environ, "COTRACE_STEPS": "5"})

    def test_an_unknown_argument_is_told_as_well(self):
        """It is a mistake in a program."""
        with pytest.raises(SettingsError, match=r"^argument: .*'limit.steps'"):
            load({"limit.steps": 5})

    def test_variables_of_the_folders_are_known(self, tmp_path):
        """They say where files are, settings among them, so they can't stand in a file."""
        assert (
            load(environment={"COTRACE_STATE_DIR": str(tmp_path), "COTRACE_CONFIG_DIR": str(tmp_path)})
            == Settings()
        )


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"[tool.cotrace\n", r"pyproject.toml: expected TOML, found: .*line 1"),
            (b"\xff\xfe", r"pyproject.toml: expected TOML, found: .*utf-8"),
            (b"[tool]\ncotrace = 5", r"pyproject.toml: expected \[tool.cotrace\] to be a table, found 5"),
        ],
    )
    def test_a_file_that_is_no_toml_is_told(self, tmp_path, content, message):
        """With the place that the parser names."""
        (tmp_path / "project" / "pyproject.toml").write_bytes(content)
        with pytest.raises(SettingsError, match=message):
            load()

    def test_a_file_that_cannot_be_read_is_told(self, tmp_path):
        """A folder of that name stands for whatever keeps a file from being read."""
        (tmp_path / "project" / "pyproject.toml").mkdir()
        with pytest.raises(SettingsError, match=r"pyproject.toml: expected a file that can be read, found: "):
            load()

    def test_a_project_that_is_not_ours_is_left_alone(self, project):
        """Also one whose `tool` is no table."""
        project("tool = 5")

        assert load() == Settings()

    def test_a_current_folder_that_is_gone_is_told(self, tmp_path):
        """Another process may delete the folder one is in."""
        (tmp_path / "project").rmdir()
        with pytest.raises(SettingsError, match="change to a folder that exists"):
            load()


class TestFolders:
    def test_our_own_variables_say_where(self, tmp_path):
        """For tests, and for whoever wants the files elsewhere."""
        environment = {"COTRACE_STATE_DIR": str(tmp_path / "s"), "COTRACE_CONFIG_DIR": str(tmp_path / "c")}

        assert settings.state_folder(environment) == tmp_path / "s"
        assert settings.config_folder(environment) == tmp_path / "c"

    @pytest.mark.parametrize(
        ("platform", "environment", "state", "config"),
        [
            ("linux", {}, "~/.local/state/cotrace", "~/.config/cotrace"),
            ("linux", {"XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "/c"}, "/s/cotrace", "/c/cotrace"),
            ("linux", {"XDG_STATE_HOME": "relative"}, "~/.local/state/cotrace", "~/.config/cotrace"),
            ("darwin", {"XDG_STATE_HOME": "/s"}, *["~/Library/Application Support/cotrace"] * 2),
            ("win32", {"LOCALAPPDATA": "/l", "APPDATA": "/a"}, "/l/cotrace", "/a/cotrace"),
        ],
    )
    def test_each_platform_has_its_place(self, platform, environment, state, config, monkeypatch):
        """XDG's folders, macOS' library, Windows' application data."""
        monkeypatch.setattr("sys.platform", platform)

        assert settings.state_folder(environment) == Path(state).expanduser()
        assert settings.config_folder(environment) == Path(config).expanduser()

    def test_without_a_home_the_message_says_what_to_set(self, monkeypatch):
        """A user without a home folder, as in some containers."""

        def homeless():
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", homeless)
        with pytest.raises(SettingsError, match="set COTRACE_STATE_DIR"):
            settings.state_folder({})


class TestTheTable:
    def test_every_key_has_a_line_of_explanation(self):
        """The README and `cotrace info` are made from it."""
        for row in load().effective():
            assert row.doc
            assert "\n" not in row.doc

    def test_every_limit_can_be_set(self):
        """A limit without a setting would be one that no user can change."""
        keys = {row.key for row in load().effective()}

        assert {f"limits.{name}" for name in Limits.__slots__} <= keys


class TestCurrent:
    """What `current` remembers is what `load` would read, whatever changes in between."""

    @pytest.fixture(autouse=True)
    def forgotten(self, monkeypatch):
        monkeypatch.setattr(settings, "_remembered", [])

    @pytest.fixture
    def old(self, project):
        """Write the project's settings so that they look as if written a while ago."""

        def write(text, age=60):
            project(text)
            then = Path("pyproject.toml").stat().st_mtime - age
            os.utime("pyproject.toml", (then, then))

        return write

    def test_without_a_change_no_file_is_read_again(self, old, monkeypatch):
        old("[tool.cotrace]\nlimits.steps = 5\n")
        first = current()
        monkeypatch.setattr(settings, "load", None)

        assert current() is first
        assert first.steps == 5

    def test_a_changed_file_is_read_again(self, old):
        old("[tool.cotrace]\nlimits.steps = 5\n", age=60)
        assert current().steps == 5

        old("[tool.cotrace]\nlimits.steps = 7\n", age=50)
        assert current().steps == 7

    def test_a_file_that_was_written_just_now_is_not_trusted(self, project):
        """Its next change may fall into the same tick of the file system's clock."""
        for steps in range(5, 9):
            project(f"[tool.cotrace]\nlimits.steps = {steps}\n")
            assert current().steps == steps

    def test_a_file_that_comes_or_goes_is_seen(self, old, tmp_path):
        assert current().steps == Limits().steps
        old("[tool.cotrace]\nlimits.steps = 5\n")
        assert current().steps == 5

        (tmp_path / "project" / "pyproject.toml").unlink()
        assert current().steps == Limits().steps

    def test_another_folder_and_another_environment_are_seen(self, old, tmp_path, monkeypatch):
        old("[tool.cotrace]\nlimits.steps = 5\n")
        assert current().steps == 5
        monkeypatch.setenv("COTRACE_LIMITS_STEPS", "9")
        assert current().steps == 9

        monkeypatch.delenv("COTRACE_LIMITS_STEPS")
        monkeypatch.chdir(tmp_path)
        assert current().steps == Limits().steps

    def test_a_wrong_setting_is_told_each_time(self, old):
        old("[tool.cotrace]\nlimits.steps = 0\n")
        for _ in range(2):
            with pytest.raises(SettingsError, match=r"limits\.steps"):
                current()

    def test_a_folder_that_is_gone_is_told(self, tmp_path, monkeypatch):
        current()
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()

        with pytest.raises(SettingsError, match="current folder"):
            current()
