"""What nasty texts look like where people and programs read them: in letters, pages, logs and metrics."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ValidationError

from activities.integrations.smtp import MailServer, Security, SmtpChannel
from leads.counting import COUNTERS, HISTOGRAMS, OTHER
from leads.events import EVENTS
from storage.figures import read_figures
from storage.tallies import count_some
from tests.conftest import logging_kept
from tests.hostile.corpus import MARK, SHORT, STRINGS
from tests.hostile.fields import places, put, sample
from tests.hostile.house import NOW, SENDER, House, Resident, storable
from tests.hostile.outputs import OUTPUTS, Output, lines_of_log
from tests.smtp_sink import SmtpSink
from workers.figures import FigureCollector
from workers.logs import configure_logs

pytestmark = pytest.mark.timeout(300)  # what the whole street lives through counts for the first test
SPAN = timedelta(hours=10)
"""A lead nobody looks after is ignored after nine."""
MOST_LABEL = 200


def fitting(model: type[BaseModel], text: str) -> dict[str, Any]:
    """The data with the text in every field that takes it."""
    data = sample(model)
    for place in places(model, is_open=False):
        tried = put(data, place, text)
        try:
            model.model_validate(tried)
        except ValidationError:
            continue
        data = tried
    return data


def story(resident: Resident) -> Iterator[dict[str, Any]]:
    """A lead comes in, asks for something, and is given to somebody who does nothing."""
    prose = resident.text[:10_000]
    told: list[tuple[str, dict[str, Any]]] = [
        ("lead.captured", fitting(EVENTS["lead.captured"], resident.text)),
        ("lead.engaged", fitting(EVENTS["lead.engaged"], resident.text)),
        ("lead.hand_raised", {"kind": "demo", "words": prose}),
        (
            "lead.assigned",
            {"owner": resident.owner, "team": resident.team, "reason": prose[:200] or "x", "note": prose},
        ),
    ]
    for type_, data in told:
        yield {
            "specversion": "1.0", "source": "hostile", "id": str(uuid4()), "type": type_, "time": NOW.isoformat(),
            "subject": f"resident-{resident.owner}", "data": data,
        }  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def street(house: House) -> House:
    """The house with everybody whose name can be stored living in it for ten hours; the logs meanwhile in `written`."""
    written = io.StringIO()
    house.residents = [
        resident for resident in house.residents if resident.name in [*SHORT, "long"] and storable(resident.text)
    ]
    with logging_kept():
        configure_logs("json", level="debug", stream=written)
        for resident in house.residents:
            [answer] = await house.send(story(resident))
            assert answer["rejected"] == [], resident.name
            resident.lead_id = UUID(answer["events"][0]["lead_id"])
            await house.lives(resident, SPAN)
    house.written = written.getvalue()
    return house


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
async def test_every_text_comes_out_tame(street: House, output: Output) -> None:
    assert len(street.residents) > len(STRINGS) // 2
    for resident in street.residents:
        try:
            await output(street, resident)
        except AssertionError as error:
            error.add_note(f"of {resident.name}")
            raise


async def test_every_letter_arrives_as_it_was_written(street: House, smtp_sink: SmtpSink) -> None:
    channel = SmtpChannel(MailServer(host=smtp_sink.host, port=smtp_sink.port, sender=SENDER, security=Security.NONE))
    for resident in street.residents:
        letters = [letter for letter in resident.letters if letter.email is not None][:2]
        await channel.deliver(letters)
        for letter, arrived in zip(letters, smtp_sink.deliveries[-len(letters) :], strict=True):
            assert arrived.recipients == [letter.email]
            assert arrived.text.replace("\r\n", "\n") == letter.text


def test_the_log_is_whole_and_says_nothing_of_anybody(street: House) -> None:
    lines = [*lines_of_log(street.written)]
    assert all({"event", "level", "at"} <= line.keys() for line in lines)
    assert MARK not in street.written


async def test_metrics_hold_teams_of_the_roster_and_nothing_else_of_a_stranger(street: House) -> None:
    while (await count_some(street.engine)).leads:
        pass
    figures = FigureCollector()
    figures.show(await read_figures(street.engine))
    registry = CollectorRegistry()
    registry.register(figures)
    allowed = {label for _, labels in (*COUNTERS.values(), *HISTOGRAMS.values()) for label in labels} | {"le"}

    teams = set()
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample_ in family.samples:
            assert sample_.name.startswith("leadloop_")
            assert set(sample_.labels) <= allowed
            assert not any("@" in value for label, value in sample_.labels.items() if label != "team")
            assert all(len(value) <= MOST_LABEL for value in sample_.labels.values())
            teams |= {sample_.labels["team"]} if "team" in sample_.labels else set()
    # the admin names teams; each name comes back as it was given
    assert teams <= {resident.team for resident in street.residents} | {OTHER, "sales"}
    assert len(teams) > len(street.residents) // 2


def test_metrics_of_ingest_hold_nothing_of_a_stranger(street: House) -> None:
    for family in text_string_to_metric_families(generate_latest(street.registry).decode()):
        for sample_ in family.samples:
            assert set(sample_.labels) <= {"type", "result", "status", "le"}
            assert sample_.labels.get("type", OTHER) in {*EVENTS, OTHER}
