"""Doors that are shut: every route asks for its key, no key speaks for another, and nothing is fetched or obeyed."""

import ast
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from activities.letters import Letters
from leads.events import EVENTS
from storage.keys import Scope
from tests.api.builders import BATCH, STRUCTURED, batch, event
from tests.api.fakes import Api
from tests.hostile.fields import places, put, sample
from tests.hostile.house import NOW, House
from workers.http_server import listen

ROOT = Path(__file__).parents[2]
ROOMS = ("leads", "workflows", "activities", "storage", "api", "workers")
FILLED = {"{lead_id}": "01990000-0000-7000-8000-000000000001", "{key_id}": "x", "{number}": "1"}
OPEN = {("GET", "/healthz"), ("GET", "/readyz")}


def operations() -> Iterator[tuple[str, str]]:
    for path, methods in Api().app.openapi()["paths"].items():
        yield from ((method.upper(), path) for method in methods)


OPERATIONS = sorted(operations())


async def asked(api: Api, secret: str | None, method: str, path: str) -> Any:
    for placeholder, value in FILLED.items():
        path = path.replace(placeholder, value)
    async with api.client(secret) as client:
        return await client.request(method, path)


@pytest.mark.parametrize(("method", "path"), [each for each in OPERATIONS if each not in OPEN])
async def test_every_route_asks_for_a_key_with_its_scope(method: str, path: str) -> None:
    api = Api()
    api.keys.add("nothing", "nobody")
    without, wrong = await asked(api, None, method, path), await asked(api, "guessed", method, path)
    lacking = await asked(api, "nothing", method, path)
    assert (without.status_code, wrong.status_code, lacking.status_code) == (401, 401, 403)

    needed = Scope(lacking.json()["missing_scope"])
    api.keys.add("others", "others", *(scope for scope in Scope if scope not in (needed, Scope.ADMIN)))
    api.keys.add("fitting", "fitting", needed)
    assert (await asked(api, "others", method, path)).status_code == 403
    assert (await asked(api, "fitting", method, path)).status_code not in (401, 403)
    assert api.journal.calls == 0


def test_there_is_no_route_beside_those_described() -> None:
    described = {path for _, path in OPERATIONS} | {"/openapi.json"}
    assert {route.path for route in Api().app.routes if isinstance(route, Route)} <= described
    assert {each for each in OPERATIONS if each in OPEN} == OPEN


@pytest.mark.parametrize(
    "source",
    [
        "/crm",
        "/web/forms/",
        "/WEB/FORMS",
        "/web%2Fforms",
        "/web/./forms",
        "//web/forms",
        "/web/forms?x",
        "/web/forms#x",
    ],
)
@pytest.mark.parametrize("mode", ["structured", "batch", "binary"])
async def test_a_key_of_one_source_cannot_write_as_another(source: str, mode: str) -> None:
    api = Api()
    api.keys.add("forms", "forms", Scope.EVENTS_WRITE, sources=["/web/forms"])
    sent = event(source=source)
    headers = {f"ce-{name}": str(value) for name, value in sent.items() if name != "data"}
    ways: dict[str, tuple[bytes, dict[str, str]]] = {
        "structured": (json.dumps(sent).encode(), STRUCTURED),
        "batch": (batch(event(source="/web/forms"), sent), BATCH),
        "binary": (json.dumps(sent["data"]).encode(), headers | {"Content-Type": "application/json"}),
    }
    content, given = ways[mode]
    async with api.client("forms") as client:
        answer = await client.post("/v1/events", content=content, headers=given)
    # percent-encoded once in a header, it is the key's own
    if source == "/web%2Fforms" and mode == "binary":
        assert [fact.source for fact in api.journal.events] == ["/web/forms"]
        return
    assert (answer.status_code, api.journal.events) == (403, [])
    assert answer.json()["type"] == "urn:leadloop:problem:source-not-allowed"


ABSURD = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59")


