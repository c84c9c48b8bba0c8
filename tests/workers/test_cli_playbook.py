"""`leadloop playbook` against a running API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.playbooks import default_text
from tests.workers.live_api import leadloop, running_api


@pytest.fixture
def api(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    data = tmp_path / "data"
    data.mkdir()
    with running_api(database_url, data) as variables:
        yield variables


def test_what_is_shown_can_be_edited_published_and_looked_back_on(api: dict[str, str], tmp_path: Path) -> None:
    shown = leadloop(api, "playbook", "show")
    assert (shown.returncode, shown.stdout) == (0, default_text())
    edited = tmp_path / "edited.yaml"
    edited.write_text(shown.stdout.replace("PT15M", "PT10M"))

    published = leadloop(api, "playbook", "publish", str(edited), "--comment", "ten minutes [sales]")
    back = leadloop(api, "playbook", "publish", "-", "--comment", "back", "--json", given=shown.stdout)

    assert published.stdout.startswith("Revision 2 is published; it comes into force at ")
    assert (back.returncode, json.loads(back.stdout)["number"]) == (0, 3)
    assert "PT10M" in leadloop(api, "playbook", "show", "2").stdout
    told = json.loads(leadloop(api, "playbook", "history", "--json", "--limit", "2").stdout)
    assert [(r["number"], r["comment"]) for r in told] == [(3, "back"), (2, "ten minutes [sales]")]
    assert "ten minutes [sales]" in leadloop(api, "playbook", "history").stdout


def test_a_playbook_with_faults_is_refused_with_each_of_them(api: dict[str, str], tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(default_text().replace("mode: full", "mode: loud").replace("calendar: office", "calendar: home"))

    checked = leadloop(api, "playbook", "validate", str(faulty), "--json")
    refused = leadloop(api, "playbook", "publish", str(faulty), "--comment", "hasty")

    assert (checked.returncode, json.loads(checked.stdout)["valid"]) == (1, False)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "mode: Input should be" in refused.stderr


def test_checking_needs_no_running_system(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text(default_text())
    checked = leadloop({}, "playbook", "validate", str(good))
    assert (checked.returncode, checked.stdout) == (
        0,
        "This playbook can be published, if the roster has its teams: that is checked when it is.\n",
    )


@pytest.mark.parametrize("command", [["show"], ["history"], ["publish", "-", "--comment", "x"]])
def test_without_a_running_system_it_is_one_line_and_exit_2(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("leadloop_0_none")
    done = leadloop({"LEADLOOP_DATA_DIR": str(tmp_path), "LEADLOOP_PORT": "1"}, "playbook", *command)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "start one with leadloop up" in done.stderr
