import json
from typing import Any

import pytest

from api.dependencies import Limits
from storage.keys import Scope
from tests.api.builders import BATCH, STRUCTURED, batch, event, numbered
from tests.api.fakes import SENDER, Api


async def post(
    api: Api, body: bytes, headers: dict[str, str] | None = None, query: str = "", secret: str = SENDER
) -> tuple[int, dict[str, Any]]:
    async with api.client(secret) as client:
        answer = await client.post(f"/v1/events{query}", content=body, headers=headers or BATCH)
    content: dict[str, Any] = answer.json()
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert (content["status"], content["type"][:20]) == (answer.status_code, "urn:leadloop:problem")
    return answer.status_code, content


def counted(api: Api, result: str, event_type: str = "lead.captured") -> float:
    return api.metric("leadloop_ingest_events_total", type=event_type, result=result)


async def test_a_structured_event_is_stored_and_answered_with_its_receipt() -> None:
    api = Api()
    status, answer = await post(api, json.dumps(event()).encode(), STRUCTURED)
    lead_id = answer["events"][0]["lead_id"]
    assert status == 202
    assert answer == {
        "accepted": 1,
        "duplicates": 0,
        "events": [{"id": "form-1", "lead_id": lead_id, "sequence": 1, "duplicate": False}],
    }
    assert [(fact.id, fact.actor) for fact in api.journal.events] == [("form-1", "web")]


async def test_a_binary_event_is_stored() -> None:
    api = Api()
    data = event()
    headers = {f"ce-{name}": data[name] for name in ("specversion", "id", "source", "type", "time")}
    headers |= {"ce-subject": "L%201", "ce-leadbackfill": "true", "Content-Type": "application/json"}
    status, answer = await post(api, json.dumps(data["data"]).encode(), headers)
    assert (status, answer["accepted"]) == (202, 1)
    assert [(fact.subject, fact.backfill) for fact in api.journal.events] == [("L 1", True)]


async def test_a_batch_is_answered_in_the_order_sent() -> None:
    api = Api()
    status, answer = await post(api, batch(*numbered(1000)))
    assert (status, answer["accepted"], answer["duplicates"]) == (202, 1000, 0)
    assert [receipt["id"] for receipt in answer["events"]] == [f"form-{number}" for number in range(1000)]
    assert counted(api, "accepted") == 1000


async def test_an_empty_batch_is_a_success_that_stores_nothing() -> None:
    api = Api()
    assert await post(api, b"[]") == (202, {"accepted": 0, "duplicates": 0, "events": []})


async def test_an_event_of_an_account_has_no_lead() -> None:
    api = Api()
    _, answer = await post(api, batch(event(type="account.updated", data={"owner": "eva"})))
    assert answer["events"][0]["lead_id"] is None


async def test_a_repeat_is_a_success_that_changes_nothing() -> None:
    api = Api()
    _, first = await post(api, batch(event()))
    status, second = await post(api, batch(event(), event(id="form-2")))
    assert (status, second["accepted"], second["duplicates"]) == (202, 1, 1)
    assert second["events"][0] == first["events"][0] | {"duplicate": True}
    assert (counted(api, "accepted"), counted(api, "duplicate")) == (2, 1)


async def test_a_known_id_with_other_content_is_a_named_and_counted_conflict() -> None:
    api = Api()
    await post(api, batch(event()))
    status, answer = await post(api, batch(event(subject="L-2"), event(id="form-2")))
    assert (status, answer["type"]) == (409, "urn:leadloop:problem:events-conflict")
    assert [(problem["index"], problem["id"], problem["code"]) for problem in answer["events"]] == [
        (0, "form-1", "conflict")
    ]
    assert len(api.journal.stored) == 1
    assert (counted(api, "conflict"), counted(api, "withheld")) == (1, 1)


async def test_one_invalid_event_keeps_the_whole_request_out_with_a_reason() -> None:
    api = Api()
    status, answer = await post(api, batch(event(), event(id="form-2", type="x"), event(id="form-3", time="soon")))
    assert (status, answer["type"]) == (400, "urn:leadloop:problem:invalid-events")
    assert [(problem["index"], problem["id"], problem["code"], problem["pointer"]) for problem in answer["events"]] == [
        (1, "form-2", "unknown_type", "/type"),
        (2, "form-3", "invalid_attribute", "/time"),
    ]
    assert api.journal.calls == 0
    assert (counted(api, "withheld"), counted(api, "invalid"), counted(api, "invalid", "other")) == (1, 1, 1)


