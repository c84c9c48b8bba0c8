"""Teams, absences and changes over HTTP."""

from typing import Any

import pytest

from tests.api.fakes import ADMIN, Api

ID = "0199f0c5-0000-7000-8000-000000000001"
TEAMS, ABSENCES = "/v1/roster/teams", "/v1/roster/absences"
SALES: dict[str, Any] = {"name": "Sales", "members": [{"person": "ana"}]}
AWAY = {"person": "ana", "from": "2026-12-21T00:00:00+01:00", "until": "2026-12-28T00:00:00+01:00"}


async def test_members_come_change_and_go_one_by_one() -> None:
    async with Api().client(ADMIN) as client:
        made = await client.put(f"{TEAMS}/sales", json=SALES)
        await client.put(f"{TEAMS}/sales/members/bo", json={"weight": 2})
        heavier = await client.put(f"{TEAMS}/sales/members/ana", json={"weight": 3})
        stale = await client.put(f"{TEAMS}/sales/members/x", json={}, headers={"If-Match": made.headers["etag"]})
        gone = await client.delete(f"{TEAMS}/sales/members/bo")
        again = await client.delete(f"{TEAMS}/sales/members/bo")
    assert heavier.json()["team"]["members"] == [{"person": "ana", "weight": 3}, {"person": "bo", "weight": 2}]
    assert gone.json()["team"]["members"] == [{"person": "ana", "weight": 3}]
    assert [answer.status_code for answer in (made, heavier, stale, gone, again)] == [201, 200, 412, 200, 404]


async def test_a_team_is_replaced_changed_listed_and_taken_away() -> None:
    async with Api().client(ADMIN) as client:
        made = await client.put(f"{TEAMS}/sales", json=SALES)
        blind = await client.put(f"{TEAMS}/sales", json={"name": "Other"})
        whole = await client.put(f"{TEAMS}/sales", json={"name": "S"}, headers={"If-Match": made.headers["etag"]})
        changed = await client.patch(f"{TEAMS}/sales", json={"members": [{"person": "bo"}]})
        listed = await client.get(TEAMS, params={"member": "bo"})
        shown = await client.get(f"{TEAMS}/sales")
        gone = await client.delete(f"{TEAMS}/sales", headers={"If-Match": changed.headers["etag"]})
        missing = [await client.get(f"{TEAMS}/sales"), await client.delete(f"{TEAMS}/sales")]
    assert [answer.status_code for answer in (made, blind, whole, changed, gone, *missing)] == [
        *(201, 428, 200, 200, 204, 404, 404)
    ]
    assert whole.json()["team"]["members"] == []
    assert listed.json()["teams"] == [shown.json()]
    assert shown.headers["etag"] == changed.headers["etag"]


async def test_a_person_twice_in_a_team_is_refused() -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.put(f"{TEAMS}/sales", json={"name": "S", "members": [{"person": "a"}, {"person": "a"}]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "member_twice"


async def test_an_absence_is_told_once_changed_and_taken_back() -> None:
    async with Api().client(ADMIN) as client:
        told = await client.post(ABSENCES, json=AWAY)
        again = await client.post(ABSENCES, json=AWAY)
        path = f"{ABSENCES}/{told.json()['absence']['absence_id']}"
        blind = await client.put(path, json=AWAY | {"deputy": "bo"})
        changed = await client.put(path, json=AWAY | {"deputy": "bo"}, headers={"If-Match": told.headers["etag"]})
        shown = await client.get(path)
        gone = await client.delete(path)
        missing = [await client.get(path), await client.delete(path), await client.put(path, json=AWAY)]
    assert [answer.status_code for answer in (told, again, blind, changed, gone)] == [201, 200, 428, 200, 204]
    assert [answer.status_code for answer in missing] == [404, 404, 404]
    assert again.json()["changed"] is False
    assert shown.headers["etag"] == changed.headers["etag"]
    assert shown.json() == changed.json()["absence"]
    assert (shown.json()["deputy"], shown.json()["origin"]) == ("bo", "urn:leadloop:roster")
    assert shown.json()["from"] == "2026-12-20T23:00:00Z"


async def test_absences_come_in_pages() -> None:
    found: list[str] = []
    after: str | None = None
    async with Api().client(ADMIN) as client:
        for day in (3, 1, 2):
            await client.post(ABSENCES, json=AWAY | {"from": f"2026-12-0{day}T00:00:00Z"})
        for _ in range(2):
            page = (await client.get(ABSENCES, params={"limit": 2} | ({"after": after} if after else {}))).json()
            found += [absence["from"][:10] for absence in page["absences"]]
            after = page["next"]
    assert (found, after) == (["2026-12-01", "2026-12-02", "2026-12-03"], None)


@pytest.mark.parametrize("after", ["x", "~", f"2026-12-01T00:00:00~{ID}", f"2026-12-01T00:00:00Z~{ID}x"])
async def test_a_page_nobody_gave_out_is_refused(after: str) -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.get(ABSENCES, params={"after": after})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/after")


@pytest.mark.parametrize("change", [{"until": "2026-12-01T00:00:00Z"}, {"until": "2028-01-01T00:00:00Z"}])
async def test_an_absence_reversed_or_too_long_is_refused(change: dict[str, str]) -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.post(ABSENCES, json=AWAY | change)
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:leadloop:problem:invalid-request")


async def test_who_changed_what_is_told_the_newest_first() -> None:
    async with Api().client(ADMIN) as client:
        await client.put(f"{TEAMS}/sales", json=SALES, headers={"Leadloop-Actor": "opal"})
        await client.patch(f"{TEAMS}/sales", json={"name": "S"})
        await client.post(ABSENCES, json=AWAY)
        newest = (await client.get("/v1/roster/changes", params={"limit": 1})).json()
        older = (await client.get("/v1/roster/changes", params={"before": newest["next"]})).json()
        of_team = (await client.get("/v1/roster/changes", params={"kind": "team", "subject": "sales"})).json()
    assert [(change["kind"], change["subject"]) for change in newest["changes"]] == [("absence", "ana")]
    assert older["changes"] == of_team["changes"]
    assert [(change["what"], change["actor"], change["fields"]) for change in of_team["changes"]] == [
        ("changed", "admin", ["name"]),
        ("added", "opal", ["name", "members"]),
    ]


async def test_no_team_is_called_as_the_metrics_call_those_that_are_not_in_the_roster() -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.put(f"{TEAMS}/other", json={"name": "Other"})
        taken = await client.put(f"{TEAMS}/others", json={"name": "Other"})
    [error] = refused.json()["errors"]
    assert (refused.status_code, taken.status_code) == (400, 201)
    assert error["detail"] == "'other' stands in the metrics for teams not in the roster: choose another id"
