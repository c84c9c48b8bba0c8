"""Reading leads over HTTP."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx2
import pytest

from leads.state import Outcome
from leads.telling.words import Names
from storage.clock_rows import clock_rows
from storage.hand_off_rows import hand_off_rows
from storage.keys import Scope
from storage.queries import ClockState, LeadFilter, StoredLead
from storage.timelines import Timeline, TimelineLine
from tests.api.fakes import ADMIN, SENDER, Api
from tests.api.lead_fakes import AT, LEAD, detail, lead_row
from tests.builders import Story, at, captured, fact, raised, touched

PATH = f"/v1/leads/{LEAD}"
OTHER = UUID("01990000-0000-7000-8000-00000000ffff")


async def get(api: Api, path: str, secret: str = ADMIN, **headers: str) -> httpx2.Response:
    async with api.client(secret) as client:
        return await client.get(path, headers=headers)


def told_story() -> Story:
    story = Story()
    story.step(at(10), captured(at(10)), raised(at(10)))
    return story


def as_read(rows: dict[str, dict[str, Any]]) -> list[Any]:
    return [SimpleNamespace(**row) for row in rows.values()]


async def test_leads_come_in_pages_the_newest_first() -> None:
    api = Api()
    api.leads.rows = [lead_row(lead_id=UUID(int=number)) for number in range(1, 6)]
    found: list[str] = []
    after = ""
    for _ in range(3):  # 5 leads in pages of 2
        page = (await get(api, f"/v1/leads?limit=2{after}")).json()
        found += [lead["lead_id"] for lead in page["leads"]]
        after = f"&after={page['next']}"
    assert found == [str(UUID(int=number)) for number in (5, 4, 3, 2, 1)]
    assert page["next"] is None


async def test_every_filter_reaches_the_query() -> None:
    api = Api()
    asked = (
        "stage=assigned&team=sales&owner=ana&source=website&clock=first_touch&clock_state=overdue&ignored=true"
        "&stuck=false&untouched=true&subject=L-1&system=crm"
    )
    assert (await get(api, f"/v1/leads?{asked}")).status_code == 200
    assert api.leads.asked == [
        LeadFilter(
            stage="assigned", team="sales", owner="ana", source="website", clock="first_touch",
            clock_state=ClockState.OVERDUE, ignored=True, stuck=False, untouched=True, subject="L-1", system="crm",
        )
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", [*Outcome, "running", "overdue"])
async def test_promises_can_be_asked_for_by_every_outcome(outcome: str) -> None:
    api = Api()
    assert (await get(api, f"/v1/leads?clock=first_touch&clock_state={outcome}")).status_code == 200
    assert [asked.clock_state for asked in api.leads.asked] == [outcome]


@pytest.mark.parametrize(
    "query",
    [
        "stage=sold", "clock=tea", "clock_state=late", "ignored=perhaps", "limit=0", "limit=201", "after=first",
        "owner=", "owner=a%00b", "satge=won", "subject=" + "x" * 1025,
    ],
)  # fmt: skip
async def test_a_filter_or_cursor_that_makes_no_sense_is_refused_with_its_place(query: str) -> None:
    answer = await get(Api(), f"/v1/leads?{query}")
    content = answer.json()
    assert (answer.status_code, content["type"]) == (400, "urn:leadloop:problem:invalid-request")
    assert [(error["in"], error["pointer"]) for error in content["errors"]] == [
        ("query", f"/{query.split('=', maxsplit=1)[0]}")
    ]


async def test_a_lead_carries_a_tag_and_is_sent_again_only_when_it_changed() -> None:
    api = Api()
    api.leads.details[LEAD] = detail()
    first = await get(api, PATH)
    tag = first.headers["etag"]
    same = [await get(api, PATH, **{"If-None-Match": given}) for given in (tag, f'"x", W/{tag}', "*")]
    api.leads.details[LEAD] = detail(updated_at=AT + timedelta(seconds=1))
    changed = await get(api, PATH, **{"If-None-Match": tag})

    assert (first.status_code, first.json()["owner"], first.json()["unread"]) == (200, "ana", 1)
    assert first.headers["cache-control"] == "private, no-cache"
    assert [(answer.status_code, answer.content, answer.headers["etag"]) for answer in same] == [(304, b"", tag)] * 3
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_one_lead_comes_with_its_hand_offs_and_what_its_promises_hang_on() -> None:
    api, story = Api(), told_story()
    story.step(at(20), touched(at(15), connected=True))
    story.step(at(21), fact("lead.assigned", at(21), owner="carl", team="closers", by="ana"))
    story.lead.lead_id = str(LEAD)
    handed, promised = (as_read(rows(story.lead, at(21))) for rows in (hand_off_rows, clock_rows))
    api.leads.details[LEAD] = replace(detail(is_counted=False), hand_offs=handed, clocks=promised)
    told = (await get(api, PATH)).json()

    rep, closer = told["hand_offs"]
    assert (rep["number"], rep["kind"], rep["result"], rep["conversed_at"]) == (
        1, "marketing_to_rep", "passed_on", "2026-06-01T09:15:00Z",
    )  # fmt: skip
    assert (closer["giver"], closer["sourced_by"], closer["owner"], closer["is_ignored"]) == (
        "ana", rep["id"], "carl", False,
    )  # fmt: skip
    of = {clock["clock"]: (clock["hand_off"], clock["subject"]) for clock in told["clocks"]}
    assert of["accept"] == (closer["id"], None)
    assert of["stage"][1] == "working"
    assert told["is_counted"] is False


async def test_a_timeline_speaks_in_sentences_and_names_what_was_taken_back() -> None:
    api, story = Api(), told_story()
    entries = {entry.ref: entry for entry in story.journal}
    told: list[TimelineLine] = []
    for number, (key, happening) in enumerate(story.timeline.items(), start=1):
        line: dict[str, Any] = {"kind": happening.kind, "data": happening.data, "at": happening.at}
        entry = entries.get(key.partition(":")[2]) if happening.kind in ("fact", "decision") else None
        told.append(TimelineLine(number=number, key=key, recorded_at=at(11), entry=entry, **line))
    last = told[-1]
    told.append(
        TimelineLine(
            number=last.number + 1, key="corrected:x", at=last.at, recorded_at=at(12), kind="corrected",
            data={"corrects": last.key}, original=last,
        )
    )  # fmt: skip
    names = Names({"ana": "Ana Huber"}, {"sales": "Sales"})
    api.leads.timelines[LEAD] = Timeline(
        told, has_more=False, names=names, shelf=story.shelf, revision=1, segment="hot"
    )
    page = (await get(api, f"{PATH}/timeline?limit=4")).json()
    rest = (await get(api, f"{PATH}/timeline?after={page['next']}&limit=200")).json()

    assert [line["sentence"] for line in page["lines"]] == [
        "The lead came in from “website”.",
        "Now captured.",
        "Promised: moving on from “captured” by Tue 2 Jun 09:10.",
        "The buyer asked for a demo.",
    ]
    assert (page["timezone"], page["next"], page["lines"][0]["heard_at"]) == ("UTC", 4, "2026-06-01T09:10:00Z")
    said = [line["sentence"] for line in rest["lines"]]
    assert "Promised: first touch by Mon 1 Jun 09:25." in said
    assert "Leadloop gave it to Ana Huber." in said
    assert said[-1] == f"Taken back: {said[-2]}"
    assert (rest["lines"][-1]["corrects"], rest["next"]) == (last.number, None)


async def test_an_explanation_is_served_whole() -> None:
    api, story = Api(), told_story()
    api.clock.at = at(13)
    api.leads.states[LEAD] = StoredLead(
        lead=story.lead, journal=story.journal, shelf=story.shelf, names=Names({"ana": "Ana Huber"}), unread=1
    )
    answer = await get(api, f"{PATH}/explain")
    told = answer.json()

    assert answer.status_code == 200
    assert told["summary"].startswith("Ana Huber has this lead and has not reached out yet.")
    assert {promise["clock"] for promise in told["promises"]} == {"speed_to_lead", "assign", "first_touch", "stage"}
    assert (told["unread"], told["stage"]["because"]["type"]) == (1, "assigned")


@pytest.mark.parametrize("below", ["", "/timeline", "/explain"])
async def test_an_unknown_lead_is_404_and_an_id_that_is_none_is_400(below: str) -> None:
    api = Api()
    unknown, none = await get(api, f"/v1/leads/{OTHER}{below}"), await get(api, f"/v1/leads/L-1{below}")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:leadloop:problem:not-found")
    assert (none.status_code, none.json()["errors"][0]["in"]) == (400, "path")


@pytest.mark.parametrize("path", ["/v1/leads", PATH, f"{PATH}/timeline", f"{PATH}/explain"])
async def test_reading_needs_its_scope_and_a_database(path: str) -> None:
    api = Api()
    api.keys.add("reader", "bi", Scope.LEADS_READ)
    api.leads.away = True
    refused, away = await get(api, path, SENDER), await get(api, path, "reader")
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "leads:read")
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")


def test_a_version_tells_every_change_a_reader_can_see() -> None:
    seen = {
        detail().version,
        detail(updated_at=AT + timedelta(microseconds=1)).version,
        detail(wake_at=None).version,
        replace(detail(), last_sequence=4).version,
    }
    assert len(seen) == 4
