"""Recordings of released builds stay as they are: not one is taken away, nor changed with what it gave."""

from pathlib import Path

import pytest

from tests.histories.manifest import NEVER_REPLACED, add, missing_or_altered, unlisted
from tests.histories.record import FOLDER


def test_no_recording_of_a_released_build_is_missing_or_altered() -> None:
    wrong = missing_or_altered(FOLDER)
    assert not wrong, "\n".join(wrong)


def test_every_recording_is_listed() -> None:
    assert not unlisted(FOLDER), "recordings are made and listed by python -m tests.histories.record"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "won.json").write_text("a life")
    (tmp_path / "won.commands").write_text("what it gave")
    add(tmp_path, unlisted(tmp_path))
    return tmp_path


def test_a_recording_that_is_taken_away_is_missed(folder: Path) -> None:
    (folder / "won.json").unlink()
    assert missing_or_altered(folder) == [f"won.json is missing: {NEVER_REPLACED}"]


@pytest.mark.parametrize("name", ["won.json", "won.commands"])
def test_one_that_is_recorded_anew_under_its_name_is_noticed_and_cannot_be_listed_again(
    folder: Path, name: str
) -> None:
    (folder / name).unlink()
    (folder / name).write_text("another")
    assert not unlisted(folder)
    add(folder, [name])
    assert missing_or_altered(folder) == [f"{name} is altered: {NEVER_REPLACED}"]


def test_one_that_is_added_beside_it_is_listed_after_it(folder: Path) -> None:
    (folder / "won.2.json").write_text("another life")
    assert unlisted(folder) == ["won.2.json"]
    add(folder, unlisted(folder))
    assert (unlisted(folder), missing_or_altered(folder)) == ([], [])
