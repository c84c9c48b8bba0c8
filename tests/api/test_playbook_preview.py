"""`POST /v1/playbook/preview`: one answer, or lines that say how far it is; refused, given up and left in words."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api.dependencies import Limits
from api.preview_example import PREVIEW_EXAMPLE
from leads.what_if.report import Preview
from storage.engine import DatabaseAwayError
from storage.keys import Scope
from storage.playbooks import default_text
from storage.preview_reading import PreviewsBusyError
from tests.api.fakes import ADMIN, NOW, Api
from tests.api.preview_fakes import FakePreviews
from tests.eventually import eventually

PREVIEW = "/v1/playbook/preview"
LINES = {"Accept": "application/x-ndjson"}
DRAFT = {"source": default_text()}


async def test_one_answer_with_the_whole_preview() -> None:
    api = Api()
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT | {"since": "2026-01-01T00:00:00+01:00", "most_leads": 500})

    assert answer.status_code == 200
    found = Preview.model_validate(answer.json())
    assert (found.at, found.base, found.summary) == (NOW, 1, ["Nothing changes for 3 open leads."])
    asked = api.previews.asked[0]
    assert (asked.source, asked.most_leads) == (DRAFT["source"], 500)
    assert asked.since is not None
    assert asked.since == datetime(2025, 12, 31, 23, tzinfo=UTC)


async def test_lines_say_how_far_it_is_and_end_with_the_preview() -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT, headers=LINES)

    said = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert said[:2] == [{"progress": {"done": 0, "leads": 3}}, {"progress": {"done": 3, "leads": 3}}]
    assert [list(line) for line in said[2:]] == [["preview"]]
    assert Preview.model_validate(said[-1]["preview"]).base == 1


@pytest.mark.parametrize("headers", [{}, LINES], ids=["one answer", "lines"])
@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (PreviewsBusyError(), 429, "previews-busy"),
        (DatabaseAwayError("away"), 503, "store-away"),
    ],
)
async def test_what_keeps_it_from_beginning_is_a_problem(
    headers: dict[str, str], error: Exception, status: int, name: str
) -> None:
    api = Api(previews=FakePreviews(error=error, is_early=True))
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:leadloop:problem:{name}")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("headers", [{}, LINES], ids=["one answer", "lines"])
async def test_a_draft_with_faults_is_refused_as_publishing_does(headers: dict[str, str]) -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.post(PREVIEW, json={"source": "playbook: 2\n"}, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:leadloop:problem:invalid-playbook")
    assert answer.json()["faults"]


async def test_what_ends_it_midway_is_the_last_line() -> None:
    api = Api(previews=FakePreviews(error=DatabaseAwayError("away")))
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT, headers=LINES)

    last: dict[str, Any] = json.loads(answer.text.splitlines()[-1])
    assert answer.status_code == 200
    assert last["problem"]["type"] == "urn:leadloop:problem:store-away"


async def test_our_own_mistake_midway_is_said_without_its_words() -> None:
    api = Api(previews=FakePreviews(error=RuntimeError("ada@example.com")))
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT, headers=LINES)

    assert "internal-error" in answer.text.splitlines()[-1]
    assert "ada@example.com" not in answer.text


async def test_one_that_takes_too_long_is_given_up() -> None:
    api = Api(limits=Limits(preview_seconds=0.05), previews=FakePreviews(may_end=asyncio.Event()))
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT)

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:leadloop:problem:preview-too-long")
    assert api.previews.was_cancelled


async def test_a_caller_who_goes_away_ends_it() -> None:
    api = Api(previews=FakePreviews(may_end=asyncio.Event()))
    messages = [{"type": "http.request", "body": json.dumps(DRAFT).encode()}, {"type": "http.disconnect"}]
    headers = [(b"authorization", f"Bearer {ADMIN}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": PREVIEW, "query_string": b"", "headers": headers}
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(api.app(scope, receive, send), 10)

    await eventually(lambda: api.previews.was_cancelled, 5)
    assert sent == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2026-01-01"},
        {"since": 1767225600},
        {"most_leads": 0},
        {"most_leads": 100_001},
        {"most_leads": "10"},
        {"until": "2026-01-01T00:00:00Z"},
        {"source": ""},
    ],
    ids=str,
)
async def test_a_request_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    api = Api()
    async with api.client(ADMIN) as client:
        answer = await client.post(PREVIEW, json=DRAFT | wrong)

    assert (answer.status_code, api.previews.asked) == (400, [])


async def test_to_look_is_enough_to_ask_for_one() -> None:
    api = Api()
    api.keys.add("reader", "mira", Scope.PLAYBOOK_READ)
    api.keys.add("other", "web", Scope.LEADS_READ)
    async with api.client("reader") as reader, api.client("other") as other:
        assert (await reader.post(PREVIEW, json=DRAFT)).status_code == 200
        assert (await other.post(PREVIEW, json=DRAFT)).status_code == 403


def test_the_example_is_a_preview() -> None:
    assert Preview.model_validate(PREVIEW_EXAMPLE).model_dump(mode="json") == PREVIEW_EXAMPLE
