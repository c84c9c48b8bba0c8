"""`leadloop report` on a terminal and for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.fakes import Api
from tests.api.test_reports import SPARED
from workers.cli_report import _show


@contextmanager
def shown(capsys: pytest.CaptureFixture[str], found: Any) -> Iterator[str]:
    _show(found)
    yield capsys.readouterr().out


async def answer(api: Api) -> Any:
    async with api.client("admin-secret") as client:
        return (await client.get("/v1/reports/shadow", params={"team": "sales", "since": "2026-06-01"})).json()


async def test_a_week_reads_as_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    api = Api()
    api.reports.reports["sales"] = SPARED
    with shown(capsys, json.loads(json.dumps(await answer(api)))) as page:
        assert page.splitlines() == [
            "What Sales was spared since Mon 1 Jun 2026",
            "It stands in shadow now. Weeks are those of UTC.",
            "",
            "WEEK OF MON 1 JUN 2026",
            "  3 notices would have gone out:",
            "    reply, half  owners 3",
            "  Promises broken: reply 2.",
            "  Leads that would have been given out: 4; 1 of them to the person who has them now.",
        ]


async def test_a_team_that_was_spared_nothing_reads_so(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"name": "Sales", "mode": "full", "since": "2026-06-01T00:00:00Z", "timezone": "UTC", "weeks": []}
    with shown(capsys, found) as page:
        assert page.splitlines()[-1] == "Nothing was held back."
