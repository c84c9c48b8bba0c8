import pytest

from api.health import Doctor
from storage.keys import Scope
from tests.api.builders import BATCH, batch, event
from tests.api.fakes import Api, FakeHealth


async def test_alive_is_open_and_asks_nobody() -> None:
    api = Api()
    async with api.client(None) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json(), api.health.asked) == (200, {"status": "ok"}, 0)


@pytest.mark.parametrize(
    ("database", "temporal", "status"),
    [("ok", "ok", 200), ("ok", "away", 200), ("unreachable", "ok", 503), ("migrations_behind", "ok", 503)],
)
async def test_ready_needs_the_database_and_shows_temporal(database: str, temporal: str, status: int) -> None:
    async with Api(health=FakeHealth(database, temporal)).client(None) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == status
    assert answer.json() == {"ready": status == 200, "database": database, "temporal": temporal}


async def test_however_many_ask_the_database_is_asked_once_a_second() -> None:
    seconds = 0.0
    health = FakeHealth()
    doctor = Doctor(health, lambda: seconds)
    for _ in range(10):
        await doctor.look()
    assert health.asked == 1
    seconds = 1.0
    await doctor.look()
    assert health.asked == 2


async def test_metrics_need_their_scope_and_hold_nothing_personal() -> None:
    api = Api()
    api.keys.add("scraper", "prometheus", Scope.METRICS_READ)
    async with api.client() as sender:
        await sender.post("/v1/events", content=batch(event(), event(id="2", type="ada@example.com")), headers=BATCH)
        assert (await sender.get("/metrics")).status_code == 403
    async with api.client("scraper") as scraper:
        page = await scraper.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    assert 'leadloop_ingest_events_total{result="invalid",type="other"} 1.0' in page.text
    assert "ada@example.com" not in page.text
    assert "L-1001" not in page.text