async def test_partial_stores_the_valid_events_and_returns_the_rest_one_by_one() -> None:
    api = Api()
    await post(api, batch(event(id="old")))
    status, answer = await post(
        api,
        batch(event(), event(id=""), event(id="old", subject="L-2"), event(id="form-3"), event(id="form-3")),
        query="?partial=true",
    )
    assert (status, answer["accepted"], [receipt["id"] for receipt in answer["events"]]) == (
        202,
        2,
        ["form-1", "form-3"],
    )
    assert [(problem["index"], problem["code"]) for problem in answer["rejected"]] == [
        (1, "invalid_attribute"),
        (2, "conflict"),
        (4, "repeated"),
    ]
    assert {key[1] for key in api.journal.stored} == {"old", "form-1", "form-3"}


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([event(id="")], 400),
        ([event(id="old", subject="L-2")], 409),
        ([event(id="old", subject="L-2"), event(id="")], 400),
    ],
)
async def test_partial_with_nothing_to_store_is_refused_like_a_whole_request(
    events: list[dict[str, Any]], status: int
) -> None:
    api = Api()
    await post(api, batch(event(id="old")))
    assert (await post(api, batch(*events), query="?partial=true"))[0] == status


@pytest.mark.parametrize("query", ["?partial=maybe", "?partial=", "?partial=true&partial=false"])
async def test_partial_is_true_or_false(query: str) -> None:
    assert (await post(Api(), batch(event()), query=query))[0] == 400


async def test_a_key_that_may_not_speak_for_a_source_is_told_which_event() -> None:
    api = Api()
    api.keys.add("crm-secret", "crm", Scope.EVENTS_WRITE, sources=["/crm"])
    status, answer = await post(api, batch(event(source="/crm"), event()), secret="crm-secret")
    assert (status, answer["type"]) == (403, "urn:leadloop:problem:source-not-allowed")
    assert [problem["index"] for problem in answer["events"]] == [1]
    assert api.journal.calls == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[{]", b'{"a": "\xff"}', b"[NaN]", b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_400(body: bytes) -> None:
    status, answer = await post(Api(), body)
    assert (status, answer["type"]) == (400, "urn:leadloop:problem:bad-json")


async def test_too_many_events_are_413() -> None:
    api = Api()
    status, _ = await post(api, batch(*numbered(1001)))
    assert (status, api.journal.calls) == (413, 0)


async def test_a_store_that_is_away_is_503_and_says_when_to_try_again() -> None:
    api = Api()
    api.journal.away = True
    async with api.client() as client:
        answer = await client.post("/v1/events", content=batch(event()), headers=BATCH)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:leadloop:problem:store-away"
    assert counted(api, "withheld") == 1


async def test_the_time_bound_follows_the_clock_and_its_setting() -> None:
    api = Api(limits=Limits())
    early = batch(event(time="2026-03-02T09:36:00Z"))
    assert (await post(api, early))[0] == 400
    api.clock.pass_by(minutes=1)
    assert (await post(api, early))[0] == 202


async def test_validate_says_of_each_event_what_would_happen_and_stores_nothing() -> None:
    api = Api()
    await post(api, batch(event()))
    events = [event(), event(subject="L-2"), event(id="form-2"), event(id="form-3", data=1)]
    async with api.client() as client:
        # one request each: the second repeats the first one's id
        answers = [
            (await client.post("/v1/events/validate", content=batch(each), headers=BATCH)).json() for each in events
        ]
    assert [answer["events"][0]["outcome"] for answer in answers] == ["duplicate", "conflict", "new", "invalid"]
    assert [answer["events"][0]["problems"] == [] for answer in answers] == [True, True, True, False]
    assert answers[3]["events"][0]["problems"][0]["pointer"] == "/data"
    assert {name: answers[0][name] for name in ("new", "duplicates", "conflicts", "invalid")} == {
        "new": 0,
        "duplicates": 1,
        "conflicts": 0,
        "invalid": 0,
    }
    assert len(api.journal.stored) == 1


async def test_event_types_have_a_schema_each() -> None:
    async with Api().client() as client:
        answer = await client.get("/v1/event-types")
    types = answer.json()["event_types"]
    assert answer.status_code == 200
    assert types["lead.captured"]["schema"]["required"] == ["source"]
    assert (types["account.updated"]["stream"], types["lead.won"]["stream"]) == ("account", "lead")
    assert set(types["person.absent"]["schema"]["required"]) == {"from", "until"}


async def test_answer_times_are_measured_by_status() -> None:
    api = Api()
    await post(api, batch(event()))
    await post(api, b"{")
    assert api.metric("leadloop_ingest_seconds_count", status="202") == 1
    assert api.metric("leadloop_ingest_seconds_count", status="400") == 1
    assert api.metric("leadloop_ingest_batch_events_sum") == 1
