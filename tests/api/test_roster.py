"""People over HTTP."""

from typing import Any

import pytest

from storage.keys import Scope
from storage.roster_kept import Fault, RosterError
from tests.api.fakes import ADMIN, SENDER, Api

PATH = "/v1/roster/people"
ANA: dict[str, Any] = {"name": "Ana Example", "email": "ana@example.com"}
OFFICE = {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:00"]]}}


async def test_a_person_is_added_read_changed_and_deactivated() -> None:
    async with Api().client(ADMIN) as client:
        added = await client.put(f"{PATH}/ana", json=ANA | {"calendar": OFFICE})
        shown = await client.get(f"{PATH}/ana")
        changed = await client.patch(f"{PATH}/ana", json={"skills": ["fr"], "calendar": None})
        left = await client.delete(f"{PATH}/ana")
        again = await client.delete(f"{PATH}/ana")
    assert [answer.status_code for answer in (added, shown, changed, left, again)] == [201, 200, 200, 200, 200]
    assert added.json()["person"] == shown.json()
    assert shown.json()["calendar"]["weekly"] == OFFICE["weekly"]
    assert added.headers["etag"] == shown.headers["etag"] != changed.headers["etag"]
    assert (changed.json()["person"]["skills"], changed.json()["person"]["calendar"]) == (["fr"], None)
    assert (left.json()["person"]["is_active"], left.json()["changed"]) == (False, True)
    assert again.json()["changed"] is False


async def test_what_is_there_is_replaced_only_with_the_etag_it_was_read_with() -> None:
    async with Api().client(ADMIN) as client:
        first = (await client.put(f"{PATH}/ana", json=ANA, headers={"If-None-Match": "*"})).headers["etag"]
        blind = await client.put(f"{PATH}/ana", json=ANA | {"skills": ["it"]})
        mine = await client.put(f"{PATH}/ana", json=ANA | {"skills": ["fr"]}, headers={"If-Match": f'"x", {first}'})
        theirs = await client.patch(f"{PATH}/ana", json={"name": "Anna"}, headers={"If-Match": first})
        weak = await client.patch(f"{PATH}/ana", json={}, headers={"If-Match": f"W/{mine.headers['etag']}"})
        anew = await client.put(f"{PATH}/ana", json=ANA, headers={"If-None-Match": "*"})
        lost = await client.put(f"{PATH}/bo", json=ANA, headers={"If-Match": "*"})
    assert [answer.status_code for answer in (blind, mine, theirs, weak, anew, lost)] == [428, 200, 412, 412, 412, 412]
    problem = theirs.json()
    assert problem["type"] == "urn:leadloop:problem:precondition-failed"
    assert (problem["etag"], problem["last_change"]["fields"]) == (mine.headers["etag"], ["skills"])
    assert problem["last_change"]["actor"] == "admin"


async def test_people_come_in_pages() -> None:
    found: list[str] = []
    after: str | None = None
    async with Api().client(ADMIN) as client:
        for name in ("cleo", "ana", "dora", "bo", "eve"):
            await client.put(f"{PATH}/{name}", json=ANA)
        await client.delete(f"{PATH}/bo")
        for _ in range(3):
            page = (await client.get(PATH, params={"limit": 2} | ({"after": after} if after else {}))).json()
            found += [person["person_id"] for person in page["people"]]
            after = page["next"]
        active = (await client.get(PATH, params={"active": "false"})).json()["people"]
    assert (found, after) == (["ana", "bo", "cleo", "dora", "eve"], None)
    assert [person["person_id"] for person in active] == ["bo"]


async def test_what_does_not_fit_the_roster_is_a_conflict_with_its_places() -> None:
    api = Api()
    api.roster.people.fault = RosterError(
        Fault("manager", "unknown_person", "there is no person 'x'"),
        Fault("calendar.holidays[0].country", "unknown_country", "no public holidays are known for it"),
    )
    async with api.client(ADMIN) as client:
        refused = await client.put(f"{PATH}/ana", json=ANA)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (409, "urn:leadloop:problem:roster-conflict")
    assert [error["pointer"] for error in problem["errors"]] == ["/manager", "/calendar/holidays/0/country"]
    assert problem["detail"] == "There is no person 'x'; no public holidays are known for it."


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"email": "ana at example"}, "/email"),
        ({"email": None}, "/email"),
        ({"calendar": OFFICE | {"timezone": "Mars/Base"}}, "/calendar/timezone"),
        ({"calendar": OFFICE | {"weekly": {"mon": [["9", "17:00"]]}}}, "/calendar/weekly/mon/0"),
        ({"max_open_leads": "40"}, "/max_open_leads"),
        ({"skills": ["\u0000"]}, "/skills/0"),
        ({"salary": 1}, "/salary"),
    ],
)
async def test_a_person_that_makes_no_sense_is_refused_with_the_place(change: dict[str, Any], pointer: str) -> None:
    async with Api().client(ADMIN) as client:
        put = await client.put(f"{PATH}/ana", json=ANA | change)
        await client.put(f"{PATH}/ana", json=ANA)
        patched = await client.patch(f"{PATH}/ana", json=change)
    for answer in (put, patched):
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadloop:problem:invalid-request")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_reading_takes_leads_read_and_changing_takes_admin() -> None:
    api = Api()
    api.keys.add("reader", "bi", Scope.LEADS_READ)
    api.keys.add("writer", "crm", Scope.LEADS_WRITE, Scope.LEADS_READ)
    async with api.client(SENDER) as sender, api.client("reader") as reader, api.client("writer") as writer:
        answers = [await sender.get(PATH), await reader.get(PATH), await writer.put(f"{PATH}/ana", json=ANA)]
        answers += [await writer.delete(f"{PATH}/ana"), await reader.get("/v1/roster/changes")]
    assert [answer.status_code for answer in answers] == [403, 200, 403, 403, 403]


async def test_somebody_nobody_knows_is_404_and_an_id_that_fits_no_path_400() -> None:
    async with Api().client(ADMIN) as client:
        unknown = [
            await client.get(f"{PATH}/x"),
            await client.patch(f"{PATH}/x", json={}),
            await client.delete(f"{PATH}/x"),
        ]
        bad = [await client.put(f"{PATH}/a%20b", json=ANA), await client.get(f"{PATH}/%00")]
    assert [answer.status_code for answer in (*unknown, *bad)] == [404, 404, 404, 400, 400]
