"""Reports over HTTP."""

from datetime import UTC, date, datetime

import pytest

from leads.playbook_teams import NoticeMode
from storage.shadow_report import ShadowReport, Spared, SparedNotices
from tests.api.fakes import ADMIN, SENDER, Api
from tests.api.lead_fakes import lead_row

SPARED = ShadowReport(
    team="sales",
    name="Sales",
    mode=NoticeMode.SHADOW,
    since=datetime(2026, 6, 1, tzinfo=UTC),
    until=datetime(2026, 6, 9, tzinfo=UTC),
    timezone="UTC",
    weeks=[
        Spared(
            week=date(2026, 6, 1),
            notices=[
                SparedNotices(mode="shadow", role="owner", template="warning", clock="reply", rung="half", count=3)
            ],
            breaches=[("reply", 2)],
            given_out=4,
            as_the_crm=1,
        )
    ],
)


async def test_a_team_hears_what_it_was_spared() -> None:
    api = Api()
    api.reports.reports["sales"] = SPARED
    async with api.client(ADMIN) as client:
        answer = await client.get("/v1/reports/shadow", params={"team": "sales", "since": "2026-06-01"})

    assert answer.status_code == 200
    assert api.reports.asked == [("sales", date(2026, 6, 1))]
    assert answer.json()["mode"] == "shadow"
    assert answer.json()["weeks"] == [
        {
            "week": "2026-06-01",
            "notices": [
                {"mode": "shadow", "role": "owner", "template": "warning", "clock": "reply", "rung": "half", "count": 3}
            ],
            "breaches": [{"clock": "reply", "count": 2}],
            "given_out": 4, "as_the_crm": 1, "reassigned": 0, "back_to_queue": 0,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "status", "name"),
    [
        ({"team": "marz", "since": "2026-06-01"}, 404, "not-found"),
        ({"team": "sales", "since": "June"}, 400, "invalid-request"),
        ({"team": "sales", "since": "1780272000"}, 400, "invalid-request"),
        ({"team": "sales"}, 400, "invalid-request"),
        ({"since": "2026-06-01"}, 400, "invalid-request"),
        ({"team": "a team", "since": "2026-06-01"}, 400, "invalid-request"),
    ],
)
async def test_what_cannot_be_reported_is_refused(params: dict[str, str], status: int, name: str) -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.get("/v1/reports/shadow", params=params)

    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, name)


async def test_a_sender_reads_no_reports() -> None:
    async with Api().client(SENDER) as client:
        answer = await client.get("/v1/reports/shadow", params={"team": "sales", "since": "2026-06-01"})
    assert answer.status_code == 403


async def test_lists_and_pages_say_that_a_lead_stands_in_shadow() -> None:
    api = Api()
    api.leads.rows = [lead_row()]
    async with api.client(ADMIN) as client:
        before = (await client.get("/v1/leads")).json()["leads"][0]["mode"]
        api.leads.mode["sales"] = NoticeMode.SHADOW
        after = (await client.get("/v1/leads")).json()["leads"][0]["mode"]

    assert (before, after) == ("full", "shadow")
