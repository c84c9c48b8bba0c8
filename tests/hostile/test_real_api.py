"""Generated requests against the real app on its real database, over a real connection: every answer as described."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from storage.engine import create_engine
from storage.journal import Journal
from storage.keys import KeyStore, Scope
from tests.hostile.house import NOW, PATIENCE, House, open_house
from tests.hostile.test_every_field import event
from tests.postgres_cluster import TestCluster
from tests.workers.served_api import served

EXAMPLES = 12
"""Of each operation and of each kind, good and bad."""
CHECKED = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip


@pytest.fixture(scope="module")
def real(cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where it is served, an admin's key, and the id of a lead."""

    async def furnished(url: str) -> dict[str, str]:
        async with open_house(url) as house:
            sent = [
                event("lead.captured", "asked", {"source": "x", "name": "Ada"}),
                event("lead.hand_raised", "asked", {"kind": "demo"}),
            ]
            [answer] = await house.send(sent)
            lead_id = answer["events"][0]["lead_id"]
            await house.steps.take_step(UUID(lead_id), NOW)
            _, secret = await KeyStore(house.engine).create(f"key-{uuid4()}", [Scope.ADMIN], may_act_for_others=True)
            return {"key": secret, "lead": lead_id}

    with cluster.database() as url:
        given_ = asyncio.run(furnished(url))
        engine = create_engine(url, pool_size=4, patience=PATIENCE)
        with served(closing_at_the_end(engine), tmp_path_factory.mktemp("real")) as variables:
            yield given_ | {"url": f"http://127.0.0.1:{variables['LEADLOOP_PORT']}"}


def document(shown: dict[str, Any]) -> dict[str, Any]:
    """With three of thirty event types: each costs hundreds of examples that tell the same."""
    schema = shown["components"]["schemas"]["Event"]
    kept = ("lead.captured", "lead.touched", "person.absent")
    schema["discriminator"]["mapping"] = {name: schema["discriminator"]["mapping"][name] for name in kept}
    schema["oneOf"] = [{"$ref": reference} for reference in schema["discriminator"]["mapping"].values()]
    return shown


def closing_at_the_end(engine: AsyncEngine) -> ASGIApp:
    """The app of a house, which lets go of the database where it is served."""
    journal = Journal(engine)
    house = House(engine, journal)

    async def app(scope: Asked, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await house.app(scope, receive, send)
            return
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await journal.close()
        await engine.dispose()
        await send({"type": "lifespan.shutdown.complete"})

    return app


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
def test_every_answer_is_as_described(real: dict[str, str], mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{real['url']}/openapi.json")
    schema.raw_schema.update(document(schema.raw_schema))
    # they are known once a schema has been read
    chosen = [CHECKS.get_one(name) for name in CHECKED]
    seen = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @seed(20_260_601)
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            nonlocal seen
            seen += 1
            if "lead_id" in case.path_parameters and seen % 2:
                case.path_parameters["lead_id"] = real["lead"]
            case.call_and_validate(headers={"Authorization": f"Bearer {real['key']}"}, checks=chosen)

        # what has no parameters cannot be asked badly
        with suppress(Unsatisfiable):
            check()
    assert seen > 100
