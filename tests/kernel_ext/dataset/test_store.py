"""A dataset: what is appended is there, changes are refused where they would lose somebody's work."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from cotrace.dataset import Dataset, DatasetWarning, rows
from cotrace.errors import (
    DuplicateError,
    RecordError,
    RevisionConflictError,
    StorageError,
    UnknownRecordError,
)
from cotrace.model.record import TraceReference

SHA = "ab" * 32


class TestAppend:
    def test_what_is_appended_is_read_back(self, dataset, make):
        """A record comes back as it was given, with an id, a first revision and a checksum."""
        record = make(3)

        done = dataset.append(record)

        [read] = dataset
        assert replace(read, id="", rev=0, crc="") == record
        assert (read.id, read.rev, len(read.crc)) == (done.id, 1, 8)

    def test_ids_sort_by_time_of_append(self, dataset, make):
        """Ids of appends that are milliseconds apart are in the order of the appends."""
        ids = []
        for number in range(3):
            ids.append(dataset.append(make(number)).id)
            time.sleep(0.003)

        assert ids == sorted(ids)

    def test_one_id_is_never_there_twice(self, dataset, make):
        """A record that brings an id along is refused if the dataset has it, and the file is as it was."""
        dataset.append(make(1, id="mine"))
        before = dataset.path.read_bytes()

        with pytest.raises(DuplicateError, match="expected new ids, found mine there already: use update"):
            dataset.append(make(2, id="mine"))
        assert dataset.path.read_bytes() == before

    def test_a_batch_is_all_or_nothing(self, dataset, make):
        """One record that can't be written keeps the whole batch out, and the message names the field."""
        with pytest.raises(RecordError, match="answer: expected a str, found 7"):
            dataset.append_many([make(1), make(2, answer=7)])

        assert len(dataset) == 0
        assert not dataset.path.exists()

    def test_a_broken_off_batch_can_be_repeated(self, dataset, make):
        """With skip_present, records that are in already are left out and the rest are added."""
        dataset.append_many([make(1, id="one"), make(2, id="two")])

        added = dataset.append_many(
            [make(number, id=name) for number, name in enumerate(("two", "three"))], skip_present=True
        )

        assert [done.id for done in added] == ["three"]
        assert [record.id for record in dataset] == ["one", "two", "three"]

    def test_same_question_about_same_code_is_a_duplicate(self, dataset, make):
        """duplicates_of finds records with the same code, call and question, whatever their reasoning."""
        first = dataset.append(make(1))
        dataset.append(make(2))

        found = dataset.duplicates_of(make(1, messages=()))

        assert [record.id for record in found] == [first.id]
        assert dataset.duplicates_of(dataset[first.id]) == ()


class TestRecordings:
    def test_a_recording_is_kept_by_content(self, dataset, make):
        """The bytes go to NAME.traces under the hash that the record names, once."""
        record = make(trace=TraceReference(sha256=SHA))

        first = dataset.append(record, b"recording")
        second = dataset.append(record, b"recording")

        assert first.trace == second.trace == dataset.trace_path(record)
        assert first.trace == dataset.path.parent / "examples.traces" / f"{SHA}.cotrace"
        assert first.trace.read_bytes() == b"recording"

    @pytest.mark.parametrize("name", ["", "../" * 3 + "a" * 55, "A" * 64])
    def test_a_hash_never_leads_out_of_the_folder(self, dataset, make, name):
        """A recording whose name is not a hash is refused before anything is written."""
        with pytest.raises(RecordError, match="expected 64 hexadecimal digits"):
            dataset.append(make(trace=TraceReference(sha256=name)), b"recording")

        assert list(dataset.path.parent.iterdir()) == []