@pytest.mark.parametrize("type_", EVENTS)
async def test_absurd_instants_are_refused_wherever_an_instant_stands(type_: str) -> None:
    instants = [
        name
        for name, field in EVENTS[type_].model_json_schema(by_alias=True)["properties"].items()
        if "date-time" in json.dumps(field)
    ]
    events = [
        event(id=f"{name} {text}", type=type_, data=put(sample(EVENTS[type_]), (name,), text))
        for name in instants
        for text in ABSURD
    ]
    events += [event(id=f"time {text}", type=type_, data=sample(EVENTS[type_])) | {"time": text} for text in ABSURD]
    api = Api()
    async with api.client() as client:
        answer = await client.post("/v1/events?partial=true", content=batch(*events), headers=BATCH)
    assert (answer.status_code, api.journal.events) == (400, [])
    assert len({problem["index"] for problem in answer.json()["events"]}) == len(events)


async def test_an_address_in_any_field_is_never_asked(house: House) -> None:
    with closing(listen("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        sent = [
            event(id=f"{type_} {place}", type=type_, data=put(sample(model), place, address), time=NOW.isoformat())
            for type_, model in EVENTS.items()
            for place in places(model, is_open=True)
        ]
        sent += [event(id="schema", dataschema=address, time=NOW.isoformat()), event(id="extension", callback=address)]
        [answer] = await house.send(sent)
        for lead_id in {receipt["lead_id"] for receipt in answer["events"] if receipt["lead_id"]}:
            await house.steps.take_step(lead_id, NOW)
        holidays = f"calendars: {{office: {{timezone: UTC, weekly: {{}}, holidays: [{{ical: '{address}'}}]}}}}"
        refused = await house.client.post("/v1/playbook/revisions", json={"source": holidays, "comment": address})

        assert len(answer["events"]) > len(EVENTS)
        assert refused.status_code == 400
        # a connection that somebody had opened would be waiting
        with pytest.raises(BlockingIOError):
            listener.accept()


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


ASKS = re.compile(r"(httpx2?|requests|aiohttp|urllib3|urllib\.request|http\.client|ftplib|socket|smtplib|aiosmtplib)$")
MAY_ASK = {
    "activities/integrations/smtp.py",  # the mail server of the settings
    "workers/api_client.py", "workers/cli_demo.py", "workers/demo/http.py", "workers/preview_call.py",  # our own API
    "workers/http_server.py", "workers/api_process.py",  # listen
}  # fmt: skip


def test_only_these_files_open_connections() -> None:
    found = {path for path, tree in trees() if any(ASKS.match(name) for name in imported(tree))}
    # the local stack speaks with programs it has started itself
    assert {path for path in found if not path.startswith("workers/local_stack/")} == MAY_ASK


def test_templates_come_from_files_and_escape_what_they_are_given() -> None:
    made = Letters(None, "leadloop.example")._templates
    assert callable(made.autoescape)
    assert (made.autoescape("x.html"), made.autoescape("x.txt")) == (True, False)
    calls = {
        (path, node.func.attr)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_string"
    }
    assert calls == set()
    # what is called safe is a literal of the template's own
    folder = ROOT / "activities" / "templates"
    assert not [path for path in folder.iterdir() if re.search(r'[^"\s]\s*\|\s*safe|autoescape', path.read_text())]


SECRET = re.compile(r"secret|token|signature|password|digest|hmac|mac\b", re.IGNORECASE)
NO_SECRET = {"storage/posting.py", "storage/corrections.py", "workers/importing/run.py"}
"""Compare what an event holds with what it held before; that digest is nobody's secret."""


def test_what_is_secret_is_compared_in_constant_time() -> None:
    plain = {
        path
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True)
        if isinstance(operator, ast.Eq | ast.NotEq)
        and not any(isinstance(side, ast.Constant) for side in (left, right))
        and any(SECRET.search(ast.unparse(side)) for side in (left, right))
    }
    assert plain <= NO_SECRET
    keys = ast.unparse(dict(trees())["storage/keys.py"])
    assert "hmac.compare_digest(row.digest, _digest(secret))" in keys


def test_a_listener_that_nobody_asked_raises() -> None:
    # the check above rests on it
    with closing(listen("127.0.0.1", 0)) as listener, closing(socket.socket()) as other:
        other.connect(listener.getsockname())
        listener.settimeout(5)
        accepted, _ = listener.accept()
        accepted.close()
