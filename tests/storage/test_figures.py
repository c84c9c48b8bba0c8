"""The figures operators watch: ignored now, ignored ever, and what was taken back; each counted once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.figures import ignored_now_query, read_figures
from storage.history import HistoryStore
from storage.playbooks import publish
from storage.tallies import count_some
from tests.builders import at, captured, fact, raised, touched
from tests.storage.lead_rows import fill, plan
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

HORIZON = at(hours=9)
LATER = at(5, hours=9)
HOT = ("sales", "hot")


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def ignored_lead(desk: StepDesk, subject: str = "lead-1") -> UUID:
    lead_id = await desk.mail(captured(at(0), id_=f"{subject} c"), raised(at(0), id_=f"{subject} r"), subject=subject)
    await desk.sleep_until(lead_id, HORIZON, now=at(0))
    return lead_id


async def figures(desk: StepDesk) -> list[Mapping[Any, int]]:
    """Ignored now, ignored ever, corrections."""
    while (await count_some(desk.engine)).leads:
        pass
    read = await read_figures(desk.engine)
    assert read.uncounted == 0
    of = {
        name: {labels: int(total) for (metric, labels, _), total in read.totals.items() if metric == name}
        for name in ("hand_offs_ignored", "corrections")
    }
    corrections = {kind: of["corrections"].get((kind,), 0) for kind in ("breach", "ignored")}
    return [read.ignored_now, of["hand_offs_ignored"], corrections]


async def test_of_nothing_there_is_nothing_to_tell(desk: StepDesk) -> None:
    assert await figures(desk) == [{}, {}, {"breach": 0, "ignored": 0}]


async def test_a_touch_takes_a_hand_off_out_of_those_ignored_now_and_not_out_of_those_ever_ignored(
    desk: StepDesk,
) -> None:
    await ignored_lead(desk)
    before = await figures(desk)
    await desk.told(touched(LATER))

    assert before == [{HOT: 1}, {HOT: 1}, {"breach": 0, "ignored": 0}]
    assert await figures(desk) == [{HOT: 0}, {HOT: 1}, {"breach": 0, "ignored": 0}]


async def test_an_opportunity_or_the_end_takes_it_out_of_those_ignored_now_as_well(desk: StepDesk) -> None:
    await ignored_lead(desk, "one")
    await ignored_lead(desk, "two")
    await desk.told(fact("lead.opportunity_opened", LATER), subject="one")
    await desk.told(fact("lead.lost", LATER, reason="chose_other"), subject="two")

    now, ever, _ = await figures(desk)
    assert (now, ever) == ({HOT: 0}, {HOT: 2})


async def test_late_word_of_a_touch_counts_as_a_correction_of_each_announcement(desk: StepDesk) -> None:
    lead_id = await ignored_lead(desk)
    await desk.mail(touched(at(5)))  # in time for the promises, too
    await desk.step(lead_id, LATER)
    await desk.step(lead_id, LATER)

    assert await figures(desk) == [{HOT: 0}, {HOT: 1}, {"breach": await _breaches(desk), "ignored": 1}]


async def _breaches(desk: StepDesk) -> int:
    """Of several promises, the last owner's among them."""
    async with desk.engine.connect() as connection:
        counted = text("SELECT count(*) FROM journal WHERE type = 'breach_retracted'")
        number: int = await connection.scalar(counted) or 0
    assert number > 1
    return number


async def test_what_never_was_a_lead_is_taken_back(desk: StepDesk) -> None:
    await ignored_lead(desk)
    await desk.told(fact("lead.disqualified", LATER, kind="not_a_lead", reason="test"))

    now, ever, corrections = await figures(desk)
    assert (now, ever) == ({HOT: 0}, {HOT: 1})
    assert corrections["ignored"] == 1


async def test_leads_that_reach_their_horizon_at_once_are_all_counted(desk: StepDesk) -> None:
    leads = []
    for number in range(8):
        mail = captured(at(0), id_=f"c{number}"), raised(at(0), id_=f"r{number}")
        leads.append(await desk.mail(*mail, subject=str(number)))
        await desk.step(leads[-1], at(0))

    for _ in range(2):
        await asyncio.gather(*(desk.step(lead_id, HORIZON) for lead_id in leads))

    assert (await figures(desk))[:2] == [{HOT: 8}, {HOT: 8}]


async def test_a_team_that_is_not_in_the_roster_is_no_label(desk: StepDesk) -> None:
    lead_id = await desk.told(
        captured(at(0)), raised(at(0)), fact("lead.assigned", at(0), owner="zoe", team="Jane Doe")
    )
    await desk.sleep_until(lead_id, at(days=9), now=at(1))

    assert (await figures(desk))[:2] == [{("other", "hot"): 1}, {("other", "hot"): 1}]


async def test_what_history_brought_in_is_in_no_figure(desk: StepDesk) -> None:
    past = [
        fact("lead.captured", at(0), source="web", backfill=True, recorded_at=at(days=9)),
        fact("lead.hand_raised", at(0), kind="demo", backfill=True, recorded_at=at(days=9)),
    ]
    lead_id = await desk.mail(*past)

    folded = await HistoryStore(desk.engine, desk.shelves).fold([lead_id], at(days=9), lambda: at(days=9))

    assert folded.left == []
    async with desk.engine.connect() as connection:
        assert await connection.scalar(text("SELECT is_ignored AND quiet FROM hand_offs"))
    assert (await figures(desk))[:2] == [{}, {}]


async def test_an_import_counts_what_it_announces(database_url: str) -> None:
    """A team in shadow hears of nothing, so that the import itself can fold a lead of today whose horizon passes."""
    async with opened_desk(database_url, WITHOUT_LAG.replace("mode: full", "mode: shadow")) as desk:
        lead_id = await desk.mail(captured(at(0)), raised(at(0)))
        await desk.step(lead_id, at(0))
        await desk.mail(fact("lead.engaged", HORIZON, kind="page_viewed"))

        folded = await HistoryStore(desk.engine, desk.shelves).fold([lead_id], HORIZON, lambda: LATER)

        assert folded.left == []
        assert (await figures(desk))[:2] == [{HOT: 1}, {HOT: 1}]


async def test_only_those_ignored_now_are_looked_at(engine: AsyncEngine) -> None:
    await fill(engine, 20_000, at(3))

    assert "hand_offs_ignored_now_ix" in await plan(engine, ignored_now_query())


@pytest.mark.parametrize(("review_by", "overdue"), [("2000-01-01", True), ("2099-12-31", False), (None, None)])
async def test_how_long_the_review_of_the_definitions_is_overdue_is_a_figure(
    desk: StepDesk, review_by: str | None, *, overdue: bool | None
) -> None:
    words = {"lead": "a", "qualified_lead": "b", "real_touch": "c", "sales_owner": "ana", "marketing_owner": "mo"}
    source = WITHOUT_LAG + (yaml.safe_dump({"definitions": words | {"review_by": review_by}}) if review_by else "")
    async with desk.engine.begin() as connection:
        await publish(connection, source, author="test", comment="agreed", now=at(0))

    seconds = (await read_figures(desk.engine)).review_overdue_seconds
    assert (None if seconds is None else seconds > 0) is overdue