class TestReading:
    def test_a_bad_line_is_told_and_the_others_are_read(self, dataset, make):
        """A damaged line is named with file and line; the records around it come."""
        dataset.append(make(1))
        with dataset.path.open("a") as file:
            file.write('{"id": "broken"\n')
        dataset.append(make(2))

        with pytest.warns(DatasetWarning, match=r"examples\.jsonl:2: expected one JSON object"):
            calls = [record.call for record in dataset]

        assert calls == ["f(1)", "f(2)"]

    def test_a_torn_last_line_is_not_read(self, dataset, make):
        """What a killed writer left behind is no record, and the next append moves it out of the way."""
        dataset.append(make(1))
        with dataset.path.open("a") as file:
            file.write('{"id":"torn","sch')

        assert len(list(dataset)) == 1
        done = dataset.append(make(2))
        assert done.torn.read_text() == '{"id":"torn","sch\n'
        assert [record.call for record in dataset] == ["f(1)", "f(2)"]

    def test_a_last_line_without_newline_is_a_record(self, dataset, make):
        """An editor that dropped the last newline loses no record, neither for reading nor for appending."""
        dataset.append(make(1))
        dataset.path.write_bytes(dataset.path.read_bytes().rstrip())

        assert len(list(dataset)) == 1
        assert dataset.append(make(2)).torn is None
        assert [record.call for record in dataset] == ["f(1)", "f(2)"]

    def test_reading_sees_what_was_there_when_it_began(self, dataset, make):
        """Records that are appended or removed during a reading change nothing for it."""
        first, *_ = dataset.append_many([make(number) for number in range(3)])
        reading = iter(dataset)
        next(reading)

        dataset.remove(first.id)
        dataset.append(make(9))

        assert [record.call for record in reading] == ["f(1)", "f(2)"]

    def test_a_missing_file_holds_no_records(self, dataset):
        """A dataset that nobody appended to is empty, and reading it makes no file."""
        assert list(dataset) == []
        assert len(dataset) == 0
        assert "x" not in dataset
        assert list(dataset.path.parent.iterdir()) == []

    def test_an_unknown_id_is_told(self, dataset, make):
        dataset.append(make())

        with pytest.raises(UnknownRecordError, match="expected a record with the id 'nobody', found none"):
            dataset["nobody"]


class TestUpdate:
    def test_a_change_is_one_more_revision(self, dataset, make):
        """The record is replaced in its place and comes back as it was written."""
        ids = [done.id for done in dataset.append_many([make(1), make(2), make(3)])]

        changed = dataset.update(replace(dataset[ids[1]], tags=("loops",)))

        assert changed.rev == 2
        assert dataset[ids[1]] == changed
        assert [record.id for record in dataset] == ids

    def test_a_change_of_what_somebody_else_changed_is_refused(self, dataset, make):
        """Two people read a record; the second to write is told, and the first one's work stays."""
        read = dataset[dataset.append(make(1)).id]
        dataset.update(replace(read, split="train"))

        with pytest.raises(RevisionConflictError, match=r"expected revision 1 of record .*, found 2"):
            dataset.update(replace(read, split="test"))
        assert dataset[read.id].split == "train"

    def test_many_changes_are_all_or_none(self, dataset, make):
        """One conflict keeps every change out."""
        one, two = dataset.append_many([make(1), make(2)])
        dataset.update(replace(dataset[two.id], split="test"))
        before = dataset.path.read_bytes()

        with pytest.raises(RevisionConflictError):
            dataset.update_many([replace(dataset[name.id], rev=1, split="train") for name in (one, two)])
        assert dataset.path.read_bytes() == before

    def test_fields_that_another_program_added_stay(self, dataset, make):
        """A field that is not ours survives a change of the record."""
        done = dataset.append(make(1))
        row = json.loads(dataset.path.read_text())
        dataset.path.write_text(json.dumps(row | {"curator": "Ada"}) + "\n")

        dataset.update(replace(dataset[done.id], split="train"))

        assert json.loads(dataset.path.read_text())["curator"] == "Ada"

    def test_permissions_stay(self, dataset, make):
        """The file that takes the old one's place has its mode."""
        done = dataset.append(make(1))
        dataset.path.chmod(0o640)

        dataset.update(dataset[done.id])

        assert dataset.path.stat().st_mode & 0o777 == 0o640

    def test_a_new_file_is_like_any_that_a_person_makes_and_a_recording_is_private(self, dataset, make):
        """The records are made to be passed on; the recording holds everything that the program ran with."""
        before = os.umask(0o022)
        try:
            done = dataset.append(make(1, trace=TraceReference("ab" * 32)), b"a recording")
        finally:
            os.umask(before)

        assert dataset.path.stat().st_mode & 0o777 == 0o644
        assert done.trace.stat().st_mode & 0o777 == 0o600

    def test_a_backup_is_as_private_as_its_file(self, dataset, make, monkeypatch):
        """There is no older schema yet: every row is taken for one of it."""
        dataset.append(make(1))
        dataset.path.chmod(0o600)
        monkeypatch.setattr(rows, "is_old", rows.is_row)
        monkeypatch.setattr(rows, "migrated", lambda line: line)

        backup = dataset.migrate()

        assert backup.read_bytes() == dataset.path.read_bytes()
        assert backup.stat().st_mode & 0o777 == 0o600

    def test_a_link_stays_a_link(self, dataset, make, tmp_path):
        """Through a symbolic link the file it points to is changed."""
        done = dataset.append(make(1))
        link = tmp_path / "link.jsonl"
        link.symlink_to(dataset.path)

        Dataset(link).update(replace(dataset[done.id], split="train"))

        assert link.is_symlink()
        assert dataset[done.id].split == "train"


