"""Counting the timelines: each line once, whoever counts, however often, and whatever stops in the middle."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text

from leads.counting import COUNTERS, HISTOGRAMS, Count, counted
from storage import tallies
from storage.tables import timeline
from storage.tallies import MOST_VALUES, Totals, count_anew, count_some, read_totals
from tests.builders import at, captured, fact, raised, touched
from tests.storage.step_desk import StepDesk, opened_desk

LATER = at(hours=30)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def a_life(desk: StepDesk, subject: str) -> UUID:
    """Raised, alarmed, touched late, corrected, won."""
    lead_id = await desk.mail(captured(at(0), id_=f"c {subject}"), raised(at(0), id_=f"r {subject}"), subject=subject)
    await desk.sleep_until(lead_id, at(40), now=at(0.1))
    for minute, name in ((30, "first"), (5, "before it")):
        late = touched(at(minute), id_=f"{name} {subject}", recorded_at=at(60 - minute))
        await desk.mail(late, subject=subject)
        await desk.step(lead_id, at(60 - minute))
    await desk.told(fact("lead.won", LATER, id_=f"w {subject}"), subject=subject)
    return lead_id


async def totals(desk: StepDesk) -> Totals:
    async with desk.engine.connect() as connection:
        return await read_totals(connection)


async def count_all(desk: StepDesk) -> int:
    lines = 0
    while (done := await count_some(desk.engine)).leads:
        lines += done.lines
    return lines


def counters(found: Totals) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter({(name, labels): int(total) for (name, labels, _), total in found.items() if name in COUNTERS})


async def by_hand(desk: StepDesk) -> Counter[tuple[str, tuple[str, ...]]]:
    """The counters, from all lines at once and without storing anything."""
    query = """
        SELECT t.kind, t.data, j.data AS entry, coalesce(j.backfill, false) AS backfill
        FROM timeline t LEFT JOIN journal j
            ON t.kind IN ('fact', 'command', 'decision') AND j.lead_id = t.lead_id AND j.book = t.data->>'book'
            AND j.number = (t.data->>'number')::bigint
    """
    async with desk.engine.connect() as connection:
        lines = [*await connection.execute(text(query))]
    told = (c for line in lines for c in counted(line.kind, line.data, line.entry, is_history=line.backfill))
    return Counter((c.metric, tuple(c.labels[name] for name in COUNTERS[c.metric][1])) for c in told if _is_counter(c))


def _is_counter(count: Count) -> bool:
    return count.metric in COUNTERS


async def test_the_totals_are_those_of_all_lines(desk: StepDesk) -> None:
    for number in range(3):
        await a_life(desk, f"lead {number}")
    lines = await count_all(desk)

    found = await totals(desk)
    async with desk.engine.connect() as connection:
        assert lines == await connection.scalar(select(func.count()).select_from(timeline))
    assert counters(found) == await by_hand(desk)
    assert found["leads_captured", ("website",), ""] == 3
    assert found["corrections", ("breach",), ""] >= 3
    assert found["delay_seconds", ("first_touch", "sales", "elapsed"), "sum"] > 0


async def test_counting_again_and_steps_taken_twice_add_nothing(desk: StepDesk) -> None:
    lead_id = await a_life(desk, "one")
    await count_all(desk)
    before = await totals(desk)
    for _ in range(2):
        await desk.step(lead_id, LATER)
    await count_all(desk)

    assert await totals(desk) == before


async def test_a_life_counted_as_it_goes_on_comes_to_the_same_as_one_counted_at_its_end(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(0)), raised(at(0)))
    for minute in (0.1, 8, 16, 20, 28):
        await desk.step(lead_id, at(minute))
        await count_all(desk)
    await desk.told(touched(at(40)))
    await count_all(desk)

    assert counters(await totals(desk)) == await by_hand(desk)


async def test_two_who_count_at_once_count_each_line_once(desk: StepDesk) -> None:
    for number in range(8):
        await a_life(desk, f"lead {number}")
    while (await asyncio.gather(*(count_some(desk.engine) for _ in range(4))))[0].leads:
        pass
    await count_all(desk)

    assert counters(await totals(desk)) == await by_hand(desk)


async def test_whoever_is_stopped_in_the_middle_has_counted_nothing(desk: StepDesk) -> None:
    await a_life(desk, "one")
    async with desk.engine.begin() as connection:  # the cursor cannot be moved: the totals are written by then
        await connection.execute(text("ALTER TABLE tally_cursors ADD CONSTRAINT never CHECK (number < 0)"))
    with pytest.raises(Exception, match="never"):
        await count_some(desk.engine)
    assert await totals(desk) == {}

    async with desk.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE tally_cursors DROP CONSTRAINT never"))
    await count_all(desk)
    assert counters(await totals(desk)) == await by_hand(desk)


async def test_a_step_that_fails_leaves_nothing_to_count(desk: StepDesk) -> None:
    lead_id = await a_life(desk, "one")
    await count_all(desk)
    before = await totals(desk)
    async with desk.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE leads ADD CONSTRAINT never CHECK (stage <> 'lost') NOT VALID"))
    await desk.mail(fact("lead.reopened", at(hours=31)), fact("lead.lost", at(hours=32)))
    await desk.step(lead_id, at(hours=33))
    await count_all(desk)
    assert await totals(desk) == before

    async with desk.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE leads DROP CONSTRAINT never"))
    await desk.step(lead_id, at(hours=34))
    await count_all(desk)
    assert counters(await totals(desk)) == await by_hand(desk)


async def test_counted_anew_they_come_out_the_same(desk: StepDesk) -> None:
    for number in range(3):
        await a_life(desk, f"lead {number}")
    await count_all(desk)
    before = await totals(desk)

    again = await count_anew(desk.engine)

    assert again.leads == 3
    assert await totals(desk) == before


async def test_a_long_timeline_is_counted_in_parts(desk: StepDesk) -> None:
    lead_id = await a_life(desk, "one")
    await count_all(desk)
    more = tallies.LINES_OF_A_LEAD * 2 + 5
    moves = """
        INSERT INTO timeline (lead_id, number, key, at, recorded_at, kind, data)
        SELECT :lead_id, (SELECT max(number) FROM timeline) + n, 'told:' || n, now(), now(), 'stage_moved',
               '{"origin": "working", "target": "nurturing", "quiet": false}'
        FROM generate_series(1, :more) AS n
    """
    async with desk.engine.begin() as connection:
        await connection.execute(text(moves), {"lead_id": lead_id, "more": more})
        await connection.execute(text("INSERT INTO tally_queue (lead_id) VALUES (:lead_id)"), {"lead_id": lead_id})

    assert await count_all(desk) == more
    assert (await totals(desk))["stage_moves", ("working", "nurturing"), ""] == more


async def test_sources_beyond_the_limit_and_addresses_are_folded(desk: StepDesk) -> None:
    for number in range(MOST_VALUES + 5):
        source = "ada@example.com" if number == 0 else f"source {number}"
        await desk.told(fact("lead.captured", at(0), id_=f"c{number}", source=source), subject=str(number))
    await count_all(desk)

    found = {labels[0]: total for (name, labels, _), total in (await totals(desk)).items() if name == "leads_captured"}
    assert len(found) == MOST_VALUES + 1
    assert found["other"] == 5  # the address, and four too many
    assert "ada@example.com" not in found


def test_every_metric_says_what_it_is() -> None:
    for about, labels in (*COUNTERS.values(), *HISTOGRAMS.values()):
        assert about.endswith(".")
        assert len(labels) == len(set(labels)) <= 4
