"""Bulk lists over HTTP: announced, shown, changed with their version, held up."""

from tests.api.fakes import ADMIN, SENDER, Api

LISTS = "/v1/lists"
ENDED = {"event_ended_at": "2026-03-01T17:00:00+01:00", "marketing_owner": "max"}


async def test_a_list_is_announced_shown_and_changed() -> None:
    async with Api().client(ADMIN) as client:
        made = await client.put(f"{LISTS}/expo", json=ENDED)
        blind = await client.put(f"{LISTS}/expo", json={})
        changed = await client.put(
            f"{LISTS}/expo", json=ENDED | {"per_rep_a_day": 5}, headers={"If-Match": made.headers["etag"]}
        )
        shown = await client.get(f"{LISTS}/expo")
        listed = await client.get(LISTS)
        missing = await client.get(f"{LISTS}/webinar")
    assert [answer.status_code for answer in (made, blind, changed, shown, listed, missing)] == [
        *(201, 428, 200, 200, 200, 404)
    ]
    assert (changed.json()["per_rep_a_day"], shown.json()["said"]["per_rep_a_day"]) == (5, 5)
    assert shown.headers["etag"] == changed.headers["etag"] != made.headers["etag"]
    assert shown.json()["upload"]["due_at"] == "2026-03-03T18:00:00Z"  # Sunday evening: Monday and Tuesday
    assert listed.json() == {"lists": [shown.json()], "next": None}


async def test_a_release_is_paused_resumed_and_cancelled_for_good() -> None:
    async with Api().client(ADMIN) as client:
        await client.put(f"{LISTS}/expo", json={})
        paused, resumed, cancelled = [
            await client.post(f"{LISTS}/expo/{order}") for order in ("pause", "resume", "cancel")
        ]
        again, unknown = await client.post(f"{LISTS}/expo/resume"), await client.post(f"{LISTS}/webinar/pause")
    assert [answer.json()["state"] for answer in (paused, resumed, cancelled)] == ["paused", "open", "cancelled"]
    assert paused.json()["state_by"] == "admin"
    assert (again.status_code, again.json()["type"]) == (409, "urn:leadloop:problem:list-cancelled")
    assert unknown.status_code == 404


async def test_names_and_fields_that_are_none_are_refused() -> None:
    async with Api().client(ADMIN) as client:
        name = await client.put(f"{LISTS}/Expo%202026", json={})
        naive = await client.put(f"{LISTS}/expo", json={"event_ended_at": "2026-03-01T17:00:00"})
        misspelt = await client.put(f"{LISTS}/expo", json={"owner": "max"})
    assert [answer.status_code for answer in (name, naive, misspelt)] == [400, 400, 400]


async def test_a_sender_of_events_may_not_read_or_stop_them() -> None:
    async with Api().client(SENDER) as client:
        shown, paused = await client.get(f"{LISTS}/expo"), await client.post(f"{LISTS}/expo/pause")
    assert [shown.status_code, paused.status_code] == [403, 403]
