"""What an admin decides for one team, and what is as for everybody."""

from collections.abc import Callable
from typing import Any

import pytest

from leads.playbook import Playbook
from leads.playbook_check import check
from leads.playbook_names import Known
from leads.playbook_teams import NoticeMode
from tests.leads.test_playbook import Document, changed, document

ROSTER = Known(teams=frozenset({"sales", "closers", "partners"}), people=frozenset())


def of_teams(**teams: Any) -> Callable[[Document], Any]:
    return lambda d: d.update(teams=teams)


def playbook(**teams: Any) -> Playbook:
    document_ = document()
    document_["calendars"]["berlin"] = document_["calendars"]["office"] | {"timezone": "Europe/Berlin"}
    return Playbook.model_validate(document_ | {"mode": "notify_owner", "teams": teams})


def test_a_team_has_its_own_mode_and_calendar_or_those_of_the_playbook() -> None:
    book = playbook(closers={"mode": "shadow"}, sales={"calendar": "berlin"})

    assert [book.mode_of(team) for team in ("closers", "sales", "partners", None)] == [
        NoticeMode.SHADOW, NoticeMode.NOTIFY_OWNER, NoticeMode.NOTIFY_OWNER, NoticeMode.NOTIFY_OWNER,
    ]  # fmt: skip
    assert [book.calendar_of(team) for team in ("closers", "sales", None)] == ["office", "berlin", "office"]


def test_a_team_is_named_as_in_the_roster() -> None:
    assert playbook(**{"DACH-1@example.com": {"mode": "shadow"}}).mode_of("DACH-1@example.com") is NoticeMode.SHADOW


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (of_teams(marz={"mode": "full"}), "teams.marz: there is no team 'marz' in the roster"),
        (of_teams(marz={}), "teams.marz: there is no team 'marz' in the roster"),
        (of_teams(sales={"mode": "loud"}), "teams.sales.mode: must be 'shadow', 'notify_owner' or 'full'"),
        (
            of_teams(sales={"calendar": "mars"}),
            "teams.sales.calendar: there is no calendar 'mars'; define it under calendars",
        ),
        (of_teams(sales={"moed": "full"}), "teams.sales.moed: there is no such key"),
        (of_teams(sales="full"), "teams.sales: must be a mapping"),
        (lambda d: d.update(teams=["sales"]), "teams: must be a mapping"),
    ],
)
def test_one_mistake_is_one_fault_at_its_place(change: Callable[[Document], Any], said: str) -> None:
    assert [f"{fault.place}: {fault.reason}" for fault in check(changed(change), ROSTER)[1]] == [said]


def test_a_team_that_no_roster_could_have_is_told_with_what_to_do() -> None:
    faults = check(changed(of_teams(**{"a team": {}})))[1]
    assert [f"{fault.place}: {fault.reason}" for fault in faults] == [
        "teams.a team: must be the id of a team in the roster"
    ]
