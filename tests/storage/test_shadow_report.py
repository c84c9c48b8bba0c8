"""What a team was spared in shadow, from the decisions and the books."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from storage.playbook_store import NoSuchTeamError
from storage.playbooks import publish
from storage.shadow_report import ShadowReports, Spared
from storage.tables.books import SPARED
from tests.builders import at, captured, fact, raised, touched
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

IN_SHADOW = WITHOUT_LAG.replace("\nteams: {}", "\nteams: {sales: {mode: shadow}}")
MONDAY, NEXT_MONDAY = date(2026, 6, 1), date(2026, 6, 8)


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url, IN_SHADOW) as opened:
        yield opened


async def reported(desk: StepDesk, now: datetime, since: date = MONDAY, team: str = "sales") -> list[Spared]:
    return [*(await ShadowReports(desk.engine, desk.shelves).report(team, since, now)).weeks]


async def hot(desk: StepDesk, subject: str, owner: str | None = None) -> UUID:
    """A raised hand that nobody answers for three hours; the CRM may give it to somebody at 09:01."""
    given = [fact("lead.assigned", at(1), owner=owner, id_=f"given {subject}")] if owner else []
    entries = [captured(at(0), id_=f"in {subject}"), raised(at(0), id_=f"hand {subject}")]
    lead_id = await desk.told(*entries, *given, subject=subject)
    await desk.sleep_until(lead_id, at(hours=3), at(2))
    return lead_id


def heard(week: Spared) -> set[tuple[str, str, str | None, int]]:
    return {(line.role, line.template, line.rung, line.count) for line in week.notices}


async def test_notices_breaches_and_moves_are_counted_by_week(desk: StepDesk) -> None:
    await hot(desk, "one", owner="ana")
    await hot(desk, "two", owner="cleo")

    [week] = await reported(desk, at(days=2))

    assert week.week == MONDAY
    assert heard(week) == {
        ("owner", "assigned", None, 2), ("owner", "warning", "half", 2), ("owner", "breach", "due", 2),
        ("channel", "breach", "due_channel", 2), ("manager", "escalation", "manager", 2),
    }  # fmt: skip
    assert {line.mode for line in week.notices} == {"shadow"}
    assert dict(week.breaches) == {"first_touch": 2, "speed_to_lead": 2}
    # Ana, then Ben were next in turn; the CRM gave them to Ana and Cleo
    assert (week.given_out, week.as_the_crm, week.reassigned, week.back_to_queue) == (2, 1, 2, 0)


async def test_what_late_word_puts_right_is_no_breach(desk: StepDesk) -> None:
    lead_id = await hot(desk, "one", owner="ana")
    await desk.mail(touched(at(5), recorded_at=at(hours=4), id_="called"), subject="one")
    await desk.step(lead_id, at(hours=4))

    [week] = await reported(desk, at(days=2))

    assert week.breaches == []


async def test_only_the_time_in_shadow_counts_and_only_what_was_asked_for(desk: StepDesk) -> None:
    await hot(desk, "one", owner="ana")
    async with desk.engine.begin() as connection:
        await publish(connection, WITHOUT_LAG, author="test", comment="out of shadow", now=at(hours=4))
    entries = [captured(at(hours=5), id_="in two"), raised(at(hours=5), id_="hand two")]
    lead_id = await desk.told(*entries, subject="two")
    await desk.sleep_until(lead_id, at(hours=7), at(hours=5))

    [week] = await reported(desk, at(days=2))

    assert dict(week.breaches) == {"first_touch": 1, "speed_to_lead": 1}
    assert await reported(desk, at(days=9), since=NEXT_MONDAY) == []
    assert await reported(desk, at(days=2), team="closers") == []


async def test_weeks_are_those_of_the_teams_own_zone(database_url: str) -> None:
    coast = '  coast: {timezone: Pacific/Honolulu, weekly: {mon: [["09:00", "17:00"]]}}'
    pacific = IN_SHADOW.replace("calendars:\n", f"calendars:\n{coast}\n")
    pacific = pacific.replace("{mode: shadow}", "{mode: shadow, calendar: coast}")
    async with opened_desk(database_url, pacific) as desk:
        await hot(desk, "one", owner="ana")  # Monday 09:00 UTC is Sunday 23:00 there

        report = await ShadowReports(desk.engine, desk.shelves).report("sales", date(2026, 5, 1), at(days=2))

    assert report.timezone == "Pacific/Honolulu"
    assert [week.week for week in report.weeks] == [date(2026, 5, 25), MONDAY]


async def test_a_team_that_nobody_knows_has_no_report(desk: StepDesk) -> None:
    with pytest.raises(NoSuchTeamError):
        await reported(desk, at(0), team="marz")


async def test_a_day_long_ago_is_cut_to_the_longest_report(desk: StepDesk) -> None:
    report = await ShadowReports(desk.engine, desk.shelves).report("sales", date.min, at(0))
    assert (at(0) - report.since).days == 400


async def test_it_is_read_by_index(desk: StepDesk) -> None:
    """The planner is not asked what it would do with few rows, but whether it can do without walking all of them."""
    asked = f"SELECT 1 FROM journal WHERE {SPARED} AND coalesce(data->>'team', data->>'queue') = 'sales'"  # noqa: S608  words of ours
    async with desk.engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        rows = await connection.execute(text(f"EXPLAIN {asked}"))
        plan = "\n".join(row[0] for row in rows)
    assert "journal_spared_ix" in plan
