"""The examples that ship: programs that run, a notebook that runs, and ten records made by our own command.

``COTRACE_REWRITE_GOLDEN=1`` makes the records anew; look at the difference before you commit it.
"""

import os
from pathlib import Path

import nbformat
import pytest
from cotrace.cli import lab
from cotrace.dataset import Dataset
from nbclient import NotebookClient

EXAMPLES = lab.EXAMPLES
SAMPLE = EXAMPLES / "records.jsonl"
MAKE_ANEW = bool(os.environ.get("COTRACE_REWRITE_GOLDEN"))
CALLS = (
    ("insertion_sort", "sort([7, 3, 9, 4])"),
    ("change", "fewest_coins(8, [1, 4, 5])"),
    ("primes", "first(4, primes())"),
    ("shortest_path", "shortest_path((0, 0), (2, 2))"),
    ("hanoi", "move(2, 'left', 'right', 'middle')"),
    ("word_count", "most_common('the cat saw the dog')"),
    ("binary_search", "search([2, 3, 5, 7, 11, 13], 11)"),
    ("binary_search", "search([5, 2, 7], 2)"),
    ("roman", "to_number('XIV')"),
    ("bank", "transfer(Account('Ann', 50), Account('Bob', 20), 30)"),
)


@pytest.mark.slow
def test_the_sample_dataset_is_what_our_command_makes(cotrace, own_folders):
    for name, call in CALLS:
        assert cotrace("trace", str(EXAMPLES / f"{name}.py"), "--call", call).code == 0
        assert cotrace("dataset", "add", "--approve", "--no-trace", "--tag", name).code == 0
    made = Dataset(own_folders / "dataset.jsonl")
    if MAKE_ANEW:
        SAMPLE.write_bytes(made.path.read_bytes())

    shipped = list(Dataset(SAMPLE))

    assert [(record.code, record.call, record.answer) for record in shipped] == [
        (record.code, record.call, record.answer) for record in made
    ]


@pytest.mark.slow
def test_the_sample_dataset_is_valid_and_gives_its_answers_again():
    findings = Dataset(SAMPLE).validate(run=True)

    assert [finding.message for finding in findings if finding.severity == "error"] == []
    assert all(record.review.status == "approved" for record in Dataset(SAMPLE))
    assert sum(record.grounding.counts.contradicted for record in Dataset(SAMPLE)) == 0


@pytest.mark.newest
@pytest.mark.slow
def test_the_notebook_runs_from_its_top(own_folders):
    """One cell raises, as it says; nothing is left in the file that ships."""
    shipped = nbformat.read(EXAMPLES / lab.NOTEBOOK, 4)
    nbformat.validate(shipped)
    assert all(not cell.outputs for cell in shipped.cells if cell.cell_type == "code")
    ran = NotebookClient(shipped, timeout=120, resources={"metadata": {"path": str(own_folders)}}).execute()

    shown = [
        [output.output_type for output in cell.outputs]
        for cell in ran.cells
        if "%%cotrace" in cell.source[:9]
    ]
    assert shown == [
        ["execute_result", "display_data", "display_data"],
        ["error", "display_data", "display_data"],
    ]
    assert Path(lab.NOTEBOOK).exists() is False
