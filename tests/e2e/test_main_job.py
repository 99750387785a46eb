"""The main job on real input, from source to an appended and checked record: by the command line and in a kernel.

The programs are the package's own examples and, where the corpora are, twenty programs of other people's.
"""

from dataclasses import dataclass
from pathlib import Path

import cotrace
import pytest
from corpora.items import ABSENT, ARE_HERE, programs
from cotrace.cli.main import main
from cotrace.dataset import Dataset

EXAMPLES = Path(cotrace.__file__).parent / "examples"
OWN = (
    ("insertion_sort", "sort([7, 3, 9, 4])"),
    ("change", "fewest_coins(8, [1, 4, 5])"),
    ("word_count", "most_common('the cat saw the dog')"),
    ("binary_search", "search([2, 3, 5, 7, 11, 13], 11)"),
    ("roman", "to_number('XIV')"),
)
CHOSEN = {
    "cruxeval": ("sample_41", "sample_581", "sample_318", "sample_376", "sample_490", "sample_437"),
    "humaneval": ("81/1", "119/1", "111/2", "130/1", "111/0"),
    "mbpp": ("649/0", "545/0", "41/0", "686/0", "28/0"),
    "pyedu_toy": ("12079", "6844", "4188", "4948"),
}

pytestmark = [pytest.mark.slow, pytest.mark.newest]


@dataclass(frozen=True)
class Job:
    code: str
    call: str

    @property
    def function(self):
        return self.call.partition("(")[0]


def own_programs():
    return [Job((EXAMPLES / f"{name}.py").read_text(), call) for name, call in OWN]


def programs_of_others():
    if not ARE_HERE:
        pytest.skip(ABSENT)
    found = []
    for name, wanted in CHOSEN.items():
        items = {item["id"]: item for item in programs([name])}
        found += [Job(items[f"{name}/{key}"]["code"], items[f"{name}/{key}"]["call"]) for key in wanted]
    return found


@pytest.fixture(params=[own_programs, programs_of_others], ids=["our examples", "the corpora"])
def jobs(request):
    return request.param()


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """Return a function that runs a command in a folder of its own; the programs it traces are real children."""
    monkeypatch.setenv("COTRACE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COTRACE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(arguments)
        said = capfd.readouterr()
        assert code == 0, f"{arguments}: {said.out}{said.err}"

    return run


def test_by_the_command_line(command, jobs, tmp_path):
    for number, job in enumerate(jobs):
        (tmp_path / f"p{number}.py").write_text(job.code)
        trace, told = f"p{number}.cotrace", f"p{number}.txt"
        command("trace", f"p{number}.py::{job.function}", "--call", job.call, "-o", trace)
        command("narrate", trace, "-o", told)
        command("check", told, trace)
        command("dataset", "add", trace, "--dataset", "d.jsonl", "--approve")
    command("dataset", "validate", "--dataset", "d.jsonl", "--run")

    records = list(Dataset(tmp_path / "d.jsonl"))
    assert len(records) == len(jobs)
    assert all(record.review.status == "approved" for record in records)
    assert all(record.grounding.counts.contradicted == 0 for record in records)


def test_in_one_kernel(run_notebook, jobs, tmp_path):
    """Each program is defined in one cell and called in the next, which is recorded, told and appended."""
    path = tmp_path / "d.jsonl"
    cells = ["%load_ext cotrace"]
    for job in jobs:
        cells += [job.code, f"%%cotrace --narrate --dataset {path}\n{job.call}"]
    outputs = run_notebook(cells)

    records = list(Dataset(path))
    assert [output for cell in outputs for output in cell if output["output_type"] == "error"] == []
    assert len(records) == len(jobs)
    assert all(record.grounding.counts.contradicted == 0 for record in records)
    assert [f.message for f in Dataset(path).validate(run=True) if f.severity == "error"] == []