class TestUndo:
    def test_undo_takes_back_my_last_record(self, dataset, make):
        """Each undo takes back one, newest first, and says which."""
        dataset.append_many([make(1), make(2), make(3)])

        assert dataset.undo().call == "f(3)"
        assert dataset.undo().call == "f(2)"
        assert [record.call for record in dataset] == ["f(1)"]

    def test_undo_leaves_what_others_appended_after(self, dataset, make):
        """A record that another process appended last stays; mine, before it, goes."""
        dataset.append(make(1))
        other = (
            "import sys; from cotrace.dataset import Dataset; from cotrace.model.record import Record\n"
            "Dataset(sys.argv[1]).append(Record(code='other'))"
        )
        subprocess.run([sys.executable, "-c", other, str(dataset.path)], check=True, timeout=60)

        assert dataset.undo().call == "f(1)"
        assert [record.code for record in dataset] == ["other"]

    def test_a_new_process_takes_back_its_users_last_record(self, dataset, make):
        """A command line that has appended nothing itself takes back what the same user appended."""
        dataset.append(make(1))
        undo = "import sys; from cotrace.dataset import Dataset; print(Dataset(sys.argv[1]).undo().call)"

        run = subprocess.run(
            [sys.executable, "-c", undo, str(dataset.path)],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )

        assert run.stdout == "f(1)\n"
        assert len(dataset) == 0

    def test_undo_with_nothing_of_mine_is_refused(self, dataset, make):
        """Records that somebody else put there are not mine to take back."""
        dataset.append(make(1))
        for note in dataset.path.parent.glob("*.mine"):
            note.unlink()

        with pytest.raises(UnknownRecordError, match="expected a record that you appended, found none"):
            dataset.undo()
        assert len(dataset) == 1


class TestPlacesThatCannotBeWritten:
    def test_a_folder_is_no_dataset(self, tmp_path, make):
        with pytest.raises(StorageError, match="expected the path of a JSONL file, found a folder"):
            Dataset(tmp_path).append(make())

        assert list(tmp_path.iterdir()) == []

    def test_a_missing_folder_is_told(self, tmp_path, make):
        with pytest.raises(StorageError, match="its folder does not exist: create the folder first"):
            Dataset(tmp_path / "no" / "x.jsonl").append(make())

    def test_a_circle_of_links_is_told(self, tmp_path, make):
        link = tmp_path / "round.jsonl"
        link.symlink_to(link)

        with pytest.raises(StorageError, match="symbolic links go round in a circle"):
            Dataset(link).append(make())
