"""`leadloop roster` against a running API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_cluster import TestCluster
from tests.workers.live_api import leadloop, running_api

ROWS = """person_id,name,email,manager,skills,teams
dora,Dora [bold],dora@example.com,mira,de;fr,sales=2
emil,Emil,emil@example.com,dora,,
"""


@pytest.fixture(scope="module")
def api(cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One for all tests here: each speaks of people of its own."""
    with cluster.database() as url, running_api(url, tmp_path_factory.mktemp("data")) as variables:
        yield variables


def asked(api: dict[str, str], *arguments: str) -> Any:
    done = leadloop(api, "roster", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_person_is_added_changed_emptied_and_shown(api: dict[str, str], tmp_path: Path) -> None:
    hours = tmp_path / "hours.json"
    hours.write_text('{"timezone": "Europe/Lisbon", "weekly": {"mon": [["09:00", "12:00"]]}}')

    made = leadloop(api, "roster", "set", "fay", "--name", "Fay", "--email", "fay@example.com", "--manager", "mira",
                    "--calendar", str(hours), "--skill", "pt", "--skill", "es", "--max-open-leads", "40")  # fmt: skip
    asked(api, "set", "fay", "--manager", "", "--max-open-leads", "")
    again = leadloop(api, "roster", "set", "fay", "--skill", "es", "--skill", "pt")
    leadloop(api, "roster", "join", "sales", "fay", "--weight", "3")
    shown = leadloop(api, "roster", "show", "fay").stdout

    assert (made.returncode, made.stdout) == (0, "'fay' is kept.\n")
    assert again.stdout == "Nothing changed: it stood like that already.\n"
    assert "sales (weight 3)" in shown
    assert "mon 09:00–12:00 (Europe/Lisbon)" in shown
    assert "manager" not in shown
    assert asked(api, "show", "fay")["person"]["skills"] == ["es", "pt"]
    assert "person fay changed: manager, max_open_leads" in leadloop(api, "roster", "changes", "--of", "fay").stdout


def test_a_team_is_made_lived_in_and_taken_away(api: dict[str, str]) -> None:
    asked(api, "team", "west", "--name", "West", "--member", "ana", "--member", "ben=2")
    asked(api, "leave", "west", "ana")
    listed = leadloop(api, "roster", "teams", "--member", "ben").stdout
    needed = leadloop(api, "roster", "remove-team", "sales")
    gone = leadloop(api, "roster", "remove-team", "west")

    assert "west  West: ben (weight 2)\n" in listed
    assert (needed.returncode, needed.stderr.count("\n")) == (2, 1)
    assert "publish a playbook without it first" in needed.stderr
    assert gone.returncode == 0
    assert [team["team_id"] for team in asked(api, "teams", "--member", "ben")] == ["sales"]


def test_an_absence_is_told_listed_and_taken_back(api: dict[str, str]) -> None:
    times = ("--from", "2098-12-21T00:00:00+01:00", "--until", "2098-12-28T00:00:00+01:00")
    told = leadloop(api, "roster", "absent", "cleo", *times, "--deputy", "ana")
    listed = leadloop(api, "roster", "absences", "--person", "cleo").stdout
    naive = leadloop(api, "roster", "absent", "cleo", "--from", "2098-12-21T00:00:00", "--until", "2098-12-28T00:00Z")
    [absence] = asked(api, "absences", "--person", "cleo")
    leadloop(api, "roster", "present", absence["absence_id"])

    assert told.stdout.startswith(
        "'cleo' is away from Sat 20 Dec 2098 23:00 UTC to Sat 27 Dec 2098 23:00 UTC: absence "
    )
    assert "cleo, Sat 20 Dec 2098 23:00 UTC to Sat 27 Dec 2098 23:00 UTC, ana stands in" in listed
    assert (naive.returncode, naive.stderr.count("\n")) == (2, 1)
    assert leadloop(api, "roster", "absences", "--person", "cleo").stdout == "Nobody is away.\n"


def test_a_file_is_imported_again_and_with_faults(api: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(ROWS)

    tried = leadloop(api, "roster", "import", str(file), "--dry-run")
    first = leadloop(api, "roster", "import", str(file))
    again = leadloop(api, "roster", "import", "-", given=ROWS)
    faulty = ROWS + "gina,Gina,no address,,,\n"
    refused = leadloop(api, "roster", "import", "-", given=faulty)
    parts = leadloop(api, "roster", "import", "-", "--partial", "--json", given=faulty)

    assert tried.stdout == "2 added, 0 changed, 0 unchanged, 0 refused. Nothing was written: a dry run.\n"
    assert (first.returncode, first.stdout) == (0, "2 added, 0 changed, 0 unchanged, 0 refused.\n")
    assert again.stdout == "0 added, 0 changed, 2 unchanged, 0 refused.\n"
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert refused.stdout.startswith("line 4, gina: email: ")
    assert (parts.returncode, json.loads(parts.stdout)["refused"]) == (1, 1)
    assert "dora  Dora [bold] <dora@example.com>, manager mira" in leadloop(api, "roster", "people").stdout


def test_who_leaves_is_told_with_what_still_hangs_on_them(api: dict[str, str]) -> None:
    done = leadloop(api, "roster", "left", "carl")

    assert done.stdout.splitlines() == [
        "'carl' is given nothing any more.",
        "! 'carl' is still the deputy of 1 active person.",
    ]
    assert [person["person_id"] for person in asked(api, "people", "--left")] == ["carl"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["show", "nobody"], "Neither a person nor a team has this id"),
        (["show", "../keys"], "Neither a person nor a team has this id"),
        (["left", "nobody"], "No person has this id"),
        (["set", "hans", "--name", "Hans"], "email: Field required"),
        (["set", "ana", "--manager", "nobody"], "manager: there is no person 'nobody' in the roster"),
        (["set", "ana", "--max-open-leads", "many"], "takes a whole number"),
        (["set", "ana", "--calendar", "/nowhere.json"], "cannot be read"),
        (["team", "sales", "--member", "ana=x"], "takes a whole number"),
        (["absent", "ana", "--from", "2098-01-02T00:00Z", "--until", "2098-01-01T00:00Z"], "until must be later"),
        (["present", "x"], "UUID"),
        (["import", "/nowhere.csv"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(api: dict[str, str], command: list[str], said: str) -> None:
    done = leadloop(api, "roster", *command)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
