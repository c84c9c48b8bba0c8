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


def test_two_people_at_once_a_diff_and_the_way_back(api: dict[str, str]) -> None:
    quicker = default_text().replace("first_touch: {target: PT15M,", "first_touch: {target: PT10M,")
    change = "  segment hot, first_touch, target: PT15M → PT10M"
    compared = leadloop(api, "playbook", "diff", "-", given=quicker)
    first = leadloop(api, "playbook", "publish", "-", "--comment", "quicker", "--as", "mira", given=quicker)
    second = leadloop(
        api,
        "playbook",
        "publish",
        "-",
        "--comment",
        "late",
        "--base",
        "1",
        given=default_text().replace("PT2M", "PT3M"),
    )
    back = leadloop(api, "playbook", "rollback", "1", "--comment", "too quick", "--base", "2")

    assert compared.stdout.splitlines() == ["From revision 1 to the draft:", change]
    assert first.stdout.splitlines()[1:] == [
        "Promises under way finish under the target they have.",
        "From revision 1 to revision 2:",
        change,
    ]
    assert (second.returncode, second.stderr) == (
        2,
        (f"leadloop: Published meanwhile: revision 2 by mira (quicker); the newest is revision 2; {change.strip()}\n"),
    )
    assert back.stdout.startswith("Revision 3 is published; ")
    assert leadloop(api, "playbook", "show").stdout == default_text()
    assert leadloop(api, "playbook", "diff", "1", "3").stdout == "Revision 1 says the same.\n"
    assert json.loads(leadloop(api, "playbook", "diff", "2", "--json").stdout)["changes"][0]["new"] == "PT10M"
    told = leadloop(api, "playbook", "history", "--changes").stdout.splitlines()
    assert [line.partition(", ")[0] for line in told] == [
        "Revision 3",
        "  segment hot",
        "Revision 2",
        "  segment hot",
        "Revision 1",
    ]
    assert told[0].endswith(": revision 1 again: too quick")
    assert ", mira: quicker" in told[2]


FIVE = {
    "calendar: office": "calendar: home",
    "field: raised_hand, op: present": "field: attributes.relation, op: eq, value: customer",
    "at: 50%": "at: due-PT1H",
    "reassign: true, max_hops: 2": "reassign: true",
    "team: sales": "team: salez",
}
"""What spoils the default playbook in five ways."""
FIVE_TOLD = [
    "line 6, calendar: there is no calendar 'home'; define it under calendars",
    "line 31, segments.0.team: there is no team 'salez' in the roster",
    "line 42, segments.1.when: no lead gets here: whatever matches this matches segment 'known' (segments.0) first",
    "line 148, ladders.hot.0.at: lies before the start of segments.1.promises.first_touch.target, which is only PT15M",
    "line 151, ladders.hot.3.max_hops: is missing; without a bound leads go round: say how many hops one may make",
]


def spoilt() -> str:
    text = default_text()
    for right, wrong in FIVE.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    return text


def test_a_draft_with_five_faults_is_refused_with_five_located_reasons(api: dict[str, str], tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(spoilt())

    checked = leadloop(api, "playbook", "validate", str(faulty))
    for_programs = leadloop(api, "playbook", "validate", str(faulty), "--json")
    refused = leadloop(api, "playbook", "publish", str(faulty), "--comment", "hasty")

    assert (checked.returncode, checked.stdout.splitlines()) == (1, FIVE_TOLD)
    assert [fault["line"] for fault in json.loads(for_programs.stdout)["faults"]] == [6, 31, 42, 148, 151]
    assert (refused.returncode, refused.stderr.splitlines()) == (2, ["leadloop: " + "; ".join(FIVE_TOLD)])
    assert len(json.loads(leadloop(api, "playbook", "history", "--json").stdout)) == 1


def test_checking_needs_no_running_system_but_then_asks_no_roster(tmp_path: Path) -> None:
    elsewhere = {"LEADLOOP_DATA_DIR": str(tmp_path)}
    good = leadloop(elsewhere, "playbook", "validate", "-", given=default_text())
    bad = leadloop(elsewhere, "playbook", "validate", "-", given=spoilt())

    assert (good.returncode, good.stdout.startswith("This playbook can be published, if the roster has")) == (0, True)
    assert (bad.returncode, bad.stdout.splitlines()) == (1, [line for line in FIVE_TOLD if "roster" not in line])


def test_the_schema_for_editors_is_printed_without_a_running_system() -> None:
    printed = leadloop({}, "playbook", "schema")
    assert "segments" in json.loads(printed.stdout)["properties"]


@pytest.mark.parametrize(
    "command",
    [["show"], ["history"], ["publish", "-", "--comment", "x"], ["rollback", "1", "--comment", "x"], ["diff", "2"]],
)
def test_without_a_running_system_it_is_one_line_and_exit_2(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("leadloop_0_none")
    done = leadloop({"LEADLOOP_DATA_DIR": str(tmp_path), "LEADLOOP_PORT": "1"}, "playbook", *command)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "start one with leadloop up" in done.stderr
