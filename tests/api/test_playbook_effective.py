"""The playbook of one team over HTTP, and on a terminal."""

from typing import Any

import pytest

from storage.playbooks import default_text
from tests.api.fakes import ADMIN, SENDER, Api
from workers.cli_playbook_effective import show

IN_SHADOW = default_text().replace("\nteams: {}", "\nteams: {sales: {mode: shadow}}")


async def asked(status: int = 200, secret: str = ADMIN, **params: Any) -> Any:
    api = Api()
    await api.playbooks.publish(IN_SHADOW, author="mira", comment="shadow", now=api.clock())
    async with api.client(secret) as client:
        answer = await client.get("/v1/playbook/effective", params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_each_value_says_where_it_comes_from() -> None:
    found = await asked(team="sales")

    assert (found["team"], found["name"], found["revision"]) == ("sales", "Sales", 1)
    assert found["values"][0] == {
        "path": "team.mode", "value": "shadow", "origin": "team", "of_all": "full", "text": "team, mode: shadow",
    }  # fmt: skip
    by_path = {value["path"]: value for value in found["values"]}
    assert by_path["segments.hot.promises.first_touch.target"] == {
        "path": "segments.hot.promises.first_touch.target", "value": "PT15M", "origin": "revision", "of_all": None,
        "text": "segment hot, first_touch, target: PT15M",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (404, {"team": "marz"}),
        (404, {"team": "sales", "revision": 7}),
        (400, {}),
        (400, {"team": "sales", "revision": 0}),
        (400, {"team": "no team"}),
    ],
)
async def test_what_is_not_there_is_refused(status: int, params: dict[str, Any]) -> None:
    await asked(status, **params)


async def test_a_sender_does_not_read_it() -> None:
    await asked(403, SENDER, team="sales")


async def test_a_terminal_shows_what_is_the_teams_own(capsys: pytest.CaptureFixture[str]) -> None:
    show(await asked(team="sales"))
    page = capsys.readouterr().out.splitlines()

    assert page[0] == "What revision 1 of the playbook says for Sales"
    assert page[1].startswith("1 of its ")
    assert page[2].endswith(" more go without saying: --all shows them.")
    assert page[4:7] == ["TEAM", "  team, mode: shadow  [team; for all full]", "  team, calendar: office  [revision 1]"]
    assert "[default]" not in "".join(page)
