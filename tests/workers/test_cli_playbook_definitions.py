"""`leadloop playbook definitions` against a running API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_playbook_definitions import agreed
from tests.workers.live_api import leadloop, running_api


@pytest.fixture
def api(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    data = tmp_path / "data"
    data.mkdir()
    with running_api(database_url, data) as variables:
        yield variables


def test_words_are_published_read_printed_and_their_review_asked_for(api: dict[str, str], tmp_path: Path) -> None:
    before = leadloop(api, "playbook", "definitions")
    unknown = leadloop(api, "playbook", "publish", "-", "--comment", "agreed", given=agreed())
    for person in ("ana", "mo"):
        leadloop(api, "roster", "set", person, "--name", person.title(), "--email", f"{person}@sales.example")
    overdue = agreed().replace("2026-06-30", "2020-06-30")
    published = leadloop(api, "playbook", "publish", "-", "--comment", "agreed", given=overdue)
    shown = leadloop(api, "playbook", "definitions")
    page = tmp_path / "definitions.html"
    written = leadloop(api, "playbook", "definitions", "--html", str(page))
    nowhere = leadloop(api, "playbook", "definitions", "--html", str(tmp_path / "no" / "page.html"))
    told = json.loads(leadloop(api, "playbook", "definitions", "--json").stdout)

    assert "Nobody has written down yet what the words mean" in before.stdout
    assert "there is no person 'mo' in the roster" in unknown.stderr
    assert published.returncode == 0, published.stderr
    assert published.stderr.startswith("The definitions were to be reviewed by 2020-06-30")
    assert "  A person who could buy.\n" in shown.stdout
    assert (written.returncode, "A person who could buy." in page.read_text()) == (0, True)
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (2, 1)
    assert told["marketing_owner"] == {"person": "mo", "name": "Mo"}
    doctor = leadloop(api, "doctor", "--json")
    assert any(check["name"] == "playbook" and check["verdict"] == "note" for check in json.loads(doctor.stdout))


def test_a_revision_that_is_not_there_is_one_line(api: dict[str, str]) -> None:
    missing = leadloop(api, "playbook", "definitions", "9")

    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
