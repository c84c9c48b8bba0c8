import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest
import structlog
from fastapi import APIRouter
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.types import ASGIApp, Message

from api.dependencies import Limits
from tests.api.builders import BATCH, STRUCTURED, batch, event
from tests.api.fakes import ADMIN, SENDER, Api

PERSONAL = "ada@example.com"


def failing(error: Exception) -> Api:
    router = APIRouter()

    @router.get("/fail")
    async def fail() -> None:
        raise error

    return Api(extra={"routers": [router]})


async def chunks(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/validate", "/v1/keys"])
async def test_a_body_that_declares_too_much_is_413(path: str) -> None:
    async with Api(limits=Limits(max_body_bytes=1000)).client(ADMIN) as client:
        answer = await client.post(path, content=b"x" * 1001, headers=BATCH)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:leadloop:problem:too-large")


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/validate", "/v1/keys"])
async def test_a_chunked_body_is_cut_off_where_it_becomes_too_large(path: str) -> None:
    async with Api(limits=Limits(max_body_bytes=1000)).client(ADMIN) as client:
        headers = BATCH if "events" in path else {"Content-Type": "application/json"}
        answer = await client.post(path, content=chunks(100, 100), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:leadloop:problem:too-large")
    assert answer.headers["connection"] == "close"


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    body = batch(event())
    async with Api(limits=Limits(max_body_bytes=len(body))).client() as client:
        assert (await client.post("/v1/events", content=body, headers=BATCH)).status_code == 202


async def test_a_body_that_never_ends_is_408() -> None:
    sent: list[Message] = []
    first = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Message:
        return first.pop() if first else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {SENDER}".encode()), (b"content-type", STRUCTURED["Content-Type"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/events", "query_string": b"", "headers": headers}
    app: ASGIApp = Api(limits=Limits(body_seconds=0.01)).app
    await app(scope, receive, send)
    assert [message.get("status") for message in sent] == [408, None]


async def test_unknown_paths_and_methods_are_problems() -> None:
    async with Api().client() as client:
        missing, slash = await client.get("/v1/nothing"), await client.get("/v1/keys/")
        wrong = [await client.get("/v1/events"), await client.put("/v1/keys"), await client.options("/v1/events")]
    assert [(answer.status_code, answer.json()["type"]) for answer in (missing, slash)] == [
        (404, "urn:leadloop:problem:not-found")
    ] * 2
    assert [answer.status_code for answer in wrong] == [405, 405, 405]
    assert [answer.headers["allow"] for answer in wrong] == ["POST", "GET, HEAD, POST", "POST"]
    assert {answer.headers["content-type"] for answer in wrong} == {"application/problem+json"}


async def test_every_answer_carries_the_security_headers_and_no_cors() -> None:
    async with Api().client() as client:
        answers = [
            await client.get("/healthz", headers={"Origin": "https://evil.example"}),
            await client.get("/v1/nothing"),
            await client.post("/v1/events", content=b"x" * 2_000_000, headers=BATCH),
        ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "access-control-allow-origin" not in answer.headers


async def test_an_unexpected_error_is_500_and_its_words_stay_out_of_answer_and_log() -> None:
    with structlog.testing.capture_logs() as logs:
        async with failing(ValueError(PERSONAL)).client() as client:
            answer = await client.get("/fail")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:leadloop:problem:internal-error")
    assert answer.json()["instance"] == f"urn:uuid:{logs[0]['incident']}"
    assert (logs[0]["event"], logs[0]["error"]) == ("request_failed", "ValueError")
    assert PERSONAL not in answer.text + repr(logs)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError(PERSONAL, {}, Exception(PERSONAL)), 503),
        (IntegrityError(PERSONAL, {}, Exception(PERSONAL), connection_invalidated=True), 503),
        (IntegrityError(PERSONAL, {}, Exception(PERSONAL)), 500),
    ],
)
async def test_a_lost_database_is_503_while_our_own_mistake_stays_500(error: Exception, status: int) -> None:
    with structlog.testing.capture_logs() as logs:
        async with failing(error).client() as client:
            answer: httpx2.Response = await client.get("/fail")
    assert answer.status_code == status
    assert len(logs) == 1
    assert PERSONAL not in answer.text + repr(logs)


async def test_a_body_that_is_no_utf8_is_400_on_every_route() -> None:
    async with Api().client(ADMIN) as client:
        answer = await client.post("/v1/keys", content=b'{"a": "\xff"}', headers={"Content-Type": "application/json"})
        broken = await client.post("/v1/keys", content=b"{", headers={"Content-Type": "application/json"})
    assert [found.status_code for found in (answer, broken)] == [400, 400]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/validate", "/v1/keys", "/v1/playbook/revisions"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"])
async def test_a_packed_body_is_refused_unopened(path: str, encoding: str) -> None:
    # a megabyte of these unfolds to a gigabyte
    packed = gzip.compress(b" " * 1_000_000)
    async with Api().client(ADMIN) as client:
        answer = await client.post(path, content=packed, headers=BATCH | {"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:leadloop:problem:unsupported-media-type")
    assert answer.headers["accept-encoding"] == "identity"


async def test_a_body_that_says_it_is_not_packed_is_read() -> None:
    async with Api().client() as client:
        answer = await client.post(
            "/v1/events", content=batch(event()), headers=BATCH | {"Content-Encoding": "identity"}
        )
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/openapi.json", 200), ("/v1/keys", 200), ("/v1/nothing", 404), ("/v1/events", 405)],
)
async def test_head_is_get_without_its_body(path: str, status: int) -> None:
    async with Api().client(ADMIN) as client:
        got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (status, b"")
    assert (got.status_code, dict(got.headers)) == (head.status_code, dict(head.headers))
